"""A terminal that goes away takes its console along."""

import os
import signal
import subprocess
import sys

import pytest

from tests.crabtui.test_terminal import console
from tests.kit.terminal import Terminal

STUCK = """
import signal, threading
from crabtui.outliving import end_with_terminal
signal.signal(signal.SIGHUP, signal.SIG_IGN)
end_with_terminal()
print("watching", flush=True)
threading.Lock().acquire() and threading.Event().wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere terminals cannot be polled")
def test_what_is_stuck_ends_with_its_terminal():
    master, slave = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", STUCK], stdin=slave, stdout=subprocess.PIPE
    ) as stuck:
        os.close(slave)
        assert stuck.stdout is not None
        assert stuck.stdout.readline() == b"watching\n"
        assert stuck.poll() is None
        os.close(master)
        assert stuck.wait(timeout=60) == 128 + signal.SIGHUP


def test_a_console_ends_with_its_terminal(daemon):
    daemon.submit({"command": ["sleep", "600"], "name": "patient"})
    terminal = Terminal(console(daemon))
    terminal.wait_text("patient")
    process = terminal.process
    terminal.hang_up()
    assert process.wait(timeout=60) == 128 + signal.SIGHUP
    daemon.wait_state(1, "running")
