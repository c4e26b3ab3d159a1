"""The columns of the Workers view: which there are at a width, and what they say."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from crabtui.data.gauges import bar
from crabtui.data.glyphs import Cell, Token
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import age, fresh_age
from crabtui.data.workers.words import (
    GLYPHS,
    LOST,
    RANK,
    is_here,
    is_reached,
    short,
    silence,
    standing,
)
from engine.control.views import WorkerView

UNKNOWN: Final = "--"
"""Stands where a number of a host would, that is not reached."""

Show = Callable[[WorkerView, int], Cell]
"""A cell of a worker as of an instant, in UTC microseconds."""


@dataclass(frozen=True, slots=True)
class WorkerColumn:
    """One column; `sort` gives what its rows are ordered by, if they can be."""

    title: str
    width: int
    show: Show
    sort: Callable[[WorkerView], Any] | None = None
    right: bool = True
    wide: int = 0
    """Its width in a table of 120 cells and more; 0: the same."""


def _name(worker: WorkerView, _: int) -> Cell:
    return sanitize(worker.name), "text"


def _slots(worker: WorkerView, _: int) -> Cell:
    return f"{worker.slots_taken}/{worker.slots}", "text"


def used(worker: WorkerView, name: str, unit: int, suffix: str = "") -> str:
    """`3.5/8`; `-` of what it has none."""
    total = worker.capacity.get(name, 0)
    if not total:
        return "-"
    return f"{worker.taken.get(name, 0) / unit:.3g}/{total / unit:.3g}{suffix}"


def _room(name: str, unit: int, suffix: str = "") -> Show:
    def show(worker: WorkerView, _: int) -> Cell:
        if not is_reached(worker):
            return UNKNOWN, "muted"
        is_used = worker.capacity.get(name, 0) and worker.taken.get(name, 0)
        return used(worker, name, unit, suffix), "text" if is_used else "muted"

    return show


def _seen(pick: Callable[[WorkerView], str]) -> Show:
    """What the last look showed, as long as its host is reached."""

    def show(worker: WorkerView, _: int) -> Cell:
        if worker.sight is None and is_reached(worker):
            return "-", "muted"
        if worker.sight is None or not is_reached(worker):
            return UNKNOWN, "muted"
        text = pick(worker)
        return (text, "muted" if worker.stale else "text") if text else ("-", "muted")

    return show


def _busy(worker: WorkerView) -> str:
    assert worker.sight is not None
    busy = worker.sight.busy_percent
    return "" if busy is None else f"{busy}%"


def _load(worker: WorkerView) -> str:
    assert worker.sight is not None
    load = worker.sight.load
    return "" if load is None else f"{load:.1f}" if load < 100 else f"{load:.0f}"


def _free(worker: WorkerView) -> str:
    assert worker.sight is not None
    free = worker.sight.memory_free_mb
    return "" if free is None else f"{free / 1024:.3g}G"


def heartbeat(worker: WorkerView, now_at: int) -> Cell:
    """How long ago it was heard; `-` for this machine, which needs no link."""
    if is_here(worker):
        return "-", "muted"
    if worker.seen_at is not None and (standing(worker) == LOST or worker.stale):
        return f"{silence(worker, now_at)}!", "bad"
    if worker.seen_at is None:
        return UNKNOWN, "muted"
    seconds = max(0, now_at - worker.seen_at) / 1_000_000
    return (fresh_age(seconds) if seconds < 10 else age(worker.seen_at, now_at)), "text"


def round_trip(worker: WorkerView, _: int) -> Cell:
    """`12ms`; of a host that is not reached `--`."""
    if worker.link is None or is_here(worker):
        return "-", "muted"
    ms = worker.link.round_trip_ms
    if ms is None or not is_reached(worker):
        return UNKNOWN, "muted"
    return (f"{ms:.0f}ms" if ms >= 10 else f"{ms:.1f}ms"), "warn" if ms > 500 else "text"


def drift(worker: WorkerView, _: int) -> Cell:
    """How far its clock is ahead of ours: `+0.2s`."""
    if worker.link is None or is_here(worker):
        return "-", "muted"
    if worker.drift_ms is None or not is_reached(worker):
        return UNKNOWN, "muted"
    token: Token = "warn" if abs(worker.drift_ms) >= 1_000 else "text"
    if abs(worker.drift_ms) < 1_000:
        return f"{worker.drift_ms:+d}ms", token
    return f"{worker.drift_ms / 1000:+.3g}s", token


def note(worker: WorkerView, now_at: int) -> Cell:
    """The most telling thing about a worker."""
    tone = GLYPHS[standing(worker)].token
    if tone == "run":
        tone = "warn" if worker.warnings else "muted"
    return sanitize(short(worker, now_at)), tone


def _used_share(name: str) -> Callable[[WorkerView], float]:
    def share(worker: WorkerView) -> float:
        return worker.taken.get(name, 0) / (worker.capacity.get(name, 0) or 1)

    return share


STATE: Final = "state"
NAME: Final = WorkerColumn("worker", 10, _name, lambda w: w.name, right=False, wide=20)
SLOTS: Final = WorkerColumn("slots", 5, _slots, lambda w: w.slots_taken / (w.slots or 1))
_ORDER: Final = (
    (60, NAME),
    (60, SLOTS),
    (60, WorkerColumn("cpu", 7, _room("cpu_milli", 1000), _used_share("cpu_milli"))),
    (72, WorkerColumn("memory", 7, _room("memory_mb", 1024, "G"), _used_share("memory_mb"))),
    (72, WorkerColumn("gpu", 4, _room("gpu", 1), _used_share("gpu"))),
    (
        96,
        WorkerColumn(
            "busy", 5, _seen(_busy), lambda w: (w.sight and w.sight.busy_percent) or 0
        ),
    ),
    (96, WorkerColumn("load", 5, _seen(_load), lambda w: (w.sight and w.sight.load) or 0.0)),
    (120, WorkerColumn("free", 6, _seen(_free))),
    (60, WorkerColumn("hb", 7, heartbeat, lambda w: -(w.seen_at or 0))),
    (
        80,
        WorkerColumn("rtt", 5, round_trip, lambda w: (w.link and w.link.round_trip_ms) or 0.0),
    ),
    (120, WorkerColumn("drift", 6, drift, lambda w: abs(w.drift_ms or 0))),
)
SORTS: Final = (STATE, *(column.title for _, column in _ORDER if column.sort is not None))


def columns(width: int) -> tuple[WorkerColumn, ...]:
    """Those of a table `width` cells wide, from left to right; the note takes the rest."""
    shown = (column for least, column in _ORDER if least <= max(width, 60))
    return tuple(
        replace(one, width=one.wide or one.width) if width >= 120 else one for one in shown
    )


def gauge(worker: WorkerView, width: int) -> list[Cell]:
    """The bar of its slots; muted while its host is not reached."""
    token: Token = "run" if is_reached(worker) else "muted"
    return bar(worker.slots_taken, worker.slots, width, token)


def in_order(
    workers: tuple[WorkerView, ...], sort: str, *, descending: bool
) -> tuple[WorkerView, ...]:
    """The workers by a column; those that are equal in it by their state, then name."""
    named = sorted(workers, key=lambda w: (_trouble_first(w), w.name))
    by = {column.title: column.sort for _, column in _ORDER}.get(sort)
    if by is not None:
        named.sort(key=by)
    return tuple(reversed(named) if descending else named)


def _trouble_first(worker: WorkerView) -> int:
    """Its rank if something is wrong with it; all others are alike."""
    rank = RANK[standing(worker)]
    return min(rank, _CALM)


_CALM: Final = RANK["draining"]
