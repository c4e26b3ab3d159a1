"""Every verb that looks tells of a past moment what it told when that was now."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine.control import messages as ask
from engine.control.views import JobDetail, MomentView, QueuesView, Stats, WorkersView
from engine.errors import InvalidSpec, NotFound
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.states import State
from tests.kit.engine import Engine, an_engine

TRUE: dict[str, object] = {"argv": ["true"]}


async def _queue(engine: Engine, as_of: int | None = None) -> dict[str, tuple[int | None, int]]:
    view: Any = await engine.ask(ask.ListQueues(as_of=as_of))
    assert isinstance(view, QueuesView)
    return {queue.name: (queue.limit, queue.queued) for queue in view.queues}


async def test_jobs_queues_and_counts_are_as_they_were(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SetQueue(name="gpu", limit=0))
        [id_] = await engine.submit({**TRUE, "queue": "gpu", "name": "train"})
        await engine.until_state(id_, State.QUEUED)
        then = engine.desk.timeline.head
        before = [
            await engine.ask(ask.ListJobs(where="queue:gpu")),
            (await engine.ask(ask.GetStats())).jobs,  # type: ignore[attr-defined]
        ]
        shown: Any = await engine.ask(ask.ShowJob(id=id_))
        queues = await _queue(engine)
        assert queues["gpu"] == (0, 1)

        await engine.ask(ask.Edit(targets=ask.Targets(ids=(id_,)), changes={"name": "other"}))
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(id_,))))
        await engine.until_state(id_, State.CANCELED)
        await engine.ask(ask.SetQueue(name="gpu", limit=3))

        assert (await _queue(engine))["gpu"] == (3, 0)
        assert await _queue(engine, then) == queues
        past: Any = await engine.ask(ask.ListJobs(where="queue:gpu name:train", as_of=then))
        [row] = past.jobs
        assert (row.name, row.state, past.seq) == ("train", "queued", then)
        assert replace(row, note="") == replace(before[0].jobs[0], note="")
        stats: Any = await engine.ask(ask.GetStats(as_of=then))
        assert isinstance(stats, Stats)
        assert stats.jobs == before[1]
        again: Any = await engine.ask(ask.ShowJob(id=id_, as_of=then))
        assert isinstance(again, JobDetail)
        assert again.job == shown.job
        events: Any = await engine.ask(ask.ListEvents(last=True, as_of=then))
        assert events.events[-1].seq == events.head == then


async def test_what_came_and_started_is_counted_of_the_minute_before(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [id_] = await engine.submit({**TRUE, "queue": "gpu"})
        await engine.running(id_)
        now: Any = await engine.ask(ask.ListQueues())
        past: Any = await engine.ask(ask.ListQueues(as_of=engine.desk.timeline.head))
        for view in (now, past):
            [gpu] = [queue for queue in view.queues if queue.name == "gpu"]
            rates = (gpu.came_per_min, gpu.starts_per_min, gpu.ends_per_min)
            assert rates == (1, 1, 0)


async def test_a_worker_holds_in_the_past_what_ran_on_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [id_] = await engine.submit({**TRUE, "resources": {"cpu": 1, "memory_mb": 7}})
        await engine.running(id_)
        then = engine.desk.timeline.head
        now: Any = await engine.ask(ask.ListWorkers())
        await engine.ask(ask.SetWorker(name="local", drain=True))
        past: Any = await engine.ask(ask.ListWorkers(as_of=then))
        assert isinstance(past, WorkersView)
        [local], [was] = past.workers, now.workers
        assert (local.draining, local.slots_taken, local.taken) == (
            False,
            1,
            was.taken,
        )
        assert local.link is None
        assert past.now_at == await engine.desk.store.instant_of(then)


async def test_why_a_job_waited_is_what_was_told_of_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [held] = await engine.submit({**TRUE, "hold": True})
        then = engine.desk.timeline.head
        await engine.ask(ask.Release(targets=ask.Targets(ids=(held,))))
        found: Any = await engine.ask(ask.Explain(id=held, as_of=then))
        [gate] = found.gates
        assert (gate.kind, gate.ok, found.seq) == ("hold", False, then)
        reasons: Any = await engine.ask(ask.ListReasons(as_of=then))
        assert [(one.kind, one.count) for one in reasons.reasons] == [("hold", 1)]
        assert reasons.waiting == 1


async def test_of_queued_jobs_it_is_told_what_was_last_said(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SetQueue(name="gpu", limit=0))
        first, second = await engine.submit(*[{**TRUE, "queue": "gpu"}] * 2)
        event = await engine.until(EventType.JOB_BLOCKED)
        then = event.seq
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(first, second))))
        own: Any = await engine.ask(ask.Explain(id=first, as_of=then))
        assert own.gates[0].text == f"last said: {event.cause}"
        assert own.gates[0].kind.value == event.data["gate"]
        other: Any = await engine.ask(ask.Explain(id=second, as_of=then))
        assert other.gates[0].text == f"last said of #{first}, of its queue: {event.cause}"
        assert other.gates[0].holders == ()
        reasons: Any = await engine.ask(ask.ListReasons(as_of=then))
        assert [(one.text, one.count) for one in reasons.reasons] == [(own.gates[0].text, 2)]


async def test_an_instant_means_the_last_event_until_then(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(TRUE)
        await engine.running(job)  # nothing more happens
        head: Any = await engine.ask(ask.FindMoment())
        assert isinstance(head, MomentView)
        assert (head.seq, head.at) == (head.head, head.head_at)
        assert head.first_seq == 1
        found: Any = await engine.ask(ask.FindMoment(at=head.head_at))
        assert found.seq == head.head
        numbered: Any = await engine.ask(ask.FindMoment(seq=2))
        assert numbered.seq == 2
        assert await engine.desk.store.instant_of(Seq(2)) == numbered.at


async def test_a_moment_outside_the_log_is_refused_with_where_it_begins(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.submit(TRUE)
        head = engine.desk.timeline.head
        with pytest.raises(InvalidSpec, match=f"#{head + 9} has not happened: .* #{head}"):
            await engine.ask(ask.ListJobs(as_of=head + 9))
        with pytest.raises(InvalidSpec, match="the past begins with #1 at "):
            await engine.ask(ask.FindMoment(seq=0))
        with pytest.raises(InvalidSpec, match="1970-01-01T00:00:05Z is before what is known"):
            await engine.ask(ask.FindMoment(at=5_000_000))
        with pytest.raises(NotFound, match="no job #7777 as of #1"):
            await engine.ask(ask.ShowJob(id=JobId(7777), as_of=1))
