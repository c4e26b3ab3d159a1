"""Undoing a refused grant: tokens come back, and so does the wait of a head."""

from functools import reduce

import pytest

from engine.model.rules import Rate, Rules, TenantRules
from engine.model.snapshot import Carried
from engine.policy.scheduling.decisions import Start
from engine.policy.scheduling.scheduler import schedule
from engine.policy.scheduling.undoing import undone
from tests.kit.build import a_job, a_queue, a_snapshot

RATE = Rate(tokens=1, per_ms=1000, burst=3)
RULES = Rules(tenants={"default": TenantRules(starts=RATE)})
FULL = {"queue default": 3_000_000, "tenant default": 3_000_000}
QUEUES = {"default": a_queue(starts=RATE)}


def granted(count: int) -> tuple[Carried, list[Start]]:
    """A round that grants so many and leaves one waiting."""
    jobs = [a_job() for _ in range(count + 1)]
    snapshot = a_snapshot(*jobs, queues=QUEUES.values(), rules=RULES)
    plan = schedule(snapshot, count)
    return plan.carried, [*plan.starts]


def refuse(carried: Carried, start: Start, *, is_waiting: bool = True) -> Carried:
    return undone(carried, start, queues=QUEUES, rules=RULES, is_waiting=is_waiting)


def levels(carried: Carried) -> dict[str, int]:
    return {name: bucket.level for name, bucket in carried.buckets.items()}


@pytest.mark.parametrize("grants", [1, 2, 3])
def test_every_token_of_refused_grants_is_there_again(grants: int) -> None:
    carried, starts = granted(grants)
    assert levels(carried)["queue default"] == (3 - grants) * 1_000_000
    assert levels(reduce(refuse, starts, carried)) == FULL


def test_a_bucket_is_never_more_than_full() -> None:
    carried, [start] = granted(1)
    assert levels(refuse(refuse(carried, start), start)) == FULL


def test_the_head_waits_on_as_if_nothing_had_been_granted() -> None:
    head, other = a_job(cpu=4), a_job()
    full = schedule(a_snapshot(head, cores=2)).carried
    waiting = a_snapshot(head, other, cores=2, carried=full)
    before = schedule(waiting).carried
    key = waiting.lanes[0].key
    assert before.passed[key].job == head.id
    [start, *_] = schedule(a_snapshot(head, a_job(cpu=4), carried=before)).starts
    assert start.waited == before.passed[key]
    again = undone(Carried(), start, queues={}, rules=Rules(), is_waiting=True)
    assert again.passed == {key: before.passed[key]}


@pytest.mark.parametrize("is_backwards", [False, True])
def test_of_several_that_come_back_the_first_keeps_its_wait(*, is_backwards: bool) -> None:
    carried, starts = granted(3)
    after = reduce(refuse, reversed(starts) if is_backwards else starts, carried)
    assert list(after.passed.values()) == [starts[0].waited]


def test_who_is_gone_leaves_the_next_one_its_own_wait() -> None:
    carried, [start] = granted(1)
    assert refuse(carried, start, is_waiting=False).passed == carried.passed
