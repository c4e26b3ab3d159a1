"""The planner where faults hide: shares within a round, ageing, drained workers, backfill."""

from collections import Counter
from dataclasses import replace

import pytest

from engine.model.events import EventType
from engine.model.limits import Timeouts
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.rules import Ageing, Rules
from engine.model.snapshot import Carried, Reservation, Room
from engine.policy.scheduling.ageing import risen
from engine.policy.scheduling.scheduler import schedule
from tests.kit.build import NOW, SECOND, a_job, a_lane, a_snapshot, a_worker


def test_dominant_shares_count_what_the_same_round_has_granted() -> None:
    """One asks two hundredths of the cores each time, the other one hundredth of the memory."""
    by_cpu = [a_job(tenant="c", cpu=2) for _ in range(90)]
    by_memory = [a_job(tenant="m", cpu=0, memory_mb=400) for _ in range(90)]
    worker = a_worker(cpu=100, memory_mb=40_000, slots=10_000)
    plan = schedule(a_snapshot(*by_cpu, *by_memory, workers=[worker]), 60)
    assert Counter(start.lane.tenant for start in plan.starts) == {"c": 20, "m": 40}


@pytest.mark.parametrize(
    ("how", "levels"),
    [
        (Ageing.NONE, [0, 0, 0, 0, 0]),
        (Ageing.LINEAR, [0, 1, 2, 3, 3]),
        (Ageing.EXPONENTIAL, [0, 1, 3, 3, 3]),
    ],
)
def test_jobs_rise_by_one_a_period_or_twice_as_fast_each_time(
    how: Ageing, levels: list[int]
) -> None:
    job = a_job(priority=Priority.LOW)
    rules = Rules(ageing=how, ageing_period_ms=1000)
    for periods, level in enumerate(levels):
        now_at = NOW + periods * SECOND
        assert risen(job, rules, now_at) is Priority(Priority.LOW - level)
        if level and levels[periods - 1] != level:
            assert risen(job, rules, now_at - 1) is Priority(Priority.LOW - levels[periods - 1])


def test_no_room_is_kept_on_a_drained_worker() -> None:
    head, other = a_job(cpu=4), a_job(cpu=2)
    kept = Reservation(head.id, a_lane(head).key, "w1", NOW)
    workers = [a_worker("w1", draining=True), a_worker("w2")]
    taken = {"w1": {"cpu_milli": 1000}, "w2": {"cpu_milli": 2000}}
    rooms = {one.name: Room(one, taken[one.name], 1) for one in workers}
    snapshot = a_snapshot(head, other, rooms=rooms, carried=Carried(reservations=(kept,)))
    plan = schedule(snapshot)
    assert [(one.type, one.job) for one in plan.notices] == [
        (EventType.JOB_UNRESERVED, head.id)
    ]
    assert not plan.carried.reservations
    assert [start.job.id for start in plan.starts] == [other.id]
    open_again = replace(snapshot, rooms=rooms | {"w1": Room(a_worker("w1"), taken["w1"], 1)})
    assert list(schedule(open_again).carried.reservations) == [kept]


def test_what_ends_in_time_goes_before_kept_room_is_needed_and_nothing_else() -> None:
    head = a_job(cpu=4)
    kept = Reservation(head.id, a_lane(head).key, "local", NOW, NOW + 9 * SECOND)
    room = Room(a_worker(cpu=4), {"cpu_milli": 3000}, 1)
    for seconds, starts in ((9, 1), (10, 0), (None, 0)):
        limits = Timeouts(hard_ms=seconds and seconds * 1000, grace_ms=0)
        job = a_job(timeouts=limits)
        carried = Carried(reservations=(kept,))
        plan = schedule(a_snapshot(head, job, rooms={"local": room}, carried=carried))
        assert len(plan.starts) == starts
        kinds = {hold.job: hold.kind for hold in plan.holds}
        assert kinds.get(job.id) is (None if starts else GateKind.RESERVED)
