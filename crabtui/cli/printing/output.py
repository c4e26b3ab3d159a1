"""What commands print: lines for people, full and stable objects for programs."""

import base64
import os
import sys
from collections.abc import Iterable
from typing import Any

import msgspec

from crabtui.data.sanitize import sanitize


def plain(value: Any) -> Any:
    """`value` as JSON has it, every field included, bytes in base64."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def say_json(value: Any) -> None:
    """Print one JSON value on a line of its own, at once."""
    sys.stdout.write(msgspec.json.encode(plain(value)).decode() + "\n")
    sys.stdout.flush()


def say(line: str = "") -> None:
    """Print one line, harmless whatever is in it."""
    say_styled(sanitize(line))


def say_styled(line: str) -> None:
    """Print one line as it is: its parts are sanitised already, and it may have colours."""
    sys.stdout.write(line + "\n")


def say_lines(lines: Iterable[str]) -> None:
    """Print lines as they are (see `say_styled`)."""
    for line in lines:
        say_styled(line)


def on_terminal() -> bool:
    """Whether somebody reads the output on a screen."""
    return sys.stdout.isatty()


def in_colour() -> bool:
    """Whether the output may have colours."""
    dull = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    return on_terminal() and not dull
