"""One daemon for each state directory: the lock, and who holds it."""

import fcntl
import logging
import os
from pathlib import Path

from engine.clock import Clock
from engine.errors import StateInUse, UnusableState

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 5.0
"""How often a daemon makes sure that its state directory is still there."""


class StateLock:
    """Held from before the database is opened until after it is closed."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Raises:
            StateInUse: another daemon has it; names the process.
            UnusableState: the file cannot be made or opened.
        """
        self._path = path
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UnusableState(
                f"{path.parent} cannot be used as a state directory: {error.strerror}"
            ) from None
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._fd, 64, 0).decode("ascii", "replace").strip() or "?"
            os.close(self._fd)
            raise StateInUse(
                f"another daemon, process {holder}, holds {path.parent}",
                details={"pid": holder},
            ) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def is_in_place(self) -> bool:
        """Whether the file that we hold is still the one that others would find."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._fd))
        except (FileNotFoundError, NotADirectoryError):
            return False

    def release(self) -> None:
        """Let the next daemon in. The file stays: removing it would open a gap."""
        os.ftruncate(self._fd, 0)
        os.close(self._fd)


async def watch_lock(lock: StateLock, state_dir: Path, clock: Clock) -> None:
    """Look after the lock, for ever.

    Raises:
        UnusableState: the state directory was removed or replaced; jobs go on.
    """
    while lock.is_in_place():
        await clock.sleep(LOOK_AGAIN_S)
    gone = UnusableState(f"{state_dir} was removed or replaced under this daemon")
    log.error("%s; it ends, its jobs go on", gone.message)
    raise gone


def prepare_state_dir(path: Path) -> None:
    """Make the state directory, or check that it is ours alone.

    Raises:
        UnusableState: it cannot be made or written, is not ours, or is a link.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except FileExistsError:
        raise UnusableState(f"{path} cannot be a state directory: it is a file") from None
    except OSError as error:
        raise UnusableState(
            f"{path} cannot be used as a state directory: {error.strerror}"
        ) from None
    if path.is_symlink():
        raise UnusableState(f"{path} is a link; name the state directory itself")
    if found.st_uid != os.getuid():
        raise UnusableState(f"{path} belongs to user {found.st_uid}, not to you")
    if found.st_mode & 0o077:
        path.chmod(0o700)
    if not os.access(path, os.W_OK | os.X_OK):
        raise UnusableState(f"{path} may not be written by you")
