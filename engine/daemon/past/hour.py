"""The past hour: what was counted of it, as it happens; and read back after a start."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final

from engine.clock import Clock
from engine.ledger.memory.gauges import Gauge
from engine.model.events import Event
from engine.model.ids import Seq
from engine.policy.trends.hearing import Trends
from engine.policy.trends.repeats import Repeats
from engine.store.protocol import Store

HOUR_US: Final = 3_600_000_000
PAGE: Final = 500
MOST_EVENTS: Final = 50_000
"""Of a busier hour only the newest events are read back: they say when they begin."""

REST_S: Final = 0.01
"""Between two pages, so that a start is not slower for it."""

KEPT: Final = 2
"""Of so many moments of the past the hour before is kept: views ask for the same one."""


class PastHour:
    """Trends and failures that repeat, of the hour before now."""

    def __init__(
        self, clock: Clock, round_ms: Gauge, depths: Callable[[], Mapping[str, int]], head: Seq
    ) -> None:
        """Know of nothing yet. `head`: the newest event that will not be heard."""
        self._head = head
        self.trends = Trends()
        self.repeats = Repeats()
        self._clock = clock
        self._round_ms = round_ms
        self._rounds = 0
        self._depths = depths
        self._before: dict[Seq, tuple[Trends, Repeats]] = {}
        self._reading = asyncio.Lock()
        self.trends.since(clock.now())

    def hear(self, events: Sequence[Event]) -> None:
        """Count what was committed."""
        self.trends.hear(events, self._depths())
        self.repeats.hear(events)
        self.time_rounds()

    def time_rounds(self) -> None:
        """Take in how long the rounds took of which it was not told yet."""
        at = self._clock.now()
        for ms in self._round_ms.after(self._rounds):
            self.trends.round(at, ms)
        self._rounds = self._round_ms.count

    async def recall(self, store: Store) -> None:
        """Read back what the log has of the last hour before this began to listen."""
        begin_at = self._clock.now() - HOUR_US
        trends, repeats = await _heard(store, self._clock, begin_at, self._head, REST_S)
        self.trends.take_in(trends)
        self.repeats.take_in(repeats)

    async def before(self, store: Store, moment: Seq) -> tuple[Trends, Repeats]:
        """The same of the hour before an event, that one included; only to be read."""
        async with self._reading:
            if moment not in self._before:
                begin_at = await store.instant_of(moment) - HOUR_US
                found = await _heard(store, self._clock, begin_at, moment, 0)
                self._before[moment] = found
                if len(self._before) > KEPT:
                    del self._before[next(iter(self._before))]
            return self._before[moment]


async def _heard(
    store: Store, clock: Clock, begin_at: int, head: Seq, rest_s: float
) -> tuple[Trends, Repeats]:
    """What the log has from an instant on and up to an event; of very much only the newest.

    `Trends.since_at` says from when on everything is counted.
    """
    trends, repeats = Trends(), Repeats()
    since = await store.moment_at(begin_at)
    if head - since <= MOST_EVENTS:
        trends.since(begin_at)
    async for page in _pages(store, Seq(max(since, head - MOST_EVENTS)), head):
        trends.since(page[0].at)
        trends.hear(page)
        repeats.hear(page)
        if rest_s:
            await clock.sleep(rest_s)
    return trends, repeats


async def _pages(store: Store, after: Seq, head: Seq) -> AsyncIterator[Sequence[Event]]:
    """The events after one and up to another."""
    while after < head:
        page = await store.events(after, min(PAGE, head - after))
        if not page:
            return
        yield page
        after = page[-1].seq
