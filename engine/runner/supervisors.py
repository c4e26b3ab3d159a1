"""Starts the processes that own attempts and those that end them, with nothing of ours."""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from engine.runner import identity, verbs
from engine.runner.faults import NotStartedError, in_words
from engine.runner.records import Status
from engine.runner.spool import Spool, epoch_name

_RESET = [
    getattr(signal, name)
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGPIPE", "SIGTERM", "SIGCHLD", "SIGXFSZ",
                 "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGUSR1", "SIGUSR2", "SIGALRM")
]  # fmt: skip
"""What Python, nohup or a service manager may have told us to ignore; jobs must not."""
_NOTHING: Mapping[str, str] = {}


def keep_descriptors() -> None:
    """What we were given open, by whoever started us, is not passed on to any job."""
    for name in os.listdir("/dev/fd"):  # noqa: PTH208
        with suppress(OSError):
            if int(name) > 2:
                os.set_inheritable(int(name), False)


def spawn_supervisor(
    spool: Spool, folder: Path, epoch: int, *, sh: str, session: str, answer: int
) -> int:
    """Start the supervisor of a claimed attempt; its pid. It answers on `answer`.

    Raises:
        NotStartedError: the system would not make another process.
    """
    script = f"{spool.scripts}/supervisor.sh"
    words = (str(folder), epoch_name(epoch), identity.ident(), session)
    try:
        return _spawn([sh, script, *words], answer)
    except OSError as error:
        raise NotStartedError(f"no supervisor could be started: {in_words(error)}") from error


def keeper(spool: Spool, status: Status) -> tuple[int | None, Callable[[], bool]]:
    """The process whose end is the attempt's end, and how to know it."""
    if status.state == "orphan" and status.pid:
        return status.pid, partial(identity.is_alive, status.pid, status.pid_start or "")
    folder = str(spool.folder(status.attempt))
    return status.owner, partial(identity.is_about, status.owner or 0, folder)


def stop(
    spool: Spool, attempt: str, epoch: int, *, sh: str, signal_name: str, grace_ms: int
) -> tuple[Status, int | None]:
    """Begin to end an attempt, whatever becomes of us.

    Returns:
        Its state, and the pid of what will end it: a child of ours; None: nothing has to.
    """
    now = verbs.reason(spool, attempt, epoch)
    if now.ended or now.state == "absent":
        return now, None
    script, folder = f"{spool.scripts}/ending.sh", str(spool.folder(attempt))
    return now, _spawn([sh, script, folder, signal_name, str(grace_ms)], None)


def _spawn(argv: list[str], stdout: int | None) -> int:
    """A process in a session of its own, with nothing of ours: no environment, no files."""
    null = "/dev/null"
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, null, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, null, os.O_WRONLY, 0)
        if stdout is None
        else (os.POSIX_SPAWN_DUP2, stdout, 1),
        (os.POSIX_SPAWN_OPEN, 2, null, os.O_WRONLY, 0),
    ]
    return os.posix_spawn(
        argv[0],
        argv,
        _NOTHING,
        file_actions=actions,
        setsid=True,
        setsigmask=[],
        setsigdef=_RESET,
    )
