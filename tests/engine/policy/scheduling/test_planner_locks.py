"""The planner about urgent jobs that are in the way of others' locks and room."""

from dataclasses import replace
from typing import Any

import pytest

from engine.model.events import EventType
from engine.model.ids import AttemptId, JobId
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.rules import Rules
from engine.model.snapshot import Carried, Holder, Reservation, Room, Snapshot
from engine.model.spec import Constraints
from engine.model.states import State
from engine.policy.scheduling.decisions import Plan
from engine.policy.scheduling.scheduler import schedule
from tests.kit.build import NOW, SECOND, a_job, a_lane, a_room, a_snapshot, a_worker

PREEMPT = Rules(preemption=True)


def held(number: int, cpu: int = 2, **fields: object) -> Holder:
    known: dict[str, object] = {
        "worker": "local",
        "queue": "default",
        "group": None,
        "started_at": NOW - number * SECOND,
        "attempt": AttemptId(f"{number}-1-1"),
        "priority": Priority.LOW,
        "amounts": (("cpu_milli", 1000 * cpu),),
        "is_preemptible": True,
    }
    return Holder(job=JobId(number), **(known | fields))  # type: ignore[arg-type]


def busy(*holders: Holder, waiting: tuple[Job, ...], rules: Rules = PREEMPT) -> Snapshot:
    """Four cores, all taken by these."""
    room = Room(a_worker(cpu=4), {"cpu_milli": 4000}, len(holders))
    return a_snapshot(*waiting, rooms={"local": room}, holders=holders, rules=rules)


def urgent(cpu: int = 2, **fields: Any) -> Job:
    return a_job(cpu=cpu, priority=Priority.CRITICAL, **fields)


def test_a_critical_head_displaces_the_youngest_and_room_is_kept_for_it() -> None:
    head = urgent()
    plan = schedule(busy(held(1), held(2), waiting=(head,)))
    assert [(one.holder.job, one.for_job) for one in plan.displaced] == [(1, head.id)]
    assert [(one.job, one.worker) for one in plan.carried.reservations] == [(head.id, "local")]
    assert not plan.starts


@pytest.mark.parametrize(
    "rules",
    [Rules(), Rules(preemption=False, inheritance=True)],
)
def test_nobody_is_displaced_unless_the_site_wants_it(rules: Rules) -> None:
    assert not schedule(busy(held(1), held(2), waiting=(urgent(),), rules=rules)).displaced


def test_only_critical_jobs_displace_and_only_when_nothing_but_room_is_missing() -> None:
    both = held(1), held(2)
    high = a_job(cpu=2, priority=Priority.HIGH)
    assert not schedule(busy(*both, waiting=(high,))).displaced
    locked = urgent(constraints=Constraints(goal="deploy"))
    snapshot = replace(busy(*both, waiting=(locked,)), goals={"deploy": (JobId(1),)})
    assert not schedule(snapshot).displaced
    assert not schedule(replace(busy(*both, waiting=(urgent(),)), granting=False)).displaced


def test_two_heads_displace_different_ones() -> None:
    heads = urgent(), urgent(tenant="other")
    plan = schedule(busy(held(1), held(2), waiting=heads))
    assert sorted(one.holder.job for one in plan.displaced) == [1, 2]
    assert {one.for_job for one in plan.displaced} == {job.id for job in heads}


def test_while_enough_are_leaving_nobody_else_has_to() -> None:
    snapshot = busy(held(1), held(2), waiting=(urgent(),))
    plan = schedule(snapshot)
    leaving = replace(
        snapshot, holders=(held(1, is_stopping=True), held(2)), carried=plan.carried
    )
    assert not schedule(leaving).displaced


def test_the_sites_rules_say_where_room_may_be_made() -> None:
    near = urgent(constraints=Constraints(locality="region"))
    there = Rules(preemption=True, region="eu")
    assert not schedule(busy(held(1), held(2), waiting=(near,), rules=there)).displaced


def after_leaving(snapshot: Snapshot, plan: Plan) -> Snapshot:
    """The four cores once those who were told to have left."""
    gone = {one.holder.job for one in plan.displaced}
    left = [one for one in snapshot.holders if one.job not in gone]
    taken = {"cpu_milli": sum(dict(one.amounts)["cpu_milli"] for one in left)}
    rooms = {"local": Room(a_worker(cpu=4), taken, len(left))}
    return replace(snapshot, rooms=rooms, holders=left, carried=plan.carried)


def with_room_kept_for(job: Job, snapshot: Snapshot) -> Snapshot:
    kept = Reservation(job.id, a_lane(job).key, "local", NOW)
    return replace(snapshot, carried=Carried(reservations=(kept,)))


def test_room_that_was_made_is_used_though_room_was_kept_before_for_the_less_urgent() -> None:
    large, head, small = a_job(cpu=4), urgent(cpu=1), a_job(cpu=1)
    four = [held(number, 1) for number in (901, 902, 903, 904)]
    snapshot = with_room_kept_for(large, busy(*four, waiting=(large, head, small)))
    plan = schedule(snapshot)
    assert len(plan.displaced) == 1
    assert [one.job for one in plan.carried.reservations] == [head.id, large.id]
    then = schedule(after_leaving(snapshot, plan))
    assert [start.job.id for start in then.starts] == [head.id]
    assert [one.job for one in then.carried.reservations] == [large.id]


def test_nobody_makes_room_that_was_promised_to_others_as_urgent() -> None:
    large, head = urgent(cpu=4), urgent(cpu=1)
    mixed = held(1, 1), held(2, 1), held(3, 2, is_preemptible=False)
    snapshot = with_room_kept_for(large, busy(*mixed, waiting=(large, head)))
    assert not schedule(snapshot).displaced


def wanting(goal: str, priority: Priority, **fields: Any) -> Job:
    return a_job(priority=priority, constraints=Constraints(goal=goal), **fields)


def test_an_inversion_is_told_when_it_begins_and_with_its_length_when_it_ends() -> None:
    job = wanting("deploy", Priority.HIGH)
    low = held(1, 1)
    room = a_room(a_worker(cpu=4), slots_taken=1, cpu_milli=1000)
    snapshot = a_snapshot(
        job, rooms={"local": room}, goals={"deploy": (JobId(1),)}, holders=[low]
    )
    plan = schedule(snapshot)
    [began] = plan.notices
    assert (began.type, began.job) == (EventType.INVERSION_BEGAN, job.id)
    assert began.cause == "waits for low #1, which has goal deploy"
    later = replace(snapshot, now_at=NOW + 3 * SECOND, carried=plan.carried)
    assert not schedule(later).notices
    free = replace(later, now_at=NOW + 5 * SECOND, goals={}, holders=[])
    [ended] = schedule(free).notices
    assert (ended.type, ended.job) == (EventType.INVERSION_ENDED, job.id)
    assert ended.cause == "waits no longer for low #1, which had goal deploy"
    assert ended.data["held_ms"] == 5_000
    assert not schedule(free).carried.inversions


def test_a_holder_that_waits_for_its_retry_is_in_the_way_too() -> None:
    job = wanting("deploy", Priority.HIGH)
    asleep = wanting("deploy", Priority.LOW, state=State.RETRYING)
    snapshot = a_snapshot(
        job, goals={"deploy": (asleep.id,)}, goal_priorities={asleep.id: Priority.LOW}
    )
    [found] = schedule(snapshot).carried.inversions
    assert (found.waiter, found.holder) == (job.id, asleep.id)
    assert found.holder_priority is Priority.LOW


def test_inheritance_lets_a_waiting_holder_go_first() -> None:
    holder = wanting("deploy", Priority.LOW)
    waiter = wanting("deploy", Priority.CRITICAL)
    others = [a_job(priority=Priority.HIGH) for _ in range(3)]
    snapshot = a_snapshot(
        holder,
        waiter,
        *others,
        goals={"deploy": (holder.id,)},
        cores=1,
        rules=Rules(inheritance=True),
    )
    known = schedule(replace(snapshot, granting=False)).carried
    assert [one.holder for one in known.inversions] == [holder.id]
    first = schedule(replace(snapshot, carried=known)).starts[0]
    assert first.job.id == holder.id
    meek = replace(snapshot, rules=Rules(), carried=Carried())
    assert schedule(meek).starts[0].job.id == others[0].id


def test_a_head_that_waits_for_a_lock_is_held_for_it() -> None:
    job = wanting("deploy", Priority.HIGH)
    snapshot = a_snapshot(job, goals={"deploy": (JobId(1),)})
    assert [hold.kind for hold in schedule(snapshot).holds] == [GateKind.GOAL]
