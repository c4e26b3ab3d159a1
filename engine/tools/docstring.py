"""What a docstring of Google's style says of a function and of its arguments."""

import inspect
import re
from typing import Final

_SECTION: Final = re.compile(r"(Args|Arguments|Parameters):\s*")
_OTHER: Final = re.compile(r"[A-Z]\w*( \w+)?:\s*")
_ENTRY: Final = re.compile(r"(\s+)\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)")


def described(text: str | None) -> tuple[str, dict[str, str]]:
    """What it is for, without the sections, and what each argument is, by name."""
    if not text:
        return "", {}
    lines = inspect.cleandoc(text).splitlines()
    about: list[str] = []
    arguments: list[str] = []
    into = about
    for line in lines:
        if _SECTION.fullmatch(line):
            into = arguments
        elif line[:1].strip() and _OTHER.fullmatch(line):
            into = []
        else:
            into.append(line)
    return "\n".join(about).strip(), _entries(arguments)


def _entries(lines: list[str]) -> dict[str, str]:
    """`name: text`, whose text goes on in lines that are indented deeper."""
    found: dict[str, list[str]] = {}
    depth, name = 0, ""
    for line in lines:
        entry = _ENTRY.fullmatch(line)
        if entry and (not name or len(entry[1]) <= depth):
            depth, name = len(entry[1]), entry[2]
            found[name] = [entry[3]]
        elif name and line.strip():
            found[name].append(line.strip())
    return {name: " ".join(texts).strip() for name, texts in found.items()}
