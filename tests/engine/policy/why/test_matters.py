"""What is the matter with each kind of thing: its rank, its words, and where to look."""

from typing import Any

import pytest

from engine.model.attention import Matter, Rank
from engine.model.ids import JobId
from engine.model.link import Link, LinkState, Tripped
from engine.model.rules import Mode
from engine.model.worker import BreakerState, Health, Queue, Worker
from engine.policy.trends.repeats import Repeat
from engine.policy.why.matters import (
    STANDING_US,
    Engine,
    Line,
    Many,
    Reach,
    of_asking,
    of_engine,
    of_held,
    of_queue,
    of_repeat,
    of_unsatisfiable,
    of_worker,
)

NOW = 10**15


def worker(**fields: Any) -> Worker:
    return Worker(**{"name": "gpu-07", "backend": "ssh", **fields})


def matter_of(reach: Reach) -> Matter:
    found = of_worker(reach)
    assert found is not None
    return found


def test_an_engine_that_is_well_has_nothing() -> None:
    assert list(of_engine(Engine(rounds=50, round_ms_p95=99.0, commits=50))) == []
    assert list(of_engine(Engine(rounds=3, round_ms_p95=900.0))) == []


def test_trouble_and_slowness_are_two_matters() -> None:
    engine = Engine(trouble="the disk is full", waiting=9, rounds=50, round_ms_p95=210.0)
    trouble, slow = of_engine(engine)
    assert (trouble.rank, trouble.level, trouble.affected) == (Rank.ENGINE, "bad", 9)
    assert slow.text == "round p95 210 ms (budget 100)"
    assert slow.jump == "admin"


def test_a_worker_that_is_well_has_nothing() -> None:
    connected = Link(state=LinkState.CONNECTED, since_at=NOW, tried=True)
    assert of_worker(Reach(worker=worker(), link=connected, jobs=3)) is None


@pytest.mark.parametrize("health", [Health.DEGRADED, Health.DOWN])
def test_one_that_was_never_tried_is_not_called_down(health: Health) -> None:
    link = Link(state=LinkState.CONNECTING, since_at=NOW)
    assert of_worker(Reach(worker=worker(health=health), link=link)) is None


def test_one_that_is_down_tells_what_may_be_lost() -> None:
    link = Link(state=LinkState.LOST, since_at=NOW, tried=True, error="no route\nmore")
    found = matter_of(
        Reach(worker=worker(health=Health.DOWN), link=link, jobs=2, seen_at=NOW - 5)
    )
    assert (found.rank, found.affected, found.since_at) == (Rank.REACH, 2, NOW - 5)
    assert found.text == "down: no route; 2 jobs may be lost"
    assert (found.key, found.jump) == ("worker:gpu-07", "workers/gpu-07")


def test_a_refused_link_waits_for_a_person() -> None:
    link = Link(state=LinkState.REFUSED, since_at=NOW, tried=True, error="host key changed")
    found = matter_of(Reach(worker=worker(), link=link))
    assert (found.rank, found.text) == (Rank.REACH, "refused: host key changed")


def test_attempts_out_of_reach_are_told_though_the_worker_is_not_down() -> None:
    found = matter_of(Reach(worker=worker(), jobs=4, silent=1, silent_at=NOW - 9))
    assert (found.rank, found.text) == (Rank.REACH, "1 job out of reach")
    assert found.since_at == NOW - 9


def test_one_that_is_kept_from_work_matters_less() -> None:
    kept = matter_of(Reach(worker=worker(quarantined="it lost 3 jobs"), jobs=4))
    assert (kept.rank, kept.affected) == (Rank.STRAINED, 0)
    assert kept.text == "quarantined: it lost 3 jobs"
    tripped = Tripped(failures=5, why="cannot start")
    opened = matter_of(Reach(worker=worker(breaker=BreakerState.OPEN), tripped=tripped))
    assert opened.text == "breaker open after 5 failures: cannot start"


def test_the_worst_of_a_worker_is_told() -> None:
    both = worker(quarantined="it lost 3 jobs", health=Health.DOWN)
    assert matter_of(Reach(worker=both)).rank is Rank.REACH


def paused(ago_us: int, waiting: int = 3) -> Matter | None:
    queue = Queue(name="etl", paused_by="ana", paused_at=NOW - ago_us, paused_why="schema")
    return of_queue(Line(queue=queue, waiting=waiting), NOW)


def test_a_pause_matters_after_ten_minutes_and_with_waiters() -> None:
    assert paused(STANDING_US - 1) is None
    assert paused(STANDING_US, waiting=0) is None
    found = paused(STANDING_US)
    assert found is not None
    assert (found.rank, found.text) == (
        Rank.STANDING,
        "paused by ana (schema); 3 jobs waiting",
    )


@pytest.mark.parametrize(
    ("mode", "level"),
    [(Mode.NORMAL, None), (Mode.MODERATE, None), (Mode.HIGH, "warn"), (Mode.CRITICAL, "bad")],
)
def test_a_deep_backlog(mode: Mode, level: str | None) -> None:
    line = Line(queue=Queue(name=""), waiting=9_120, mode=mode, max_depth=10_000)
    found = of_queue(line, NOW)
    assert (found.level if found else None) == level
    if found is not None:
        assert (found.subject, found.jump) == ("all queues", "queues")
        assert found.text == f"{mode.label} backlog: 9,120 of 10,000 jobs wait"


def many(**fields: Any) -> Many:
    known = {"queue": "gpu", "number": 2, "is_exact": True, "first": 7, "since_at": NOW}
    return Many(**{**known, **fields})


def test_jobs_that_ask() -> None:
    assert of_asking(many(number=1)).jump == "jobs/7"
    assert of_asking(many()).jump == "jobs?state=failed&queue=gpu"
    assert of_asking(many()).rank is Rank.ASKED


def test_jobs_that_can_never_start() -> None:
    found = of_unsatisfiable(many(is_exact=False, text="asks 9 gpu"))
    assert found.text == "2+ jobs can never start: asks 9 gpu"
    assert (found.rank, found.jump) == (Rank.UNSATISFIABLE, "stuck?queue=gpu")


def test_jobs_on_hold_matter_after_ten_minutes() -> None:
    assert of_held(many(), NOW + STANDING_US - 1) is None
    found = of_held(many(text="ana"), NOW + STANDING_US)
    assert found is not None
    assert (found.rank, found.text) == (Rank.STANDING, "2 jobs on hold by ana")


def test_failures_that_repeat() -> None:
    repeat = Repeat("9ac1e002", 5, 2, JobId(8), NOW, "exit 137: out of memory")
    found = of_repeat(repeat, "train_v2")
    assert found.text == ("5 failures of 2 jobs in 15 min, all alike: exit 137: out of memory")
    assert (found.rank, found.affected, found.jump) == (Rank.REPEATED, 2, "jobs?fp=9ac1e002")
    assert of_repeat(repeat, "").subject == "#8"
