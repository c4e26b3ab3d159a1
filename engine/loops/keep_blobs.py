"""Keep: write down which blobs were used, evict what is too much, forget what is old."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from engine.artifacts.shelf import Shelf
from engine.clock import Clock
from engine.errors import EngineError, StaleEpoch
from engine.ledger.setbacks import Setbacks
from engine.store.keeping import BlobRow, Keeping
from engine.wake import Wake

log = logging.getLogger(__name__)

COMPANY_S: Final = 1.0
"""How long a use waits to be written down with others."""

LOOK_AGAIN_S: Final = 3_600.0
"""Old artifacts are looked for this often."""

AT_ONCE: Final = 1_000
DAY_US: Final = 86_400_000_000


class BlobKeeper:
    """Looks after the blobs of one daemon."""

    def __init__(
        self,
        store: Keeping,
        shelf: Shelf,
        clock: Clock,
        wake: Wake,
        setbacks: Setbacks,
        *,
        keep_days: int,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._clock = clock
        self._wake = wake
        self._setbacks = setbacks
        self._has_settled = False
        self._keep_us = keep_days * DAY_US

    async def run(self) -> None:
        """Look after them, for ever; what does not work is tried again."""
        while True:
            await self._try("finding what blobs there are", self._settle)
            await self._try("writing down which blobs were used", self.write_down)
            await self._try("forgetting old artifacts", self._forget_old)
            await self._try("evicting blobs", self._shelf.evict)
            await self._try("dropping what was set aside", self._shelf.empty_aside)
            await self._wake.wait_at_most(self._clock, LOOK_AGAIN_S)
            await self._clock.sleep(COMPANY_S)

    async def _try(self, what: str, work: Callable[[], Awaitable[object]]) -> None:
        """Do one thing; should it fail, the others are done all the same."""
        try:
            await self._setbacks.contain(what, work())
        except StaleEpoch:
            raise
        except EngineError as error:
            log.warning("blobs: %s: %s", what, error)

    async def _settle(self) -> None:
        if not self._has_settled:
            await self._shelf.settle()
            self._has_settled = True

    async def write_down(self) -> None:
        """Have all uses until now on disk. Raises: StoreError; they are still to be."""
        used, counts = self._shelf.noted()
        if not used and not counts:
            return
        rows = [BlobRow(sha=sha, size=size, used_at=at) for sha, size, at in used]
        try:
            await self._store.put_blobs(self._shelf.epoch, rows, counts)
        except EngineError:
            self._shelf.take_back(used, counts)
            raise

    async def _forget_old(self) -> None:
        before_at = self._clock.now() - self._keep_us
        epoch = self._shelf.epoch
        while await self._store.drop_artifacts(epoch, before_at, AT_ONCE) == AT_ONCE:
            log.info("forgot %d old artifacts", AT_ONCE)
