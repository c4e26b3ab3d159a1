"""Every submission is decided on, and the decision is an event with its reason."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.errors import InvalidSpec, Refused
from engine.ledger.rows.arrays import AT_ONCE
from engine.model.events import Event, EventType
from engine.model.ids import Seq
from engine.model.rules import Pressure, QueueRules, Quota, Rate, Rules, TenantRules
from engine.store.protocol import Draft
from tests.kit.engine import Engine, an_engine
from tests.kit.raw_door import Raw, a_door

TRUE: dict[str, Any] = {"argv": ["true"]}
HELD = {**TRUE, "hold": True}
BAD = {**TRUE, "priority": "urgent-ish"}
HUGE = {**TRUE, "cpus": 1_000}
ANA = TenantRules(
    quota=Quota(queued=5, submissions=Rate(tokens=1, per_ms=3_600_000, burst=1_000))
)
RULES = Rules(
    queues={"small": QueueRules(pressure=Pressure(max_depth=10))}, tenants={"ana": ANA}
)
MANY = tuple(str(n) for n in range(AT_ONCE + 1))


async def rejected(engine: Engine) -> list[Event]:
    """All refusals that were written before now."""
    await engine.desk.ledger.note(Draft(type=EventType.DAEMON_RECOVERED))
    found = await engine.desk.store.events(Seq(0), 10_000)
    return [event for event in found if event.type is EventType.JOB_REJECTED]


async def is_bare(engine: Engine) -> bool:
    """Whether there is no trace of any job, in the working set or on disk."""
    known, store = engine.desk.working_set, engine.desk.store
    page: Any = await engine.ask(ask.ListJobs())
    return (
        page.total == 0
        and known.counters.by_state() == {}
        and known.backlog.depths[""] == 0
        and known.arrays == {}
        and known.lanes.resident == 0
        and await store.lanes() == []
        and await store.counts() == []
    )


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (ask.Submit(jobs=()), "invalid"),
        (ask.Submit(jobs=(TRUE, BAD)), "invalid"),
        (ask.Submit(jobs=(TRUE,), cwd="not/absolute"), "invalid"),
        (ask.Submit(jobs=(TRUE,), defaults={"priority": "x"}), "invalid"),
        (ask.Submit(jobs=(TRUE,), on_key="maybe"), "invalid"),
        (ask.Submit(jobs=(HUGE,)), "invalid"),
        (ask.Submit(jobs=({**TRUE, "after": [77]},)), "invalid"),
        (ask.Submit(jobs=({**TRUE, "key": "k"},) * 2), "key_taken"),
        (ask.Submit(jobs=({**TRUE, "queue": "small"},) * 11), "queue_full"),
        (ask.Submit(jobs=({**TRUE, "queue": "small"},) * 101), "queue_full"),
        (ask.Submit(jobs=({**TRUE, "tenant": "ana"},) * 6), "quota_exceeded"),
        (ask.Submit(jobs=(*(TRUE,) * 600, BAD)), "invalid"),
        (ask.SubmitBegin(count=0), "invalid"),
        (ask.SubmitBegin(count=1, cwd="not/absolute"), "invalid"),
        (ask.SubmitArray(job=TRUE), "invalid"),
        (ask.SubmitArray(job=TRUE, values=("9-1",)), "invalid"),
        (ask.SubmitArray(job=TRUE, values=("1-9999999",)), "invalid"),
        (ask.SubmitArray(job=TRUE, values=("1",), lines=("a",)), "invalid"),
        (ask.SubmitArray(job=TRUE, lines=("a\nb",)), "invalid"),
        (ask.SubmitArray(job=TRUE, grid={"1x": ("a",)}), "invalid"),
        (ask.SubmitArray(job=TRUE, values=("1-3",), limit=0), "invalid"),
        (ask.SubmitArray(job=TRUE, values=("1-3",), stop_after=0), "invalid"),
        (ask.SubmitArray(job=TRUE, values=("1-3",), cwd="here"), "invalid"),
        (ask.SubmitArray(job=BAD, values=("1-3",)), "invalid"),
        (ask.SubmitArray(job=HUGE, grid={"a": ("1-3",), "b": ("1-3",)}), "invalid"),
        (ask.SubmitArray(job={**TRUE, "name": "{line}"}, lines=("a", "b" * 9_999)), "invalid"),
        (ask.SubmitArray(job={**TRUE, "queue": "small"}, values=("1-11",)), "queue_full"),
        (ask.SubmitArray(job={**TRUE, "tenant": "ana"}, values=MANY), "quota_exceeded"),
        (ask.Clone(id=77), "not_found"),
    ],
)
async def test_what_is_refused_is_told_once_and_leaves_nothing(
    tmp_path: Path, request_: Any, code: str
) -> None:
    async with an_engine(tmp_path) as engine:
        engine.desk.working_set.set_rules(RULES)
        with pytest.raises(Refused) as refused:
            await engine.ask(request_)
        [event] = await rejected(engine)
        assert (event.data["code"], event.data["decision"]) == (code, "rejected")
        assert event.data["reason"] == event.cause == refused.value.message
        assert (event.actor, event.job) == ("ana", None)
        assert await is_bare(engine)
    async with an_engine(tmp_path) as engine:
        assert await is_bare(engine)


async def test_what_is_refused_bit_by_bit_is_told_once(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SubmitBegin(count=2))
        with pytest.raises(InvalidSpec):
            await engine.ask(ask.SubmitBegin(count=7))
        with pytest.raises(InvalidSpec):
            await engine.ask(ask.SubmitChunk(lines='{"argv":["true"],"cpus":"many"}\n'))
        await engine.ask(ask.SubmitBegin(count=2))
        await engine.ask(ask.SubmitChunk(lines='{"argv":["true"]}\n'))
        with pytest.raises(InvalidSpec):
            await engine.ask(ask.SubmitCommit())
        assert [event.data["count"] for event in await rejected(engine)] == [7, 2, 2]
        assert await is_bare(engine)


async def test_a_copy_that_is_refused_is_told_of(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(HELD)
        with pytest.raises(InvalidSpec):
            await engine.ask(ask.Clone(id=job, changes={"priority": "urgent-ish"}))
        [event] = await rejected(engine)
        assert event.data["field"] == "changes.priority"


async def test_a_submission_that_cannot_even_be_read_is_told_of(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine, a_door(engine, tmp_path) as path:
        client = await Raw.connect(path)
        answer = await client.answer(2, verb="submit", jobs=[TRUE, "no job"])
        assert answer["error"]["code"] == "invalid"
        await client.answer(3, verb="submit_array", job=TRUE, limit="many")
        await client.answer(4, verb="show", id="no number")
        told = await rejected(engine)
        assert [event.data["code"] for event in told] == ["invalid", "invalid"]
        assert all("count" not in event.data for event in told)
        await client.close()


async def test_the_same_large_request_at_the_same_time_is_stored_once(tmp_path: Path) -> None:
    """Whoever is later is answered with the ids of the first, not refused."""
    async with an_engine(tmp_path) as engine:
        request = ask.SubmitArray(job=HELD, values=MANY, request_key="r")
        answers: Any = await asyncio.gather(*(engine.ask(request) for _ in range(4)))
        assert len({one.ids for one in answers}) == 1
        assert engine.desk.working_set.backlog.depths[""] == len(MANY)
        assert await rejected(engine) == []
