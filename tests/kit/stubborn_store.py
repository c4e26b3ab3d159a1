"""A store whose writes a test can hold up or have refused, as a full disk would."""

import asyncio
from collections.abc import Sequence

from engine.errors import EngineError, StoreError
from engine.model.ids import AttemptId, Epoch, JobId
from engine.store.protocol import Unit, Written
from engine.store.sqlite.store import SqliteStore


class StubbornStore(SqliteStore):
    """The real store; `trouble` makes every write fail, `gate` makes it wait."""

    trouble: StoreError | None = None

    async def _begin(self) -> None:
        await super()._begin()
        self.sizes: list[int] = []
        """Of the groups that came, refused ones too."""
        self.moves: list[int] = []
        """How many jobs each of them was to move."""
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, units: Sequence[Unit]) -> list[Written | EngineError]:
        self.sizes.append(len(units))
        self.moves.append(sum(len(unit.moves) for unit in units))
        await self.gate.wait()
        self._complain()
        return await super().write(units)

    async def commit_batch(self, first: JobId, unit: Unit) -> Written:
        self._complain()
        return await super().commit_batch(first, unit)

    async def renew(
        self, attempts: Sequence[AttemptId], epoch: Epoch, at: int, until: int
    ) -> int:
        self._complain()
        return await super().renew(attempts, epoch, at, until)

    def _complain(self) -> None:
        if self.trouble is not None:
            raise self.trouble
