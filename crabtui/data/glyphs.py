"""The sign, ASCII sign, letter and colour of every state: no meaning by colour alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from engine.control.views import JobRow
from engine.model.states import State

Token = Literal[
    "text",
    "muted",
    "accent",
    "link",
    "wait",
    "block",
    "run",
    "warn",
    "ok",
    "bad",
    "line",
]
"""What a colour means; `crabtui.theme` alone knows which colour that is."""

TOKENS: Final[tuple[Token, ...]] = get_args(Token)

Cell = tuple[str, Token]
"""Sanitised text and its colour."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One sign, drawn in one cell."""

    sign: str
    ascii: str
    letter: str
    token: Token

    def drawn(self, *, ascii_only: bool = False) -> str:
        """The sign that this terminal can show."""
        return self.ascii if ascii_only else self.sign


PENDING: Final = Glyph("◌", ".", "P", "wait")
DEPENDS: Final = Glyph("◇", "#", "P", "wait")
SCHEDULED: Final = Glyph("◔", "@", "P", "wait")
CANCELING: Final = Glyph("◍", "~", "X", "warn")
UNREACHABLE: Final = Glyph("?", "?", "U", "warn")
HELD: Final = Glyph("‖", "=", "H", "block")
MARK: Final = Glyph("*", "*", "*", "accent")
CURSOR: Final = Glyph("▌", ">", ">", "accent")

STATES: Final[Mapping[str, Glyph]] = {
    State.PENDING: PENDING,
    State.QUEUED: Glyph("○", "o", "Q", "wait"),
    State.RUNNING: Glyph("●", "*", "R", "run"),
    State.RETRYING: Glyph("↻", "r", "Y", "warn"),
    State.SUCCEEDED: Glyph("✓", "+", "S", "ok"),
    State.FAILED: Glyph("✗", "x", "F", "bad"),
    State.TIMEOUT: Glyph("◷", "t", "T", "bad"),
    State.CANCELED: Glyph("‒", "-", "C", "muted"),
    State.SKIPPED: Glyph("↷", ">", "K", "muted"),
}

DECOR: Final[Mapping[str, str]] = {
    "▌": ">",
    "▲": "^",
    "▼": "v",
    "►": ">",
    "◄": "<",
    "▁": "_",
    "▂": ".",
    "▃": "-",
    "▄": "=",
    "▅": "+",
    "▆": "*",
    "▇": "#",
    "█": "#",
    "░": ".",
    "▸": ">",
    "▾": "v",
    "·": ".",
    "─": "-",
    "│": "|",
    "┬": "+",
    "┴": "+",
    "├": "+",
    "┤": "|",
    "┼": "+",
    "┌": "+",
    "┐": "+",
    "└": "+",
    "┘": "+",
    "▒": ":",
    "▓": "#",
    "•": "*",
    "⟨": "<",
    "⟩": ">",
    "›": ">",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "⇒": ">",
    "…": "~",
    "×": "x",
    "±": "~",
}
"""Everything else that we draw, and what stands for it in ASCII."""

_TO_ASCII: Final = {
    **{ord(glyph.sign): glyph.ascii for glyph in (*STATES.values(), DEPENDS, SCHEDULED)},
    **{ord(glyph.sign): glyph.ascii for glyph in (CANCELING, HELD)},
    **{ord(sign): plain for sign, plain in DECOR.items()},
}


def to_ascii(text: str) -> str:
    """`text` with our own signs replaced; what is neither ours nor ASCII becomes `?`."""
    if text.isascii():
        return text
    return text.translate(_TO_ASCII).encode("ascii", "replace").decode("ascii")


def state_glyph(row: JobRow) -> Glyph:
    """The sign of a job: doubts and cancels first, then its state."""
    if row.unreachable_at is not None:
        return UNREACHABLE
    if row.stopping or row.cancel_at is not None:
        return CANCELING
    if row.state == State.PENDING:
        return _pending(row)
    return STATES.get(row.state, PENDING)


def _pending(row: JobRow) -> Glyph:
    if row.unmet:
        return DEPENDS
    return SCHEDULED if row.wake_at is not None else PENDING
