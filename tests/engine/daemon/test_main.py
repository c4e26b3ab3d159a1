"""The daemon as a real process: how it starts, hands over, refuses and ends."""

import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest

from engine.control.messages import GetStats, ListEvents, Stop
from engine.daemon.lock import StateLock
from engine.errors import EngineError
from tests.kit.daemon import RealDaemon
from tests.kit.processes import job_processes
from tests.kit.waiting import wait_until

NAP = {"shell": "sleep 30"}


def second(daemon: RealDaemon, *more: str) -> subprocess.CompletedProcess[str]:
    """Start the same daemon once more and wait for its end."""
    env = {name: value for name, value in os.environ.items() if name != "CRABTUI_READY_FD"}
    return subprocess.run(
        [*daemon.argv, *more], env=env, capture_output=True, text=True, timeout=90, check=False
    )


def refused(folder: Path, state: Path) -> str:
    """What a daemon says that must not start on this state directory."""
    daemon = RealDaemon(folder)
    daemon.state = state
    ended = second(daemon)
    assert ended.returncode == 3, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_second_daemon_names_the_first_and_leaves_it_alone(daemon: RealDaemon) -> None:
    ended = second(daemon)
    assert ended.returncode == 3
    assert f"process {daemon.pid}" in ended.stderr
    assert daemon.count("id>0") == 0


def test_an_orderly_end_leaves_jobs_to_the_next_daemon(daemon: RealDaemon) -> None:
    [(job, _)] = daemon.submit(NAP).ids
    daemon.wait_state(job, "running")
    assert daemon.terminate() == 0
    assert not (daemon.state / "run" / "door").exists()
    daemon.start()
    assert daemon.job(job).state == "running"
    assert daemon.job(job).attempt == 1
    with daemon.client() as client:
        events = client.call(ListEvents(last=True, limit=50)).events
        stats = client.call(GetStats())
    kinds = [event.type.value for event in events]
    assert kinds.index("daemon.stopped") < kinds.index("daemon.started", 4)
    assert "attempt.adopted" in kinds
    assert stats.daemon.epoch == 2
    assert "exception" not in daemon.logged.lower()


def test_a_second_signal_ends_it_at_once_and_loses_nothing(daemon: RealDaemon) -> None:
    [(job, _)] = daemon.submit(NAP).ids
    daemon.wait_state(job, "running")
    os.kill(daemon.pid, signal.SIGSTOP)
    os.kill(daemon.pid, signal.SIGTERM)
    os.kill(daemon.pid, signal.SIGINT)
    os.kill(daemon.pid, signal.SIGCONT)
    wait_until(lambda: not daemon.is_running, what="the end")
    daemon.start()
    assert daemon.job(job).state == "running"


def test_a_dead_daemons_socket_is_no_hindrance(daemon: RealDaemon) -> None:
    daemon.kill9()
    assert (daemon.state / "run" / "door").is_socket()
    daemon.start()
    assert daemon.count("id>0") == 0


def test_a_daemon_whose_epoch_was_overtaken_stops_and_changes_nothing(
    daemon: RealDaemon,
) -> None:
    [(job, _)] = daemon.submit({"argv": ["true"], "hold": True}).ids
    with sqlite3.connect(daemon.state / "crabtui.db", isolation_level=None) as newer:
        newer.execute("UPDATE meta SET value = value + 1 WHERE key = 'epoch'")
    newer.close()
    with pytest.raises(EngineError):
        daemon.submit({"argv": ["true"]})
    wait_until(lambda: not daemon.is_running, what="the end")
    assert "epoch" in daemon.logged
    daemon.start()
    assert daemon.count("id>0") == 1
    assert daemon.job(job).state == "queued"


def test_detached_it_returns_when_it_is_ready(tmp_path: Path) -> None:
    daemon = RealDaemon(tmp_path)
    try:
        assert second(daemon, "--detach").returncode == 0
        with daemon.client() as client:
            pid = client.call(GetStats()).daemon.pid
        again = second(daemon, "--detach")
        assert again.returncode == 3
        assert str(pid) in again.stderr
        os.kill(pid, signal.SIGTERM)
        door = daemon.state / "run" / "door"
        wait_until(lambda: not door.exists(), what="the door closed")
    finally:
        daemon.close()


def test_unusable_state_directories_are_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    assert f"{file} cannot be a state directory: it is a file" in refused(tmp_path, file)
    assert file.read_text() == "mine"
    long = tmp_path / ("x" * 120)
    assert "socket" in refused(tmp_path, long)
    busy = tmp_path / "busy"
    (busy / "run").mkdir(parents=True, mode=0o700)
    (busy / "run" / "door").write_text("mine")
    assert "is in the way" in refused(tmp_path, busy)


def test_a_newer_or_broken_database_is_refused_and_left_as_it_is(daemon: RealDaemon) -> None:
    assert daemon.terminate() == 0
    database = daemon.state / "crabtui.db"
    good = database.read_bytes()
    with sqlite3.connect(database) as newer:
        newer.execute("PRAGMA user_version = 4711")
    newer.close()
    raised = database.read_bytes()
    assert "newer" in refused(daemon.state.parent, daemon.state)
    assert database.read_bytes() == raised
    broken = b"not a database at all " * 500
    database.write_bytes(broken)
    refused(daemon.state.parent, daemon.state)
    assert database.read_bytes() == broken
    database.write_bytes(good)
    assert daemon.start().count("id>0") == 0


def test_a_client_that_says_nothing_does_not_hold_up_the_end(daemon: RealDaemon) -> None:
    silent = socket.socket(socket.AF_UNIX)
    silent.connect(str(daemon.state / "run" / "door"))
    assert daemon.terminate() == 0
    silent.close()


def test_who_stops_it_sees_it_off(daemon: RealDaemon) -> None:
    daemon.submit(*[{"argv": ["true"], "hold": True}] * 100)
    with daemon.client() as client:
        client.set_timeout(30)
        client.call(Stop())
        client.wait_closed()
    StateLock(daemon.state / "lock").release()
    wait_until(lambda: not daemon.is_running, what="the end")


def test_a_daemon_whose_state_directory_was_removed_ends(daemon: RealDaemon) -> None:
    [(job, _)] = daemon.submit({"argv": ["sleep", "30"]}).ids
    daemon.wait_state(job, "running")
    shutil.rmtree(daemon.state)
    wait_until(lambda: not daemon.is_running, what="the end")
    assert daemon.exit_code == 3
    assert "was removed or replaced" in daemon.logged
    assert "Traceback" not in daemon.logged
    assert not daemon.state.exists()
    assert job_processes(daemon.state)


def test_the_worst_umask_does_not_lock_it_out(tmp_path: Path) -> None:
    daemon = RealDaemon(tmp_path)
    before = os.umask(0o777)
    try:
        daemon.start()
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in (daemon.state, daemon.state / "run", daemon.state / "spool" / "a")
        }
        assert set(modes.values()) == {0o700}, modes
    finally:
        os.umask(before)
        daemon.close()


def test_a_state_directory_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "s"
    closed.mkdir(mode=0o500)
    daemon = RealDaemon(tmp_path)
    argv = daemon.argv
    if os.geteuid() == 0:  # to whom modes mean nothing, unless this is taken away
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root may write everywhere")
        argv = [setpriv, "--bounding-set=-dac_override,-dac_read_search", *argv]
    ended = subprocess.run(argv, capture_output=True, text=True, timeout=90, check=False)
    assert ended.returncode == 3, ended.stderr
    assert ended.stderr == f"crabtui: {closed} may not be written by you\n"
    assert list(closed.iterdir()) == []
