"""One picture of the console without a terminal: for documents, tests and reports."""

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from crabtui.addresses import format_address
from crabtui.data.files.svg_text import svg_text
from crabtui.start import Dump

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from crabtui.desk import Desk

LONGEST_S: Final = 15.0
"""What is not complete by then is not going to be."""
GAP_S: Final = 0.02
QUIET: Final = 6
"""Looks in a row at which everything had come."""
NOT_IN_TIME: Final = 3
REFUSED: Final = 2


def dump(app: "Desk", kind: Dump, size: tuple[int, int]) -> int:
    """Print the first complete picture.

    Returns: 0; 3 if none came in time, 2 if the moment that was asked for cannot be shown.
    """
    pictures: list[str] = []

    async def take(pilot: "Pilot[Any]") -> None:
        if await _complete(app, pilot):
            pictures.append(picture(app, kind))
        app.exit()

    app.run(headless=True, size=size, auto_pilot=take)
    if not pictures:
        why = app.feed.link.why_not() or "not everything came"
        sys.stderr.write(f"crabtui: no complete picture within {LONGEST_S:.0f} s: {why}\n")
        return NOT_IN_TIME
    if app.past.refused:
        sys.stderr.write(f"crabtui: {app.past.refused}\n")
        return REFUSED
    sys.stdout.write(pictures[0])
    return 0


async def _complete(app: "Desk", pilot: "Pilot[Any]") -> bool:
    """Wait until nothing more comes; False if that is never so."""
    quiet = 0
    for _ in range(int(LONGEST_S / GAP_S)):
        quiet = quiet + 1 if app.is_complete else 0
        if quiet == QUIET:
            return True
        await pilot.pause(GAP_S)
    return False


def picture(app: "Desk", kind: Dump) -> str:
    """What the console shows now, ended by a newline."""
    if kind == "json":
        return json.dumps(facts(app), ensure_ascii=False, indent=2) + "\n"
    svg = app.export_screenshot(title="crabtui")
    return svg_text(svg) if kind == "txt" else svg


def facts(app: "Desk") -> dict[str, Any]:
    """What the view shows, as data: its address, and what it was answered by topic."""
    return {
        "schema": 1,
        "address": format_address(replace(app.front.body.address, at=app.past.address)),
        "context": app.context,
        "at": app.now_at,
        "by_state": dict(app.pulse.by_state) if app.pulse else {},
        "shows": {name: _plain(answer) for name, answer in app.feed.answers.items()},
    }


def _plain(answer: object) -> Any:
    return msgspec.to_builtins(answer, str_keys=True)
