"""A series: the same sums in two rings, fine for an hour and coarse for a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.policy.trends.bucket import Bucket, merged
from engine.policy.trends.ring import Ring

US: Final = 1_000_000
FINE_US: Final = 10 * US
COARSE_US: Final = 120 * US
HOUR_US: Final = 3600 * US
LONGEST_US: Final = 24 * HOUR_US
"""How far a series reaches back."""

RECENT_US: Final = 60 * US
"""What is told of as now was counted over this long."""

BACK: Final = 6
"""A clock that goes back by more spans than this has been set."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a series, in groups of one length."""

    buckets: Sequence[Bucket]
    """Oldest first; in each the depth is that at its end, known from before if need be."""
    width_us: int
    begin_at: int
    """When the first group begins. The last one is not over yet."""


class Series:
    """What is fed to it is in both rings, once."""

    def __init__(self) -> None:
        self.fine = Ring(FINE_US, HOUR_US // FINE_US)
        self._coarse = Ring(COARSE_US, LONGEST_US // COARSE_US)
        self._place = -1
        self._open = Bucket()
        """What happened in the present fine span; the coarse ring hears of it at its end."""

    def bucket(self, at: int) -> Bucket:
        """Where to add what happens at an instant; a little earlier than before is now."""
        place = self.fine.place(at)
        is_set_back = place < self._place - BACK
        if place > self._place or is_set_back:
            self._close()
            if is_set_back:
                self.fine.set_back(at)
                self._coarse.set_back(at)
            self._place = place
            self._open = self.fine.bucket(at) or Bucket()
        return self._open

    def take_in(self, past: "Series") -> None:
        """Add what another series knows of the time before this one began."""
        for at, bucket in past.fine.spans():
            self.fine.take_in(at, bucket)
        for at, bucket in past._coarse.spans():
            self._coarse.take_in(at, bucket)
        if (
            0 <= past._place != self._place
        ):  # else it is in the open one, which comes to its end
            self._coarse.take_in(past._place * FINE_US, past._open)

    def window(self, now_at: int, range_us: int, number: int) -> Window:
        """The last `range_us` in at most `number` groups, each some whole spans long."""
        ring = self.fine if range_us <= HOUR_US else self._whole()
        spans = max(1, -(-range_us // ring.width_us))
        each = -(-spans // number)
        number = -(-spans // each)
        begin_at = (ring.place(now_at) + 1 - number * each) * ring.width_us
        buckets = ring.window(now_at, number, each)
        _carry_depth(buckets, ring.depth_before(begin_at))
        return Window(buckets, each * ring.width_us, begin_at)

    def recent(self, now_at: int, range_us: int = RECENT_US) -> tuple[Bucket, float]:
        """The sums of the last moments, and over how many seconds they were counted."""
        spans = range_us // FINE_US
        begin_at = (self.fine.place(now_at) - spans) * FINE_US
        bucket = merged(self.fine.window(now_at, 1, spans + 1))
        return bucket, (now_at - begin_at) / US

    def failed(self, now_at: int, range_us: int) -> int:
        """How many jobs failed for good of late."""
        spans = self.fine.spans()
        return sum(bucket.failed for at, bucket in spans if at > now_at - range_us)

    def _whole(self) -> Ring:
        """The coarse ring, with the present span."""
        ring = Ring(self._coarse.width_us, self._coarse.size)
        for at, bucket in self._coarse.spans():
            ring.take_in(at, bucket)
        if self._place >= 0:
            ring.take_in(self._place * FINE_US, self._open)
        return ring

    def _close(self) -> None:
        if self._place >= 0:
            self._coarse.take_in(self._place * FINE_US, self._open)
            self._place, self._open = -1, Bucket()


def _carry_depth(buckets: Sequence[Bucket], depth: int | None) -> None:
    """A depth stays until another one is known."""
    for bucket in buckets:
        if bucket.depth is None:
            bucket.depth = depth
        depth = bucket.depth
