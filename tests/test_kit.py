"""The kit itself: a terminal shows what was written, takes keys, and says when it gives up."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.processes import end_all, job_processes
from tests.kit.terminal import Terminal
from tests.kit.tmux import Tmux
from tests.kit.waiting import NotInTimeError, wait_until

GREET = "name = input('who? '); print('\\x1b[1mhello', name)"


def test_terminal_shows_and_takes_keys() -> None:
    with Terminal([sys.executable, "-c", GREET], columns=40, rows=5) as terminal:
        terminal.wait_text("who?")
        terminal.write("Ada\r")
        terminal.wait_text("hello Ada")
        assert b"\x1b[1mhello" in terminal.raw
        assert terminal.wait_exit() == 0
        assert terminal.modes == terminal.modes_before


def test_terminal_is_the_controlling_terminal() -> None:
    with Terminal(["/bin/sh", "-c", "echo on-$(stty size </dev/tty)"], columns=50) as terminal:
        terminal.wait_text("on-24 50")


def test_terminal_says_what_it_saw_instead() -> None:
    with (
        Terminal(["/bin/echo", "something else"]) as terminal,
        pytest.raises(NotInTimeError, match="something else"),
    ):
        terminal.wait_text("never", timeout_s=5)


def test_waiting_gives_up() -> None:
    with pytest.raises(NotInTimeError, match="the moon"):
        wait_until(lambda: 0, timeout_s=0.02, what="the moon")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux on this machine")
def test_tmux_shows_and_takes_keys(tmp_path: Path) -> None:
    with Tmux(tmp_path, [sys.executable, "-c", GREET + "; input()"]) as tmux:
        tmux.wait_text("who?")
        tmux.write("Ada")
        tmux.press("Enter")
        tmux.wait_text("hello Ada")
        assert tmux.value("alternate_on") == "0"


def test_leftovers_are_found_and_ended(tmp_path: Path) -> None:
    sleep = ["/bin/sh", "-c", "echo up; exec sleep 300"]
    env = {"PATH": os.environ["PATH"], "CRAB_STATE": str(tmp_path)}
    with (
        subprocess.Popen(sleep, env=env, stdout=subprocess.PIPE) as job,
        subprocess.Popen(
            sleep, env=env | {"CRAB_STATE": "/other"}, stdout=subprocess.PIPE
        ) as other,
    ):
        assert job.stdout is not None
        job.stdout.readline()
        assert [process.pid for process in job_processes(tmp_path)] == [job.pid]
        end_all(tmp_path)
        assert job.wait() == -signal.SIGKILL
        assert other.poll() is None
        other.kill()
