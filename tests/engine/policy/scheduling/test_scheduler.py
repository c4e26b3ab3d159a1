"""A round of the scheduler: within every limit, an answer for all, nobody forgotten."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.snapshot import Carried, Lane, Room, Snapshot
from engine.model.spec import Constraints
from engine.policy.readiness import first_closed_of_lane, is_grantable
from engine.policy.scheduling.decisions import Plan
from engine.policy.scheduling.placement import could_hold, fits, is_open
from engine.policy.scheduling.scheduler import after, schedule
from tests.engine.policy.strategies import snapshots
from tests.kit.build import a_job, a_queue, a_room, a_snapshot, a_worker


def ids(plan: Plan) -> list[int]:
    return [start.job.id for start in plan.starts]


def lane_of(snapshot: Snapshot, job: Job) -> Lane:
    [lane] = [lane for lane in snapshot.lanes if job in lane.jobs]
    return lane


@given(snapshots())
def test_nothing_is_ever_over_capacity(snapshot: Snapshot) -> None:
    then = after(snapshot, schedule(snapshot))
    for name, room in then.rooms.items():
        before = snapshot.rooms[name]
        if room == before:
            continue
        has = dict(room.worker.capacity.items())
        assert room.slots_taken <= room.worker.slots
        assert all(amount <= has.get(what, 0) for what, amount in room.taken.items())
        assert is_open(room.worker)


@given(snapshots())
def test_queues_and_groups_stay_within_their_limits(snapshot: Snapshot) -> None:
    plan = schedule(snapshot)
    then = after(snapshot, plan)
    for start in plan.starts:
        queue = snapshot.queues[start.lane.queue]
        assert queue.paused_by is None
        assert queue.limit is None or then.running_in_queue[queue.name] <= queue.limit
    for start in plan.starts:
        shape = lane_of(snapshot, start.job).shape
        if shape.group is not None:
            started = [lane_of(snapshot, one.job).shape for one in plan.starts]
            in_group = sum(one.group == shape.group for one in started)
            widest = max(one.group_limit for one in started if one.group == shape.group)
            assert snapshot.running_in_group["db"] + in_group <= widest


@given(snapshots())
def test_starts_are_allowed_where_they_are_put(snapshot: Snapshot) -> None:
    for start in schedule(snapshot).starts:
        worker = snapshot.rooms[start.worker].worker
        assert could_hold(lane_of(snapshot, start.job).shape, worker)
        assert is_grantable(start.job, snapshot.now_at)


@given(snapshots(), st.integers(0, 5))
def test_every_lane_has_an_answer_and_no_job_two(snapshot: Snapshot, most: int) -> None:
    plan = schedule(snapshot, most)
    started = ids(plan)
    assert len(started) == len(set(started)) <= most
    assert len({hold.lane for hold in plan.holds}) == len(plan.holds)
    holds = {hold.lane: hold.job for hold in plan.holds}
    for lane in snapshot.lanes:
        left = [job.id for job in lane.jobs if job.id not in started]
        assert holds.get(lane.key) == (left[0] if left else None)


@given(snapshots())
def test_nothing_that_could_start_is_left(snapshot: Snapshot) -> None:
    then = after(snapshot, schedule(snapshot))
    for lane in then.lanes if snapshot.granting else ():
        ready = any(is_grantable(job, then.now_at) for job in lane.jobs)
        room = any(
            is_open(room.worker)
            and could_hold(lane.shape, room.worker)
            and fits(lane.shape, room)
            for room in then.rooms.values()
        )
        assert not (ready and room and first_closed_of_lane(lane.key, lane.shape, then) is None)


@given(snapshots())
def test_the_same_snapshot_gives_the_same_plan(snapshot: Snapshot) -> None:
    assert schedule(snapshot) == schedule(snapshot)
    shuffled = replace(snapshot, lanes=list(reversed(snapshot.lanes)))
    assert ids(schedule(shuffled)) == ids(schedule(snapshot))


@given(snapshots())
def test_a_round_leaves_its_snapshot_alone(snapshot: Snapshot) -> None:
    before = repr(snapshot)
    schedule(snapshot)
    assert repr(snapshot) == before


@given(snapshots(), st.integers(1, 3))
def test_small_rounds_grant_what_a_large_one_does(snapshot: Snapshot, most: int) -> None:
    whole = ids(schedule(snapshot))
    pieces: list[int] = []
    while (plan := schedule(snapshot, most)).starts:
        pieces += ids(plan)
        snapshot = after(snapshot, plan)
    assert pieces == whole


@given(snapshots())
def test_jobs_of_one_lane_start_first_come_first_served(snapshot: Snapshot) -> None:
    by_lane: dict[object, list[int]] = {}
    for start in schedule(snapshot).starts:
        by_lane.setdefault(start.lane, []).append(start.job.id)
    assert all(started == sorted(started) for started in by_lane.values())


def backlog(*, each: int, cores: float = 1000, **fields: Any) -> Snapshot:
    jobs = [a_job(priority=p, **fields) for _ in range(each) for p in Priority]
    big = a_worker(cpu=cores, slots=10_000)
    return a_snapshot(*jobs, workers=[big])


def test_shares_are_exact_and_interleaved_while_all_classes_wait() -> None:
    run = [start.lane.priority for start in schedule(backlog(each=200), 300).starts]
    for first in range(200):
        counts = Counter(run[first : first + 100])
        assert [counts[level] for level in Priority] == [50, 30, 15, 5]
    assert not any(a == b == c for a, b, c in zip(run, run[1:], run[2:], strict=False))


def test_shares_are_exact_when_one_job_at_a_time_fits() -> None:
    snapshot = backlog(each=110, cores=1)
    run = []
    for _ in range(200):
        plan = schedule(snapshot)
        [start] = plan.starts
        run.append(start.lane.priority)
        freed = {"local": Room(snapshot.rooms["local"].worker)}
        snapshot = replace(after(snapshot, plan), rooms=freed, running_in_queue={})
    counts = Counter(run[100:])
    assert [counts[level] for level in Priority] == [50, 30, 15, 5]


def test_every_ready_class_gets_its_grant_within_a_bound() -> None:
    """However small its share: between two grants of a class lie at most 100 / share others."""
    run = [start.lane.priority for start in schedule(backlog(each=200), 300).starts]
    for level, share in zip(Priority, (50, 30, 15, 5), strict=True):
        places = [place for place, priority in enumerate(run) if priority is level]
        assert max(after_ - before for before, after_ in pairwise(places)) <= 100 // share + 3


def test_a_class_that_comes_and_goes_does_not_starve_another() -> None:
    """Urgent jobs that arrive one by one take their share, not every turn."""
    waiting = [a_job(priority=Priority.LOW) for _ in range(40)]
    snapshot = a_snapshot(*waiting, cores=1)
    lows = 0
    for round_ in range(100):
        if round_ % 2 == 0:
            urgent = a_snapshot(a_job(priority=Priority.CRITICAL)).lanes
            snapshot = replace(snapshot, lanes=[*snapshot.lanes, *urgent])
        plan = schedule(snapshot, 1)
        lows += sum(start.lane.priority is Priority.LOW for start in plan.starts)
        freed = {"local": Room(snapshot.rooms["local"].worker)}
        snapshot = replace(after(snapshot, plan), rooms=freed)
    assert lows >= 100 * 5 // 100


def test_tenants_take_even_turns_however_much_they_submit() -> None:
    greedy = [a_job(tenant="greedy") for _ in range(50)]
    modest = [a_job(tenant="modest") for _ in range(5)]
    run = [
        start.lane.tenant for start in schedule(a_snapshot(*greedy, *modest, cores=8)).starts
    ]
    assert Counter(run) == {"greedy": 4, "modest": 4}


def test_queues_get_grants_by_weight() -> None:
    jobs = [a_job(queue=queue) for _ in range(30) for queue in ("heavy", "light")]
    queues = [a_queue("heavy", weight=3), a_queue("light", weight=1)]
    worker = a_worker(cpu=100, slots=100)
    plan = schedule(a_snapshot(*jobs, queues=queues, workers=[worker]), 20)
    assert Counter(start.lane.queue for start in plan.starts) == {"heavy": 15, "light": 5}


def test_a_blocked_shape_hides_no_other() -> None:
    large, small = a_job(cpu=4), a_job(cpu=1)
    snapshot = a_snapshot(
        large, small, rooms={"local": a_room(a_worker(cpu=4), cpu_milli=1000)}
    )
    plan = schedule(snapshot)
    assert ids(plan) == [small.id]
    [hold] = plan.holds
    assert (hold.job, hold.kind) == (large.id, GateKind.FIT)


def test_lanes_of_one_class_are_served_by_sequence() -> None:
    jobs = [a_job(cpu=(1, 2)[place % 2]) for place in range(6)]
    assert ids(schedule(a_snapshot(*jobs, cores=100))) == [job.id for job in jobs][:8]


def test_the_last_place_of_a_queue_goes_to_the_class_that_is_owed_it() -> None:
    low, urgent = a_job(priority=Priority.LOW), a_job(priority=Priority.CRITICAL)
    plan = schedule(a_snapshot(low, urgent, queues=[a_queue(limit=1)]))
    assert ids(plan) == [urgent.id]
    [hold] = plan.holds
    assert hold.kind is GateKind.QUEUE_LIMIT


def test_a_group_is_limited_across_queues() -> None:
    rules = Constraints(concurrency_group="db", max_concurrent_in_group=1)
    first, second = (a_job(queue=q, constraints=rules) for q in ("a", "b"))
    plan = schedule(a_snapshot(first, second))
    assert ids(plan) == [first.id]
    assert [hold.kind for hold in plan.holds] == [GateKind.GROUP]


def test_the_end_of_a_round_is_not_a_reason_of_the_jobs() -> None:
    jobs = [a_job() for _ in range(3)]
    plan = schedule(a_snapshot(*jobs), 2)
    assert len(plan.starts) == 2
    assert [hold.kind for hold in plan.holds] == [GateKind.TURN]


@pytest.mark.parametrize(
    "now", [{"held_by": "ana"}, {"cancel_at": 1}, {"attempt": "9-1-1", "worker": "local"}]
)
def test_a_job_that_may_not_start_is_passed_and_explained(now: dict[str, object]) -> None:
    stuck, ready = a_job(now=now), a_job()
    plan = schedule(a_snapshot(stuck, ready))
    assert ids(plan) == [ready.id]
    [hold] = plan.holds
    assert hold.job == stuck.id
    assert hold.kind in (GateKind.HOLD, GateKind.CANCEL, GateKind.STATE)


def test_an_engine_that_does_not_grant_says_so() -> None:
    plan = schedule(a_snapshot(a_job(), granting=False, not_granting_why="the disk is full"))
    assert not plan.starts
    [hold] = plan.holds
    assert hold.kind is GateKind.DAEMON


def test_what_is_taken_is_spread_over_workers() -> None:
    jobs = [a_job() for _ in range(4)]
    workers = [a_worker(name, cpu=4) for name in ("w1", "w2")]
    plan = schedule(a_snapshot(*jobs, workers=workers))
    assert [start.worker for start in plan.starts] == ["w1", "w2", "w1", "w2"]


def test_an_empty_snapshot_gives_an_empty_plan() -> None:
    assert schedule(a_snapshot()) == Plan((), (), Carried())
