"""Which runs start, are made up, left out or owed."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model.cron import MOST_MADE_UP, Cron, Missed, Overlap
from engine.model.ids import JobId
from engine.policy.crons.firing import ON_TIME_US, Plan, arranged, fired, look, refused
from tests.kit.build import NOW

MINUTE = 60_000_000
CRON = Cron(name="n", spec="* * * * *", body={}, surroundings=1, user="ana", next_at=NOW)


def looked(due: list[int], now_at: int = NOW, **fields: object) -> Plan:
    return look(replace(CRON, **fields), due, NOW + MINUTE, now_at, Random(1))


def minutes(first: int, last: int) -> list[int]:
    """Instants that many minutes before now."""
    return [NOW - n * MINUTE for n in range(first, last - 1, -1)]


def test_a_run_on_time_starts_and_the_next_one_is_arranged() -> None:
    plan = looked([NOW], NOW + ON_TIME_US)
    assert plan.cron.starting == (NOW,)
    assert (plan.cron.next_at, plan.cron.due_at) == (NOW + MINUTE, NOW + MINUTE)
    assert (plan.missed, plan.left_out, plan.cancel) == ([], [], ())


@pytest.mark.parametrize(
    ("policy", "started", "owed"),
    [
        (Missed.SKIP, (), ()),
        (Missed.ONCE, (NOW - 5 * MINUTE,), ()),
        (Missed.ALL, (NOW - 7 * MINUTE,), (NOW - 6 * MINUTE, NOW - 5 * MINUTE)),
    ],
)
def test_missed_runs_are_made_up_as_told(
    policy: Missed, started: tuple[int, ...], owed: tuple[int, ...]
) -> None:
    plan = looked(minutes(7, 5), missed=policy)
    assert (plan.cron.starting, plan.cron.owed) == (started, owed)
    assert list(plan.missed) == minutes(7, 5)
    assert plan.made_up == len(started) + len(owed)
    assert (plan.cron.missed_runs, plan.cron.missed_at) == (3, NOW - 5 * MINUTE)


def test_the_run_on_time_stands_for_all_that_were_missed() -> None:
    plan = looked(minutes(3, 0), missed=Missed.ONCE)
    assert plan.cron.starting == (NOW,)
    assert (len(plan.missed), plan.made_up) == (3, 0)


def test_no_more_than_a_hundred_are_made_up() -> None:
    plan = looked(minutes(500, 5), missed=Missed.ALL)
    made_up = [*plan.cron.starting, *plan.cron.owed]
    assert made_up == minutes(500, 5)[-MOST_MADE_UP:]
    assert len(plan.missed) == 496


def test_runs_missed_again_add_up_until_one_is_on_time() -> None:
    again = look(looked(minutes(7, 5)).cron, minutes(4, 3), None, NOW, Random(1))
    assert again.cron.missed_runs == 5
    on_time = look(replace(again.cron, next_at=NOW), [NOW], None, NOW, Random(1))
    assert (on_time.cron.missed_runs, on_time.cron.missed_at) == (0, None)


BUSY = (JobId(7),)


def test_a_run_that_would_overlap_is_left_out() -> None:
    plan = looked([NOW], overlap=Overlap.SKIP, live=BUSY)
    assert plan.cron.starting == ()
    assert plan.left_out == [(NOW, "#7 of it has not ended")]
    assert plan.cron.skipped == 1


def test_a_run_that_would_overlap_waits_and_then_starts() -> None:
    plan = looked([NOW], overlap=Overlap.QUEUE, live=BUSY)
    assert (plan.cron.starting, plan.cron.owed) == ((), (NOW,))
    free = look(replace(plan.cron, live=()), [], None, NOW + 5, Random(1))
    assert (free.cron.starting, free.cron.owed) == ((NOW,), ())
    assert free.cron.next_at == plan.cron.next_at


def test_of_those_that_wait_the_oldest_are_given_up() -> None:
    owed = tuple(minutes(100, 1))
    plan = looked([NOW], overlap=Overlap.QUEUE, owed=owed, live=BUSY)
    assert plan.cron.owed == (*owed[1:], NOW)
    assert [at for at, _ in plan.left_out] == [owed[0]]


def test_what_runs_makes_way() -> None:
    plan = looked([NOW], overlap=Overlap.CANCEL_RUNNING, live=BUSY)
    assert (plan.cron.starting, plan.cancel) == ((NOW,), (JobId(7),))
    many = looked(minutes(7, 5), overlap=Overlap.CANCEL_RUNNING, missed=Missed.ALL)
    assert many.cron.starting == (NOW - 5 * MINUTE,)
    assert [at for at, _ in many.left_out] == minutes(7, 6)


def test_runs_may_overlap() -> None:
    plan = looked(minutes(7, 5), overlap=Overlap.ALLOW, missed=Missed.ALL, live=BUSY)
    assert plan.cron.starting == tuple(minutes(7, 5))


def test_nothing_starts_while_it_is_paused() -> None:
    plan = looked([NOW], paused_by="ana", owed=(NOW - 1,))
    assert plan.cron == replace(CRON, paused_by="ana", owed=(NOW - 1,))


def test_jitter_stays_below_its_bound_and_counts_as_on_time() -> None:
    cron = replace(CRON, jitter_ms=30_000)
    for seed in range(50):
        due_at = arranged(cron, NOW, Random(seed)).due_at
        assert due_at is not None
        assert NOW <= due_at <= NOW + 30_000_000
    late = look(cron, [NOW], None, NOW + ON_TIME_US + 30_000_000, Random(1))
    assert late.cron.starting == (NOW,)


def test_it_never_runs_after_its_end() -> None:
    ended = arranged(replace(CRON, end_at=NOW), NOW + 1, Random(1))
    assert (ended.next_at, ended.due_at, ended.wake_at) == (None, None, None)


def test_what_was_submitted_or_refused_is_no_longer_starting() -> None:
    cron = replace(CRON, starting=(NOW, NOW + 1))
    assert cron.wake_at == 0
    went = fired(cron, NOW, JobId(3), NOW + 9)
    assert (went.starting, went.live, went.last_job) == ((NOW + 1,), (3,), 3)
    gone = refused(went, NOW + 1, "no room")
    assert (gone.starting, gone.trouble, gone.skipped) == ((), "no room", 1)


@given(
    st.sampled_from(Missed),
    st.sampled_from(Overlap),
    st.integers(0, 300),
    st.integers(0, 3),
    st.booleans(),
    st.integers(0, MOST_MADE_UP),
)
def test_every_run_has_one_fate(
    missed: Missed, overlap: Overlap, number: int, last: int, busy: bool, owing: int
) -> None:
    due = minutes(number + last, last) if number else []
    owed = tuple(minutes(number + last + owing, number + last + 1)) if owing else ()
    live = (JobId(7),) if busy else ()
    plan = looked(due, missed=missed, overlap=overlap, live=live, owed=owed)
    given_up = set(plan.missed) - {*plan.cron.starting, *plan.cron.owed}
    fates = [*plan.cron.starting, *plan.cron.owed, *(at for at, _ in plan.left_out)]
    assert len(fates) == len(set(fates))
    assert {*due, *owed} == {*fates, *given_up}
    assert len(plan.cron.owed) <= MOST_MADE_UP
    if overlap in (Overlap.SKIP, Overlap.QUEUE):
        assert len(plan.cron.starting) + len(live) <= 1
