"""The flags that make one submission an array of jobs, and its sending."""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from crabtui.cli.submitting.sending import Deliver, new_request_key, once_more
from crabtui.cli.submitting.surroundings import as_text, surroundings
from engine.control.blocking import BlockingClient
from engine.control.messages import SubmitArray
from engine.control.views import Submitted
from engine.errors import InvalidSpec

OPTIONS: Final = (
    click.option(
        "--array", multiple=True, metavar="VALUES", help="A job for each: 1-10, 0-9:3 or a,b,c."
    ),
    click.option(
        "--grid",
        multiple=True,
        metavar="NAME=VALUES",
        help="A job for each combination of all --grid.",
    ),
    click.option("--lines", metavar="FILE", help="A job for each line of it; - reads it here."),
    click.option("--array-limit", metavar="N", help="So many of them at once."),
    click.option("--stop-after", metavar="N", help="After so many failures no more start."),
)

FLAGS: Final = ("array", "grid", "lines", "array_limit", "stop_after")


def array_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the flags of arrays; they arrive as keyword arguments."""
    for decorate in reversed(OPTIONS):
        command = decorate(command)
    return command


def array_asked(given: dict[str, Any]) -> dict[str, Any]:
    """Take the flags of arrays out of `given`: those that say something.

    Raises:
        InvalidSpec: a bound without anything that makes it an array.
    """
    asked = {flag: given.pop(flag) for flag in FLAGS}
    said = {flag: value for flag, value in asked.items() if value not in (None, ())}
    if said and not said.keys() & {"array", "grid", "lines"}:
        flag = next(iter(said))
        raise InvalidSpec(
            f"--{flag.replace('_', '-')} is for arrays: give --array, --grid or --lines too",
            field=flag,
        )
    return said


def send_array(
    job: dict[str, Any], asked: dict[str, Any], deliver: Deliver = once_more
) -> Submitted:
    """Submit an array, all or none; on disk when this returns. Raises: EngineError."""
    lines = read_lines(asked["lines"]) if "lines" in asked else {}
    ask = SubmitArray(
        job=job,
        values=_values(asked.get("array", ())),
        grid=_grid(asked.get("grid", ())),
        lines=tuple(lines.values()),
        limit=_whole("array-limit", asked.get("array_limit")),
        stop_after=_whole("stop-after", asked.get("stop_after")),
        request_key=new_request_key(),
    )

    def send(client: BlockingClient) -> Submitted:
        cwd, env = surroundings(client)
        return client.call(msgspec.structs.replace(ask, cwd=cwd, env=env))

    try:
        return deliver(send)
    except InvalidSpec as refused:
        raise _by_line(refused, asked.get("lines"), tuple(lines)) from None


def _values(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for word in words for value in _split(as_text(word, "--array")))


def _split(word: str) -> list[str]:
    """The values of one --array. Raises: InvalidSpec, if one of them is empty."""
    values = word.split(",")
    if not all(value.strip() for value in values):
        raise InvalidSpec(
            f"--array {word!r} has an empty value: write 1-10, 0-9:3 or a,b,c", field="array"
        )
    return values


def _grid(words: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    grid: dict[str, tuple[str, ...]] = {}
    for word in words:
        name, equals, values = as_text(word, "--grid").partition("=")
        if not equals or not values.strip(", "):
            raise InvalidSpec(
                f"--grid {word!r} has no values: write {name}=1,2,3",
                field="grid",
                nearest=f"{name}=1,2,3",
            )
        if name in grid:
            raise InvalidSpec(f"--grid {name!r} is given twice", field="grid")
        grid[name] = tuple(values.split(","))
    return grid


def read_lines(path: str) -> dict[int, str]:
    """The lines of a file that are not empty, by their numbers from 1. Raises: InvalidSpec."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        lines = data.decode().replace("\r\n", "\n").split("\n")
    except OSError as trouble:
        raise InvalidSpec(f"--lines {path}: {trouble.strerror}", field="lines") from None
    except UnicodeDecodeError as broken:
        raise InvalidSpec(f"--lines {path}: no UTF-8: {broken.reason}", field="lines") from None
    found = {number: line for number, line in enumerate(lines, 1) if line.strip()}
    if not found:
        raise InvalidSpec(f"--lines {path}: there is no line in it", field="lines")
    return found


def _by_line(refused: InvalidSpec, path: str | None, numbers: Sequence[int]) -> InvalidSpec:
    """The refusal of one of the lines that were sent, with its number in the file."""
    place = re.fullmatch(r"lines\[(\d+)\]", refused.field or "")
    if path is None or place is None or int(place[1]) >= len(numbers):
        return refused
    number = numbers[int(place[1])]
    said = refused.message.removeprefix(f"{refused.field}: ")
    return InvalidSpec(f"--lines {path}, line {number}: {said}", field="lines")


def _whole(flag: str, text: str | None) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and 0 < len(text) < 8:
        return int(text)
    raise InvalidSpec(f"--{flag} {text!r} is no whole number", field=flag)
