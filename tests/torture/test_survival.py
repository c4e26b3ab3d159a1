"""One kill at one chosen instant: what runs goes on, what ended while away is known after."""

import os
import shlex
from pathlib import Path

import psutil

from engine.control.messages import Cancel, ReadLog, ShowJob, Targets
from engine.control.views import AttemptView
from tests.kit.daemon import RealDaemon
from tests.kit.processes import job_processes
from tests.kit.waiting import wait_until


def a_gate(folder: Path) -> Path:
    """A named pipe; a job that reads it waits until somebody writes."""
    path = folder / "gate"
    os.mkfifo(path)
    return path


def waits_at(gate: Path, then: str) -> dict[str, object]:
    quoted = shlex.quote(str(gate))
    return {"name": "waits", "shell": f"echo before; read word <{quoted}; echo after; {then}"}


def last_attempt(daemon: RealDaemon, job: int) -> AttemptView:
    with daemon.client() as client:
        return client.call(ShowJob(id=job)).attempts[-1]


def log_of(daemon: RealDaemon, job: int) -> bytes:
    with daemon.client() as client:
        return client.call(ReadLog(id=job)).data


def test_a_job_outlives_its_daemon_and_is_found_again(
    daemon: RealDaemon, tmp_path: Path
) -> None:
    gate = a_gate(tmp_path)
    daemon.submit(waits_at(gate, "exit 7"))
    daemon.wait_state(1, "running")
    before = last_attempt(daemon, 1)
    daemon.restart()
    after = last_attempt(daemon, 1)
    assert (after.id, after.pid) == (before.id, before.pid)
    assert psutil.pid_exists(after.pid or 0)
    gate.write_text("go\n")
    assert daemon.wait_state(1).exit_code == 7
    assert log_of(daemon, 1) == b"before\nafter\n"


def test_an_end_that_nobody_watched_is_known_afterwards(
    daemon: RealDaemon, tmp_path: Path
) -> None:
    gate = a_gate(tmp_path)
    daemon.submit(waits_at(gate, "exit 3"))
    daemon.wait_state(1, "running")
    daemon.kill9()
    gate.write_text("go\n")
    wait_until(lambda: not job_processes(daemon.state), what="the job and its supervisor gone")
    daemon.start()
    ended = daemon.wait_state(1)
    assert (ended.state, ended.exit_code, ended.attempt) == ("failed", 3, 1)
    assert log_of(daemon, 1) == b"before\nafter\n"


def test_a_job_found_again_can_be_canceled(daemon: RealDaemon, tmp_path: Path) -> None:
    daemon.submit(waits_at(a_gate(tmp_path), "exit 0"))
    daemon.wait_state(1, "running")
    daemon.restart()
    with daemon.client() as client:
        client.call(Cancel(targets=Targets(ids=(1,))))
    assert daemon.wait_state(1).state == "canceled"
    wait_until(lambda: not job_processes(daemon.state), what="nothing left of the job")


def test_a_polite_end_leaves_jobs_running_too(daemon: RealDaemon, tmp_path: Path) -> None:
    gate = a_gate(tmp_path)
    daemon.submit(waits_at(gate, "exit 0"))
    daemon.wait_state(1, "running")
    assert daemon.terminate() == 0
    assert job_processes(daemon.state)
    daemon.start()
    gate.write_text("go\n")
    assert daemon.wait_state(1).state == "succeeded"


def test_a_submission_repeated_under_its_key_is_stored_once(daemon: RealDaemon) -> None:
    first = daemon.submit({"command": ["true"]}, {"command": ["true"]}, request_key="same")
    daemon.restart()
    again = daemon.submit({"command": ["true"]}, {"command": ["true"]}, request_key="same")
    assert again.ids == first.ids
    assert daemon.count("") == 2
