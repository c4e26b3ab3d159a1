"""The command line and a real daemon: it starts by itself, and is swapped under jobs."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crabtui.cli.conftest import Crab
from tests.kit.daemon import RealDaemon
from tests.kit.processes import end_all
from tests.kit.waiting import wait_until


@pytest.fixture
def _ends(crab: Crab, state: Path) -> Iterator[None]:
    """Whatever a command started is gone afterwards."""
    yield
    crab("stop")
    end_all(state)


@pytest.mark.usefixtures("_ends")
def test_the_first_command_starts_a_daemon(crab: Crab, state: Path) -> None:
    assert crab("submit", "--", "sh", "-c", "echo hi; exit 3").out == "#1\n"
    assert (state / "run" / "door").is_socket()
    ran = crab("wait", "1")
    assert (ran.code, ran.out) == (1, "#1 failed (exit 3)\n")
    assert crab("logs", "1").out == "hi\n"
    assert crab("stop").code == 0
    assert crab("stop").code == 3


def test_run_exits_as_the_job_did(crab: Crab, daemon: RealDaemon) -> None:
    assert daemon.is_running
    ran = crab("run", "--", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (ran.code, ran.out, ran.err) == (7, "out\n", "err\n")
    assert crab("run", "--shell", "kill -9 $$").code == 137
    assert crab("run", "--timeout", "100ms", "sleep", "60").code == 124


def test_jobs_of_a_file_are_all_or_none(crab: Crab, daemon: RealDaemon, tmp_path: Path) -> None:
    file = tmp_path / "jobs.ndjson"
    file.write_text('{"argv": ["true"]}\n{"argv": ["true"], "quue": "x"}\n')
    ran = crab("submit", "-f", str(file))
    assert ran.code == 2
    assert "'queue'" in ran.err
    assert daemon.count("") == 0
    file.write_text('{"argv": ["true"]}\n' * 300)
    told = json.loads(crab("submit", "-f", str(file), "--json", "--hold").out)
    assert told["count"] == 300
    assert daemon.count("held:yes") == 300


@pytest.mark.usefixtures("_ends")
def test_restart_with_a_wrong_configuration_stops_nothing(crab: Crab, state: Path) -> None:
    crab("submit", "--hold", "true")
    before = json.loads(crab("stats", "--json").out)["daemon"]
    (state / "config.toml").write_text("[schedular]\n")
    ran = crab("restart")
    assert (ran.code, "did you mean" in ran.err) == (2, True)
    assert json.loads(crab("stats", "--json").out)["daemon"]["pid"] == before["pid"]
    checks = json.loads(crab("doctor", "--json").out)["checks"]
    [config] = [check for check in checks if check["name"] == "config"]
    assert (config["ok"], "schedular" in config["text"]) == (False, True)


@pytest.mark.usefixtures("_ends")
def test_restart_swaps_the_daemon_under_a_job_and_its_followers(
    crab: Crab, state: Path
) -> None:
    crab("submit", "--name", "long", "--shell", "while [ ! -e go ]; do sleep 0.05; done")
    following = running("wait", "1")
    wait_until(lambda: _clients(crab) == 2, what="the follower has come in")
    before = json.loads(crab("stats", "--json").out)["daemon"]
    told = json.loads(crab("restart", "--json").out)
    assert told["old"] == before["pid"] != told["new"]
    assert told["epoch"] == before["epoch"] + 1
    assert json.loads(crab("show", "1", "--json").out)["job"]["state"] == "running"
    crab("cancel", "1", "--kill")
    assert following.communicate(timeout=90) == (b"#1 canceled (SIGKILL)\n", None)
    assert following.returncode == 1
    [attempt] = json.loads(crab("show", "1", "--json").out)["attempts"]
    assert attempt["verdict"] == "canceled"


@pytest.mark.usefixtures("daemon")
def test_ctrl_c_cancels_the_job(crab: Crab) -> None:
    with running("run", "--", "sh", "-c", "echo up; sleep 60") as process:
        assert process.stdout.readline() == b"up\n"
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(90) == 130
    assert json.loads(crab("show", "1", "--json").out)["job"]["state"] == "canceled"


def _clients(crab: Crab) -> int:
    clients: int = json.loads(crab("stats", "--json").out)["engine"]["clients"]
    return clients


def running(*words: str) -> Any:
    return subprocess.Popen(
        [sys.executable, "-m", "crabtui", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.usefixtures("_ends")
def test_a_folder_of_the_same_name_is_no_part_of_the_daemon(
    crab: Crab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("engine", "crabtui"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text("raise SystemExit('of the user')\n")
    monkeypatch.chdir(tmp_path)
    ran = crab("submit", "--", "true")
    assert (ran.out, ran.err) == ("#1\n", "")
