"""Forecasts: the real planner in virtual time, on snapshots that nobody else has."""

from hypothesis import given

from engine.model.snapshot import Snapshot
from engine.model.states import State
from engine.policy.scheduler import schedule
from engine.policy.supposing import with_jobs, with_queue
from engine.policy.whatif import ASSUMED_MS, difference, forecast
from tests.engine.policy.strategies import snapshots
from tests.kit.build import NOW, a_job, a_queue, a_snapshot


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
