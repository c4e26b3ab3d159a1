"""Whole situations for properties: jobs, queues, workers, usage, as hypothesis draws them."""

from typing import Any

from hypothesis import strategies as st

from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.resources import Resources
from engine.model.snapshot import Room, Snapshot
from engine.model.spec import Constraints
from engine.model.worker import BreakerState, Health, Queue, Worker
from tests.kit.build import NOW, SECOND, a_job, a_snapshot

QUEUES = ("default", "nightly")
TENANTS = ("ana", "bo", "cy")
WORKERS = ("local", "w1", "w2")

resources = st.builds(
    Resources,
    cpu_milli=st.sampled_from([0, 500, 1000, 2000, 4000, 64_000]),
    memory_mb=st.sampled_from([0, 0, 100, 3000]),
    custom=st.sampled_from([(), (), (("licence", 1),)]),
)

constraints = st.builds(
    Constraints,
    required_workers=st.sampled_from([(), (), ("w1",), ("gone",)]),
    excluded_workers=st.sampled_from([(), (), ("local",)]),
    required_labels=st.sampled_from([(), (), ("big",)]),
    concurrency_group=st.sampled_from([None, None, "db"]),
    max_concurrent_in_group=st.integers(1, 2),
    deadline_at=st.sampled_from([None, None, None, NOW - SECOND, NOW + SECOND]),
)

jobs = st.builds(
    a_job,
    queue=st.sampled_from(QUEUES),
    tenant=st.sampled_from(TENANTS),
    priority=st.sampled_from(Priority),
    resources=resources,
    constraints=constraints,
)


BREAKERS: list[dict[str, Any]] = [
    *[{}] * 5,
    {"breaker": BreakerState.OPEN, "permits": 0},
    {"breaker": BreakerState.HALF_OPEN, "permits": 0},
    {"breaker": BreakerState.HALF_OPEN, "permits": 1},
    {"breaker": BreakerState.HALF_OPEN, "permits": 3},
]
"""In what condition the breaker of a worker can be."""


@st.composite
def rooms(draw: st.DrawFn, name: str) -> Room:
    """A worker in any condition, perhaps with something on it."""
    worker = Worker(
        name=name,
        labels=draw(st.sampled_from([(), ("big",)])),
        capacity=Resources(
            cpu_milli=draw(st.sampled_from([1000, 3000, 8000])),
            memory_mb=draw(st.sampled_from([500, 8000])),
            custom=draw(st.sampled_from([(), (("licence", 2),)])),
        ),
        slots=draw(st.integers(0, 6)),
        health=draw(st.sampled_from([Health.HEALTHY, Health.HEALTHY, Health.DOWN])),
        draining=draw(st.sampled_from([False, False, True])),
        quarantined=draw(st.sampled_from(["", "", "", "it fails everything"])),
        **draw(st.sampled_from(BREAKERS)),
    )
    taken = {"cpu_milli": draw(st.sampled_from([0, 1000]))}
    return Room(worker, taken, draw(st.integers(0, 2)))


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Anything that could be, up to twenty jobs and three workers."""
    waiting: list[Job] = draw(st.lists(jobs, max_size=20))
    queues = [
        Queue(
            name=name,
            limit=draw(st.sampled_from([None, None, 1, 3])),
            weight=draw(st.integers(1, 3)),
            paused_by=draw(st.sampled_from([None, None, None, "ana"])),
        )
        for name in QUEUES
    ]
    names = draw(st.lists(st.sampled_from(WORKERS), unique=True))
    return a_snapshot(
        *waiting,
        queues=queues,
        rooms={name: draw(rooms(name)) for name in names},
        running_in_queue={"default": draw(st.integers(0, 2))},
        running_in_group={"db": draw(st.integers(0, 1))},
        granting=draw(st.sampled_from([True, True, True, False])),
    )
