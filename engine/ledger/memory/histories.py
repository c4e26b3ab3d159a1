"""Histories: what each attempt used over time, in few points however long it runs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from engine.errors import StoreError
from engine.model.ids import AttemptId, Epoch
from engine.model.sight import Usage
from engine.store.protocol import Store

MOST: Final = 240
"""Points of one attempt; one more, and neighbours are merged."""

MOST_UNWRITTEN: Final = 10_000
"""Measurements that wait for a disk that does not work; the oldest go first."""


@dataclass(slots=True)
class History:
    """The points of one attempt: each stands for a length of time and its most of it."""

    points: list[Usage] = field(default_factory=list)
    step_us: int = 0
    """How far apart points are at the least."""

    def add(self, usage: Usage) -> bool:
        """Take in a measurement; whether points were merged to make room for it."""
        if self.points and usage.at - self.points[-1].at < self.step_us:
            self.points[-1] = merged(self.points[-1], usage)
            return False
        self.points.append(usage)
        if len(self.points) <= MOST:
            return False
        span_us = self.points[-1].at - self.points[0].at
        self.points = thinned(self.points)
        self.step_us = span_us // (len(self.points) - 1)
        return True


def merged(first: Usage, second: Usage) -> Usage:
    """One point for two: at the time of the first, the most of both."""
    held = [one.gpu_mb for one in (first, second) if one.gpu_mb is not None]
    return replace(
        first,
        cpu_ms=max(first.cpu_ms, second.cpu_ms),
        memory_mb=max(first.memory_mb, second.memory_mb),
        processes=max(first.processes, second.processes),
        gpu_mb=max(held, default=None),
    )


def thinned(points: Sequence[Usage]) -> list[Usage]:
    """Half as many points: neighbours are merged."""
    pairs = zip(points[::2], points[1::2], strict=False)
    last = points[len(points) - len(points) % 2 :]
    return [merged(first, second) for first, second in pairs] + list(last)


def restored(points: Sequence[Usage]) -> History:
    """A history as it goes on from what is on disk."""
    if len(points) <= MOST // 2:
        return History(list(points))
    span_us = points[-1].at - points[0].at
    return History(list(points), span_us // (len(points) - 1))


class Histories:
    """Of all attempts that are open; what is new is written down in one go for all."""

    def __init__(self, store: Store, epoch: Epoch, live: Collection[AttemptId]) -> None:
        """Know nothing yet.

        Args:
            store: Keeps them.
            epoch: Ours.
            live: The attempts that are open, always as they are now.
        """
        self._store = store
        self._epoch = epoch
        self._live = live
        self._known: dict[AttemptId, History] = {}
        self._new: list[tuple[AttemptId, Usage]] = []

    def add(self, usages: Mapping[AttemptId, Usage]) -> None:
        """Have these written down with the next write."""
        self._new += usages.items()

    async def write(self) -> None:
        """Write down what is new. Raises: StoreError: the next write has it too."""
        new, self._new = self._new, []
        if not new:
            return
        try:
            await self._know({attempt for attempt, _ in new} - self._known.keys())
            points, instead = self._take_in(new)
            await self._store.keep_samples(self._epoch, points, instead)
        except StoreError:
            self._new = (new + self._new)[-MOST_UNWRITTEN:]
            self._known.clear()  # what is on disk is the truth, whatever we took in
            raise
        for attempt in [one for one in self._known if one not in self._live]:
            del self._known[attempt]

    async def _know(self, unknown: Collection[AttemptId]) -> None:
        """Go on from what an earlier daemon wrote down."""
        if unknown:
            kept = await self._store.samples(sorted(unknown))
            self._known |= {one: restored(kept.get(one, ())) for one in unknown}

    def _take_in(
        self, new: Sequence[tuple[AttemptId, Usage]]
    ) -> tuple[dict[AttemptId, list[Usage]], dict[AttemptId, list[Usage]]]:
        """Points that are new or changed, and histories that became others altogether."""
        whole: set[AttemptId] = set()
        points: dict[AttemptId, dict[int, Usage]] = {}
        for attempt, usage in new:
            history = self._known[attempt]
            if history.add(usage):
                whole.add(attempt)
            last = history.points[-1]
            points.setdefault(attempt, {})[last.at] = last
        some = {one: list(last.values()) for one, last in points.items() if one not in whole}
        return some, {attempt: self._known[attempt].points for attempt in whole}
