"""Placeholders: `${{ params.seed }}` in texts of a workflow, and the values in their places."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from shlex import quote
from typing import Any, Final, NamedTuple, TypeAlias

from engine.model.intake.wrong import Wrong, shown, wrong_word
from engine.model.shell_places import troubles

OPENS: Final = "${{"
_PLACE: Final = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_WORDS: Final = re.compile(r"([a-z]+)(?:\.(.+))?", re.DOTALL)

BARE: Final = frozenset({"item", "index", "report"})
"""Roots that are a value of their own; all but `index` may have a path too."""
REPORT: Final = "report"
"""Of hooks alone: what they tell is filled in when they are run."""
ROOTS: Final = ("params", "results", "item", "index", REPORT)


class Place(NamedTuple):
    """One placeholder."""

    root: str
    """`params`, `results`, `item`, `index` or `report`."""
    path: str
    """What follows its first dot; empty if there is none."""
    start: int
    end: int


Look: TypeAlias = Callable[[Place], Any]
"""The value for a place, or Wrong."""


def places(text: str) -> list[Place]:
    """The placeholders in a text, in order.

    Raises:
        Wrong: one is not closed, or names nothing that there is.
    """
    if OPENS not in text:
        return []
    found = [_read(place) for place in _PLACE.finditer(text)]
    if len(found) != text.count(OPENS):
        raise Wrong(f"has {OPENS} without its }}}} ({shown(text)})")
    return found


def _read(place: re.Match[str]) -> Place:
    inner = place[1].strip()
    words = _WORDS.fullmatch(inner)
    if words is None or words[1] not in ROOTS:
        raise wrong_word("placeholder", inner.split(".")[0], ROOTS)
    root, path = words[1], words[2] or ""
    if not path and root not in BARE:
        raise Wrong(f"${{{{ {inner} }}}} needs a name: write ${{{{ {root}.NAME }}}}")
    if path and root == "index":
        raise Wrong("${{ index }} is a number, which has no parts")
    return Place(root, path, place.start(), place.end())


def fill(text: str, look: Look, roots: Collection[str] = ROOTS) -> Any:
    """`text` with each value in its place; a text that is one place becomes the value.

    Args:
        text: With or without places.
        look: Tells the value of a place.
        roots: Places of others are left as they are.

    Raises:
        Wrong: as `places`, or what `look` raises.
    """
    found = _of(text, roots)
    if len(found) == 1 and _is_all(text, found[0]):
        return look(found[0])
    return _joined(text, found, lambda place: as_text(look(place)))


def fill_text(text: str, look: Look, roots: Collection[str] = ROOTS) -> str:
    """`text` with each value in its place, as text. Raises: as `fill`."""
    return _joined(text, _of(text, roots), lambda place: as_text(look(place)))


def fill_shell(line: str, look: Look, roots: Collection[str] = ROOTS) -> str:
    """A shell line with each value in its place, quoted for sh. Raises: as `fill`."""
    return _joined(line, _of(line, roots), lambda place: quote(as_text(look(place))))


def _of(text: str, roots: Collection[str]) -> list[Place]:
    return [place for place in places(text) if place.root in roots]


def check_shell(line: str) -> None:
    """Make sure that each placeholder stands where a quoted value is one word.

    Raises:
        Wrong: one stands within quotes or a here-document, or where the shell would run
            what is in the value.
    """
    spans = [(place.start, place.end) for place in places(line)]
    for begin, end, trouble in troubles(line, spans):
        text = line[begin:end]
        if trouble.is_run:
            raise Wrong(
                f"{text} stands {trouble.where}, where the shell may run commands that it "
                "finds in a value: give the value as a variable of `env`, and check it first"
            )
        raise Wrong(
            f"{text} stands {trouble.where}; values are quoted already: write it outside, or "
            "give the value as a variable of `env`"
        )


def as_text(value: Any) -> str:
    """A value as a word of a command: text as it is, all else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def dig(value: Any, path: str) -> Any:
    """What lies at a dotted path within a value; numbers count into lists, from 0.

    Raises:
        Wrong: there is nothing; names the nearest key.
    """
    if not path:
        return value
    found = value
    for part in path.split("."):
        found = _step(found, part)
    return found


def _step(value: Any, part: str) -> Any:
    if isinstance(value, Mapping):
        if part in value:
            return value[part]
        raise wrong_word("key", part, map(str, value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        if part.isascii() and part.isdigit() and int(part[:9]) < len(value):
            return value[int(part[:9])]
        raise Wrong(f"has no item {part[:100]!r}: it is a list of {len(value)}")
    raise Wrong(f"has no {part[:100]!r}: it is {shown(value)}")


def _is_all(text: str, place: Place) -> bool:
    return place.start == 0 and place.end == len(text)


def _joined(text: str, found: Sequence[Place], value: Callable[[Place], str]) -> str:
    if not found:
        return text
    parts, at = [], 0
    for place in found:
        parts += [text[at : place.start], value(place)]
        at = place.end
    return "".join([*parts, text[at:]])
