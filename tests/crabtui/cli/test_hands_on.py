"""Running jobs are paused, resumed and fed by command, with a real daemon."""

import json
from pathlib import Path

import psutil

from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon
from tests.kit.waiting import wait_until


def told(crab: Crab, job: str) -> dict[str, object]:
    found = json.loads(crab("show", job, "--json").out)["job"]
    assert isinstance(found, dict)
    return found


def runs(crab: Crab, job: str) -> bool:
    return told(crab, job)["state"] == "running"


def test_pause_and_resume(crab: Crab, daemon: RealDaemon) -> None:
    assert daemon.is_running
    crab("submit", "--", "sleep", "60")
    wait_until(lambda: runs(crab, "1"))
    assert crab("pause", "1", "--clocks").out == "#1 running → running, paused\n"
    assert crab("pause", "1").out == "#1 running, paused\n"
    paused = told(crab, "1")
    assert paused["paused_by"]
    [event] = [
        json.loads(line)
        for line in crab("events", "--job", "1", "--json").out.splitlines()
        if '"attempt.paused"' in line
    ]
    assert event["data"]["clocks"] is True
    ran = crab("hold", "1")
    assert (ran.code, "pause it" in ran.err) == (3, True)
    assert crab("resume", "1").out == "#1 running, paused → running\n"
    assert told(crab, "1")["paused_at"] is None
    crab("pause", "1")
    assert crab("cancel", "1").code == 0
    assert crab("wait", "1").code == 1
    assert told(crab, "1")["state"] == "canceled"
    assert crab("pause", "1").code == 3


def test_a_mark_outlives_the_daemon(crab: Crab, daemon: RealDaemon) -> None:
    crab("submit", "--", "sleep", "60")
    wait_until(lambda: runs(crab, "1"))
    crab("pause", "1")
    daemon.kill9()
    assert crab("resume", "1").code == 0
    job = [p for p in psutil.process_iter() if p.name() == "sleep" and _is_of(p, daemon.state)]
    assert [process.status() for process in job] == [psutil.STATUS_SLEEPING]


def _is_of(process: psutil.Process, state: Path) -> bool:
    try:
        return process.environ().get("CRAB_STATE") == str(state)
    except psutil.Error:
        return False


def test_send(crab: Crab, daemon: RealDaemon) -> None:
    assert daemon.is_running
    crab("submit", "--stdin", "--", "cat")
    wait_until(lambda: runs(crab, "1"))
    assert crab("send", "1", "hello", "--line").out == "#1 was sent 6 bytes\n"
    wait_until(lambda: crab("logs", "1").out == "hello\n")
    assert crab("send", "1", "bye", "--eof").code == 0
    assert crab("wait", "1").code == 0
    assert crab("logs", "1").out == "hello\nbye"
    ran = crab("send", "1", "x")
    assert (ran.code, "only a running job" in ran.err) == (3, True)


def test_who_did_not_ask_for_it_is_not_sent_anything(crab: Crab, daemon: RealDaemon) -> None:
    assert daemon.is_running
    crab("submit", "--", "sleep", "60")
    wait_until(lambda: runs(crab, "1"))
    ran = crab("send", "1", "x")
    assert (ran.code, "--stdin" in ran.err) == (3, True)
    crab("cancel", "1", "--kill")
