"""Circuit breaker: a worker that fails again and again is left alone, then tried a little.

It counts failures of the worker alone, never how a job ends by itself. All functions take a
breaker and return the next one; time is the monotonic clock of whoever calls.

Source: M. Nygard, Release It!, 2007.
"""

from dataclasses import dataclass, replace
from typing import Final

from engine.model.ids import AttemptId
from engine.model.worker import BreakerState


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a breaker opens, for how long, and what closes it again."""

    failures: int = 5
    """So many in a row open it."""
    open_s: float = 60.0
    probes: int = 3
    """Attempts that a half-open one lets through before it decides."""
    percent: int = 67
    """Of the probes that finished, so many have to succeed; rounded to whole percents."""


DEFAULT: Final = Bounds()


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is remembered of one worker."""

    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    """In a row; kept while it is open, for the words."""
    why: str = ""
    """What the last of them said."""
    until_s: float = 0.0
    """An open one lets probes through from then on."""
    probing: frozenset[AttemptId] = frozenset()
    """Probes that have neither succeeded nor failed yet."""
    succeeded: int = 0
    failed: int = 0
    """Probes that have, since it became half-open."""


CLOSED: Final = Breaker()


def failed(
    breaker: Breaker, why: str, now_s: float, attempt: AttemptId | None, bounds: Bounds
) -> Breaker:
    """The worker failed an attempt; None: several at one stroke, or none in particular.

    While half-open only probes count: what was begun before says nothing new.
    """
    if breaker.state is BreakerState.HALF_OPEN:
        if attempt not in breaker.probing:
            return breaker
        probed = replace(
            _without(breaker, attempt), failed=breaker.failed + 1, failures=breaker.failures + 1
        )
        return _decided(replace(probed, why=why), now_s, bounds)
    if breaker.state is BreakerState.OPEN:
        return breaker
    counted = replace(breaker, failures=breaker.failures + 1, why=why)
    return _opened(counted, now_s, bounds) if counted.failures >= bounds.failures else counted


def succeeded(
    breaker: Breaker, now_s: float, attempt: AttemptId | None, bounds: Bounds
) -> Breaker:
    """The worker did its part for an attempt, however the job itself ended."""
    if breaker.state is BreakerState.CLOSED:
        return CLOSED
    if breaker.state is BreakerState.OPEN or attempt not in breaker.probing:
        return breaker
    probed = replace(_without(breaker, attempt), succeeded=breaker.succeeded + 1)
    return _decided(probed, now_s, bounds)


def granted(breaker: Breaker, attempt: AttemptId) -> Breaker:
    """An attempt was let through; while half-open it takes a permit."""
    if breaker.state is not BreakerState.HALF_OPEN:
        return breaker
    return replace(breaker, probing=breaker.probing | {attempt})


def dropped(breaker: Breaker, attempt: AttemptId) -> Breaker:
    """An attempt ended without saying anything of the worker: its permit comes back."""
    return _without(breaker, attempt) if attempt in breaker.probing else breaker


def after_rest(breaker: Breaker, now_s: float) -> Breaker:
    """The breaker at that time: an open one that has rested lets probes through."""
    if breaker.state is not BreakerState.OPEN or now_s < breaker.until_s:
        return breaker
    return half_open(breaker)


def half_open(breaker: Breaker) -> Breaker:
    """Let probes through from now on."""
    return Breaker(state=BreakerState.HALF_OPEN, failures=breaker.failures, why=breaker.why)


def opened(breaker: Breaker, now_s: float, bounds: Bounds) -> Breaker:
    """Leave the worker alone from now on, for the whole time."""
    return _opened(breaker, now_s, bounds)


def permits(breaker: Breaker, bounds: Bounds) -> int | None:
    """How many attempts it lets through now; None: it does not count them."""
    if breaker.state is BreakerState.CLOSED:
        return None
    if breaker.state is BreakerState.OPEN:
        return 0
    used = len(breaker.probing) + breaker.succeeded + breaker.failed
    return max(0, bounds.probes - used)


def _without(breaker: Breaker, attempt: AttemptId | None) -> Breaker:
    return replace(breaker, probing=frozenset(one for one in breaker.probing if one != attempt))


def _opened(breaker: Breaker, now_s: float, bounds: Bounds) -> Breaker:
    return Breaker(
        state=BreakerState.OPEN,
        failures=breaker.failures,
        why=breaker.why,
        until_s=now_s + bounds.open_s,
    )


def _decided(breaker: Breaker, now_s: float, bounds: Bounds) -> Breaker:
    """Closed or open, as soon as the probes that are left can change nothing about it."""
    left = bounds.probes - breaker.succeeded - breaker.failed
    if _is_enough(breaker.succeeded, bounds):
        return CLOSED
    if not _is_enough(breaker.succeeded + left, bounds):
        return _opened(breaker, now_s, bounds)
    return breaker


def _is_enough(successes: int, bounds: Bounds) -> bool:
    return round(100 * successes / bounds.probes) >= bounds.percent
