"""Starts supervisors on this machine, and reads what they answer."""

import asyncio
import fcntl
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from engine.runner import identity
from engine.runner.faults import NotStartedError
from engine.runner.spool import Spool, epoch_name

_ANSWER_BYTES = 1 << 20
_RESET = [
    getattr(signal, name)
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGPIPE", "SIGTERM", "SIGCHLD", "SIGXFSZ",
                 "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGUSR1", "SIGUSR2", "SIGALRM")
]  # fmt: skip
"""What Python, nohup or a service manager may have told us to ignore; jobs must not."""
_NOTHING: Mapping[str, str] = {}


class Answers:
    """The one pipe on which every supervisor says its line, by attempt.

    It is roomy, so that a daemon that was stopped holds up no start; and when it is gone,
    supervisors do not mind.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._reader, self.writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(self.writer, True)
        if sys.platform.startswith("linux"):
            fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, _ANSWER_BYTES)
        self._rest = b""
        self._early: dict[str, str] = {}
        self._expected: dict[str, asyncio.Future[str]] = {}
        loop.add_reader(self._reader, self.read)

    def expect(self, attempt: str) -> asyncio.Future[str]:
        """The line of `attempt`, without its name; empty if its supervisor says nothing."""
        answer = self._expected[attempt] = self._loop.create_future()
        if attempt in self._early:
            answer.set_result(self._early.pop(attempt))
        return answer

    def hang_up(self, attempt: str) -> bool:
        """Its supervisor is no more; whether that is news to who waited for its answer.

        It is not if no start of the job was ever told: then the answer itself says the end.
        """
        answer = self._expected.get(attempt)
        if answer is not None and not answer.done():
            self.read()  # it may have spoken just now
        self._expected.pop(attempt, None)
        if answer is None or answer.cancelled():
            return True
        if not answer.done():
            answer.set_result("")
        return answer.result().startswith("STARTED")

    def read(self) -> None:
        """Take in whatever has been said."""
        try:
            data = os.read(self._reader, _ANSWER_BYTES)
        except BlockingIOError:
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            word, attempt, *rest = line.decode("ascii", "replace").split(" ")
            self._take(attempt, " ".join([word, *rest]))

    def _take(self, attempt: str, text: str) -> None:
        answer = self._expected.get(attempt)
        if answer is None:
            self._early[attempt] = text
        elif not answer.done():
            answer.set_result(text)

    def close(self) -> None:
        """Hear no more."""
        self._loop.remove_reader(self._reader)
        os.close(self._reader)
        os.close(self.writer)


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
        raise NotStartedError(f"no supervisor could be started: {error}") from error


def spawn_ending(
    spool: Spool, folder: Path, *, sh: str, signal_name: str, grace_ms: int
) -> int:
    """Start what ends an attempt for certain, whatever becomes of us; its pid."""
    script = f"{spool.scripts}/ending.sh"
    return _spawn([sh, script, str(folder), signal_name, str(grace_ms)], None)


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
