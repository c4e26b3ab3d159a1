"""A real pool on tools of its own."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from engine.backends.pool.making import make_pool
from engine.backends.pool.toolbox import Toolbox
from engine.backends.protocol import Order, Report
from engine.clock import SystemClock
from engine.model.calls import Call
from engine.model.ids import AttemptId, Epoch
from engine.testing.hands import Hands

HERE = Path(__file__).parent
EPOCH = Epoch(7)


class PoolHands(Hands):
    """Calls tools, and waits for what they come to."""

    toolbox: Toolbox

    def called(self, tool: str, args: dict[str, Any] | None = None, **fields: Any) -> Order:
        self._number += 1
        attempt = fields.pop("attempt", AttemptId(f"{self._number}-1-{self.epoch}"))
        call = Call(tool=tool, args=args or {})
        return Order(attempt=attempt, epoch=self.epoch, call=call, **fields)

    async def begin(
        self, tool: str, args: dict[str, Any] | None = None, **fields: Any
    ) -> Report:
        [report] = await self.backend.start([self.called(tool, args, **fields)])
        assert isinstance(report, Report), report
        return report

    async def call(
        self, tool: str, args: dict[str, Any] | None = None, **fields: Any
    ) -> Report:
        return await self.end(await self.begin(tool, args, **fields))

    async def value(self, tool: str, args: dict[str, Any] | None = None, **fields: Any) -> Any:
        end = await self.call(tool, args, **fields)
        assert end.trouble is None, end
        assert end.result is not None, end
        return json.loads(end.result)


MakePool = Callable[..., Awaitable[PoolHands]]


@pytest.fixture
async def make_pool_hands(tmp_path: Path) -> AsyncIterator[MakePool]:
    made: list[PoolHands] = []

    async def make(epoch: Epoch = EPOCH, **options: Any) -> PoolHands:
        toolbox = Toolbox(tmp_path / "tools.json")
        table = {"modules": ["my_tools"], "path": [str(HERE)], "io": 8, **options}
        backend = make_pool(
            "tools", table, tmp_path / "pool", SystemClock(), toolbox, dict(os.environ)
        )
        hands = PoolHands(backend, epoch)
        hands.toolbox = toolbox
        hands.facts = await backend.hello(epoch)  # type: ignore[attr-defined]
        made.append(hands)
        return hands

    yield make
    for hands in made:
        await hands.backend.close()


@pytest.fixture
async def pool(make_pool_hands: MakePool) -> PoolHands:
    return await make_pool_hands()


async def wait_file(path: Path) -> None:
    async with asyncio.timeout(60):
        while not path.exists():
            await asyncio.sleep(0)
