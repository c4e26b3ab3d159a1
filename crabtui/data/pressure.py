"""Backpressure in words: how full a backlog is, and what that means for its jobs."""

from collections.abc import Mapping
from typing import Final

from crabtui.data.glyphs import Cell, Token
from crabtui.data.wording import count

TOKENS: Final[Mapping[str, Token]] = {
    "normal": "muted",
    "moderate": "warn",
    "high": "warn",
    "critical": "bad",
    "full": "bad",
}
MEANS: Final[Mapping[str, str]] = {
    "moderate": "fewer may run at once, where that is configured",
    "high": "low waits until nothing else can start",
    "critical": "low waits, and only critical jobs come in",
    "full": "no more come in; what waits goes on, and cancels are always taken",
}


def short(mode: str) -> str:
    """`high backlog`; empty while it is normal."""
    return "" if mode == "normal" else f"{mode} backlog"


def standing(mode: str, depth: int, most: int | None) -> Cell:
    """`high backlog, 9,120 of 10,000: …`; what is normal has no text."""
    if mode == "normal":
        return "", "muted"
    of = "" if most is None else f", {count(depth)} of {count(most)}"
    means = f": {MEANS[mode]}" if mode in MEANS else ""
    return f"{short(mode)}{of}{means}", token(mode)


def token(mode: str) -> Token:
    """The colour of a mode."""
    return TOKENS.get(mode, "warn")
