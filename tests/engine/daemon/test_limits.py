"""A real daemon holds jobs to the memory they asked for, says so, and can be told not to."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.control.messages import ListWorkers, ShowJob
from engine.control.views import JobDetail
from tests.kit.daemon import ENDED, RealDaemon

GREEDY = {
    "argv": [sys.executable, "-S", "-c", "len(bytearray(400 << 20))"],
    "memory": "200M",
}


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[RealDaemon]:
    """A daemon that was not started yet."""
    daemon = RealDaemon(tmp_path)
    daemon.state.mkdir(mode=0o700)
    yield daemon
    daemon.close()


def run(daemon: RealDaemon, job: dict[str, object]) -> JobDetail:
    [(number, _)] = daemon.submit(job).ids
    daemon.wait_state(number, *ENDED)
    with daemon.client() as client:
        return client.call(ShowJob(id=number))


def level(daemon: RealDaemon) -> str:
    with daemon.client() as client:
        [worker] = client.call(ListWorkers()).workers
    return worker.limits


def test_who_takes_more_memory_than_asked_for_ends_for_want_of_it(idle: RealDaemon) -> None:
    idle.start()
    ended = run(idle, GREEDY)
    assert (ended.job.state, ended.attempts[0].limits) == ("failed", level(idle))
    assert level(idle) in ("scope", "rlimit")
    assert ended.job.error is not None
    assert ended.job.error["code"] == "out_of_memory"
    free = run(idle, {**GREEDY, "memory": None})
    assert (free.job.state, free.attempts[0].limits) == ("succeeded", "")


def test_an_operator_can_leave_memory_to_the_jobs(idle: RealDaemon) -> None:
    (idle.state / "config.toml").write_text("[workers.local]\nlimits = false\n")
    idle.start()
    ended = run(idle, GREEDY)
    assert (ended.job.state, ended.attempts[0].limits, level(idle)) == ("succeeded", "", "")
