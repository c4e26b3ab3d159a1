"""Why a job waits, as lines: its place, then every gate with holders, room and remedy."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from crabtui.data.fitting import cells, fit
from crabtui.data.glyphs import Cell, Token
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import age, count, duration
from engine.control.views import Explanation, HolderView, ShortView
from engine.model.reasons import Gate, GateKind

INDENT: Final = 18
ROOMY: Final = 100
"""Narrower than this, holders begin further left."""
NAME: Final = 12
"""Cells of a name that are worth a line of their own."""
MOST_WORKERS: Final = 12
"""Workers that are named one by one; the others are counted."""
ROOM: Final = (GateKind.FIT, GateKind.WORKER, GateKind.UNSATISFIABLE, GateKind.RESERVED)
"""Gates under which every worker says what it lacks."""
BEYOND: Final = 10_001
"""A place that means: further back than is counted."""


def lines(why: Explanation, width: int, now_at: int) -> Iterator[list[Cell]]:
    """The closed gates, in the order they are looked at, then those that it has passed."""
    yield [(f" {_heading(why)}", "text")]
    yield []
    closed = [gate for gate in why.gates if not gate.ok]
    told = next((gate for gate in closed if gate.kind in ROOM), None)
    for gate in closed:
        yield from _gate(gate, width, stands_out=gate is closed[0])
        yield from _holders(gate, why, width, now_at)
        if gate is told:
            yield from _short(why.short, width)
        yield from _more(gate, width, now_at)
    if closed:
        yield []
    for gate in why.gates:
        if gate.ok:
            yield from _gate(gate, width, stands_out=False)


def held_by(why: Explanation, kind: str, width: int, now_at: int) -> Iterator[list[Cell]]:
    """Who holds what the gate of this kind is closed for, and until when."""
    for gate in why.gates:
        if gate.kind == kind and not gate.ok:
            yield from _holders(gate, why, width, now_at)


def _heading(why: Explanation) -> str:
    state = why.state if why.array is None else f"first that waits, #{why.job}: {why.state}"
    if why.place is None:
        return state
    if why.place >= BEYOND:
        return f"{state}, place beyond {count(BEYOND - 1)} in its lane"
    return f"{state}, place {count(why.place)} in its lane"


def _gate(gate: Gate, width: int, *, stands_out: bool) -> Iterator[list[Cell]]:
    texts = wrap(sanitize(gate.text), max(width - INDENT - 1, 20)) or [""]
    sign = _sign(gate, stands_out=stands_out)
    tone: Token = "muted" if gate.ok else "text"
    name = gate.kind.value.replace("-", " ")
    yield [(" ", "muted"), sign, (f" {name:<{INDENT - 4}} ", tone), (texts[0], tone)]
    for text in texts[1:]:
        yield [(" " * INDENT + text, tone)]


def _sign(gate: Gate, *, stands_out: bool) -> Cell:
    if gate.ok:
        return "✓", "ok"
    if gate.kind is GateKind.STATE:  # it runs or has ended: there is nothing to remedy
        return "·", "muted"
    return "✗", "bad" if stands_out else "warn"


def _holders(gate: Gate, why: Explanation, width: int, now_at: int) -> Iterator[list[Cell]]:
    """Each holder of which more is known on a line of its own, the others by number."""
    known = {holder.id: holder for holder in why.holders}
    word = " " * (INDENT if width >= ROOMY else 4) + "held by "
    for job in gate.holders:
        if job in known:
            for line in _holder(known[job], width - len(word) - 1, now_at):
                yield [(word, "muted"), *line]
                word = " " * len(word)
    others = tuple(job for job in gate.holders if job not in known)
    if others:
        yield [(word, "muted"), (" ".join(f"#{job}" for job in others), "link")]


def _holder(holder: HolderView, room: int, now_at: int) -> Iterator[list[Cell]]:
    """On one line, or on two where there is no room for its name beside the facts."""
    where = f" on {holder.worker_id}" if holder.worker_id else ""
    since = f" {age(holder.started_at, now_at)}" if holder.started_at else ""
    facts = sanitize(f"{holder.priority}{where}{since}, {_end(holder, now_at)}")
    number, name = f"#{holder.id} ", sanitize(holder.name)
    beside = room - len(number) - cells(facts) - 2
    if beside >= min(cells(name), NAME):
        name = fit(name, min(cells(name), beside))
        yield [(number, "link"), (name, "text"), (f"  {facts}", "muted")]
    else:
        name = fit(name, min(cells(name), max(room - len(number), NAME)))
        yield [(number, "link"), (name, "text")]
        yield [(f"  {facts}", "muted")]


def _end(holder: HolderView, now_at: int) -> str:
    if holder.ends_at is None:
        return "end unknown"
    if holder.ends_at <= now_at:
        return f"overdue {duration(now_at - holder.ends_at)} by {holder.ends_by}"
    return f"~{duration(holder.ends_at - now_at)} left by {holder.ends_by}"


def _short(workers: tuple[ShortView, ...], width: int) -> Iterator[list[Cell]]:
    """What each worker lacks."""
    name = min(max((cells(short.worker) for short in workers), default=0), 16)
    pad = " " * (INDENT + name + 2)
    for short in workers[:MOST_WORKERS]:
        first, *more = wrap(sanitize(short.text), max(width - len(pad) - 1, 10)) or ["-"]
        worker = fit(sanitize(short.worker), name)
        yield [(f"{' ' * INDENT}{worker}  ", "accent"), (first, "text")]
        for text in more:
            yield [(pad + text, "text")]
    if len(workers) > MOST_WORKERS:
        more_of_them = count(len(workers) - MOST_WORKERS)
        yield [(f"{' ' * INDENT}and {more_of_them} more workers", "muted")]


def _more(gate: Gate, width: int, now_at: int) -> Iterator[list[Cell]]:
    pad = " " * INDENT
    if gate.next_change_at is not None:
        when = duration(gate.next_change_at - now_at)
        yield [(f"{pad}opens by itself in {when}", "muted")]
    for text in wrap(sanitize(gate.remedy), max(width - INDENT - 3, 20)):
        yield [(f"{pad}→ ", "accent"), (text, "text")]
