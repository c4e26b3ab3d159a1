"""Edits of jobs that are in no window: they take effect as if they had been in one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.control import messages as ask
from engine.ledger.memory import lanes
from engine.ledger.memory.lanes import lane_of
from engine.loops import dispatch
from engine.model.events import EventType
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.model.snapshot import LaneKey
from tests.engine.loops.test_dispatch import turns, when
from tests.kit.engine import Engine, FakeBackend, an_engine

SMALL = 3
"""Jobs of a lane in memory, where most are outside."""

JOBS = 14
TRUE: dict[str, Any] = {"argv": ["true"]}

EDITS = st.fixed_dictionaries(
    {},
    optional={
        "priority": st.sampled_from(["critical", "high", "normal", "low"]),
        "queue": st.sampled_from(["default", "other"]),
        "cpus": st.sampled_from([0.5, 1, 2]),
        "tags": st.lists(st.sampled_from(["a", "b"]), max_size=2),
        "name": st.sampled_from(["x", "y"]),
    },
).filter(bool)

Edits = Sequence[tuple[int, Mapping[str, Any]]]


def images(jobs: Sequence[Job]) -> list[tuple[Any, ...]]:
    """What of jobs an edit can change, and where they stand."""
    return [
        (job.id, replace(job.spec, trace_id=""), job.shape, job.now.state, lane_of(job))
        for job in jobs
    ]


async def grants(engine: Engine) -> list[JobId]:
    events = await engine.desk.store.events(Seq(0), 10_000)
    return [e.job for e in events if e.type is EventType.ATTEMPT_INTENT and e.job is not None]


async def run(folder: Path, edits: Edits) -> tuple[Any, Any, Any]:
    """The jobs after the edits, in which order each lane is granted, and who is first."""
    async with an_engine(folder, FakeBackend(cpus=2)) as engine:
        known = engine.desk.working_set
        for queue in ("default", "other"):
            await engine.ask(ask.SetQueue(name=queue, pause=True, limit=1))
        await engine.submit(*[TRUE] * JOBS)
        for place, changes in edits:
            one = ask.Targets(ids=(1 + place,))
            done: Any = await engine.ask(ask.Edit(targets=one, changes=dict(changes)))
            assert done.results[0].ok
        await turns(50)
        stored = await engine.desk.store.jobs([JobId(n) for n in range(1, JOBS + 1)])
        lane = {job.id: lane_of(job) for job in stored}
        engine.host.ends_at_once = 0
        for queue in ("default", "other"):
            await engine.ask(ask.SetQueue(name=queue, pause=False))
        await when(lambda: known.counters.in_state("succeeded") == JOBS)
        order = await grants(engine)
    by_lane: dict[LaneKey, list[JobId]] = defaultdict(list)
    for job in order:
        by_lane[lane[job]].append(job)
    return images(stored), dict(by_lane), sorted(order)


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(edits=st.lists(st.tuples(st.integers(0, JOBS - 1), EDITS), min_size=1, max_size=5))
async def test_an_edit_outside_every_window_is_as_one_inside(
    tmp_path_factory: pytest.TempPathFactory, edits: Edits
) -> None:
    inside = await run(tmp_path_factory.mktemp("inside"), edits)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lanes, "WINDOW", SMALL)
        patched.setattr(lanes, "LOW_WATER", 1)
        patched.setattr(dispatch, "WINDOW", SMALL)
        outside = await run(tmp_path_factory.mktemp("outside"), edits)
    assert outside == inside
    assert outside[2] == list(range(1, JOBS + 1))


async def test_most_jobs_are_outside_where_windows_are_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the property would say nothing."""
    monkeypatch.setattr(lanes, "WINDOW", SMALL)
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SetQueue(name="default", pause=True))
        await engine.submit(*[TRUE] * JOBS)
        assert engine.desk.working_set.lanes.resident == SMALL
