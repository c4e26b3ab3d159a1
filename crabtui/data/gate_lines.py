"""Why a job waits, as lines: its place, then every gate with holders and remedy."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from crabtui.data.glyphs import Cell, Token
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import count, duration
from engine.control.views import Explanation
from engine.model.reasons import Gate, GateKind

INDENT: Final = 18
BEYOND: Final = 10_001
"""A place that means: further back than is counted."""


def lines(why: Explanation, width: int, now_at: int) -> Iterator[list[Cell]]:
    """The gates in the order they are looked at; the first closed one stands out."""
    yield [(f" {_heading(why)}", "text")]
    yield []
    is_first = True
    for gate in why.gates:
        yield from _gate(gate, width, now_at, stands_out=is_first and not gate.ok)
        is_first = is_first and gate.ok


def _heading(why: Explanation) -> str:
    if why.place is None:
        return f"{why.state}"
    if why.place >= BEYOND:
        return f"{why.state}, place beyond {count(BEYOND - 1)} in its lane"
    return f"{why.state}, place {count(why.place)} in its lane"


def _gate(gate: Gate, width: int, now_at: int, *, stands_out: bool) -> Iterator[list[Cell]]:
    texts = wrap(sanitize(gate.text), max(width - INDENT - 1, 20)) or [""]
    sign = _sign(gate, stands_out=stands_out)
    tone: Token = "muted" if gate.ok else "text"
    name = gate.kind.value.replace("-", " ")
    yield [(" ", "muted"), sign, (f" {name:<{INDENT - 4}} ", tone), (texts[0], tone)]
    for text in texts[1:]:
        yield [(" " * INDENT + text, tone)]
    if not gate.ok:
        yield from _more(gate, width, now_at)


def _sign(gate: Gate, *, stands_out: bool) -> Cell:
    if gate.ok:
        return "✓", "ok"
    if gate.kind is GateKind.STATE:  # it runs or has ended: there is nothing to remedy
        return "·", "muted"
    return "✗", "bad" if stands_out else "warn"


def _more(gate: Gate, width: int, now_at: int) -> Iterator[list[Cell]]:
    pad = " " * INDENT
    if gate.holders:
        yield [(f"{pad}held by ", "muted"), (_ids(gate.holders), "link")]
    if gate.next_change_at is not None:
        when = duration(gate.next_change_at - now_at)
        yield [(f"{pad}opens by itself in {when}", "muted")]
    for text in wrap(sanitize(gate.remedy), max(width - INDENT - 3, 20)):
        yield [(f"{pad}→ ", "accent"), (text, "text")]


def _ids(jobs: tuple[int, ...]) -> str:
    return " ".join(f"#{job}" for job in jobs)
