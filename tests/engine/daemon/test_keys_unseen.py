"""Keys of jobs that nobody sees yet, or never will: words, and no ghosts."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.clock import ManualClock
from engine.control import messages as ask
from engine.errors import InvalidSpec, KeyTaken, StoreFull
from engine.model.ids import JobId
from tests.engine.loops.test_dispatch import store_of
from tests.kit.engine import Engine, an_engine
from tests.kit.stubborn_store import StubbornStore

KEYED: dict[str, Any] = {"argv": ["true"], "key": "k"}


class UndroppingStore(StubbornStore):
    """One whose trouble is with dropping too, in its transaction."""

    async def _transact(self, work: Any) -> Any:
        self._complain()
        return await super()._transact(work)


async def begun(engine: Engine, count: int) -> Engine:
    """Somebody else, who has sent a job with the key and not committed."""
    other = Engine(engine.parts, engine.host)
    await other.ask(ask.SubmitBegin(count=count))
    await other.ask(ask.SubmitChunk(lines=json.dumps(KEYED) + "\n"))
    return other


@pytest.mark.parametrize("on_key", ["return", "reject", "replace"])
async def test_a_key_in_a_submission_that_is_being_sent(tmp_path: Path, on_key: str) -> None:
    async with an_engine(tmp_path) as engine:
        other = await begun(engine, 1)
        with pytest.raises(KeyTaken, match="not complete yet") as taken:
            await engine.submit(KEYED, on_key=on_key)
        assert taken.value.retry_after_s
        assert "job" not in taken.value.details
        done: Any = await other.ask(ask.SubmitCommit())
        assert await engine.submit(KEYED) == [JobId(done.ids[0][0])]


async def test_a_batch_that_could_not_be_dropped_gives_its_keys_back(tmp_path: Path) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock, store_type=UndroppingStore) as engine:
        other = await begun(engine, 2)
        store_of(engine).trouble = StoreFull("no space")
        with pytest.raises(InvalidSpec):
            await other.ask(ask.SubmitChunk(lines='{"argv":3}\n'))
        assert store_of(engine)._batches
        store_of(engine).trouble = None
        while store_of(engine)._batches or engine.desk.trouble:
            clock.advance(1)
            await engine.desk.store.head()
        [job] = await engine.submit(KEYED)
        assert (await engine.job(job)).spec.key == "k"
