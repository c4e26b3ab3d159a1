"""Sending text to the terminal's clipboard, which never says whether it took it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Final

LIMIT: Final = 74_994
"""Bytes that terminals take in one go."""

PATIENCE_S: Final = 1.0


def send(
    text: str,
    copy: Callable[[str], None],
    environ: Mapping[str, str] = os.environ,
    run: "Callable[[list[str], bytes], bool] | None" = None,
) -> str:
    """Send `text` through `copy` (OSC 52), and through what is at hand beside it; says so.

    Inside tmux that is its buffer; where the screen is on this machine, its clipboard.
    """
    data = text.encode()
    if len(data) > LIMIT:
        return f"too long for the clipboard: {len(data):,} bytes, at most {LIMIT:,}"
    copy(text)
    for argv, name in _helps(environ):
        if (run or _run)(argv, data):
            return f"sent to terminal and {name}"
    return "sent to terminal"


def _helps(environ: Mapping[str, str]) -> Iterator[tuple[list[str], str]]:
    """Programs that take it too, the best first; none if the screen is in a browser."""
    if "WebDriver" in environ.get("TEXTUAL_DRIVER", ""):
        return
    if environ.get("TMUX"):
        yield ["tmux", "load-buffer", "-w", "-"], "tmux"
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return
    if environ.get("WAYLAND_DISPLAY"):
        yield ["wl-copy"], "clipboard"
    if environ.get("DISPLAY"):
        yield ["xclip", "-selection", "clipboard"], "clipboard"
    if environ.get("TERM_PROGRAM") in ("Apple_Terminal", "iTerm.app"):
        yield ["pbcopy"], "clipboard"


def _run(argv: list[str], data: bytes) -> bool:
    """Whether the program took it. What it leaves running for the clipboard holds no pipe."""
    if shutil.which(argv[0]) is None:
        return False
    try:
        done = subprocess.run(
            argv,
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
