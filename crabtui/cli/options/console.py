"""The flags of the console: how it starts, and what it looks like."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import click

from crabtui.commands import parse_span_ms, parse_span_s
from crabtui.start import DUMPS, SIZE, Dump, Start
from engine.errors import InvalidSpec

F = TypeVar("F", bound=Callable[..., Any])

LEAST: Final = (60, 16)
MOST: Final = (500, 200)


def _options(about: str) -> tuple[Callable[[Any], Any], ...]:
    """Fresh options; `about` goes before each help."""

    def option(*flags: str, text: str, **more: Any) -> Callable[[Any], Any]:
        return click.option(*flags, help=f"{about}{text}", **more)

    return (
        option("--read-only", is_flag=True, text="Look, never act."),
        option("--never-act", is_flag=True, text="Look, and let nobody :arm it."),
        option("--arm", metavar="TIME", text="Read-only, but for the first TIME: 10m."),
        option("--theme", metavar="NAME", text="Its colours."),
        option("--ascii", "in_ascii", is_flag=True, text="Draw with ASCII only."),
        option("--no-color", is_flag=True, text="No colour at all."),
        option("--refresh", metavar="TIME", text="Look at most so often: 1s, 500ms."),
        option("--at", metavar="TIME", text="Show a moment of the past."),
        option("--view", metavar="NAME", text="Open a saved view."),
        option("--keys", metavar="FILE", text="Take the keys from this file."),
        option("--fresh", is_flag=True, text="Do not begin where the last one ended."),
        option("--dump", metavar="|".join(DUMPS), text="Print one picture; no terminal."),
        option("--size", metavar="WxH", text="Of that picture.  [default: 80x24]"),
    )


def console_options(*, about: str = "") -> Callable[[F], F]:
    """Add the flags of the console; they arrive as keyword arguments for `start_of`."""

    def add(command: F) -> F:
        for decorate in reversed(_options(about)):
            command = decorate(command)
        return command

    return add


def start_of(
    address: str | None = None,
    *,
    arm: str | None = None,
    refresh: str | None = None,
    at: str | None = None,
    view: str | None = None,
    keys: str | None = None,
    dump: str | None = None,
    size: str | None = None,
    **plain: Any,
) -> Start:
    """How the console is to start.

    Raises:
        InvalidSpec: a flag says nothing that makes sense.
    """
    if arm is not None and plain.get("never_act"):
        raise InvalidSpec("--never-act and --arm: one of the two", field="arm")
    if size is not None and dump is None:
        raise InvalidSpec("--size goes with --dump: a terminal has a size", field="size")
    if at is not None:
        from engine.model.when import parse_when

        parse_when(at, 0)
    lines = [f"{verb} {text}" for verb, text in (("at", at), ("view", view)) if text]
    return Start(
        address=address,
        arm_s=None if arm is None else parse_span_s(arm),
        refresh_s=parse_span_ms(refresh) / 1_000 if refresh else 0.0,
        lines=tuple(lines),
        keys=Path(keys).expanduser() if keys else None,
        dump=_dump(dump),
        size=parse_size(size) if size else SIZE,
        **plain,
    )


def _dump(text: str | None) -> Dump | None:
    if text is not None and text not in DUMPS:
        raise InvalidSpec(f"--dump {text[:20]!r}: one of {', '.join(DUMPS)}", field="dump")
    return cast(Dump | None, text)


def parse_size(text: str) -> tuple[int, int]:
    """Columns and rows in `80x24`.

    Raises:
        InvalidSpec: it is no such thing, or there is no console so small or large.
    """
    found = re.fullmatch(r"(\d{1,4})[xX](\d{1,4})", text, re.ASCII)
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(low <= n <= high for low, n, high in zip(LEAST, size, MOST, strict=True)):
        raise InvalidSpec(
            f"--size {text[:20]!r}: columns x rows, from 60x16 on, such as 80x24",
            field="size",
            nearest="80x24",
        )
    return size
