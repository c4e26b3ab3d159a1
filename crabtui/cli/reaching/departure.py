"""Asking a daemon to go, whatever its version, and seeing it off."""

import contextlib
from typing import Final

from crabtui.cli.reaching.entry import enter
from engine.control.messages import Stop
from engine.errors import DoorError, NoDaemon

LEAVES_S: Final = 30.0
"""How long a daemon may take to finish what it has begun."""


def ask_to_leave() -> int:
    """Stop the daemon that this command is about; returns its pid when it has hung up.

    Raises:
        NoDaemon: none runs, or it was asked and did not go in time.
    """
    with enter(start=False, any_protocol=True) as client:
        assert client.hello is not None
        pid = client.hello.daemon.pid
        client.set_timeout(LEAVES_S)
        try:
            with contextlib.suppress(DoorError):  # it may hang up before its answer arrives
                client.call(Stop())
            client.wait_closed()
        except TimeoutError:
            raise NoDaemon(
                f"daemon {pid} was asked to stop and is still there after {LEAVES_S:g} s"
            ) from None
        return pid
