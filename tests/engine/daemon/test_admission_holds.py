"""Admission keeps its promises: room comes back, restarts count right, reloads are whole."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from engine.config import Config, Effective, Settings
from engine.control import messages as ask
from engine.daemon.configured import Configured
from engine.errors import NotAdmitted, StoreFull
from engine.model.rules import Pressure, Quota, Rules, TenantRules
from engine.policy.entry.quotas import Account
from tests.engine.loops.test_dispatch import store_of
from tests.kit.engine import Engine, an_engine
from tests.kit.stubborn_store import StubbornStore

TWO = Rules(
    pressure=Pressure(max_depth=2, at_percent=(1, 2, 99)),
    tenants={"default": TenantRules(quota=Quota(queued=2))},
)
JOB: dict[str, object] = {"command": ["true"], "hold": True}


async def number_of_jobs(engine: Engine) -> int:
    page = await engine.ask(ask.ListJobs())
    return page.total  # type: ignore[attr-defined, no-any-return]


async def test_room_of_a_submission_whose_client_went_away_comes_back(tmp_path: Path) -> None:
    async with an_engine(tmp_path, store_type=StubbornStore) as engine:
        await engine.submit({**JOB, "name": "first"})
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(1,))))
        engine.desk.working_set.set_rules(TWO)
        store = store_of(engine)
        store.gate.clear()
        written = len(store.sizes)
        gone = asyncio.ensure_future(engine.submit(JOB))
        while len(store.sizes) == written:
            await store.head()
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        with pytest.raises(NotAdmitted):
            await engine.submit(JOB, JOB)
        store.gate.set()
        await engine.desk.ledger.writer.post(lambda: None)
        assert await number_of_jobs(engine) == 2
        await engine.submit(JOB)
        with pytest.raises(NotAdmitted):
            await engine.submit(JOB)


async def test_a_new_daemon_counts_no_job_that_stands_for_others(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SubmitArray(job=JOB, values=("1-3",)))
        depths = dict(engine.desk.working_set.backlog.depths)
        assert depths == {"": 3, "default": 3}
    async with an_engine(tmp_path) as engine:
        backlog = engine.desk.working_set.backlog
        assert dict(backlog.depths) == depths
        assert backlog.waiting[Account("default")] == 3


async def test_a_reload_that_cannot_be_recorded_changes_nothing(tmp_path: Path) -> None:
    started = Config(settings=Settings(state_dir=tmp_path))
    limit = Effective(
        key="queues.q.limit", value="1", source="config.toml:2", about="", needs_restart=False
    )
    fresh = replace(started, rules=TWO, shown={**started.shown, limit.key: limit})
    async with an_engine(tmp_path, store_type=StubbornStore) as engine:
        desk = engine.desk
        apply = desk.configured.apply
        desk.configured = Configured(started, lambda: fresh)
        desk.configured.apply = apply
        store_of(engine).trouble = StoreFull("no space")
        with pytest.raises(StoreFull):
            await engine.ask(ask.Reload())
        assert desk.working_set.rules == Rules()
        assert desk.configured.now is started
