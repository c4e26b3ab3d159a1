"""What every store knows of flows: edges, runs, tasks, results, and what made them."""

import sqlite3
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.errors import StaleLease, StoreError
from engine.model.awaited import Awaited, awaited
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.spec import Constraints, Kind
from engine.model.states import FINAL, State
from engine.model.workflow import MET_BY, After, Edge, Flow, FlowKind, OnFailure, TaskResult
from engine.store.protocol import JobEdit, Written
from engine.store.sqlite.store import SqliteStore
from tests.engine.store.author import Author, move_of, new_of, spec_with, told
from tests.kit.build import NOW, a_job

OTHERS = (State.PENDING, State.QUEUED, State.RUNNING, State.RETRYING)


def waiting_for(*edges: Edge) -> Constraints:
    """Of a job that waits for these."""
    return Constraints(
        depends_on=tuple(edge.on for edge in edges if edge.after is After.SUCCESS),
        depends_otherwise=tuple(edge for edge in edges if edge.after is not After.SUCCESS),
    )


async def a_flow(author: Author, *tasks: str, name: str = "flow", **fields: Any) -> Flow:
    """A run and its tasks, queued, under ids in a row."""
    top = await author.store.reserve_ids(1 + len(tasks))
    flow = Flow(id=top, name=name, **({"root": top} | fields))
    whole = a_job(id=top, kind=Kind.COMPOSITE, state=State.QUEUED)
    jobs = [a_job(id=top + n, flow=top, task=task) for n, task in enumerate(tasks, 1)]
    unit = author.unit(
        told(top), new_jobs=[new_of(job) for job in (whole, *jobs)], flows=[(0, flow)]
    )
    assert isinstance(await author.write(unit), Written)
    return replace(flow, version=1)


edges = st.lists(st.tuples(st.sampled_from(After), st.sampled_from(State)), max_size=5)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(edges=edges)
async def test_dependencies_add_up_as_the_model_says(
    author: Author, edges: list[tuple[After, State]]
) -> None:
    before = [await author.submit(state=state) for _, state in edges]
    wanted = [Edge(job.id, after) for job, (after, _) in zip(before, edges, strict=True)]
    unmet = awaited(wanted, before).unmet
    job = await author.submit(
        state=State.PENDING, constraints=waiting_for(*wanted), now={"unmet": unmet}
    )
    found = await author.store.awaited([job.id])
    if not edges:
        assert found == {}
        return
    assert found == {job.id: awaited(wanted, before)}
    is_news = unmet > 0 and found[job.id].broken is not None
    heard = await author.store.settled_dependencies(1_000)
    assert (job.id in [one.id for one in heard]) is is_news


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(edges=edges, chance=st.randoms())
async def test_who_waits_hears_of_every_end_that_matters(
    author: Author, edges: list[tuple[After, State]], chance: Any
) -> None:
    before = [await author.submit() for _ in edges]
    wanted = [Edge(job.id, after) for job, (after, _) in zip(before, edges, strict=True)]
    job = await author.submit(
        state=State.PENDING, constraints=waiting_for(*wanted), now={"unmet": len(edges)}
    )
    moves = list(zip(before, edges, strict=True))
    chance.shuffle(moves)
    for one, (after, state) in moves:
        if state not in FINAL:
            continue
        await author.end(one, state)
        heard = [one.id for one in await author.store.settled_dependencies(1_000)]
        assert job.id in heard
        stands = (await author.store.awaited([job.id]))[job.id]
        if stands.broken is not None:
            assert state not in MET_BY[after]
            return
        job = await author.job(job.id)
        if stands.unmet != job.now.unmet:
            job = await author.move(job, unmet=stands.unmet)
            if not stands.unmet:
                return


async def test_the_table_of_ends_is_that_of_the_model(author: Author) -> None:
    assert isinstance(author.store, SqliteStore)

    def rows(db: sqlite3.Connection) -> set[tuple[str, str]]:
        return set(db.execute("SELECT after, state FROM met_by"))

    found = await author.store._look(rows)
    assert found == {(after, state) for after, states in MET_BY.items() for state in states}


async def test_an_edge_that_is_added_is_heard_of_if_it_has_ended(author: Author) -> None:
    good, bad = await author.submit(), await author.submit()
    await author.end(good)
    await author.end(bad, State.FAILED)
    slow = await author.submit()
    for on, after, is_broken in (
        (good, After.SUCCESS, False),
        (bad, After.SUCCESS, True),
        (bad, After.FAILURE, False),
    ):
        job = await author.submit(
            state=State.PENDING, constraints=waiting_for(Edge(slow.id)), now={"unmet": 1}
        )
        more = spec_with(job, constraints=waiting_for(Edge(slow.id), Edge(on.id, after)))
        edit = JobEdit(id=job.id, spec=more, shape=job.shape)
        unit = author.unit(told(job.id), moves=[move_of(job, unmet=2)], edits=[edit])
        assert isinstance(await author.write(unit), Written)
        assert job.id in [one.id for one in await author.store.settled_dependencies(99)]
        stands = (await author.store.awaited([job.id]))[job.id]
        assert (stands.total, stands.broken is not None) == (2, is_broken)


async def test_who_waits_again_hears_of_what_ended_before(author: Author) -> None:
    bad = await author.submit()
    job = await author.submit(
        state=State.PENDING, constraints=waiting_for(Edge(bad.id)), now={"unmet": 1}
    )
    bad = await author.end(bad, State.FAILED)
    job = await author.move(job, state=State.SKIPPED, ended_at=NOW)
    assert await author.store.settled_dependencies(9) == []
    job = await author.move(job, state=State.PENDING, ended_at=None, unmet=1)
    assert [one.id for one in await author.store.settled_dependencies(9)] == [job.id]


async def test_who_waits_again_together_with_what_it_waits_for_hears_nothing(
    author: Author,
) -> None:
    bad = await author.submit()
    job = await author.submit(
        state=State.PENDING, constraints=waiting_for(Edge(bad.id)), now={"unmet": 1}
    )
    bad = await author.end(bad, State.FAILED)
    job = await author.move(job, state=State.SKIPPED, ended_at=NOW)
    unit = author.unit(
        told(bad.id),
        told(job.id),
        moves=[
            move_of(job, state=State.PENDING, ended_at=None, unmet=1),
            move_of(bad, state=State.QUEUED, ended_at=None),
        ],
    )
    assert isinstance(await author.write(unit), Written)
    assert await author.store.settled_dependencies(9) == []
    await author.end(await author.job(bad.id))
    assert [one.id for one in await author.store.settled_dependencies(9)] == [job.id]


async def test_runs_are_numbered_by_name_and_read_from_the_newest(author: Author) -> None:
    assert await author.store.next_run("flow") == 1
    first = await a_flow(author, "a")
    other = await a_flow(author, "a", name="other")
    second = await a_flow(author, "a", run=2)
    inner = await a_flow(author, "x", name="flow", run=7, root=second.id)
    assert await author.store.next_run("flow") == 3
    assert await author.store.next_run("new") == 1
    runs = author.store.runs
    end = JobId(2**40)
    assert await runs(name=None, below=end, limit=9) == [second, other, first]
    assert await runs(name="flow", below=end, limit=9) == [second, first]
    assert await runs(name="flow", below=second.id, limit=9) == [first]
    assert await runs(name=None, below=end, limit=1) == [second]
    assert await author.store.flows_within(second.id) == [second, inner]
    assert await author.store.flow(inner.id) == inner
    assert await author.store.flow(JobId(999)) is None


async def test_flows_are_live_until_their_jobs_have_ended(author: Author) -> None:
    first, second = await a_flow(author, "a"), await a_flow(author, "a", run=2)
    assert await author.store.live_flows() == [first, second]
    await author.end(await author.job(first.id))
    assert await author.store.live_flows() == [second]


async def test_a_flow_keeps_all_that_it_says(author: Author) -> None:
    said: dict[str, Any] = {
        "kind": FlowKind.MAP,
        "on_failure": OnFailure.STOP,
        "params": {"p": [1, None, "x"]},
        "template": {"command": ["a"]},
        "items": "list",
        "limit": 3,
        "defaults": {"cpus": 2},
    }
    flow = await a_flow(author, "a", **said)
    assert await author.store.flow(flow.id) == flow


async def test_a_flow_is_changed_by_who_saw_it_last(author: Author) -> None:
    flow = await a_flow(author, "a")
    changed = author.unit(told(flow.id), flows=[(1, replace(flow, limit=9))])
    assert isinstance(await author.write(changed), Written)
    assert isinstance(await author.write(changed), StaleLease)
    assert await author.store.flow(flow.id) == replace(flow, limit=9, version=2)


async def test_tasks_are_paged_filtered_counted_and_found_by_name(author: Author) -> None:
    names = [f"t{n}" for n in range(7)]
    flow = await a_flow(author, *names)
    await a_flow(author, *names, run=2)
    store, top = author.store, flow.id
    await author.end(await author.job(JobId(top + 2)), State.FAILED)
    await author.end(await author.job(JobId(top + 5)), State.FAILED)
    first = await store.tasks(top, JobId(0), 3)
    assert [job.spec.task for job in first] == names[:3]
    assert [job.spec.task for job in await store.tasks(top, first[-1].id, 9)] == names[3:]
    failed = await store.tasks_in(top, [State.FAILED], JobId(0), 9)
    assert [job.spec.task for job in failed] == ["t1", "t4"]
    rest = await store.tasks_in(top, [State.FAILED, State.QUEUED], failed[0].id, 2)
    assert [job.spec.task for job in rest] == ["t2", "t3"]
    assert await store.task_number(top) == 7
    assert await store.task_ids(top, ["t3", "none", "t0"]) == {"t3": top + 4, "t0": top + 1}
    assert await store.array_counts([top]) == {top: {"queued": 5, "failed": 2}}
    assert await store.check() == []


async def test_counts_that_are_wrong_are_found(author: Author) -> None:
    assert isinstance(author.store, SqliteStore)
    flow = await a_flow(author, "a", "b")

    def spoil(db: sqlite3.Connection) -> None:
        db.execute("UPDATE array_counts SET number = 5 WHERE array = ?", (flow.id,))

    await author.store._transact(spoil)
    assert len(await author.store.check()) == 1


async def test_a_name_is_taken_once_in_a_flow(author: Author) -> None:
    flow = await a_flow(author, "a")
    again = a_job(id=await author.store.reserve_ids(1), flow=flow.id, task="a")
    with pytest.raises(StoreError, match=r"jobs\.task"):
        await author.write(author.submission(again))


async def test_what_tasks_say_comes_with_the_move_that_says_it(author: Author) -> None:
    job = await author.submit()

    def saying(seen: Job, text: bytes, attempt: str) -> Any:
        said = TaskResult(job=job.id, attempt=attempt, at=NOW, body=msgspec.Raw(text))
        return author.unit(told(job.id), moves=[move_of(seen, note=attempt)], results=[said])

    assert isinstance(await author.write(saying(job, b"1", "one")), Written)
    assert isinstance(await author.write(saying(job, b"2", "late")), StaleLease)
    found = await author.store.results([job.id, JobId(999)])
    assert [(one.attempt, bytes(one.body)) for one in found.values()] == [("one", b"1")]
    assert isinstance(
        await author.write(saying(await author.job(job.id), b"3", "two")), Written
    )
    found = await author.store.results([job.id])
    assert bytes(found[job.id].body) == b"3"


async def test_definitions_are_kept_once(author: Author) -> None:
    first = await a_flow(author, "a")
    for body in (b"{}", b"other"):
        unit = author.unit(
            told(first.id),
            flows=[((await author.store.flow(first.id)).version, first)],  # type: ignore[union-attr]
            definitions=[("digest", body)],
        )
        assert isinstance(await author.write(unit), Written)
    assert await author.store.definition("digest") == b"{}"
    assert await author.store.definition("none") is None


async def test_flows_of_open_batches_are_not_there_yet(author: Author) -> None:
    top = await author.store.reserve_ids(3)
    whole = a_job(id=top, kind=Kind.COMPOSITE, state=State.QUEUED)
    jobs = [a_job(id=top + n, flow=top, task=f"t{n}") for n in (1, 2)]
    await author.add_batch(whole, *jobs)
    assert await author.store.runs(name=None, below=JobId(2**40), limit=9) == []
    assert await author.store.live_flows() == []
    flow = Flow(id=top, name="flow", root=top)
    unit = author.unit(told(None, data={"first": top, "last": top + 2}), flows=[(0, flow)])
    await author.store.commit_batch(top, unit)
    assert [one.id for one in await author.store.live_flows()] == [top]
    assert await author.store.task_number(top) == 2
    assert await author.store.check() == []


def test_the_model_counts_what_is_not_met() -> None:
    jobs = [a_job(id=n, state=state) for n, state in enumerate(State, 1)]
    for after in After:
        found = awaited([Edge(job.id, after) for job in jobs], jobs)
        broken = sorted(job.id for job in jobs if job.now.state in FINAL - MET_BY[after])
        assert found.total == len(jobs)
        assert found.unmet == len(jobs) - len(MET_BY[after])
        assert (found.broken.id if found.broken else None) == (broken[0] if broken else None)
    assert awaited([], []) == Awaited()
