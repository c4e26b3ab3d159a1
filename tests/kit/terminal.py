"""Programs on a real terminal: a pty with a screen that can be read."""

import fcntl
import os
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

import pyte

from tests.kit.waiting import PATIENCE_S, NotInTimeError, read_ready

TAKE_TERMINAL = 'exec "$@" <"$TTY_OF_TEST" >"$TTY_OF_TEST" 2>&1'


class Terminal:
    """A program on a pty of its own, and what a person would see there."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> None:
        self.raw = bytearray()
        """Every byte that the program wrote."""
        self.painted_at_s = 0.0
        """When the last of them arrived, on the monotonic clock."""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._master, slave = os.openpty()
        _resize(self._master, columns, rows)
        self.modes_before = termios.tcgetattr(slave)
        self._slave = slave
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", TAKE_TERMINAL, "sh", *argv],
            env=_terminal_env(env) | {"TTY_OF_TEST": os.ttyname(slave)},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def modes(self) -> list[object]:
        """The terminal's settings now; compare with `modes_before`."""
        return termios.tcgetattr(self._slave)

    def write(self, keys: str | bytes) -> None:
        """Press these keys, as the bytes that a terminal sends for them."""
        os.write(self._master, keys.encode() if isinstance(keys, str) else keys)

    def resize(self, columns: int, rows: int) -> None:
        self._screen.resize(rows, columns)
        _resize(self._master, columns, rows)
        os.killpg(self.process.pid, signal.SIGWINCH)

    def read(self, *, timeout_s: float) -> bool:
        """Take what was written; False if nothing came within `timeout_s` or it ended."""
        if not read_ready(self._master, timeout_s=timeout_s):
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # Linux: the last holder of the other side is gone
            return False
        self.painted_at_s = time.monotonic()
        self.raw += data
        self._stream.feed(data)
        return bool(data)

    def wait_screen(
        self, seen: Callable[[str], object], *, timeout_s: float = PATIENCE_S
    ) -> str:
        """The screen's text as soon as `seen` accepts it.

        Raises:
            NotInTimeError: it never did; the message shows the screen.
        """
        ends_s = time.monotonic() + timeout_s
        while not seen(self.text):
            left_s = ends_s - time.monotonic()
            if left_s <= 0 or (not self.read(timeout_s=min(left_s, 0.1)) and self._is_over()):
                raise NotInTimeError(
                    f"not on the screen:\n{self.text}\n(exit {self.process.poll()})"
                )
        return self.text

    def wait_text(self, text: str, *, timeout_s: float = PATIENCE_S) -> str:
        """The screen as soon as it shows `text`."""
        return self.wait_screen(lambda screen: text in screen, timeout_s=timeout_s)

    def wait_exit(self, *, timeout_s: float = PATIENCE_S) -> int:
        """The program's exit code; everything it wrote has been read then."""
        ends_s = time.monotonic() + timeout_s
        while self.process.poll() is None:
            self.read(timeout_s=0.02)
            if time.monotonic() > ends_s:
                raise NotInTimeError(f"still running:\n{self.text}")
        while self.read(timeout_s=0):
            pass
        return self.process.returncode

    def hang_up(self) -> None:
        """The terminal is gone: a window was closed, a connection cut."""
        for descriptor in (self._master, self._slave):
            os.close(descriptor)

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        for descriptor in (self._master, self._slave):
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _is_over(self) -> bool:
        return self.process.poll() is not None and not read_ready(self._master, timeout_s=0)


def _resize(descriptor: int, columns: int, rows: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _terminal_env(extra: Mapping[str, str] | None) -> dict[str, str]:
    plain = {
        name: value
        for name, value in os.environ.items()
        if name not in {"NO_COLOR", "COLUMNS", "LINES", "TMUX", "COLORTERM"}
    }
    return plain | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"} | dict(extra or {})
