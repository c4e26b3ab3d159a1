"""A bucket: what happened in one short span of time, as sums."""

from collections.abc import Iterable
from enum import StrEnum

from engine.policy.trends.histogram import Histogram


class Timed(StrEnum):
    """What is timed, in milliseconds."""

    RUN = "run"  # of attempts that ended
    WAIT = "wait"  # from being queued to the start
    ROUND = "round"  # of dispatch


class Bucket:
    """Sums of one span; those of two can be added."""

    __slots__ = ("came", "depth", "done", "failed", "retried", "started", "times")

    def __init__(self) -> None:
        self.came = 0
        self.started = 0
        self.done = 0
        self.failed = 0
        """For good; those that are tried again count as retried."""
        self.retried = 0
        self.depth: int | None = None
        """Jobs that waited at the end of it, as far as is known."""
        self.times: dict[Timed, Histogram] | None = None

    def time(self, what: Timed, ms: float) -> None:
        """Count how long something took."""
        times = self.times
        if times is None:
            times = self.times = {}
        found = times.get(what)
        if found is None:
            found = times[what] = Histogram()
        found.add(ms)

    def quantile(self, what: Timed, share: float) -> float | None:
        """The length in ms that a share (0..1) does not exceed; None if nothing was timed."""
        found = (self.times or {}).get(what)
        return None if found is None else found.quantile(share)

    def merge(self, later: "Bucket") -> None:
        """Take in what a later one has."""
        self.came += later.came
        self.started += later.started
        self.done += later.done
        self.failed += later.failed
        self.retried += later.retried
        self.depth = self.depth if later.depth is None else later.depth
        for what, lengths in (later.times or {}).items():
            self.times = self.times or {}
            self.times.setdefault(what, Histogram()).merge(lengths)


def merged(some: Iterable[Bucket]) -> Bucket:
    """The sums of these, oldest first."""
    whole = Bucket()
    for one in some:
        whole.merge(one)
    return whole
