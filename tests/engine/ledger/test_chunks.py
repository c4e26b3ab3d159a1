"""Acts on many jobs: chunks in which each job is still decided about for itself."""

import asyncio
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from engine.control import messages as ask
from engine.control.views import Acted
from engine.errors import NotAllowed, StoreFull
from engine.ledger.deciding import Done, Refusal
from engine.ledger.ledger import SOME
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.model.states import State
from engine.policy.jobs.change import Change
from engine.policy.jobs.steering import cancel, hold, revive
from engine.store.protocol import Draft
from tests.engine.ledger.memory.test_working_set import comes_to_rest_without_differences
from tests.engine.ledger.test_writer import passed
from tests.kit.engine import Engine, an_engine
from tests.kit.stubborn_store import StubbornStore

TRUE: dict[str, object] = {"argv": ["true"]}
HOLD = partial(hold, by="ana")


async def paused(engine: Engine) -> None:
    await engine.ask(ask.SetQueue(name="default", pause=True))


async def jobs_of(engine: Engine, ids: list[JobId]) -> list[Job]:
    return await engine.desk.store.jobs(ids)


async def an_array(engine: Engine, count: int) -> list[JobId]:
    """The members' ids."""
    made = await engine.ask(ask.SubmitArray(job=TRUE, values=(f"1-{count}",)))
    first, last = made.ids[0]  # type: ignore[attr-defined]
    return [JobId(id_) for id_ in range(first + 1, last + 1)]


def ok(done: list[Done]) -> list[bool]:
    return [not isinstance(one, Refusal) for one in done]


async def times_told(engine: Engine, type_: EventType) -> Counter[int | None]:
    """How often each job was told of."""
    told: Counter[int | None] = Counter()
    after = Seq(0)
    while events := await engine.desk.store.events(after, 1000):
        after = events[-1].seq
        told.update(event.job for event in events if event.type is type_)
    return told


async def test_many_jobs_share_one_unit_and_each_has_its_event(tmp_path: Path) -> None:
    async with an_engine(tmp_path, store_type=StubbornStore) as engine:
        await paused(engine)
        members = await an_array(engine, SOME + 10)
        store = engine.desk.store
        assert isinstance(store, StubbornStore)
        before = len(store.sizes)
        done = await engine.desk.ledger.act_on_all(await jobs_of(engine, members), HOLD)
        assert [moved for moved in store.moves[before:] if moved] == [SOME, 10]
        assert [now.id for _, now in done] == members  # type: ignore[misc]
        assert await times_told(engine, EventType.JOB_HELD) == Counter(members)
        for was, now in done:  # type: ignore[misc]
            assert (was.now.held_by, now.now.held_by) == (None, "ana")
            assert now == await engine.job(now.id)


async def test_a_refusal_in_a_chunk_is_that_job_s_alone(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        running = (await engine.submit(TRUE))[0]
        await engine.running(running)
        await paused(engine)
        first, last = await engine.submit(TRUE, TRUE)
        found = await jobs_of(engine, [first, running, last])
        done = await engine.desk.ledger.act_on_all(found, HOLD)
        assert ok(done) == [True, False, True]
        assert isinstance(done[1], Refusal)
        assert isinstance(done[1].error, NotAllowed)
        held = [(await engine.job(id_)).now.held_by for id_ in (first, running, last)]
        assert held == ["ana", None, "ana"]


async def test_a_job_that_moved_meanwhile_is_decided_about_again(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await paused(engine)
        ids = await engine.submit(TRUE, TRUE, TRUE)
        seen = await jobs_of(engine, ids)
        await engine.ask(ask.SetPriority(targets=ask.Targets(ids=(ids[1],)), to="high"))
        done = await engine.desk.ledger.act_on_all(seen, HOLD)
        assert ok(done) == [True] * 3
        now = await jobs_of(engine, ids)
        assert [job.now.held_by for job in now] == ["ana"] * 3
        assert now[1].now.priority.label == "high"
        assert await times_told(engine, EventType.JOB_HELD) == Counter(ids)


async def test_one_that_moves_all_the_time_does_not_hold_up_its_neighbours(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        await paused(engine)
        ids = await engine.submit(TRUE, TRUE, TRUE)
        restless = JobId(ids[1])
        seen = await jobs_of(engine, ids)
        await engine.ask(ask.SetPriority(targets=ask.Targets(ids=(restless,)), to="high"))
        decided: Counter[JobId] = Counter()

        def decide(job: Job) -> Change | None:
            decided[job.id] += 1
            if job.id == restless and decided[job.id] < 3:
                job = seen[1]  # as if somebody had moved it since
            return hold(job, by="ana")

        done = await engine.desk.ledger.act_on_all(seen, decide)
        assert ok(done) == [True] * 3
        assert [job.now.held_by for job in await jobs_of(engine, ids)] == ["ana"] * 3


async def test_a_key_that_one_job_cannot_have_keeps_no_other_from_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await paused(engine)
        ended = []
        for key in ("a", "b", "c"):
            [id_] = await engine.submit({**TRUE, "key": key})
            await engine.ask(ask.Cancel(targets=ask.Targets(ids=(id_,))))
            ended.append(id_)
        [holder] = await engine.submit({**TRUE, "key": "b"})
        again = partial(revive, now_at=engine.desk.clock.now(), by="ana")
        done = await engine.desk.ledger.act_on_all(await jobs_of(engine, ended), again)
        assert ok(done) == [True, False, True]
        assert isinstance(done[1], Refusal)
        assert f"job {holder}" in done[1].error.message
        states = [job.now.state for job in await jobs_of(engine, ended)]
        assert states == [State.QUEUED, State.CANCELED, State.QUEUED]


async def test_twice_the_same_job_in_one_chunk_is_changed_once(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await paused(engine)
        [id_] = await engine.submit(TRUE)
        [job] = await jobs_of(engine, [id_])
        assert ok(await engine.desk.ledger.act_on_all([job, job], HOLD)) == [True, True]
        assert await times_told(engine, EventType.JOB_HELD) == Counter([id_])


class FullAfter(StubbornStore):
    """A disk that is full after some more moves."""

    room = 10**9

    def _complain(self) -> None:
        self.room -= self.moves[-1]
        self.trouble = StoreFull("the disk is full") if self.room < 0 else None
        super()._complain()


async def test_a_full_disk_in_the_middle_leaves_a_half_that_the_same_act_completes(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path, store_type=FullAfter) as engine:
        await paused(engine)
        members = await an_array(engine, 3 * SOME)
        store = engine.desk.store
        assert isinstance(store, FullAfter)
        store.room = 2 * SOME
        targets = ask.Targets(where=f"id>={members[0]} id<={members[-1]}")
        with pytest.raises(StoreFull):
            await engine.ask(ask.Hold(targets=targets))
        held = [job for job in await jobs_of(engine, members) if job.now.held_by]
        assert len(held) == 2 * SOME
        assert await times_told(engine, EventType.JOB_HELD) == Counter(members[: 2 * SOME])
        store.room = 10**9
        acted = await engine.ask(ask.Hold(targets=targets))
        assert isinstance(acted, Acted)
        assert all(one.ok for one in acted.results)
        assert await times_told(engine, EventType.JOB_HELD) == Counter(members)
        await comes_to_rest_without_differences(engine)


async def test_others_are_written_between_the_chunks_of_an_act(tmp_path: Path) -> None:
    async with an_engine(tmp_path, store_type=StubbornStore) as engine:
        await paused(engine)
        members = await an_array(engine, 6 * SOME)
        store = engine.desk.store
        assert isinstance(store, StubbornStore)
        store.gate.clear()
        async with asyncio.TaskGroup() as tasks:
            found = await jobs_of(engine, members)
            act = tasks.create_task(engine.desk.ledger.act_on_all(found, HOLD))
            while store.moves[-1] != SOME:
                await passed(1)
            note = tasks.create_task(
                engine.desk.ledger.note(Draft(type=EventType.DAEMON_TROUBLE))
            )
            await passed()
            store.gate.set()
            await note
            assert not act.done()
        told = await engine.desk.store.last_events(Seq(2**60), 7 * SOME)
        types = [event.type for event in sorted(told, key=lambda event: event.seq)]
        before = types[: types.index(EventType.DAEMON_TROUBLE)]
        assert before.count(EventType.JOB_HELD) == SOME  # and what other loops had to tell


async def test_a_cancel_of_what_runs_tells_each_attempt(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        ids = await engine.submit(*[TRUE] * 6)
        attempts = [await engine.running(id_) for id_ in ids[:4]]
        stop = partial(cancel, now_at=engine.desk.clock.now(), by="ana")
        done = await engine.desk.ledger.act_on_all(await jobs_of(engine, ids), stop)
        assert ok(done) == [True] * 6
        for attempt in attempts:
            assert engine.desk.working_set.live.by_attempt[attempt].attempt.phase == "stopping"
        ended = [job.now.state for job in await jobs_of(engine, ids[4:])]
        assert ended == [State.CANCELED] * 2
        await comes_to_rest_without_differences(engine)


async def test_chunks_of_two_acts_do_not_share_one_long_commit(tmp_path: Path) -> None:
    async with an_engine(tmp_path, store_type=StubbornStore) as engine:
        await paused(engine)
        one, other = [await jobs_of(engine, await an_array(engine, SOME)) for _ in range(2)]
        store = engine.desk.store
        assert isinstance(store, StubbornStore)
        begun = len(store.moves)
        async with asyncio.TaskGroup() as tasks:
            for members in (one, other):
                tasks.create_task(engine.desk.ledger.act_on_all(members, HOLD))
        assert max(store.moves[begun:]) == SOME
        assert sum(store.moves[begun:]) == 2 * SOME
