"""Explanations: by the scheduler's own rules, complete, with numbers and a way out."""

from dataclasses import replace

import pytest
from hypothesis import given

from engine.model.job import Job
from engine.model.reasons import Gate, GateKind
from engine.model.snapshot import Carried, Reservation, Snapshot
from engine.model.spec import Constraints, Kind
from engine.model.states import State
from engine.model.worker import Health
from engine.model.workflow import After, Edge
from engine.policy.scheduling.scheduler import after, schedule
from engine.policy.why.explain import MOST_CHARACTERS, explain, headline, short_of
from tests.engine.policy.strategies import snapshots
from tests.kit.build import (
    NOW,
    SECOND,
    a_holder,
    a_job,
    a_lane,
    a_queue,
    a_room,
    a_snapshot,
    a_starting_job,
    a_worker,
)


def closed(gates: tuple[Gate, ...]) -> list[GateKind]:
    return [gate.kind for gate in gates if not gate.ok]


def only(gates: tuple[Gate, ...]) -> Gate:
    [gate] = [gate for gate in gates if not gate.ok]
    return gate


@given(snapshots())
def test_what_starts_had_nothing_in_its_way(snapshot: Snapshot) -> None:
    for start in schedule(snapshot).starts:
        assert closed(explain(start.job, snapshot, place=1)) == [GateKind.TURN]


@given(snapshots())
def test_a_held_heads_reason_is_its_first_closed_gate(snapshot: Snapshot) -> None:
    plan = schedule(snapshot)
    then = after(snapshot, plan)
    jobs = {job.id: job for lane in then.lanes for job in lane.jobs}
    for hold in plan.holds:
        gates = explain(jobs[hold.job], then, place=1)
        assert hold.kind is next(gate for gate in gates if not gate.ok).kind


@given(snapshots())
def test_every_gate_is_there_in_order_and_the_text_is_short(snapshot: Snapshot) -> None:
    for lane in snapshot.lanes:
        for place, job in enumerate(lane.jobs, 1):
            gates = explain(job, snapshot, place=place, lane_head=lane.jobs[0])
            of_job = [kind for kind in GateKind if kind is not GateKind.REUSE or job.spec.memo]
            assert [gate.kind for gate in gates] == of_job
            assert all(gate.text for gate in gates)
            assert not all(gate.ok for gate in gates)
            assert 0 < len(headline(gates)) <= MOST_CHARACTERS


def test_a_job_with_nothing_in_its_way_is_next() -> None:
    gates = explain(a_job(), a_snapshot(), place=1)
    assert only(gates).kind is GateKind.TURN
    assert headline(gates) == "next"


@pytest.mark.parametrize(
    ("job", "text", "short"),
    [
        (a_job(state=State.RUNNING), "it is running on `local`", "running"),
        (a_job(state=State.FAILED), "it has ended: failed", "failed"),
    ],
)
def test_what_does_not_wait_has_one_gate(job: Job, text: str, short: str) -> None:
    [gate] = explain(job, a_snapshot())
    assert (gate.kind, gate.ok, gate.text) == (GateKind.STATE, False, text)
    assert headline((gate,)) == short


def test_a_job_whose_attempt_is_open_is_starting() -> None:
    job = a_starting_job(id=7)
    assert only(explain(job, a_snapshot())).text == "attempt 7-1-1 of it is starting"


def test_a_hold_says_who_and_why_and_how_to_end_it() -> None:
    job = a_job(id=12, now={"held_by": "ana", "held_why": "wait for the data"})
    gates = explain(job, a_snapshot())
    gate = only(gates)
    assert gate.text == "held by ana: wait for the data"
    assert gate.remedy == "crabtui release 12"
    assert headline(gates) == "held by ana"


def test_a_cancel_in_its_grace_says_when_it_takes_effect() -> None:
    job = a_job(id=12, now={"cancel_at": NOW + 5 * SECOND, "cancel_by": "ana"})
    gate = only(explain(job, a_snapshot()))
    assert (gate.text, gate.next_change_at) == ("ana is canceling it", NOW + 5 * SECOND)
    assert gate.remedy == "crabtui cancel 12 --withdraw"


def test_dependencies_are_counted_and_named() -> None:
    done, runs, failed = (
        a_job(id=1, state=State.SUCCEEDED),
        a_job(id=2, state=State.RUNNING),
        a_job(id=3, state=State.FAILED),
    )
    job = a_job(
        state=State.PENDING, constraints=Constraints(depends_on=(1, 2, 3)), now={"unmet": 2}
    )
    gates = explain(job, a_snapshot(), (done, runs, failed))
    gate = only(gates)
    assert gate.text == "1 of 3 dependencies are met; not yet #2 running, #3 failed"
    assert (gate.holders, gate.remedy) == ((2, 3), "crabtui retry 3")
    assert headline(gates) == "deps 1/3"


def test_a_dependency_says_how_it_must_end() -> None:
    tests = a_job(id=2, state=State.RUNNING, task="test")
    other = a_job(id=3, state=State.RUNNING)
    rules = Constraints(
        depends_otherwise=(Edge(tests.id, After.FAILURE), Edge(other.id, After.END))
    )
    job = a_job(state=State.PENDING, constraints=rules, now={"unmet": 2})
    gate = only(explain(job, a_snapshot(), (tests, other)))
    assert gate.text == (
        "0 of 2 dependencies are met; not yet #2 test running, which must fail, "
        "#3 running, which must end"
    )


def test_what_stands_for_others_needs_no_room() -> None:
    job = a_job(kind=Kind.COMPOSITE)
    gates = explain(job, a_snapshot())
    assert [gate.kind for gate in gates][-1] is GateKind.BACKOFF
    assert closed(gates) == [GateKind.STATE]
    assert short_of(job, a_snapshot()) == ()


def test_times_say_when_they_change() -> None:
    sleeping = a_job(state=State.PENDING, now={"wake_at": NOW + SECOND})
    gate = only(explain(sleeping, a_snapshot()))
    assert (gate.kind, gate.next_change_at) == (GateKind.SCHEDULE, NOW + SECOND)
    retrying = a_job(id=5, state=State.RETRYING)
    gates = explain(retrying, a_snapshot())
    gate = only(gates)
    assert (gate.kind, gate.next_change_at) == (GateKind.BACKOFF, NOW + SECOND)
    assert gate.remedy == "crabtui retry 5"
    assert headline(gates) == "backoff"


def test_a_paused_queue_says_by_whom() -> None:
    queue = a_queue(paused_by="bo", paused_why="maintenance")
    gates = explain(a_job(), a_snapshot(queues=[queue]), place=1)
    assert only(gates).text == "queue `default` is paused by bo: maintenance"
    assert only(gates).remedy == "crabtui queues resume default"
    assert headline(gates) == "paused"


def test_a_full_queue_names_the_longest_holders_first() -> None:
    running = [a_job(state=State.RUNNING) for _ in range(10)]
    holders = [a_holder(job, NOW - place) for place, job in enumerate(running)]
    snapshot = a_snapshot(
        queues=[a_queue(limit=8)], running_in_queue={"default": 8}, holders=holders
    )
    gates = explain(a_job(), snapshot, place=1)
    gate = only(gates)
    assert gate.holders == tuple(job.id for job in reversed(running[2:]))
    assert gate.facts == {"queue": "default", "running": 8, "limit": 8}
    assert gate.remedy == "crabtui queues limit default 9"
    assert headline(gates) == "queue 8/8"


def test_a_full_group_is_told_apart_from_others() -> None:
    rules = Constraints(concurrency_group="db", max_concurrent_in_group=2)
    mine = a_job(state=State.RUNNING, constraints=rules)
    other = a_job(state=State.RUNNING)
    snapshot = a_snapshot(running_in_group={"db": 2}, holders=[a_holder(mine), a_holder(other)])
    gate = only(explain(a_job(constraints=rules), snapshot, place=1))
    assert (gate.kind, gate.holders) == (GateKind.GROUP, (mine.id,))
    assert gate.text == "2 of at most 2 jobs of group `db` run"


def test_what_no_worker_could_hold_names_the_nearest() -> None:
    gates = explain(a_job(cpu=64), a_snapshot(cores=2), place=1)
    assert only(gates).text == "asks 64 cpu; the largest worker, `local`, has 2"
    assert headline(gates) == "unsatisfiable"


def test_a_worker_that_takes_no_work_says_why() -> None:
    workers = [a_worker("w1", draining=True), a_worker("w2", health=Health.DOWN)]
    gates = explain(a_job(), a_snapshot(workers=workers), place=1)
    assert only(gates).text == "`w1` is draining, `w2` is down"
    assert headline(gates) == "no worker"


def test_a_full_worker_says_what_is_short_by_how_much() -> None:
    running = a_job(state=State.RUNNING)
    room = a_room(a_worker(cpu=4), cpu_milli=3000, slots_taken=1)
    snapshot = a_snapshot(rooms={"local": room}, holders=[a_holder(running)])
    gates = explain(a_job(cpu=2), snapshot, place=1)
    gate = only(gates)
    assert gate.text == "no room: asks 2 cpu; `local` has 1 cpu free"
    assert gate.facts["short"] == {"local": {"cpu_milli": {"asked": 2000, "free": 1000}}}
    assert gate.holders == (running.id,)
    assert headline(gates) == "no room: 2 cpu"


def test_slots_can_be_what_is_short() -> None:
    room = a_room(a_worker(slots=2), slots_taken=2)
    gates = explain(a_job(), a_snapshot(rooms={"local": room}), place=1)
    assert only(gates).text == "no room: `local` has 2 of 2 slots taken"
    assert headline(gates) == "no room: slots"


def test_behind_a_blocked_head_its_gates_are_told_too() -> None:
    rules = Constraints(deadline_at=NOW - 1)
    head, job = a_job(id=3, constraints=rules), a_job(id=9)
    gates = explain(job, a_snapshot(cores=0.5), place=2, lane_head=head)
    lane = next(gate for gate in gates if gate.kind is GateKind.LANE)
    assert lane.text == "1 of its kind is before it, first #3: its deadline has passed"
    assert lane.holders == (3,)
    told = lane.facts["head_gates"]
    assert isinstance(told, list)
    assert [one["kind"] for one in told] == ["schedule", "unsatisfiable"]


def test_places_are_counted_up_to_ten_thousand() -> None:
    gates = explain(a_job(), a_snapshot(), place=10_001, lane_head=a_job())
    assert only(gates).text.startswith("more than 10 000 of its kind are before it")


def test_an_engine_that_does_not_grant_is_the_last_gate() -> None:
    snapshot = a_snapshot(granting=False, not_granting_why="stopping")
    gates = explain(a_job(), snapshot, place=1)
    assert only(gates).text == "the engine is not granting: stopping"
    assert headline(gates) == "not granting"


def test_a_long_name_does_not_make_a_long_headline() -> None:
    gates = explain(a_job(now={"held_by": "x" * 99}), a_snapshot())
    assert len(headline(gates)) == MOST_CHARACTERS
    assert headline(()) == ""


def test_only_who_holds_what_is_short_is_named() -> None:
    idle, busy = a_job(cpu=0, state=State.RUNNING), a_job(cpu=4, state=State.RUNNING)
    room = a_room(a_worker(cpu=4), cpu_milli=4000, slots_taken=2)
    snapshot = a_snapshot(rooms={"local": room}, holders=[a_holder(idle), a_holder(busy)])
    assert only(explain(a_job(), snapshot, place=1)).holders == (busy.id,)


def test_kept_room_is_expected_to_be_used_by_what_is_known_now() -> None:
    """The holder that was to run for an hour when the room was kept has ended since."""
    big, small = a_job(id=5, cpu=4), a_job(id=9)
    still = replace(a_holder(a_job(state=State.RUNNING)), ends_at=NOW + 60 * SECOND)
    kept = Reservation(big.id, a_lane(big).key, "local", NOW, NOW + 3600 * SECOND)
    room = a_room(a_worker(cpu=4), cpu_milli=1000, slots_taken=1)
    snapshot = a_snapshot(
        big,
        small,
        rooms={"local": room},
        holders=[still],
        carried=Carried(reservations=(kept,)),
    )
    gate = only(explain(small, snapshot, place=1))
    assert (gate.kind, gate.next_change_at) == (GateKind.RESERVED, NOW + 60 * SECOND)
