"""Sending text to the terminal's clipboard, which never says whether it took it."""

import os
import subprocess
from collections.abc import Callable, Mapping
from typing import Final

LIMIT: Final = 74_994
"""Bytes that terminals take in one go."""


def send(
    text: str, copy: Callable[[str], None], environ: Mapping[str, str] = os.environ
) -> str:
    """Send `text` through `copy` (OSC 52), and to tmux's buffer inside tmux; says so."""
    data = text.encode()
    if len(data) > LIMIT:
        return f"too long for the clipboard: {len(data):,} bytes, at most {LIMIT:,}"
    copy(text)
    if environ.get("TMUX") and _to_tmux(data):
        return "sent to terminal and tmux"
    return "sent to terminal"


def _to_tmux(data: bytes) -> bool:
    command = ["tmux", "load-buffer", "-w", "-"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=1, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
