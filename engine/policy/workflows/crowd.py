"""When a crowd of jobs that do not wait for each other will have ended: a fan-out, an array."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Jobs of one fan-out or array that have not ended. Times in ms, of any one clock."""

    running: Sequence[int]
    """When each that runs has started."""
    waiting: int
    """How many have not started."""
    usual: int
    """How long one of them takes."""
    limit: int | None = None
    """How many of them may run at once; None: all."""


def end_of(crowd: Crowd, now: int) -> int:
    """When the last of them ends, if nothing but their own limit makes them queue.

    Each that runs takes as long as usual, or ends now if it should have ended before; each
    that waits follows in the place that is free first.
    """
    places = sorted(max(began + crowd.usual, now) for began in crowd.running)
    most = crowd.limit or len(places) + crowd.waiting
    free = max(min(most, len(places) + crowd.waiting) - len(places), 0)
    places = [now] * free + places
    if not places:
        return now
    turns, rest = divmod(crowd.waiting, len(places))
    return max(at + crowd.usual * (turns + (place < rest)) for place, at in enumerate(places))
