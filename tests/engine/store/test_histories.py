"""After any history, the counters equal a recount and the past is what it was."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.model.filter import EMPTY
from engine.model.ids import Seq
from engine.model.job import Job, Progress
from engine.model.priority import Priority
from engine.model.states import State
from engine.store.protocol import Unit, Written
from engine.store.sqlite.store import SqliteStore
from tests.engine.store.author import Author
from tests.kit.build import NOW, a_job

changes = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(State),
        "queue": st.sampled_from(["a", "b"]),
        "priority": st.sampled_from(Priority),
        "note": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
    },
)
steps = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from(["t1", "t2"]), changes),
    st.tuples(st.just("move"), st.integers(0, 9), changes),
    st.tuples(st.just("stale"), st.integers(0, 9), changes),
    st.tuples(st.just("batch"), st.booleans(), changes),
)


class History:
    """Writes steps in groups and remembers what every job was at every event."""

    def __init__(self, author: Author) -> None:
        self.author = author
        self.jobs: list[Job] = []
        self.images: dict[tuple[int, int], Progress] = {}

    async def write(self, group: list[Any]) -> None:
        units: list[tuple[Unit, Job]] = []
        for kind, which, change in group:
            if kind == "batch":
                await self._batch(which, change)
            elif kind == "submit":
                units.append(await self._submission(which, change))
            elif self.jobs:
                job = self.jobs[which % len(self.jobs)]
                version = -1 if kind == "stale" else job.now.version
                seen = replace(job.now, version=version)
                moved = job.with_progress(replace(seen, **change))
                units.append((self.author.moving(job.with_progress(seen), **change), moved))
        answers = await self.author.store.write([unit for unit, _ in units])
        for (_, job), answer in zip(units, answers, strict=True):
            if isinstance(answer, Written):
                self._absorb(job, answer.versions[job.id])

    async def _submission(self, tenant: str, change: dict[str, Any]) -> tuple[Unit, Job]:
        job = a_job(id=await self.author.store.reserve_ids(1), tenant=tenant, now=change)
        return self.author.submission(job), job

    async def _batch(self, kept: bool, change: dict[str, Any]) -> None:
        first = await self.author.store.reserve_ids(2)
        jobs = [a_job(id=first + n, now=change) for n in range(2)]
        await self.author.add_batch(*jobs)
        if not kept:
            await self.author.store.drop_batch(first)
            return
        unit = self.author.batch_unit(first, jobs[-1].id)
        written = await self.author.store.commit_batch(first, unit)
        for job in jobs:
            self._absorb(job, 0, seq=written.events[-1].seq)

    def _absorb(self, job: Job, version: int, seq: int | None = None) -> None:
        job = job.with_progress(replace(job.now, version=version))
        self.jobs = [old for old in self.jobs if old.id != job.id] + [job]
        self.images[job.id, version if seq is None else seq] = job.now

    def recount(self) -> list[tuple[str, str, int, str, int]]:
        found = Counter(
            (job.now.queue, job.spec.tenant, int(job.now.priority), job.now.state.value)
            for job in self.jobs
        )
        return sorted((*key, number) for key, number in found.items())

    def at(self, job: int, seq: int) -> Progress | None:
        places = [at for number, at in self.images if number == job and at <= seq]
        return self.images[job, max(places)] if places else None


async def _live(folder: Path, groups: list[list[Any]]) -> None:
    store = await SqliteStore.open(folder / "jobs.sqlite", ManualClock(NOW))
    try:
        history = History(Author(store, await store.take_over(NOW)))
        for group in groups:
            await history.write(group)
        counts = await store.counts()
        told = [(c.queue, c.tenant, c.priority, c.state, c.number) for c in counts]
        assert told == history.recount()
        assert await store.check() == []
        assert len(await store.matching(EMPTY, NOW, 99)) == len(history.jobs)
        head = await store.head()
        assert [event.seq for event in await store.events(0, 999)] == list(range(1, head + 1))
        for job in history.jobs:
            for seq in range(head + 1):
                assert await store.past(job.id, Seq(seq)) == history.at(job.id, seq)
    finally:
        await store.close()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(steps, max_size=4), max_size=6))
def test_counters_and_the_past_are_true(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[Any]]
) -> None:
    asyncio.run(_live(tmp_path_factory.mktemp("state") / "s", groups))
