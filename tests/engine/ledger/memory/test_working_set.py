"""The working set is a cache: after any history it is what the store would give afresh."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.backends.protocol import HostState
from engine.control import messages as ask
from engine.errors import Refused, StaleLease
from engine.ledger.memory.working_set import WorkingSet
from engine.model.ids import Epoch, JobId
from engine.model.resources import Resources
from engine.model.worker import Worker
from tests.kit.engine import Engine, FakeBackend, an_engine

TARGETS = st.lists(st.integers(1, 12), min_size=1, max_size=6).map(
    lambda ids: ask.Targets(ids=tuple(ids))
)
ALL = ask.Targets(where="id>0")
JOBS = st.fixed_dictionaries(
    {"argv": st.just(["true"])},
    optional={
        "priority": st.sampled_from(["critical", "low"]),
        "queue": st.sampled_from(["default", "night"]),
        "tenant": st.just("lab"),
        "cpu": st.sampled_from([1, 2]),
        "hold": st.just(True),
        "max_attempts": st.just(3),
        "retry_backoff_ms": st.just(1),
        "concurrency_group": st.just("g"),
        "goal": st.just("win"),
        "namespace": st.just("x"),
    },
)
ACTS = st.one_of(
    st.lists(JOBS, min_size=1, max_size=5).map(lambda jobs: ask.Submit(jobs=tuple(jobs))),
    st.lists(JOBS, min_size=1, max_size=3).map(
        lambda jobs: ask.Submit(jobs=tuple(dict(one) for one in jobs) * 40)
    ),
    st.builds(ask.SubmitArray, job=JOBS, values=st.just(("1-3",)), limit=st.just(2)),
    st.builds(ask.Cancel, targets=TARGETS, undo_ms=st.sampled_from([0, 0, 60_000])),
    st.builds(ask.Uncancel, targets=TARGETS),
    st.builds(ask.Hold, targets=st.one_of(TARGETS, st.just(ALL))),
    st.builds(ask.Release, targets=st.one_of(TARGETS, st.just(ALL))),
    st.builds(
        ask.SetPriority,
        targets=st.one_of(TARGETS, st.just(ALL)),
        to=st.sampled_from(["critical", "high", "low"]),
    ),
    st.builds(ask.Retry, targets=TARGETS),
    st.builds(
        ask.SetQueue,
        name=st.sampled_from(["default", "night"]),
        pause=st.booleans(),
        limit=st.sampled_from([None, 0, 2]),
    ),
    st.tuples(st.just("end"), st.integers(0, 3), st.sampled_from([0, 1, "lost", "void"])),
)
HISTORIES = st.lists(st.lists(ACTS, min_size=1, max_size=6), min_size=1, max_size=6)
"""Acts of one inner list are done at the same time."""

TWO: dict[str, Any] = {"argv": ["true"]}
RACE = [
    [ask.Submit(jobs=(TWO,) * 90)],
    [ask.SetPriority(targets=ALL, to="high"), ("end", 0, 0), ("end", 1, 0), ("end", 2, 0)],
    [ask.SetPriority(targets=ALL, to="low"), ("end", 0, 0), ("end", 1, 0), ("end", 2, 0)],
]


async def do(engine: Engine, act: Any) -> None:
    """One act, refused or not."""
    if isinstance(act, tuple):
        running = sorted(engine.desk.working_set.live.by_attempt)
        if running:
            end(engine.host, running[act[1] % len(running)], act[2])
        return
    try:
        await engine.ask(act)
    except (Refused, StaleLease):
        return


def end(host: FakeBackend, attempt: Any, how: Any) -> None:
    if attempt not in host.orders:
        return
    state = {"lost": HostState.LOST, "void": HostState.VOID}.get(how, HostState.EXITED)
    host.end(attempt, how if isinstance(how, int) else None, state=state)


async def live(engine: Engine, history: list[list[Any]]) -> None:
    for together in history:
        async with asyncio.TaskGroup() as tasks:
            for act in together:
                tasks.create_task(do(engine, act))


async def picture(engine: Engine, of: WorkingSet) -> Mapping[str, Any]:
    """All that a working set knows, in a form that can be compared."""
    store = engine.desk.store
    keys = {key for key, window in of.lanes.windows.items() if window.jobs}
    waiting = {key: await store.lane(key, JobId(0), 10_000) for key in await store.lanes()}
    lanes = {}
    for key in keys | waiting.keys():
        window = of.lanes.windows.get(key)
        if window is None:  # committed, and not absorbed yet
            lanes[key] = []
            continue
        rest = [] if window.complete else [j for j in waiting[key] if j.id > window.cursor]
        lanes[key] = [*window.jobs, *rest]
    rooms = {name: of.usage.room(worker) for name, worker in of.workers.items()}
    return {
        "lanes": lanes,
        "waiting": waiting,
        "counters": +Counter(of.counters._numbers),
        "zeros": [key for key, number in of.counters._numbers.items() if number < 0],
        "live": {id_: (one.attempt, one.job) for id_, one in of.live.by_attempt.items()},
        "by_job": {job: one.attempt.id for job, one in of.live.by_job.items()},
        "claims": dict(of.usage._claims),
        "taken": {name: +Counter(room.taken) for name, room in rooms.items()},
        "slots": {name: room.slots_taken for name, room in rooms.items()},
        "in_queue": +of.usage.in_queue,
        "in_group": +of.usage.in_group,
        "queues": of.queues,
        "workers": {name: replace(one, seen_at=None) for name, one in of.workers.items()},
        "depths": +of.backlog.depths,
        "waits": +of.backlog.waiting,
        "in_array": +of.usage.in_array,
        "tenants": of.usage.of_tenant,
        "namespaces": of.usage.of_namespace,
        "arrays": of.arrays,
        "stopped": set(of._stopped),
        "goals": {goal: sorted(jobs) for goal, jobs in of.goals.holders.items()},
        "goal_priorities": dict(of.goals.priorities),
        "holders": {holder.attempt: holder for holder in of.holders()},
    }


async def differences(engine: Engine) -> list[str]:
    """What is not as a fresh look at the store gives it; once everything is at rest."""
    await engine.desk.ledger.writer.post(lambda: None)
    ours = engine.desk.working_set
    fresh = WorkingSet(ours.epoch)
    await fresh.load(engine.desk.store)
    one, other = await picture(engine, ours), await picture(engine, fresh)
    found = [
        f"{name}:\n  {one[name]}\n  {other[name]}" for name in one if one[name] != other[name]
    ]
    if one["lanes"] != one["waiting"]:
        found.append(f"lanes against the store:\n  {one['lanes']}\n  {one['waiting']}")
    unheard = [
        id_
        for id_, attempt in ours.live.by_attempt.items()
        if engine.host.reports.get(id_) is None or attempt.attempt.phase == "intent"
    ]
    return found + [f"never started: {id_}" for id_ in unheard]


async def comes_to_rest_without_differences(engine: Engine) -> None:
    found: list[str] = []
    try:
        async with asyncio.timeout(60):
            while found := await differences(engine):
                continue
    except TimeoutError:
        raise AssertionError("\n".join(found)) from None


@settings(max_examples=40, deadline=None)
@example(RACE)
@given(HISTORIES)
def test_it_equals_one_that_is_freshly_loaded(history: list[list[Any]]) -> None:
    async def run(folder: Path) -> None:
        host = FakeBackend()
        async with an_engine(folder, host) as engine:
            await live(engine, history)
            await comes_to_rest_without_differences(engine)
        async with an_engine(folder, host) as engine:
            await comes_to_rest_without_differences(engine)
            await live(engine, history)
            await comes_to_rest_without_differences(engine)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))


def test_a_worker_has_room_for_what_it_takes_ahead() -> None:
    known, places = WorkingSet(Epoch(1)), Resources(custom=(("tool_io", 8),))
    known.workers["tools"] = Worker(name="tools", capacity=places, slots=8)
    assert known.room("tools", 0).worker.slots == 8
    known.ahead = {"tools": {"tool_io": (8, 24)}}
    wide = known.room("tools", 0).worker
    assert (wide.slots, wide.capacity.custom) == (32, (("tool_io", 32),))
    assert known.workers["tools"].slots == 8
