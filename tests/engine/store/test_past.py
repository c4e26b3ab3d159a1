"""Whatever happened: what a past moment shows is what was there when it was the newest."""

import asyncio
import random
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.model.array import Array
from engine.model.attempt import Attempt
from engine.model.events import EventType
from engine.model.filter import parse
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.rules import Mode
from engine.model.spec import Kind
from engine.model.states import Phase, State
from engine.model.worker import Count, Queue, Worker
from engine.model.workflow import Flow
from engine.store.moments import Reads
from engine.store.protocol import (
    AttemptMove,
    JobEdit,
    Standing,
    Unit,
    Window,
    WorkerMove,
    Written,
)
from engine.store.sqlite import checkpoints, source
from engine.store.sqlite.store import SqliteStore
from engine.store.values import Grouped, Grouping
from tests.engine.store.author import Author, move_of, new_of, told
from tests.kit.build import NOW, a_job, a_lease, a_worker, an_attempt

FILTERS = (
    "",
    "state:queued",
    "state:queued,running queue:a",
    "!queue:a",
    "name:edited",
    "tag:t1",
    "meta.batch:3",
    "id:2..5",
    "reason:no",
    "wait>3s",
)
SORTS = ("activity", "id", "name", "queue", "state", "started", "worker")
KINDS = (
    *("submit", "move", "edit", "batch", "array", "flow", "growth"),
    *("queue", "worker", "unworker", "pressure"),
)
ENDINGS = ("grant", "grant", "end")


@dataclass
class Picture:
    """All that a view could show at one moment."""

    pages: list[tuple[int, bool, list[Job]]]
    counts: list[Count]
    queues: list[Queue]
    workers: list[Worker]
    modes: dict[str, Mode]
    members: dict[int, dict[str, int]]
    anchored: list[tuple[int, list[JobId]]]
    groups: list[Grouped]
    standings: list[Standing]
    arrays: list[Array]


async def _picture(reads: Reads, composites: list[JobId], moment: Seq) -> Picture:
    pages, anchored = [], []
    for number, text in enumerate(FILTERS):
        for sort in SORTS:
            asked = Window(
                query=parse(text),
                sort=sort,
                descending=bool(number % 2),
                count=50,
                is_folded=number % 3 == 0,
                now_at=NOW + 5_000_000,
            )
            page = await reads.window(asked)
            assert page.seq == moment
            pages.append((page.total, page.total_is_exact, list(page.jobs)))
    for anchor in (JobId(2), JobId(4)):
        around = Window(query=parse("state:queued,running"), around=anchor, count=3)
        page = await reads.window(around)
        anchored.append((page.offset, [job.id for job in page.jobs]))
    counts = await reads.array_counts(composites)
    return Picture(
        pages=pages,
        counts=await reads.counts(),
        queues=await reads.queues(),
        workers=await reads.workers(),
        modes=dict(await reads.modes()),
        members={key: dict(told) for key, told in counts.items() if told},
        anchored=anchored,
        groups=[
            await reads.grouped(Grouping(by=by, query=parse(text), is_folded=folded))
            for by in ("state", "tag", "name", "reason")
            for text, folded in (("", False), ("queue:a", True))
        ],
        standings=sorted(await reads.standings(), key=astuple),
        arrays=await reads.arrays(),
    )


class Life:
    """Random things that happen, one event group at a time."""

    def __init__(self, author: Author, seed: int) -> None:
        self.author = author
        self.chance = random.Random(seed)
        self.ids: list[JobId] = []
        self.composites: list[JobId] = []
        self.flows: list[JobId] = []

    async def step(self, kind: str) -> None:
        await getattr(self, f"_{kind}")()

    async def _any(self) -> Job | None:
        return await self.author.job(self.chance.choice(self.ids)) if self.ids else None

    def _spec(self) -> dict[str, Any]:
        return {
            "tags": self.chance.choice([(), ("t1",), ("t1", "t2")]),
            "metadata": {"batch": self.chance.randrange(5)},
            "name": self.chance.choice(["", "x", "train"]),
        }

    def _now(self) -> dict[str, Any]:
        pick = self.chance.choice
        return {
            "state": pick(list(State)),
            "queue": pick(["a", "b"]),
            "priority": pick(list(Priority)),
            "note": pick(["", "no room"]),
            "worker": pick([None, "w1"]),
            "started_at": pick([None, NOW, NOW + 3]),
            "queued_at": pick([None, NOW]),
            "needs_operator": pick([False, True]),
        }

    async def _write(self, unit: Unit) -> Written:
        answer = await self.author.write(unit)
        assert isinstance(answer, Written), answer
        return answer

    async def _submit(self) -> None:
        job = a_job(id=await self.author.store.reserve_ids(1), now=self._now(), **self._spec())
        await self._write(self.author.submission(job))
        self.ids.append(job.id)

    async def _move(self) -> None:
        if job := await self._any():
            await self._write(self.author.moving(job, **self._now()))

    async def _grant(self) -> None:
        if (job := await self._any()) and job.now.attempt is None:
            attempt = an_attempt(job, number=job.now.version + 1, epoch=self.author.epoch)
            intent = told(job.id, EventType.ATTEMPT_INTENT, attempt=attempt.id)
            unit = self.author.unit(
                intent,
                moves=[move_of(job, attempt=attempt.id, state=State.QUEUED)],
                new_attempts=[(attempt, a_lease(attempt))],
            )
            await self._write(unit)

    async def _end(self) -> None:
        job = await self._any()
        if job is None or job.now.attempt is None:
            return
        attempt = (await self.author.store.attempts(job.id))[-1]
        move = AttemptMove(
            was_phase=attempt.phase,
            was_epoch=attempt.epoch,
            now=replace(attempt, phase=Phase.ENDED, ended_at=NOW, exit_code=0),
        )
        unit = self.author.unit(
            told(job.id, EventType.JOB_COMPLETED, attempt=attempt.id),
            moves=[move_of(job, attempt=None, state=State.SUCCEEDED)],
            attempt_moves=[move],
            ended_leases=[attempt.id],
        )
        await self._write(unit)

    async def _edit(self) -> None:
        job = await self._any()
        if job is None:
            return
        meta = {"batch": self.chance.randrange(5)}
        spec = replace(job.spec, name="edited", tags=("t2",), metadata=meta)
        edit = JobEdit(id=job.id, spec=spec, shape=job.shape + 1)
        unit = self.author.unit(told(job.id), moves=[move_of(job)], edits=[edit])
        await self._write(unit)

    async def _batch(self) -> None:
        count = self.chance.randrange(1, 4)
        first = await self.author.store.reserve_ids(count)
        jobs = [a_job(id=first + n, now=self._now(), **self._spec()) for n in range(count)]
        await self.author.add_batch(*jobs)
        if self.chance.random() < 0.3:
            await self._submit()
        if self.chance.random() < 0.2:
            await self.author.store.drop_batch(first)
            return
        unit = self.author.batch_unit(first, jobs[-1].id)
        await self.author.store.commit_batch(first, unit)
        self.ids += [job.id for job in jobs]

    async def _array(self) -> None:
        first = await self.author.store.reserve_ids(3)
        whole = a_job(id=first, now=self._now(), kind=Kind.COMPOSITE)
        members = [
            a_job(id=first + n, now=self._now(), array=first, array_index=n) for n in (1, 2)
        ]
        made = Array(id=first, first=JobId(first + 1), last=JobId(first + 2), limit=1)
        jobs = [whole, *members]
        unit = self.author.unit(
            *(told(job.id, EventType.JOB_SUBMITTED) for job in jobs),
            new_jobs=[new_of(job) for job in jobs],
            arrays=[(0, made)],
        )
        await self._write(unit)
        self.ids += [job.id for job in jobs]
        self.composites.append(first)

    async def _flow(self) -> None:
        top = await self.author.store.reserve_ids(1)
        whole = a_job(id=top, now=self._now(), kind=Kind.COMPOSITE)
        flow = Flow(id=top, name="flow", root=top)
        unit = self.author.unit(
            told(top, EventType.JOB_SUBMITTED), new_jobs=[new_of(whole)], flows=[(0, flow)]
        )
        await self._write(unit)
        self.ids.append(top)
        self.composites.append(top)
        self.flows.append(top)
        await self._growth()

    async def _growth(self) -> None:
        if not self.flows:
            return
        own = {"flow": self.chance.choice(self.flows), "now": self._now()}
        id_ = await self.author.store.reserve_ids(1)
        task = a_job(id=id_, task=f"t{id_}", **own)
        event = told(id_, EventType.JOB_SUBMITTED)
        await self._write(self.author.unit(event, new_jobs=[new_of(task)]))
        self.ids.append(id_)

    async def _queue(self) -> None:
        name = self.chance.choice(["a", "b"])
        known = {queue.name: queue for queue in await self.author.store.queues()}
        was = known.get(name, Queue(name=name))
        now = replace(was, limit=self.chance.choice([None, 1, 2]), own=("limit",))
        event = told(None, EventType.QUEUE_LIMITED, data={"queue": name})
        await self._write(self.author.unit(event, queues=[(was.version, now)]))

    async def _pressure(self) -> None:
        event = told(None, EventType.QUEUE_MODE)
        modes = {"a": self.chance.choice(list(Mode)[1:])} if self.chance.random() < 0.7 else {}
        await self._write(self.author.unit(event, modes=modes))

    async def _worker(self) -> None:
        name = self.chance.choice(["w1", "w2"])
        known = {worker.name: worker for worker in await self.author.store.workers()}
        was = known.get(name)
        now = replace(was or a_worker(name=name), draining=self.chance.random() < 0.5)
        move = WorkerMove(name=name, was_version=was.version if was else 0, now=now)
        event = told(None, EventType.WORKER_CHANGED, worker=name)
        await self._write(self.author.unit(event, workers=[move]))

    async def _unworker(self) -> None:
        known = await self.author.store.workers()
        if known:
            gone = WorkerMove(name=known[0].name, was_version=known[0].version)
            event = told(None, EventType.WORKER_REMOVED, worker=known[0].name)
            await self._write(self.author.unit(event, workers=[gone]))


async def _live(folder: Path, seed: int, kinds: list[str]) -> None:
    store = await SqliteStore.open(folder / "jobs.sqlite", ManualClock(NOW))
    try:
        life = Life(Author(store, await store.take_over(NOW)), seed)
        pictures: dict[Seq, Picture] = {}
        attempts: dict[tuple[Seq, JobId], list[Attempt]] = {}
        for kind in kinds:
            await life.step(kind)
            head = await store.head()
            pictures[head] = await _picture(store, life.composites, head)
            for job in life.ids:
                attempts[head, job] = await store.attempts(job)
        assert await store.horizon() == 0
        for moment, picture in pictures.items():
            assert await _picture(store.at(moment), life.composites, moment) == picture
        for (moment, job), known in attempts.items():
            assert await store.at(moment).attempts(job) == known
    finally:
        await store.close()


@pytest.mark.parametrize("early", [False, True])
@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**32), kinds=st.lists(st.sampled_from(KINDS + ENDINGS), max_size=25)
)
def test_a_past_moment_is_what_was_live_then(
    tmp_path_factory: pytest.TempPathFactory, early: bool, seed: int, kinds: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(checkpoints, "EVERY", 5)
        patched.setattr(checkpoints, "EVENTS_PER_NUMBER", 0)
        patched.setattr(checkpoints, "LARGE", 2)
        patched.setattr(source, "VERSIONS_PER_JOB", -1 if early else 4)
        asyncio.run(_live(tmp_path_factory.mktemp("state") / "s", seed, kinds))


async def test_the_logs_clock_never_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 3)
    monkeypatch.setattr(checkpoints, "EVENTS_PER_NUMBER", 0)
    instants = [10, 20, 15, 5, 20, 30, 25, 40]
    clock = ManualClock(NOW)
    store = await SqliteStore.open(tmp_path / "s" / "jobs.sqlite", clock)
    try:
        author = Author(store, await store.take_over(NOW))
        for at in instants:
            clock.jump((NOW + at - clock.now()) / 1e6)
            await author.write(author.unit(told(None, EventType.DAEMON_STARTED)))
        found = {at: await store.moment_at(NOW + at) for at in (9, 10, 19, 20, 29, 30, 39, 99)}
        assert found == {9: 0, 10: 1, 19: 1, 20: 5, 29: 5, 30: 7, 39: 7, 99: 8}
        assert await store.instant_of(Seq(4)) == NOW + 5
    finally:
        await store.close()
