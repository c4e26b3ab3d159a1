"""Going on where one was when a daemon is replaced under a command that waits."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from crabtui.cli.reaching.entry import enter
from engine.control.blocking import BlockingClient
from engine.errors import NoDaemon

T = TypeVar("T")

PATIENCE_S: Final = 10.0
"""How long to look for the next daemon. None is started: somebody may have stopped it."""


def through_restarts(work: Callable[[BlockingClient], T]) -> T:
    """What `work` returns; it is called again, with a new connection, after each loss.

    `work` remembers for itself how far it came.

    Raises:
        NoDaemon: the daemon went away and no other came in time.
    """
    client = enter()
    while True:
        try:
            with client:
                return work(client)
        except NoDaemon as lost:
            if "lost" not in lost.details:
                raise
            client = _next_daemon(lost)


def _next_daemon(lost: NoDaemon) -> BlockingClient:
    ends_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_s:
        try:
            return enter(start=False)
        except NoDaemon:
            time.sleep(0.05)
    raise lost
