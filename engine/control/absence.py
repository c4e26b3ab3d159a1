"""Saying that nobody answers, in the same words from every client."""

import errno
from pathlib import Path

from engine.errors import DoorError, EngineError, NoDaemon, UnusableState

NOBODY = frozenset({errno.ENOENT, errno.ECONNREFUSED, errno.ENOTDIR, errno.ECONNRESET})
"""What a missing door, or one without a daemon behind it, answers to `connect`."""


def cannot_connect(path: Path, trouble: OSError) -> EngineError:
    """The error for a socket that did not let us in."""
    if trouble.errno in NOBODY:
        return NoDaemon(
            f"no daemon answers on {path}: `crabtui --daemon` starts one",
            details={"path": str(path)},
        )
    if trouble.errno in {errno.EACCES, errno.EPERM}:
        return UnusableState(f"{path} belongs to somebody else: {trouble.strerror}")
    return DoorError(f"cannot use {path}: {trouble.strerror}")


def gone(path: Path) -> NoDaemon:
    """The error for a daemon that went away in the middle of a conversation."""
    return NoDaemon(
        f"the daemon behind {path} went away before it answered",
        details={"path": str(path), "lost": True},
    )


def silent(path: Path, seconds: float) -> NoDaemon:
    """The error for a daemon that accepts connections but says nothing."""
    return NoDaemon(
        f"the daemon behind {path} said nothing for {seconds:g} s; is it stopped?",
        details={"path": str(path), "silent_s": seconds},
    )
