"""What trends and repeats make of events."""

from typing import Any

from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq
from engine.policy.trends.bucket import Timed
from engine.policy.trends.hearing import MOST_QUEUES, Trends
from engine.policy.trends.repeats import MOST, SPAN_US, Repeats
from engine.policy.trends.series import HOUR_US

NOW = 1_000 * HOUR_US
S = 1_000_000


def event(kind: EventType, at: int = NOW, job: int = 1, **now: Any) -> Event:
    data = {"now": {"queue": "gpu", **now}}
    return Event(seq=Seq(1), at=at, type=kind, job=JobId(job), data=data)


def submitted(queue: str = "gpu", at: int = NOW) -> Event:
    data = {"queue": queue, "priority": "normal"}
    return Event(seq=Seq(1), at=at, type=EventType.JOB_SUBMITTED, job=JobId(1), data=data)


def failure(fp: str, at: int = NOW, job: int = 1) -> Event:
    trouble = {"code": "exit", "message": "exited with 3", "fp": fp}
    return event(EventType.JOB_FAILED, at, job, trouble=trouble, note="exit 3")


def test_a_life_is_counted_and_timed_once() -> None:
    trends = Trends()
    trends.hear(
        [
            submitted(),
            event(EventType.JOB_STARTED, queued_at=NOW - 4 * S, started_at=NOW),
            event(EventType.JOB_COMPLETED, started_at=NOW - 2 * S, ended_at=NOW),
        ],
        {"gpu": 3, "": 8},
    )
    for series, depth in ((trends.all, 8), (trends.queue("gpu"), 3)):
        bucket, _ = series.recent(NOW)
        assert (bucket.came, bucket.started, bucket.done, bucket.failed) == (1, 1, 1, 0)
        assert bucket.depth == depth
    wait = trends.all.recent(NOW)[0].quantile(Timed.WAIT, 0.5)
    run = trends.all.recent(NOW)[0].quantile(Timed.RUN, 0.95)
    assert wait is not None
    assert run is not None
    assert 3_800 <= wait <= 4_200
    assert 1_900 <= run <= 2_100


def test_failures_and_retries_are_told_apart() -> None:
    trends = Trends()
    trends.hear(
        [
            event(EventType.JOB_RETRY),
            event(EventType.JOB_FAILED, started_at=NOW, ended_at=NOW),
            event(EventType.JOB_TIMEOUT, started_at=NOW, ended_at=NOW),
        ]
    )
    bucket, _ = trends.all.recent(NOW)
    assert (bucket.failed, bucket.retried, bucket.depth) == (2, 1, None)


def test_many_that_came_at_once_count_for_each_queue() -> None:
    trends = Trends()
    data: dict[str, object] = {"came": {"gpu": 5, "cpu": 2}, "count": 7}
    many = Event(seq=Seq(1), at=NOW, type=EventType.JOBS_SUBMITTED, data=data)
    trends.hear([many], {"gpu": 5, "cpu": 2, "": 7})
    assert trends.all.recent(NOW)[0].came == 7
    assert trends.queue("gpu").recent(NOW)[0].came == 5


def test_the_past_is_taken_in_once_it_was_read() -> None:
    trends, past = Trends(), Trends()
    trends.since(NOW)
    past.since(NOW - 3_000 * S)
    trends.hear([submitted(at=NOW)])
    past.hear([submitted(at=NOW - 3_000 * S), submitted("cpu", at=NOW - 1)])
    trends.take_in(past)
    assert trends.since_at == NOW - 3_000 * S
    assert sum(b.came for b in trends.all.window(NOW, HOUR_US, 60).buckets) == 3
    assert trends.queue("cpu").recent(NOW)[0].came == 1


def test_queues_that_were_quiet_for_long_are_forgotten_first() -> None:
    trends = Trends()
    trends.hear(submitted(f"q{n}") for n in range(MOST_QUEUES))
    trends.hear([submitted("q0"), submitted("new")])
    assert len(trends.queues) == MOST_QUEUES
    assert "q0" in trends.queues
    assert "q1" not in trends.queues


def test_three_failures_alike_are_often_and_two_are_not() -> None:
    repeats = Repeats()
    repeats.hear([failure("aa", NOW + n, job=n) for n in (1, 2, 3)])
    repeats.hear([failure("bb"), failure("bb"), event(EventType.JOB_COMPLETED)])
    [one] = repeats.often(NOW + 5)
    assert (one.fp, one.failures, one.jobs, one.last, one.said) == ("aa", 3, 3, 3, "exit 3")
    assert one.since_at == NOW + 1


def test_after_a_quarter_of_an_hour_they_are_not() -> None:
    repeats = Repeats()
    repeats.hear([failure("aa", NOW + n) for n in range(3)])
    assert repeats.often(NOW + SPAN_US - 1)
    assert not repeats.often(NOW + SPAN_US)


def test_what_was_met_before_counts_too() -> None:
    repeats, past = Repeats(), Repeats()
    past.hear([failure("aa", NOW - 5, job=1), failure("aa", NOW - 4, job=2)])
    repeats.hear([failure("aa", NOW, job=3)])
    repeats.take_in(past)
    [one] = repeats.often(NOW)
    assert (one.failures, one.last, one.since_at) == (3, 3, NOW - 5)


def test_fingerprints_stay_few() -> None:
    repeats = Repeats()
    for n in range(2 * MOST):
        repeats.hear([failure(f"{n:08x}", NOW + n, job=1) for _ in range(3)])
    assert len(repeats.often(NOW + 2 * MOST)) == MOST
