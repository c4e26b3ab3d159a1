"""A tmux server of one's own: the console where people really run it."""

import os
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.kit.waiting import PATIENCE_S, wait_until


class Tmux:
    """One window of a private server, 80 x 24 unless told otherwise."""

    def __init__(
        self,
        folder: Path,
        argv: Sequence[str] = ("/bin/sh",),
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._socket = str(folder / "tmux")
        size = ["-x", str(columns), "-y", str(rows)]
        without = {"TMUX", "NO_COLOR", "COLORTERM"}
        plain = {name: value for name, value in os.environ.items() if name not in without}
        self._env = plain | {"LC_ALL": "C.UTF-8", "TMUX_TMPDIR": str(folder)} | dict(env or {})
        self._tmux("new-session", "-d", *size, "-s", "test", shlex.join(argv))

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-S", self._socket, "-f", "/dev/null", *words]
        done = subprocess.run(
            command, env=self._env, capture_output=True, check=True, timeout=PATIENCE_S
        )
        return done.stdout.decode()

    def press(self, *keys: str) -> None:
        """Keys by tmux's names: `x`, `Enter`, `C-c`."""
        self._tmux("send-keys", "-t", "=test:", *keys)

    def write(self, text: str) -> None:
        """Text as it is, no key names."""
        self._tmux("send-keys", "-t", "=test:", "-l", text)

    @property
    def text(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", "=test:")

    def value(self, name: str) -> str:
        """One of tmux's variables about the pane, as `alternate_on` or `cursor_flag`."""
        return self._tmux("display-message", "-p", "-t", "=test:", f"#{{{name}}}").strip()

    def wait_screen(
        self, seen: Callable[[str], object], *, timeout_s: float = PATIENCE_S
    ) -> str:
        """The pane's text as soon as `seen` accepts it."""
        last = ""

        def look() -> bool:
            nonlocal last
            last = self.text
            return bool(seen(last))

        try:
            wait_until(look, timeout_s=timeout_s, gap_s=0.05)
        except AssertionError as error:
            raise AssertionError(f"not in the pane:\n{last}") from error
        return last

    def wait_text(self, text: str, *, timeout_s: float = PATIENCE_S) -> str:
        return self.wait_screen(lambda screen: text in screen, timeout_s=timeout_s)

    def close(self) -> None:
        command = ["tmux", "-S", self._socket, "kill-server"]
        subprocess.run(
            command, env=self._env, capture_output=True, check=False, timeout=PATIENCE_S
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
