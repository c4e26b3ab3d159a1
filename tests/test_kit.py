"""The kit itself: a terminal shows what was written, takes keys, and says when it gives up."""

import shutil
import sys
from pathlib import Path

import pytest

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
