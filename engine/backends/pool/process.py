"""One process of a pool, as the daemon sees it: it is told things, says things, and ends."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from engine.backends.pool.leftovers import MARK
from engine.tools.frames import Described, Ends, FrameError, Frames, Told, frame

log = logging.getLogger(__name__)

READ_BYTES = 1 << 18


class Process:
    """Spawned when made. All callbacks come on the event loop."""

    def __init__(
        self,
        role: str,
        *,
        python: str,
        env: Mapping[str, str],
        folder: Path,
        said: Callable[["Process", Described | Ends], None],
        gone: Callable[["Process"], None],
    ) -> None:
        """Spawn it, in a session of its own.

        Args:
            role: `shared` or `single`.
            python: The interpreter; empty: ours.
            env: All of its environment.
            folder: Where it runs, and where `stray` takes what belongs to no call.
            said: Told of everything that it says.
            gone: Told once, when it has ended and all that it said was told.

        Raises:
            OSError: it cannot be spawned.
        """
        self.role = role
        self.calls: set[str] = set()
        """Those that were sent to it and have not ended."""
        self.is_ready = False
        """Its modules are imported."""
        self.is_retired = False
        """It gets nothing more."""
        self.was_killed = False
        """By us."""
        self.code: int | None = None
        self.signal: int | None = None
        self._said = said
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._frames = Frames()
        self._unsent = bytearray()
        self._has_ended = self._is_deaf = False
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        try:
            self._child = _spawned(role, python, env, folder, theirs)
        except OSError:
            self._socket.close()
            raise
        finally:
            theirs.close()
        self.pid = self._child.pid
        self._loop.add_reader(self._socket, self._read)
        threading.Thread(target=self._wait, daemon=True, name=f"pool {self.pid}").start()

    def tell(self, message: Told) -> None:
        """Have it know; nothing happens if it is gone."""
        if self._is_deaf:
            return
        self._unsent += frame(message)
        self._write()

    def kill(self, number: int = signal.SIGKILL) -> None:
        """A signal to it and to all that its calls have started."""
        self.was_killed |= number == signal.SIGKILL
        if not self._has_ended:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def _write(self) -> None:
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent)
                del self._unsent[:sent]
        except BlockingIOError:
            self._loop.add_writer(self._socket, self._write)
            return
        except OSError:
            self._unsent.clear()
        self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up()
            return
        try:
            for message in self._frames.said(data):
                self._said(self, message)
        except FrameError as error:
            log.warning("process %d of the pool is ended: it said %s", self.pid, error)
            self.kill()
            self._hang_up()

    def _hang_up(self) -> None:
        """It says nothing any more: whatever it still does has no purpose."""
        if self._is_deaf:
            return
        self._is_deaf = True
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()
        if self._has_ended:
            self._gone(self)
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)

    def _wait(self) -> None:
        """In a thread of its own: its end is its parent's to hear of."""
        status = self._child.wait()
        with suppress(RuntimeError):  # nobody is there any more
            self._loop.call_soon_threadsafe(self._ended, status)

    def _ended(self, status: int) -> None:
        self._has_ended = True
        self.code, self.signal = (status, None) if status >= 0 else (None, -status)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # what its calls have left behind
        if self._is_deaf:
            self._gone(self)
            return
        self._read_rest()
        self._hang_up()

    def _read_rest(self) -> None:
        """What it said before it ended."""
        with suppress(OSError, FrameError):
            while data := self._socket.recv(READ_BYTES):
                for message in self._frames.said(data):
                    self._said(self, message)


def _spawned(
    role: str, python: str, env: Mapping[str, str], folder: Path, theirs: socket.socket
) -> "subprocess.Popen[bytes]":
    with (folder / "stray").open("ab") as stray:
        return subprocess.Popen(
            [python or sys.executable, "-m", "engine.tools.worker", str(theirs.fileno()), role],
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=stray,
            stderr=stray,
            cwd=folder,
            env={**env, MARK: str(folder)},
            start_new_session=True,
        )
