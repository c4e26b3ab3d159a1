"""`stop` in a real engine."""

import asyncio
from pathlib import Path

from engine.clock import ManualClock
from engine.control import messages as ask
from engine.errors import StoreError
from engine.model.ids import Seq
from tests.kit.engine import an_engine
from tests.kit.stubborn_store import StubbornStore


async def test_a_stop_is_written_down_before_it_begins(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.Stop())
        assert engine.desk.stopping.is_set()
        told = await engine.desk.store.events(Seq(0), 100)
        assert [one for one in told if one.data.get("verb") == "stop"]


async def test_a_full_disk_keeps_no_daemon_alive(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock, store_type=StubbornStore) as engine:
        store = engine.desk.store
        assert isinstance(store, StubbornStore)
        store.trouble = StoreError("the disk is full")
        stopping = asyncio.ensure_future(engine.ask(ask.Stop()))
        while not stopping.done():
            clock.advance(1)
            await asyncio.sleep(0)
        assert engine.desk.stopping.is_set()
        store.trouble = None
        while engine.desk.ledger.writer.waiting:
            clock.advance(1)
            await asyncio.sleep(0)
