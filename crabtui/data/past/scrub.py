"""Where somebody is in time: at which moment, and which stretch of it is on the screen."""

from dataclasses import dataclass, replace

from crabtui.data.events.density import zoomed
from crabtui.data.wording import SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrub:
    """A place on the axis of time; buckets are numbered from the epoch."""

    bucket_s: int = 30
    count: int = 60
    """How many buckets are on the screen."""
    at: int | None = None
    """The moment that is looked at, UTC microseconds; None: now, and everything moves."""
    last: int | None = None
    """The number of the last bucket on the screen; None: the one that has now in it."""

    @property
    def is_live(self) -> bool:
        return self.at is None

    def bucket_of(self, at: int) -> int:
        """The number of the bucket that has this instant in it."""
        return at // (self.bucket_s * SECOND)

    def end_at(self) -> int | None:
        """An instant in the last bucket on the screen; None: now."""
        return None if self.last is None else self.last * self.bucket_s * SECOND

    def moved(self, buckets: int, now_at: int) -> "Scrub":
        """So many buckets later (negative: earlier), at the end of the one arrived at.

        Whoever arrives at now is live again; nobody gets further.
        """
        here = self.bucket_of(now_at if self.at is None else self.at)
        return self.to_bucket(here + buckets, now_at)

    def to_bucket(self, number: int, now_at: int) -> "Scrub":
        """At the end of this bucket; live if it has now in it, or is later."""
        if number >= self.bucket_of(now_at):
            return self.live()
        return self.to_moment((max(number, 0) + 1) * self.bucket_s * SECOND - 1, now_at)

    def to_moment(self, at: int, now_at: int) -> "Scrub":
        """At an instant, with as little as possible moved on the screen."""
        if at >= now_at:
            return self.live()
        return replace(self, at=at, last=self._shown(self.bucket_of(at), now_at))

    def live(self) -> "Scrub":
        """Now, with the newest bucket at the right end."""
        return replace(self, at=None, last=None)

    def zoomed(self, steps: int, now_at: int) -> "Scrub":
        """With nearer (positive) or further buckets, around the same moment."""
        near = replace(self, bucket_s=zoomed(self.bucket_s, steps), last=None)
        return near if self.at is None else near._centred(now_at)

    def resized(self, count: int, now_at: int) -> "Scrub":
        """With room for so many buckets."""
        if count == self.count:
            return self
        wide = replace(self, count=max(count, 1))
        return wide if self.at is None else wide._centred(now_at)

    def _centred(self, now_at: int) -> "Scrub":
        here = self.bucket_of(self.at or now_at)
        last = min(here + self.count // 2, self.bucket_of(now_at))
        return replace(self, last=None if last == self.bucket_of(now_at) else last)

    def _shown(self, number: int, now_at: int) -> int | None:
        """The last bucket of a screen that has bucket `number` on it."""
        newest = self.bucket_of(now_at)
        last = newest if self.last is None else self.last
        if number > last:
            last = number
        elif number <= last - self.count:
            last = number + self.count - 1
        return None if last >= newest else last
