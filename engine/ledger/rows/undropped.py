"""Undropped: batches of which the database could not be rid; dropping is tried again."""

from engine.clock import Clock
from engine.errors import NotFound, StoreError
from engine.model.ids import JobId
from engine.store.protocol import Store
from engine.wake import Wake

TRY_AGAIN_S = 1.0
"""How long the database is left alone before the next try."""


class Undropped:
    """Nobody sees the jobs of these batches, but their keys are taken until they are gone."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._firsts: set[JobId] = set()
        self._wake = Wake()

    async def drop(self, first: JobId) -> None:
        """Drop the batch that begins with this job: now, or as soon as it can be done."""
        try:
            await self._store.drop_batch(first)
        except StoreError:
            self._firsts.add(first)
            self._wake.knock()

    async def run(self) -> None:
        """Try again for as long as there are any."""
        while True:
            await self._wake.wait()
            while self._firsts:
                await self._clock.sleep(TRY_AGAIN_S)
                await self._sweep()

    async def _sweep(self) -> None:
        for first in sorted(self._firsts):
            try:
                await self._store.drop_batch(first)
            except NotFound:  # somebody else has
                pass
            except StoreError:
                return
            self._firsts.discard(first)
