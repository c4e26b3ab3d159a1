"""Inversion: urgent jobs that wait for locks of less urgent ones, through any chain."""

from dataclasses import replace

from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.snapshot import Carried, Holder, Inversion, LaneKey, Passed, Snapshot
from engine.model.spec import Constraints
from engine.policy.scheduling.inversion import Waiting, boosts, inversions
from engine.policy.shapes import shape_of
from tests.kit.build import NOW, SECOND, a_job, a_snapshot, shape_key

LOW, NORMAL, HIGH, CRITICAL = (
    Priority.LOW,
    Priority.NORMAL,
    Priority.HIGH,
    Priority.CRITICAL,
)


def waiting(job: Job, kind: GateKind = GateKind.GOAL) -> Waiting:
    shape = shape_of(job.spec)
    key = LaneKey(job.now.queue, job.now.priority, job.spec.tenant, shape_key(shape))
    return job, key, shape, kind


def wanting(number: int, priority: Priority, goal: str) -> Job:
    return a_job(id=number, priority=priority, constraints=Constraints(goal=goal))


def running(number: int, priority: Priority, group: str | None = None) -> Holder:
    return Holder(a_job(id=number).id, "local", "default", group, NOW, priority=priority)


def pairs(found: tuple[Inversion, ...]) -> list[tuple[int, int, str]]:
    return [(one.waiter, one.holder, one.lock) for one in found]


def held(goal: str, *holders: Holder) -> Snapshot:
    return a_snapshot(goals={goal: [one.job for one in holders]}, holders=holders)


def test_a_less_urgent_holder_of_a_goal_is_told() -> None:
    snapshot = held("deploy", running(1, LOW))
    [found] = inversions([waiting(wanting(2, HIGH, "deploy"))], snapshot)
    assert (found.waiter, found.holder, found.lock) == (2, 1, "goal deploy")
    assert (found.waiter_priority, found.holder_priority) == (HIGH, LOW)
    assert found.since_at == NOW


def test_a_holder_as_urgent_is_in_nobodys_way() -> None:
    snapshot = held("deploy", running(1, HIGH))
    assert not inversions([waiting(wanting(2, HIGH, "deploy"))], snapshot)


def test_members_of_a_full_group_hold_it() -> None:
    job = a_job(id=9, priority=CRITICAL, constraints=Constraints(concurrency_group="db"))
    holders = (running(1, LOW, "db"), running(2, CRITICAL, "db"), running(3, LOW, "other"))
    found = inversions([waiting(job, GateKind.GROUP)], a_snapshot(holders=holders))
    assert pairs(found) == [(9, 1, "group db")]


def test_other_gates_are_no_locks() -> None:
    snapshot = held("deploy", running(1, LOW))
    assert not inversions([waiting(wanting(2, HIGH, "deploy"), GateKind.FIT)], snapshot)


def test_a_chain_is_followed_through_holders_that_wait() -> None:
    middle = a_job(
        id=2, priority=HIGH, constraints=Constraints(goal="a", concurrency_group="db")
    )
    snapshot = a_snapshot(goals={"a": [middle.id]}, holders=[running(1, LOW, "db")])
    heads = [waiting(middle, GateKind.GROUP), waiting(wanting(3, CRITICAL, "a"))]
    found = inversions(heads, snapshot)
    assert pairs(found) == [(3, 2, "goal a"), (3, 1, "group db"), (2, 1, "group db")]
    assert boosts(found) == {1: CRITICAL, 2: CRITICAL}


def test_a_waiting_holder_counts_as_urgent_as_it_has_risen() -> None:
    middle = wanting(2, LOW, "b")
    entry = waiting(middle)
    risen = Carried(passed={entry[1]: Passed(middle.id, 0, CRITICAL)})
    snapshot = a_snapshot(goals={"a": [middle.id], "b": []}, carried=risen)
    assert not inversions([entry, waiting(wanting(3, CRITICAL, "a"))], snapshot)


def test_a_ring_ends() -> None:
    one = a_job(id=1, priority=LOW, constraints=Constraints(goal="a", concurrency_group="db"))
    two = wanting(2, HIGH, "b")
    snapshot = a_snapshot(
        goals={"b": [one.id]}, holders=[running(2, HIGH, "db"), running(1, LOW)]
    )
    found = inversions([waiting(one, GateKind.GROUP), waiting(two)], snapshot)
    assert pairs(found) == [(2, 1, "goal b")]


def test_chains_end_eight_links_deep() -> None:
    chain = [
        a_job(
            id=number,
            priority=LOW,
            constraints=Constraints(goal=f"g{number}"),
        )
        for number in range(1, 12)
    ]
    goals = {f"g{number}": [chain[number].id] for number in range(1, 11)}
    first = a_job(id=100, priority=CRITICAL, constraints=Constraints(goal="g0"))
    goals["g0"] = [chain[0].id]
    found = inversions([waiting(one) for one in (first, *chain)], a_snapshot(goals=goals))
    assert len(found) == 8


def test_there_are_at_most_256_records() -> None:
    snapshot = held("deploy", running(1, LOW))
    heads = [waiting(wanting(number, HIGH, "deploy")) for number in range(2, 400)]
    assert len(inversions(heads, snapshot)) == 256


def test_what_was_known_keeps_its_instant() -> None:
    snapshot = held("deploy", running(1, LOW))
    heads = [waiting(wanting(2, HIGH, "deploy"))]
    before = inversions(heads, snapshot)
    later = replace(snapshot, now_at=NOW + 5 * SECOND, carried=Carried(inversions=before))
    assert inversions(heads, later) == before
