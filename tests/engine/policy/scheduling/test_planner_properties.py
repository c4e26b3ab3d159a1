"""The whole planner over many rounds: fair, bounded, and never over capacity."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.limits import Timeouts
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.resources import Resources
from engine.model.rules import Ageing, Mode, Rate, Rules, TenantRules
from engine.model.snapshot import Carried, Room, Snapshot
from engine.model.spec import Constraints
from engine.model.worker import Worker
from engine.policy.scheduling.placement import devices, room_without
from engine.policy.scheduling.scheduler import after, schedule
from tests.kit.build import NOW, SECOND, a_job, a_queue, a_snapshot, a_worker, lanes_of


def emptied(snapshot: Snapshot) -> Snapshot:
    """The same after everything that ran has ended."""
    return replace(
        snapshot,
        rooms={name: Room(room.worker) for name, room in snapshot.rooms.items()},
        tenants={},
        namespaces={},
        running_in_queue={},
        running_in_group={},
        holders=(),
    )


def test_devices_are_given_once_and_by_type() -> None:
    worker = a_worker(
        capacity=Resources(cpu_milli=9000, gpu=4), gpu_types=("A100", "T4", "A100", "T4")
    )
    big = a_job(resources=Resources(gpu=2, gpu_type="A100"))
    small, late = (
        a_job(resources=Resources(gpu=1)),
        a_job(resources=Resources(gpu=1, gpu_type="A100")),
    )
    plan = schedule(a_snapshot(big, small, late, workers=[worker]))
    assert [start.gpus for start in plan.starts] == [(0, 2), (1,)]
    assert [(hold.job, hold.kind) for hold in plan.holds] == [(late.id, GateKind.FIT)]
    assert devices(worker, "T4") == 0b1010


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([None, "A", "B"])), max_size=12))
def test_no_device_is_shared(asked: list[tuple[int, str | None]]) -> None:
    worker = a_worker(capacity=Resources(cpu_milli=9000, gpu=5), gpu_types=("A", "B", "A"))
    jobs = [
        a_job(resources=Resources(gpu=number, gpu_type=kind if number else None))
        for number, kind in asked
    ]
    plan = schedule(a_snapshot(*jobs, workers=[worker]))
    used = [gpu for start in plan.starts for gpu in start.gpus]
    assert len(used) == len(set(used))
    for start in plan.starts:
        wanted = start.job.spec.resources
        assert len(start.gpus) == wanted.gpu
        has = devices(worker, wanted.gpu_type)
        assert all(has >> gpu & 1 for gpu in start.gpus)


def test_tokens_are_taken_and_the_round_says_when_to_look_again() -> None:
    rate = Rate(tokens=1, per_ms=1000, burst=2)
    jobs = [a_job() for _ in range(5)]
    plan = schedule(a_snapshot(*jobs, queues=[a_queue(starts=rate)]))
    assert len(plan.starts) == 2
    assert [hold.kind for hold in plan.holds] == [GateKind.RATE]
    assert plan.look_again_at == NOW + SECOND


def test_low_jobs_of_a_deep_backlog_go_last_and_still_go() -> None:
    low = [a_job(priority=Priority.LOW) for _ in range(2)]
    high = [a_job(priority=Priority.HIGH) for _ in range(3)]
    plan = schedule(a_snapshot(*low, *high, modes={"": Mode.HIGH}))
    assert [start.job.id for start in plan.starts] == [job.id for job in [*high, low[0]]]


def test_one_job_has_the_lock_of_a_goal_and_its_holder_is_found_behind_others() -> None:
    jobs = [a_job(constraints=Constraints(goal="g")) for _ in range(3)]
    plan = schedule(a_snapshot(*jobs))
    assert [start.job.id for start in plan.starts] == [jobs[0].id]
    assert [hold.kind for hold in plan.holds] == [GateKind.GOAL]
    held = a_snapshot(*jobs, goals={"g": (jobs[2].id,)})
    assert [start.job.id for start in schedule(held).starts] == [jobs[2].id]


def test_a_job_ages_into_a_higher_class_and_it_is_told_once() -> None:
    rules = Rules(ageing=Ageing.LINEAR, ageing_period_ms=1000)
    old = a_job(priority=Priority.LOW, now={"queued_at": NOW - 3 * SECOND})
    other = a_job(priority=Priority.CRITICAL)
    snapshot = a_snapshot(old, other, rules=rules, cores=0.5)
    plan = schedule(snapshot)
    assert [notice.type for notice in plan.notices] == [EventType.JOB_AGED]
    again = schedule(replace(snapshot, carried=plan.carried))
    assert not again.notices
    roomy = replace(snapshot, rooms=a_snapshot(cores=1).rooms)
    assert [start.job.id for start in schedule(roomy).starts] == [old.id]


def test_a_round_ends_where_a_window_runs_dry() -> None:
    urgent = [a_job(priority=Priority.CRITICAL) for _ in range(2)]
    lows = [a_job(priority=Priority.LOW) for _ in range(50)]
    snapshot = a_snapshot(*urgent, *lows, workers=[a_worker(cpu=100, slots=100)])
    more = [replace(lane, has_more=True) for lane in snapshot.lanes]
    counts = Counter(
        start.lane.priority for start in schedule(replace(snapshot, lanes=more)).starts
    )
    assert counts == {Priority.CRITICAL: 2, Priority.LOW: 1}


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_window_of_jobs_that_wait_for_one_lock_ends_no_round(*, is_taken: bool) -> None:
    jobs = [a_job(constraints=Constraints(goal="g")) for _ in range(300)]
    other = a_job(priority=Priority.LOW)
    snapshot = a_snapshot(*jobs, other, goals={"g": (JobId(1),)} if is_taken else {})
    more = [replace(lane, has_more=True) for lane in snapshot.lanes]
    started = [start.job.id for start in schedule(replace(snapshot, lanes=more)).starts]
    assert started == ([] if is_taken else [jobs[0].id]) + [other.id]


def test_tenants_on_one_slot_take_turns_by_weight() -> None:
    rules = Rules(tenants={"a": TenantRules(weight=3)})
    jobs = [a_job(tenant=tenant) for _ in range(60) for tenant in "ab"]
    snapshot = a_snapshot(*jobs, rules=rules, cores=1)
    run: Counter[str] = Counter()
    for _ in range(40):
        plan = schedule(snapshot)
        run.update(start.lane.tenant for start in plan.starts)
        snapshot = emptied(after(snapshot, plan))
    assert run == {"a": 30, "b": 10}


def test_dominant_shares_are_even_where_tenants_ask_for_different_things() -> None:
    cpus = [
        a_job(tenant="c", cpu=2, memory_mb=1, priority=p) for _ in range(60) for p in Priority
    ]
    memory = [
        a_job(tenant="m", cpu=0.1, memory_mb=400, priority=p)
        for _ in range(90)
        for p in Priority
    ]
    worker = a_worker(cpu=200, memory_mb=40_000, slots=10_000)
    snapshot = a_snapshot(*cpus, *memory, workers=[worker])
    then = after(snapshot, schedule(snapshot, 120))
    by_cpu = then.tenants["c"].amounts["cpu_milli"] / 200_000
    by_memory = then.tenants["m"].amounts["memory_mb"] / 40_000
    assert abs(by_cpu - by_memory) < 0.05


def test_shares_hold_over_ten_thousand_grants() -> None:
    run: list[Priority] = []
    carried = Carried()
    jobs = [a_job(priority=p) for p in Priority for _ in range(256)]
    snapshot = a_snapshot(*jobs, workers=[a_worker(cpu=1000, slots=1000)])
    while len(run) < 10_000:
        plan = schedule(replace(snapshot, carried=carried), 250)
        carried = plan.carried
        run += [start.lane.priority for start in plan.starts]
    counts = Counter(run)
    for level, share in zip(Priority, (50, 30, 15, 5), strict=True):
        assert abs(counts[level] / len(run) - share / 100) < 0.02


@settings(max_examples=20, deadline=None)
@given(st.integers(5, 60), st.integers(1, 40))
def test_no_head_that_fits_waits_longer_than_the_bound(lanes: int, size: int) -> None:
    """Every head is served within max(100, 2 x lanes) grants, however small its share."""
    bound = max(100, 2 * lanes)
    last: dict[object, int] = {}
    carried, grants = Carried(), 0
    waiting = {
        job.id: job
        for _ in range(size)
        for number in range(lanes)
        for job in [a_job(priority=Priority(number % 4), memory_mb=1 + number)]
    }
    worker = a_worker(cpu=1000, memory_mb=10**6, slots=1000)
    for _ in range(3 * bound // size + 2):
        snapshot = a_snapshot(*waiting.values(), workers=[worker], carried=carried)
        plan = schedule(snapshot, size)
        for start in plan.starts:
            grants += 1
            assert grants - last.get(start.lane, 0) <= bound
            last[start.lane] = grants
            job = waiting.pop(start.job.id)
            memory = job.spec.resources.memory_mb
            new = a_job(priority=job.now.priority, memory_mb=memory)
            waiting[new.id] = new
        carried = plan.carried
    assert len(last) == lanes


class World:
    """Virtual time: jobs start as planned and end after their true durations."""

    def __init__(self, jobs: list[tuple[int, Job, int]], workers: list[Worker]) -> None:
        self.coming = sorted(jobs, key=lambda one: (one[0], one[1].id))
        self.lasts = {job.id: lasts for _, job, lasts in jobs}
        self.snapshot = a_snapshot(workers=workers, rules=Rules(reserve_after_grants=2))
        self.waiting: list[Job] = []
        self.promised: dict[int, int] = {}
        self.started: dict[int, int] = {}

    def run(self) -> None:
        for second in range(120):
            now_at = NOW + second * SECOND
            self._end(now_at)
            while self.coming and self.coming[0][0] <= second:
                self.waiting.append(self.coming.pop(0)[1])
            self._round(now_at)

    def _end(self, now_at: int) -> None:
        rooms, left = dict(self.snapshot.rooms), []
        for one in self.snapshot.holders:
            if self.started[one.job] + self.lasts[one.job] * SECOND <= now_at:
                rooms[one.worker] = room_without(rooms[one.worker], [one])
            else:
                left.append(one)
        self.snapshot = replace(self.snapshot, rooms=rooms, holders=left)

    def _round(self, now_at: int) -> None:
        now = replace(self.snapshot, now_at=now_at, lanes=lanes_of(self.waiting), tenants={})
        plan = schedule(now)
        for start in plan.starts:
            self.started[start.job.id] = now_at
        for one in plan.carried.reservations:
            if one.starts_at is not None:
                self.promised.setdefault(one.job, one.starts_at)
        self.waiting = [job for job in self.waiting if job.id not in self.started]
        self.snapshot = after(now, plan)
        for room in self.snapshot.rooms.values():
            assert room.taken.get("cpu_milli", 0) <= room.worker.capacity.cpu_milli


a_load = st.lists(
    st.tuples(
        st.integers(0, 20), st.sampled_from([1, 1, 2, 4]), st.integers(1, 9), st.booleans()
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(a_load)
def test_no_reservation_is_delayed_by_backfill(load: list[tuple[int, int, int, bool]]) -> None:
    jobs = []
    for second, cpu, lasts, is_exact in sorted(load):  # ids are given in order of arrival
        limit_ms = (lasts if is_exact else lasts + 3) * 1000
        limits = Timeouts(hard_ms=limit_ms, grace_ms=0)
        jobs.append((second, a_job(cpu=cpu, timeouts=limits), lasts))
    world = World(jobs, [a_worker("w1", cpu=4), a_worker("w2", cpu=2)])
    world.run()
    assert not world.waiting
    for job, starts_at in world.promised.items():
        assert world.started[job] <= starts_at
