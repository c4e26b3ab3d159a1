"""How jobs wait, counted anew only as often as the counting can be borne."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from engine.clock import Clock
from engine.model.ids import Seq
from engine.store.protocol import Standing, Store
from engine.timeline import Timeline

LONG_S: Final = 0.05
"""A count that took longer is good for a while."""

REST: Final = 9
"""How much longer than the count took: so at most a tenth of the time goes into counting."""

MOST: Final = 64
"""Answers that are kept."""


class _Counted(NamedTuple):
    standings: Sequence[Standing]
    seq: Seq
    good_until_s: float


class Standings:
    """Remembers the last counts, by queue; None: all queues.

    The store walks over everything that waits: half a second for a million jobs. So an
    answer is given again while nothing was committed, and an expensive one for a little
    longer, however often somebody looks.
    """

    def __init__(self, store: Store, clock: Clock, timeline: Timeline) -> None:
        self._store = store
        self._clock = clock
        self._timeline = timeline
        self._known: dict[str | None, _Counted] = {}

    async def of(self, queue: str | None = None) -> Sequence[Standing]:
        """All jobs that wait, or those of one queue, counted by how they stand."""
        known = self._known.get(queue)
        if known is not None and self._is_good(known):
            return known.standings
        seq, began_s = self._timeline.head, self._clock.monotonic()
        found = await self._store.standings(queue)
        now_s = self._clock.monotonic()
        took_s = now_s - began_s
        good_until_s = now_s + REST * took_s if took_s >= LONG_S else now_s
        self._keep(queue, _Counted(found, seq, good_until_s))
        return found

    def _is_good(self, known: _Counted) -> bool:
        return known.seq == self._timeline.head or self._clock.monotonic() < known.good_until_s

    def _keep(self, queue: str | None, counted: _Counted) -> None:
        self._known.pop(queue, None)
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known[queue] = counted
