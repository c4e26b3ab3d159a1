"""The command line on a real terminal, with a real daemon."""

import sys

import pytest

from engine.control.messages import Cancel, Targets, Uncancel
from tests.kit.daemon import RealDaemon
from tests.kit.terminal import Terminal
from tests.kit.waiting import wait_until

CTRL_C = "\x03"
STUBBORN = "trap '' TERM INT; echo up; while :; do sleep 0.1; done"
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b2Jend"


def crabtui(daemon: RealDaemon, *words: str) -> Terminal:
    """A command as a person gives it."""
    argv = [sys.executable, "-m", "crabtui", *words]
    return Terminal(argv, env={"CRABTUI_STATE": str(daemon.state)})


def test_ctrl_c_cancels_and_waits_for_the_end(daemon: RealDaemon) -> None:
    with crabtui(daemon, "run", "--", "sh", "-c", "echo up; sleep 60") as terminal:
        terminal.wait_text("up")
        terminal.write(CTRL_C)
        assert terminal.wait_exit() == 130
        assert "canceling #1" in terminal.text
        assert terminal.modes == terminal.modes_before
    assert daemon.job(1).state == "canceled"


def test_ctrl_c_twice_leaves_the_job_to_itself(daemon: RealDaemon) -> None:
    with crabtui(daemon, "run", "--shell", STUBBORN) as terminal:
        terminal.wait_text("up")
        terminal.write(CTRL_C)
        terminal.wait_text("again: let it run, and leave")
        wait_until(lambda: daemon.job(1).stopping, what="#1 is told to end")
        terminal.write(CTRL_C)
        assert terminal.wait_exit() == 125
        assert "#1 goes on: `crabtui logs -f 1`" in terminal.text
        assert daemon.job(1).state == "running"


def test_detaching_first_is_the_other_way_round(daemon: RealDaemon) -> None:
    words = ("run", "--detach-on-interrupt", "--", "sh", "-c", "echo up; sleep 60")
    with crabtui(daemon, *words) as terminal:
        terminal.wait_text("up")
        terminal.write(CTRL_C)
        assert terminal.wait_exit() == 125
        assert "#1 goes on" in terminal.text
    job = daemon.job(1)
    assert (job.state, job.stopping, job.cancel_at) == ("running", False, None)


@pytest.mark.parametrize("words", [("ls",), ("show", "1"), ("logs", "1"), ("events",)])
def test_no_text_of_a_job_reaches_the_terminal_as_an_order(
    daemon: RealDaemon, words: tuple[str, ...]
) -> None:
    daemon.submit({"argv": ["printf", "%s\\n", HOSTILE], "tags": ["[red]x[/]"]})
    daemon.wait_state(1, "succeeded")
    with crabtui(daemon, *words) as terminal:
        assert terminal.wait_exit() == 0
        for order in (b"\x1b]0", b"\x07", b"\x1b[2J", b"\xc2\x9b"):
            assert order not in bytes(terminal.raw), (words, order)
        assert words == ("events",) or "end" in terminal.text


def test_a_cancel_is_taken_back_by_the_next_daemon(daemon: RealDaemon) -> None:
    [(job, _)] = daemon.submit({"argv": ["true"], "hold": True}).ids
    targets = Targets(ids=(job,))
    with daemon.client() as client:
        client.call(Cancel(targets=targets, undo_ms=3_600_000))
    daemon.restart()
    assert daemon.job(job).cancel_at is not None
    with daemon.client() as client:
        [result] = client.call(Uncancel(targets=targets)).results
    assert (result.ok, result.now) == (True, "queued, held")
    assert daemon.job(job).cancel_at is None
