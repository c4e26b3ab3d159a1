"""Forecasts: the real planner in virtual time, on snapshots that nobody else has."""

from hypothesis import given
from hypothesis import strategies as st

from engine.model.ids import AttemptId, JobId
from engine.model.priority import Priority
from engine.model.rules import Rules
from engine.model.snapshot import Holder, Lane, Room, Snapshot
from engine.model.states import State
from engine.policy.scheduling.scheduler import schedule
from engine.policy.why.supposing import frozen, with_jobs, with_queue
from engine.policy.why.whatif import ASSUMED_MS, difference, forecast
from tests.engine.policy.strategies import snapshots
from tests.kit.build import NOW, a_job, a_lane, a_queue, a_snapshot, a_worker


@given(snapshots())
def test_what_the_next_round_starts_comes_first(snapshot: Snapshot) -> None:
    starts = schedule(snapshot).starts
    places = forecast(snapshot, ASSUMED_MS).places
    assert [places[start.job.id].place for start in starts] == [*range(1, len(starts) + 1)]
    assert all(places[start.job.id].starts_at == snapshot.now_at for start in starts)


@given(snapshots())
def test_no_change_moves_nobody(snapshot: Snapshot) -> None:
    seen = forecast(snapshot, ASSUMED_MS)
    found = difference(seen, forecast(snapshot, ASSUMED_MS))
    assert (found.earlier, found.later, found.unchanged) == ([], [], len(seen.places))


def test_jobs_start_when_those_before_them_are_expected_to_end() -> None:
    short = a_job(id=1, estimated_duration_ms=5_000)
    unknown, last = a_job(id=2), a_job(id=3)
    places = forecast(a_snapshot(short, unknown, last, cores=1), 7_000).places
    begins = [(places[job.id].starts_at - NOW) // 1000 for job in (short, unknown, last)]
    assert begins == [0, 5_000, 12_000]


def test_a_lowered_limit_delays_and_a_canceled_job_makes_room() -> None:
    one, two = a_job(id=1), a_job(id=2)
    snapshot = a_snapshot(one, two, cores=2)
    was = forecast(snapshot, ASSUMED_MS)
    limited = with_queue(snapshot, a_queue(limit=1))
    assert [moved.job.id for moved in difference(was, forecast(limited, ASSUMED_MS)).later] == [
        2
    ]
    gone = with_jobs(limited, [a_job(id=1, state=State.CANCELED)])
    assert forecast(gone, ASSUMED_MS).places[two.id].place == 1


def test_where_one_forecast_breaks_off_nothing_is_said_of_what_comes_later() -> None:
    jobs = [a_job(id=number) for number in range(1, 6)]
    snapshot = a_snapshot(*jobs, cores=1)
    looks = iter([True, True, False])
    short = forecast(snapshot, 7_000, may_go_on=lambda: next(looks))
    assert (sorted(short.places), short.is_whole) == ([1, 2, 3], False)
    assert NOW + 14_000_000 <= short.at < NOW + 21_000_000
    limited = forecast(with_queue(snapshot, a_queue(limit=0)), 7_000)
    assert limited.is_whole
    found = difference(short, limited)
    assert [moved.job.id for moved in found.later] == [1, 2, 3]
    assert not difference(short, forecast(snapshot, 7_000)).later


def test_a_frozen_snapshot_does_not_follow_what_it_was_a_view_of() -> None:
    jobs = [a_job() for _ in range(5)]
    running = {"default": 1}
    live = a_snapshot(running_in_queue=running)
    live.lanes.append(Lane(a_lane(jobs[0]).key, a_lane(jobs[0]).shape, jobs))  # type: ignore[attr-defined]
    seen = frozen(live, 3)
    jobs.clear()
    running["default"] = 9
    [lane] = seen.lanes
    assert (len(lane.jobs), lane.has_more) == (3, True)
    assert seen.running_in_queue == {"default": 1}


def test_those_who_are_displaced_leave_at_once_and_are_told() -> None:
    meek = Holder(
        JobId(1),
        "local",
        "default",
        None,
        NOW,
        attempt=AttemptId("1-1-1"),
        priority=Priority.LOW,
        amounts=(("cpu_milli", 1000),),
        is_preemptible=True,
    )
    room = Room(a_worker(cpu=1), {"cpu_milli": 1000}, 1)
    job = a_job(id=2)
    snapshot = a_snapshot(
        job, rooms={"local": room}, holders=[meek], rules=Rules(preemption=True)
    )
    was = forecast(snapshot, ASSUMED_MS)
    urgent = a_job(id=2, priority=Priority.CRITICAL)
    now = forecast(with_jobs(snapshot, [urgent]), ASSUMED_MS)
    assert (list(was.displaced), list(now.displaced)) == ([], [meek.job])
    assert was.places[job.id].starts_at == NOW + ASSUMED_MS * 1000
    assert now.places[job.id].starts_at == NOW


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=30, unique=True),
    st.lists(st.integers(1, 40), max_size=14, unique=True),
)
def test_jobs_leave_their_lanes_however_many_they_are(here: list[int], gone: list[int]) -> None:
    snapshot = a_snapshot(*(a_job(id=number) for number in here))
    ended = [a_job(id=number, state=State.CANCELED) for number in gone]
    left = [job.id for lane in with_jobs(snapshot, ended).lanes for job in lane.jobs]
    assert left == sorted(set(here) - set(gone))
