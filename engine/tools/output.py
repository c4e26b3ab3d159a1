"""What calls write: each into files of its own, although they share a process."""

import contextvars
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TextIO

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC


class Log:
    """One stream of one call; its file is made when something is written."""

    def __init__(self, folder: str, name: str) -> None:
        self._folder = folder
        self._name = name
        self._fd = -1

    def fileno(self) -> int:
        """The file's descriptor; makes the file."""
        if self._fd < 0:
            Path(self._folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._fd = os.open(f"{self._folder}/{self._name}", _FLAGS, 0o600)
        return self._fd

    def write(self, data: bytes) -> None:
        """Append; what cannot be written is lost, and the call goes on."""
        try:
            fd, view = self.fileno(), memoryview(data)
            while view:
                view = view[os.write(fd, view) :]
        except OSError:
            return

    def close(self) -> None:
        """No more comes."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class Logs:
    """Both streams of a call."""

    def __init__(self, folder: str) -> None:
        self.out = Log(folder, "out")
        self.err = Log(folder, "err")

    def close(self) -> None:
        """No more comes."""
        self.out.close()
        self.err.close()


_now: contextvars.ContextVar[Logs | None] = contextvars.ContextVar("logs", default=None)


class _Routed(io.TextIOBase):
    """A standard stream that goes to the call in whose context it is written."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, name: str, stray: int) -> None:
        self._name = name
        self._stray = stray

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stray

    def write(self, text: str) -> int:
        self.write_bytes(text.encode("utf-8", "backslashreplace"))
        return len(text)

    def write_bytes(self, data: bytes) -> None:
        """Append to the log of the call that is at work in this context."""
        logs = _now.get()
        if logs is not None:
            (logs.out if self._name == "out" else logs.err).write(data)
            return
        with suppress(OSError):
            os.write(self._stray, data)

    @property
    def buffer(self) -> "_Bytes":
        """As other standard streams have it."""
        return _Bytes(self)

    def close(self) -> None:
        """Others write here, too: it stays open."""


class _Bytes(io.RawIOBase):
    """The bytes below a standard stream."""

    def __init__(self, routed: _Routed) -> None:
        self._routed = routed

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._routed.write_bytes(bytes(data))
        return len(data)


def route() -> None:
    """From now on the standard streams of this process are those of whoever writes."""
    sys.stdout = _Routed("out", 1)
    sys.stderr = _Routed("err", 2)


@contextmanager
def into(logs: Logs) -> Iterator[None]:
    """What is written meanwhile in this context goes there."""
    token = _now.set(logs)
    try:
        yield
    finally:
        _now.reset(token)
        logs.close()


@contextmanager
def whole_process(folder: str) -> Iterator[None]:
    """Everything that this process and its children write meanwhile goes there."""
    logs = Logs(folder)
    kept = [os.dup(1), os.dup(2)]
    streams = sys.stdout, sys.stderr
    with suppress(OSError):  # no room for a log: what it writes is stray, and the call goes on
        os.dup2(logs.out.fileno(), 1)
        os.dup2(logs.err.fileno(), 2)
    logs.close()
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr, *streams):
            with suppress(Exception):  # a call may have put anything there, or closed it
                stream.flush()
        for number, fd in enumerate(kept, 1):
            os.dup2(fd, number)
            os.close(fd)
        sys.stdout, sys.stderr = (_open(number, one) for number, one in enumerate(streams, 1))


def _open(number: int, stream: TextIO) -> TextIO:
    """A standard stream as it was; a new one if it has been closed."""
    return open(number, "w", closefd=False) if stream.closed else stream
