"""How a worker stands, in a sign and a few words: the worst of what is true of it first."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from crabtui.data.glyphs import PENDING, STATES, UNREACHABLE, Glyph
from crabtui.data.wording import age, count, duration, plural
from engine.control.views import LinkView, WorkerView
from engine.model.states import State

REFUSED: Final = "refused"
LOST: Final = "not reached"
CONNECTING: Final = "connecting"
DOWN: Final = "down"
QUARANTINED: Final = "quarantined"
BREAKER_OPEN: Final = "breaker open"
DRAINING: Final = "draining"
HALF_OPEN: Final = "breaker half-open"
DEGRADED: Final = "degraded"
HEALTHY: Final = "healthy"

_BAD: Final = Glyph("✗", "x", "X", "bad")
_PAUSED: Final = "‖"

GLYPHS: Final[Mapping[str, Glyph]] = {
    REFUSED: _BAD,
    LOST: UNREACHABLE,
    DOWN: _BAD,
    CONNECTING: Glyph(PENDING.sign, PENDING.ascii, "C", "wait"),
    QUARANTINED: Glyph(_PAUSED, "=", "Q", "block"),
    BREAKER_OPEN: Glyph(_PAUSED, "=", "B", "warn"),
    DRAINING: Glyph("▾", "v", "D", "block"),
    HALF_OPEN: Glyph("◍", "~", "H", "warn"),
    DEGRADED: Glyph("◍", "~", "G", "warn"),
    HEALTHY: STATES[State.RUNNING],
}
"""Every standing, the worst first."""

RANK: Final = {standing: place for place, standing in enumerate(GLYPHS)}


def standing(worker: WorkerView) -> str:
    """The worst of what is true of the worker now: one of `GLYPHS`."""
    if worker.link is not None and worker.link.state in _BY_LINK:
        return _BY_LINK[worker.link.state]
    if worker.health == "down":
        return DOWN
    if worker.quarantined:
        return QUARANTINED
    if worker.breaker == "open":
        return BREAKER_OPEN
    if worker.draining:
        return DRAINING
    if worker.breaker == "half-open":
        return HALF_OPEN
    return DEGRADED if worker.health != "healthy" else HEALTHY


_BY_LINK: Final = {"refused": REFUSED, "lost": LOST, "connecting": CONNECTING}


def is_here(worker: WorkerView) -> bool:
    """Whether it is this machine, which no network is between."""
    return worker.backend == "local" and not worker.address


def is_reached(worker: WorkerView) -> bool:
    """Whether what is told of its host is of now."""
    return standing(worker) not in (REFUSED, LOST, DOWN, CONNECTING)


def silence(worker: WorkerView, now_at: int) -> str:
    """How long nothing was heard of it: `41s`; `-` if nothing ever was."""
    return age(worker.seen_at, now_at)


def contact(worker: WorkerView, now_at: int) -> str:
    """`no contact 41s`, or that there never was any."""
    if worker.seen_at is None:
        return "never reached"
    return f"no contact {silence(worker, now_at)}"


def breaker(worker: WorkerView, now_at: int) -> str:
    """How its breaker stands: for how long, after how many failures, and what they said."""
    left = (
        "" if worker.permits is None else f", {plural(worker.permits, 'start')} left on trial"
    )
    if worker.breaker == "open":
        until_at = worker.breaker_until_at
        left = f" for {duration(until_at - now_at)}" if until_at and until_at > now_at else ""
    row = f", {plural(worker.breaker_failures, 'failure')} in a row"
    why = f": {worker.breaker_why}" if worker.breaker_why else ""
    return f"breaker {worker.breaker}{left}{row if worker.breaker_failures else ''}{why}"


def next_try(link: LinkView, now_at: int) -> str:
    """`try 4 in 8s`; empty if nothing is tried by itself."""
    if link.state != "lost" or link.next_try_at is None:
        return ""
    left = max(0, link.next_try_at - now_at)
    return f"try {link.tries + 1} in {duration(left)}" if left else f"trying, {link.tries + 1}"


def short(worker: WorkerView, now_at: int) -> str:
    """The note of its row: `no contact 41s, 2 at risk, try 4 in 8s`."""
    now = standing(worker)
    risk = f"{len(worker.at_risk)} at risk" if worker.at_risk else ""
    if now == LOST:
        tries = next_try(worker.link, now_at) if worker.link else ""
        return ", ".join(filter(None, (contact(worker, now_at), risk, tries)))
    if now == REFUSED:
        return ", ".join(filter(None, ("refused: see below", risk)))
    if now == QUARANTINED:
        return f"quarantined: {worker.quarantined}"
    if now == BREAKER_OPEN:
        return breaker(worker, now_at)
    if now == HALF_OPEN:
        return f"on trial, {plural(worker.permits or 0, 'start')} left"
    if now == DRAINING:
        left = len(worker.waits_for)
        return f"draining, {left} left" if left else "drained"
    if now != HEALTHY:
        return ", ".join(filter(None, (now, risk)))
    return worker.warnings[0] if worker.warnings else "production" * worker.production


def trouble(worker: WorkerView, now_at: int) -> str:
    """What is wrong with it and why, for a line of its own: `refused: host key unknown`."""
    now = standing(worker)
    error = worker.link.error if worker.link is not None else ""
    if now not in (REFUSED, LOST) or not error:
        return short(worker, now_at)
    return f"{now if now == REFUSED else short(worker, now_at)}: {error}"


def is_spool_taken(worker: WorkerView) -> bool:
    """Whether it is refused for good, as another daemon has its spool."""
    return worker.link is not None and worker.link.spool_taken


def mending(worker: WorkerView) -> str:
    """The command that ends what is wrong with it; empty if none does."""
    name = worker.name
    error = worker.link.error if worker.link is not None else ""
    return {
        REFUSED: ""
        if "crabtui " in error or is_spool_taken(worker)
        else f"crabtui workers reconnect {name}",
        LOST: f"crabtui workers reconnect {name}",
        QUARANTINED: f"crabtui workers release {name}",
        BREAKER_OPEN: f"crabtui workers reset {name}",
        HALF_OPEN: f"crabtui workers reset {name}",
        DRAINING: f"crabtui workers resume {name}",
    }.get(standing(worker), "")


def standings(workers: tuple[WorkerView, ...]) -> tuple[str, ...]:
    """How all of them stand together, the longest way to say it first."""
    many = plural(len(workers), "worker")
    taken = sum(worker.slots_taken for worker in workers)
    slots = f"{count(taken)} of {count(sum(worker.slots for worker in workers))} slots taken"
    counts = Counter(map(standing, workers))
    each = _counted({name: counts[name] for name in GLYPHS if name != HEALTHY})
    lost = sum(not is_reached(worker) for worker in workers)
    held = sum(counts[name] for name in (QUARANTINED, BREAKER_OPEN, DRAINING))
    few = _counted({LOST: lost, "held back": held})
    ways = ((many, slots, each), (many, slots, few), (many, few), (many,))
    return tuple(", ".join(filter(None, way)) for way in ways)


def _counted(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in numbers.items() if number)
