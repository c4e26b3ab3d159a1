"""The timeline: replay events from the store, then follow them live, without a gap."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

from engine.model.events import Event
from engine.model.ids import JobId, Seq
from engine.store.protocol import Store

RECENT = 8192
"""Committed events that are kept in memory; who falls behind further reads the store."""

PAGE = 1000
"""Events that are read from the store at a time."""


class Timeline:
    """All committed events in order. A slow reader slows nobody."""

    def __init__(self, store: Store, head: Seq) -> None:
        self._store = store
        self._recent: deque[Event] = deque(maxlen=RECENT)
        self._grown = asyncio.Event()
        self._listeners: set[Callable[[Sequence[Event]], None]] = set()
        self.head = head
        """Sequence number of the newest committed event."""

    def publish(self, events: Sequence[Event]) -> None:
        """Tell everybody of events that are on disk, in order."""
        if not events:
            return
        self._recent.extend(events)
        self.head = events[-1].seq
        self._grown.set()
        self._grown = asyncio.Event()
        for listener in tuple(self._listeners):
            listener(events)

    def listen(self, listener: Callable[[Sequence[Event]], None]) -> Callable[[], None]:
        """Call `listener`, which must not wait or fail, at each commit; returns its end."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    async def follow(self, after: Seq, job: JobId | None = None) -> AsyncIterator[Event]:
        """Every event past `after`, for ever, each exactly once and in order."""
        while True:
            grown = self._grown
            if after >= self.head:
                await grown.wait()
                continue
            page, after = await self._page(after, job)
            for event in page:
                yield event

    async def _page(self, after: Seq, job: JobId | None) -> tuple[Sequence[Event], Seq]:
        """The next events past `after`, and how far the log was looked through for them."""
        if self._recent and self._recent[0].seq <= after + 1:
            head = self.head
            behind = max(len(self._recent) - (head - after), 0)
            recent = [self._recent[i] for i in range(behind, len(self._recent))]
            return [e for e in recent if job is None or e.job == job], head
        head = self.head  # before the read, so that the read is certain to see this far
        page = await self._store.events(after, PAGE, job=job)
        if len(page) == PAGE:
            return page, page[-1].seq
        return page, max(page[-1].seq if page else after, head)
