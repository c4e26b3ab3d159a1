"""Why not: reasons that are true, that the planner shares, and remedies that remove them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as with_fields

from engine.model.job import Job
from engine.model.reasons import Gate, GateKind
from engine.model.worker import BreakerState, Health, Worker
from engine.policy.scheduling.placement import could_hold, is_open
from engine.policy.scheduling.scheduler import after, schedule
from engine.policy.shapes import shape_of
from engine.policy.why.supposing import with_worker
from tests.engine.policy import oracle
from tests.engine.policy.situations import Situation, applied, crowds, situations

STEPS: Mapping[GateKind, int] = {GateKind.DEPENDENCIES: 2, GateKind.QUOTA: 4}
"""Remedies that may have to follow each other; of all others the first is enough."""

anything = st.one_of(situations(), crowds())

thorough = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def closed(gates: tuple[Gate, ...]) -> list[GateKind]:
    return [gate.kind for gate in gates if not gate.ok]


def gate_of(kind: GateKind, job: Job, at: Situation) -> Gate:
    return next(gate for gate in at.why(job) if gate.kind is kind)


@thorough
@given(anything)
def test_every_job_that_waits_has_a_reason_and_every_gate_is_true(at: Situation) -> None:
    for job in at.waiting:
        gates = at.why(job)
        assert closed(gates)
        for gate in gates:
            if gate.kind not in oracle.UNKNOWN:
                assert gate.ok is not oracle.closed(gate.kind, job, at), gate


@thorough
@given(anything)
def test_the_planner_starts_just_those_with_nothing_in_their_way(at: Situation) -> None:
    """One grant at a time: whom it starts has no closed gate, and when it starts nobody,
    then everybody has one, and it holds the heads for the first of theirs.
    """
    while (plan := schedule(at.snapshot, 1)).starts:
        [start] = plan.starts
        assert closed(at.why(start.job)) == [GateKind.TURN]
        at = replace(
            at,
            snapshot=after(at.snapshot, plan),
            waiting=[job for job in at.waiting if job.id != start.job.id],
        )
    at = replace(at, snapshot=after(at.snapshot, plan))
    jobs = {job.id: job for job in at.waiting}
    for hold in plan.holds:
        assert closed(at.why(jobs[hold.job]))[0] is hold.kind
    assert {hold.lane for hold in plan.holds} == {lane.key for lane in at.snapshot.lanes}
    for job in at.waiting:
        assert GateKind.TURN not in closed(at.why(job))


@thorough
@given(anything)
def test_a_remedy_that_is_applied_opens_its_gate(at: Situation) -> None:
    for job in at.waiting:
        for gate in at.why(job):
            if not gate.ok:
                _must_open(gate, job, at)


def _must_open(gate: Gate, job: Job, at: Situation) -> None:
    kind = gate.kind
    for _ in range(STEPS.get(kind, 1)):
        if gate.act is None:
            break
        job, at = (
            _moved_past(gate, job, at) if kind is GateKind.LANE else applied(gate.act, job, at)
        )
        gate = gate_of(kind, job, at)
        if gate.ok:
            return
    assert gate.act is None, f"{gate.remedy} leaves it closed: {gate.text}"
    WITHOUT_ACT[kind](gate, job, at)


def _moved_past(gate: Gate, job: Job, at: Situation) -> tuple[Job, Situation]:
    """Into another lane; or, where none is free, what helps the head is what helps."""
    assert gate.act is not None
    if gate.act.act == "priority":
        return applied(gate.act, job, at)
    lane = at.lane(job)
    assert lane is not None
    first = next(one for one in at.why(lane.jobs[0]) if not one.ok)
    assert gate.act == first.act
    return lane.jobs[0], at


def _opens_in_time(gate: Gate, job: Job, at: Situation) -> None:
    assert gate.next_change_at is not None
    late = replace(at, snapshot=replace(at.snapshot, now_at=gate.next_change_at))
    assert gate_of(gate.kind, job, late).ok
    early = replace(at, snapshot=replace(at.snapshot, now_at=gate.next_change_at - 1))
    assert not gate_of(gate.kind, job, early).ok


def _opens_with_the_engine(gate: Gate, job: Job, at: Situation) -> None:
    assert gate.remedy == "crabtui doctor"
    assert gate_of(gate.kind, job, replace(at, snapshot=replace(at.snapshot, granting=True))).ok


def _opens_when_a_worker_recovers(gate: Gate, job: Job, at: Situation) -> None:
    assert gate.remedy == "crabtui workers"
    shape, rules = shape_of(job.spec), at.snapshot.rules
    fleet = [room.worker for room in at.snapshot.rooms.values()]
    able = [one for one in fleet if could_hold(shape, one, rules)]
    assert not any(is_open(with_fields(one, **each)) for one in able for each in SINGLE)
    well = Worker(name=able[0].name)
    changes = {name: getattr(well, name) for each in SINGLE for name in each}
    well = with_fields(able[0], health=Health.HEALTHY, **changes)
    assert gate_of(gate.kind, job, replace(at, snapshot=with_worker(at.snapshot, well))).ok


SINGLE: tuple[dict[str, Any], ...] = (
    {"draining": False},
    {"quarantined": ""},
    {"breaker": BreakerState.CLOSED, "permits": None},
)
"""What one command changes of a worker."""


def _opens_with_more_than_one_act(gate: Gate, job: Job, at: Situation) -> None:
    """Full, and without a permit besides: neither a reset nor an end alone is enough."""
    assert gate.remedy == "crabtui workers"
    snapshot = at.snapshot
    tried = [room.worker for room in snapshot.rooms.values() if room.worker.permits == 0]
    assert tried
    for worker in tried:
        reset = with_fields(worker, breaker=BreakerState.CLOSED, permits=None)
        snapshot = with_worker(snapshot, reset)
    found = gate_of(gate.kind, job, replace(at, snapshot=snapshot))
    assert found.ok or found.act is not None


def _opens_with_a_larger_worker(gate: Gate, job: Job, at: Situation) -> None:
    assert gate.remedy == "crabtui workers"
    needs, rules = job.spec.resources, job.spec.constraints
    like = Worker(
        name=(rules.required_workers or ("new",))[0],
        backend=(rules.required_backends or ("local",))[0],
        labels=(*rules.required_labels, f"region={at.snapshot.rules.region}"),
        capacity=with_fields(needs, gpu=max(needs.gpu, 1), gpu_type=needs.gpu_type),
    )
    unwanted = set(rules.required_labels) & set(rules.excluded_labels)
    if unwanted or (rules.locality == "local" and like.backend != "local"):
        return  # it contradicts itself
    assert gate_of(gate.kind, job, replace(at, snapshot=with_worker(at.snapshot, like))).ok


def _is_for_the_operator(gate: Gate, job: Job, at: Situation) -> None:
    assert gate.remedy == "crabtui tenants"


def _is_the_heads(gate: Gate, job: Job, at: Situation) -> None:
    lane = at.lane(job)
    assert lane is not None
    first = next(one for one in at.why(lane.jobs[0]) if not one.ok)
    assert first.act is None


def _starts_next(gate: Gate, job: Job, at: Situation) -> None:
    assert closed(at.why(job)) == [GateKind.TURN]


WITHOUT_ACT = {
    GateKind.RATE: _opens_in_time,
    GateKind.DAEMON: _opens_with_the_engine,
    GateKind.WORKER: _opens_when_a_worker_recovers,
    GateKind.FIT: _opens_with_more_than_one_act,
    GateKind.UNSATISFIABLE: _opens_with_a_larger_worker,
    GateKind.QUOTA: _is_for_the_operator,
    GateKind.LANE: _is_the_heads,
    GateKind.TURN: _starts_next,
}
"""What opens a gate that no command of ours does."""
