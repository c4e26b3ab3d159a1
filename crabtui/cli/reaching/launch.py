"""Starting a daemon of its own session, and waiting until it answers."""

import contextlib
import os
import subprocess
import time
from pathlib import Path
from typing import Final

from crabtui.program import PROGRAM
from engine.control import place
from engine.control.blocking import BlockingClient, connect
from engine.errors import NoDaemon

READY_FD: Final = "CRABTUI_READY_FD"
"""Names the descriptor on which a daemon says `ready`, or why it cannot start."""

READY: Final = "ready"

IN_USE: Final = "another daemon"
"""In what a daemon says that finds the state in somebody else's hands."""

LOG: Final = "daemon.log"
"""Where in the state directory a detached daemon writes what it has to say."""

RIVAL_S: Final = 5.0
"""How long to wait for a daemon that somebody else starts at this moment."""

LONGEST_WORD: Final = 65_536

_started: list[subprocess.Popen[bytes]] = []
"""Daemons of ours; kept, because they are meant to outlive this process."""


def start_daemon(state: Path, *, patience_s: float = RIVAL_S) -> BlockingClient:
    """Start a daemon on `state` and connect to it.

    If somebody else started one at the same time, that one answers.

    Args:
        state: Made if it does not exist.
        patience_s: How long to try again if the state is still in somebody's hands.

    Raises:
        NoDaemon: it did not start; says why, in its own words.
        UnusableState: the path of its socket would be too long.
    """
    place.door(state)
    ends_s = time.monotonic() + patience_s
    while (said := _launch(state)) != READY:
        with contextlib.suppress(NoDaemon):
            return connect(state, kind="cli")
        if time.monotonic() > ends_s or IN_USE not in said:
            raise NoDaemon(
                f"the daemon did not start: {said or _wordless(state)}",
                details={"state": str(state), "said": said},
            )
        time.sleep(0.05)
    return connect(state, kind="cli")


def _wordless(state: Path) -> str:
    return f"it ended without a word; {state / LOG} may have more"


def _launch(state: Path) -> str:
    """Start it; what it said: `ready`, or the trouble in a sentence."""
    told, tells = os.pipe()
    try:
        _started.append(
            subprocess.Popen(
                [*PROGRAM, "--daemon", "--detach", "--state", str(state)],
                env=os.environ | {READY_FD: str(tells)},
                pass_fds=(tells,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
    finally:
        os.close(tells)
    with os.fdopen(told, "rb") as pipe:
        return _first_line(pipe.fileno())


def _first_line(pipe: int) -> str:
    said = b""
    while b"\n" not in said and len(said) < LONGEST_WORD:
        piece = os.read(pipe, 4096)
        if not piece:
            break
        said += piece
    return said.partition(b"\n")[0].decode("utf-8", "replace").strip()
