"""Where a state directory and its door are."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.errors import UnusableState

LIMIT_BYTES: Final = 100
"""Longest path of a unix socket that every system takes (macOS: 104 with the zero)."""


def state_dir(given: str | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """The state directory, absolute; it need not exist.

    Args:
        given: What `--state` said; wins over all else.
        environ: `CRABTUI_STATE` in it wins over the system's place for such things.
    """
    named = given or environ.get("CRABTUI_STATE")
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs  # a tenth of a command's time, and often not needed

    return Path(platformdirs.user_state_dir("crabtui"))


def door(state: Path) -> Path:
    """The path of the daemon's socket.

    Raises:
        UnusableState: the path is longer than a socket's may be.
    """
    path = state / "run" / "door"
    length = len(os.fsencode(path))
    if length > LIMIT_BYTES:
        raise UnusableState(
            f"the socket path {path} has {length} bytes, and {LIMIT_BYTES} is the most that "
            "a unix socket can have: choose a shorter --state or CRABTUI_STATE",
            details={"path": str(path), "bytes": length, "limit": LIMIT_BYTES},
        )
    return path


def known_hosts(state: Path) -> Path:
    """The file of host keys that operators have accepted for the workers of a daemon."""
    return state / "known_hosts"
