"""Admission in a whole engine: modes, refusals, and that nothing is left of who is refused."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.errors import (
    EngineError,
    InvalidSpec,
    QueueCritical,
    QueueFull,
    QuotaExceeded,
    RateExceeded,
)
from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq
from engine.model.rules import Pressure, QueueRules, Quota, Rate, Rules, TenantRules
from engine.model.states import State
from engine.store.protocol import Draft
from tests.kit.engine import Engine, FakeBackend, an_engine

FORTY = Rules(queues={"default": QueueRules(pressure=Pressure(max_depth=40))})
"""High from 32 jobs on, and until there are 30."""
TEN = Rules(queues={"default": QueueRules(pressure=Pressure(max_depth=10))})


def job(**fields: object) -> dict[str, object]:
    return {"command": ["true"], **fields}


async def events_of(engine: Engine, kind: EventType) -> list[Event]:
    """All that was written before now."""
    await engine.desk.ledger.note(Draft(type=EventType.DAEMON_RECOVERED))
    found = await engine.desk.store.events(Seq(0), 1_000)
    return [event for event in found if event.type is kind]


async def number_of_jobs(engine: Engine) -> int:
    page = await engine.ask(ask.ListJobs())
    return page.total  # type: ignore[attr-defined, no-any-return]


async def pause(engine: Engine) -> None:
    await engine.ask(ask.SetQueue(name="default", pause=True))


async def test_a_rejected_submission_leaves_no_ghost(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        engine.desk.working_set.set_rules(TEN)
        await pause(engine)
        with pytest.raises(QueueFull):
            await engine.submit(*[job()] * 11)
        with pytest.raises(QueueFull):
            await engine.submit(*[job()] * 200)
        with pytest.raises(InvalidSpec):
            await engine.submit(job(priority="urgent-ish"))
        assert await number_of_jobs(engine) == 0
        assert engine.desk.working_set.counters.by_state() == {}
        assert engine.desk.working_set.backlog.depths[""] == 0
        assert await engine.desk.store.lanes() == []
        rejected = await events_of(engine, EventType.JOB_REJECTED)
        assert [event.data["code"] for event in rejected] == [
            "queue_full",
            "queue_full",
            "invalid",
        ]
        assert [event.data["count"] for event in rejected] == [11, 200, 1]
        assert all(event.job is None and event.actor == "ana" for event in rejected)
        assert rejected[0].data["queue"] == "default"
        assert rejected[0].tenant == "default"
        assert len(await engine.submit(*[job()] * 5)) == 5
        [submitted, *_] = await events_of(engine, EventType.JOB_SUBMITTED)
        assert submitted.data["decision"] == "admitted"


async def test_concurrent_submissions_never_overshoot(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        rules = Rules(pressure=Pressure(max_depth=10, at_percent=(97, 98, 99)))
        engine.desk.working_set.set_rules(rules)
        await pause(engine)
        answers = await asyncio.gather(
            *(engine.submit(job(), job(), job()) for _ in range(10)), return_exceptions=True
        )
        refused = [one for one in answers if isinstance(one, EngineError)]
        assert all(isinstance(one, QueueFull) and one.retry_after_s for one in refused)
        assert await number_of_jobs(engine) == 3 * (10 - len(refused)) <= 10
        await engine.submit(job())


async def test_modes_are_told_with_hysteresis(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        engine.desk.working_set.set_rules(TEN)
        await pause(engine)
        ids = await engine.submit(*[job()] * 8)
        modes = engine.desk.working_set.backlog.modes
        assert modes["default"].label == "high"
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(ids[0],))))
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(ids[1], ids[2]))))
        told = await events_of(engine, EventType.QUEUE_MODE)
        steps = [(event.data["was"], event.data["mode"]) for event in told]
        assert steps == [("normal", "high"), ("high", "moderate")]
        assert told[0].data["depth"] == 8
        assert told[0].data["max_depth"] == 10
        view = await engine.ask(ask.ListQueues())
        [queue] = view.queues  # type: ignore[attr-defined]
        assert (queue.mode, queue.max_depth, queue.depths[-1]) == ("moderate", 10, 5)


async def test_full_refuses_and_cancels_and_drains(tmp_path: Path) -> None:
    host = FakeBackend(cpus=2)
    async with an_engine(tmp_path, host) as engine:
        engine.desk.working_set.set_rules(TEN)
        await pause(engine)
        ids = await engine.submit(*[job()] * 10)
        with pytest.raises(QueueFull) as full:
            await engine.submit(job(priority="critical"))
        assert full.value.retry_after_s == 30
        canceled = await engine.ask(ask.Cancel(targets=ask.Targets(ids=(ids[-1],))))
        assert canceled.results[0].ok  # type: ignore[attr-defined]
        await engine.ask(ask.SetQueue(name="default", pause=False))
        for id_ in ids[:-1]:
            host.end(await engine.running(id_))
            await engine.until_state(id_, State.SUCCEEDED)
        await engine.submit(job())


async def test_while_critical_only_critical_comes_in_and_the_backlog_drains(
    tmp_path: Path,
) -> None:
    host = FakeBackend(cpus=1)
    rules = Rules(pressure=Pressure(max_depth=20, reduce_parallelism=True))
    async with an_engine(tmp_path, host) as engine:
        engine.desk.working_set.set_rules(rules)
        await pause(engine)
        ids = await engine.submit(*[job(priority="low")] * 19)
        with pytest.raises(QueueCritical):
            await engine.submit(job())
        [urgent] = await engine.submit(job(priority="critical"))
        await engine.ask(ask.SetQueue(name="default", pause=False))
        for id_ in (urgent, *ids):
            host.end(await engine.running(id_))
        assert engine.desk.working_set.backlog.modes == {}


async def test_quota_and_rate_of_a_tenant(tmp_path: Path) -> None:
    rate = Rate(tokens=1, per_ms=3_600_000, burst=3)
    rules = Rules(
        tenants={
            "ana": TenantRules(quota=Quota(queued=2)),
            "ben": TenantRules(quota=Quota(submissions=rate)),
        }
    )
    async with an_engine(tmp_path) as engine:
        engine.desk.working_set.set_rules(rules)
        await pause(engine)
        ids = await engine.submit(job(tenant="ana"), job(tenant="ana", namespace="ml"))
        with pytest.raises(QuotaExceeded):
            await engine.submit(job(tenant="ana"))
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(ids[0],))))
        await engine.submit(job(tenant="ana"))
        await engine.submit(job(tenant="ben"), job(tenant="ben"))
        with pytest.raises(RateExceeded) as fast:
            await engine.submit(job(tenant="ben"), job(tenant="ben"))
        assert fast.value.retry_after_s is not None
        assert 3_500 < fast.value.retry_after_s <= 3_600
        await engine.submit(job(tenant="ben"))
        view = await engine.ask(ask.ListTenants())
        named = {(t.tenant, t.namespace): t for t in view.tenants}  # type: ignore[attr-defined]
        assert named["ana", None].queued == 2
        assert named["ana", None].quota == {"queued": 2}
        assert named["ana", "ml"].queued == 1
        assert named["ben", None].queued == 3


async def test_a_write_that_failed_gives_its_tokens_back(tmp_path: Path) -> None:
    rate = Rate(tokens=1, per_ms=3_600_000, burst=1)
    rules = Rules(tenants={"ben": TenantRules(quota=Quota(submissions=rate))})
    async with an_engine(tmp_path) as engine:
        await pause(engine)
        await engine.submit(job(tenant="ben", key="k"))
        engine.desk.working_set.set_rules(rules)
        with pytest.raises(EngineError):
            await engine.submit(job(tenant="ben", key="k"), on_key="reject")
        await engine.submit(job(tenant="ben"))


async def test_a_bulk_submission_is_refused_whole(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        engine.desk.working_set.set_rules(TEN)
        await engine.ask(ask.SubmitBegin(count=12))
        with pytest.raises(QueueFull):
            await engine.ask(ask.SubmitChunk(lines='{"command":["true"]}\n' * 12))
        assert await number_of_jobs(engine) == 0
        [rejected] = await events_of(engine, EventType.JOB_REJECTED)
        assert rejected.data["count"] == 12


async def test_a_new_daemon_has_the_same_modes(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await pause(engine)
        await engine.submit(*[job()] * 9)
    async with an_engine(tmp_path) as engine:
        working_set = engine.desk.working_set
        assert working_set.backlog.depths["default"] == 9
        working_set.set_rules(TEN)
        await engine.ask(ask.Hold(targets=ask.Targets(ids=(JobId(1),))))
        assert working_set.backlog.modes["default"].label == "high"
        with pytest.raises(QueueFull):
            await engine.submit(job(), job())


async def test_a_limit_by_hand_goes_before_the_configuration_until_it_is_reset(
    tmp_path: Path,
) -> None:
    rules = Rules(queues={"gpu": QueueRules(limit=8, weight=3)})
    async with an_engine(tmp_path) as engine:
        engine.desk.working_set.set_rules(rules)

        async def gpu() -> tuple[int | None, str, int]:
            view = await engine.ask(ask.ListQueues())
            [queue] = [q for q in view.queues if q.name == "gpu"]  # type: ignore[attr-defined]
            return queue.limit, queue.limit_from, queue.weight

        assert await gpu() == (8, "config", 3)
        await engine.ask(ask.SetQueue(name="gpu", limit=2))
        assert await gpu() == (2, "hand", 3)
        await engine.ask(ask.SetQueue(name="gpu", no_limit=True))
        assert await gpu() == (None, "", 3)
        await engine.ask(ask.SetQueue(name="gpu", reset=True))
        assert await gpu() == (8, "config", 3)
        await engine.ask(ask.SetQueue(name="gpu", limit=2, weight=7))
        await engine.ask(ask.SetQueue(name="gpu", unset=("limit",)))
        assert await gpu() == (8, "config", 7)
        assert engine.desk.working_set.queues["gpu"].own == ("weight",)
        engine.desk.working_set.set_rules(Rules(queues={"gpu": QueueRules(limit=5)}))
        assert await gpu() == (5, "config", 7)
        await engine.ask(ask.SetQueue(name="gpu", limit=2, unset=("weight",)))
        assert await gpu() == (2, "hand", 1)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"unset": ("limits",)}, "did you mean 'limit'"),
        ({"unset": ("limit",), "limit": 3}, "a limit and none by hand at once"),
        ({"unset": ("weight",), "weight": 3}, "a weight and none by hand at once"),
    ],
)
async def test_what_cannot_be_left_to_the_configuration(
    tmp_path: Path, asked: dict[str, Any], said: str
) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec, match=said):
            await engine.ask(ask.SetQueue(name="gpu", **asked))


def configure(engine: Engine, rules: Rules) -> None:
    """Have other rules, as a reload does."""
    configured = engine.desk.configured
    configured.apply(replace(configured.now, rules=rules))


async def test_a_new_daemon_remembers_from_which_mode_it_comes(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        configure(engine, FORTY)
        await pause(engine)
        ids = await engine.submit(*[job()] * 32)
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(ids[0],))))
        assert engine.desk.working_set.backlog.modes["default"].label == "high"
    async with an_engine(tmp_path) as engine:
        configure(engine, FORTY)
        modes = engine.desk.working_set.backlog.modes
        assert (engine.desk.working_set.backlog.depths["default"], modes["default"].label) == (
            31,
            "high",
        )


async def test_another_maximum_counts_at_once(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        configure(engine, TEN)
        await pause(engine)
        await engine.submit(*[job()] * 9)
        assert engine.desk.working_set.backlog.modes
        configure(engine, Rules(pressure=Pressure(max_depth=1000)))
        assert not engine.desk.working_set.backlog.modes
        configure(engine, TEN)
        assert engine.desk.working_set.backlog.modes
