"""`crabtui --daemon`: the only place of the command line that knows the daemon."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from crabtui.cli.reaching.launch import READY_FD


def run_daemon(state: Path, *, detach: bool, flags: Sequence[str] = ()) -> int:
    """Be the daemon of `state` until it is told to stop. Returns: its exit code."""
    from engine.daemon.main import run

    sys.excepthook = sys.__excepthook__  # a daemon's log has room for a traceback
    said = os.environ.pop(READY_FD, "")
    ready_fd = int(said) if said.isascii() and said.isdigit() else None
    return run(state, detach=detach, ready_fd=ready_fd, flags=flags)
