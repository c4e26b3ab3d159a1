"""What a terminal is told beside what it shows: its title, and that something is over."""

from typing import Final

from crabtui.data.sanitize import sanitize

MOST: Final = 80
"""Letters of a title or a note."""

KEEP_TITLE: Final = "\x1b[22;0t"
"""Remember the title as it was."""

OLD_TITLE: Final = "\x1b]2;\x07\x1b[23;0t"
"""No title of ours any more; the remembered one, where terminals can."""


_MOUSE: Final = (1000, 1003, 1015, 1006)
"""Buttons, motion, and two ways to tell of places."""


def mouse(*, on: bool) -> str:
    """Has the terminal report its mouse, or not."""
    return "".join(f"\x1b[?{mode}{'h' if on else 'l'}" for mode in _MOUSE)


def title(text: str) -> str:
    """Sets the terminal's title."""
    return f"\x1b]2;{_plain(text)}\x07"


def note(text: str, *, in_tmux: bool) -> str:
    """Has the terminal notify its person (OSC 9), through tmux if it is between."""
    said = f"\x1b]9;{_plain(text)}\x07"
    if not in_tmux:
        return said
    return "\x1bPtmux;" + said.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def _plain(text: str) -> str:
    """One harmless line: a leading number and `;` would be a command of some terminals."""
    plain = sanitize(text).replace(";", ",")
    return "".join(letter if letter.isprintable() else " " for letter in plain)[:MOST]
