"""A ring of buckets: the newest spans of one length, as many as it holds."""

from collections.abc import Iterator

from engine.policy.trends.bucket import Bucket, merged


class Ring:
    """Buckets by their place in time; spans in which nothing was are left out."""

    def __init__(self, width_us: int, size: int) -> None:
        """An empty one.

        Args:
            width_us: How long a span is, in microseconds.
            size: How many spans it reaches back; what is older is forgotten.
        """
        self.width_us = width_us
        self.size = size
        self._buckets: dict[int, Bucket] = {}
        self._newest = -1

    def __len__(self) -> int:
        return len(self._buckets)

    def place(self, at: int) -> int:
        """The number of the span that an instant is in."""
        return at // self.width_us

    def bucket(self, at: int) -> Bucket | None:
        """The bucket for an instant, made if need be; None if that is long forgotten."""
        place = self.place(at)
        found = self._buckets.get(place)
        if found is not None:
            return found
        if place <= self._newest - self.size:
            return None
        found = self._buckets[place] = Bucket()
        if place > self._newest:
            self._newest = place
            self._forget()
        return found

    def take_in(self, at: int, bucket: Bucket) -> None:
        """Add the sums of a bucket to the one for an instant."""
        own = self.bucket(at)
        if own is not None:
            own.merge(bucket)

    def set_back(self, at: int) -> None:
        """The clock was set back to this instant: forget what was to come."""
        self._newest = self.place(at)
        self._buckets = {p: bucket for p, bucket in self._buckets.items() if p <= self._newest}

    def spans(self) -> Iterator[tuple[int, Bucket]]:
        """When each span begins, and its bucket, oldest first."""
        for place in sorted(self._buckets):
            yield place * self.width_us, self._buckets[place]

    def window(self, now_at: int, number: int, each: int) -> list[Bucket]:
        """The newest spans in groups: oldest first, the last one ends with that of `now_at`.

        Args:
            now_at: Until when.
            number: How many groups.
            each: How many spans make a group.
        """
        end = self.place(now_at) + 1
        begin = end - number * each
        groups: list[list[Bucket]] = [[] for _ in range(number)]
        for place in self._places(begin, end):
            groups[(place - begin) // each].append(self._buckets[place])
        return [merged(group) for group in groups]

    def depth_before(self, at: int) -> int | None:
        """The last depth that is known from before the span of an instant."""
        end = self.place(at)
        known = (
            self._buckets[place].depth
            for place in sorted(self._buckets, reverse=True)
            if place < end
        )
        return next((depth for depth in known if depth is not None), None)

    def _places(self, begin: int, end: int) -> list[int]:
        if end - begin > len(self._buckets):
            return sorted(place for place in self._buckets if begin <= place < end)
        return [place for place in range(begin, end) if place in self._buckets]

    def _forget(self) -> None:
        """Drop what is too old; it is looked for only once there is more than there may be."""
        if len(self._buckets) <= self.size:
            return
        least = self._newest - self.size
        self._buckets = {p: bucket for p, bucket in self._buckets.items() if p > least}
