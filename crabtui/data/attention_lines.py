"""What wants attention, in words."""

from collections.abc import Mapping
from typing import Final

from crabtui.data.glyphs import Glyph
from crabtui.data.wording import Zone, clock, duration, plural
from engine.control.views import AttentionView
from engine.model.attention import Matter

LEVELS: Final[Mapping[str, Glyph]] = {
    "bad": Glyph("✗", "x", "B", "bad"),
    "warn": Glyph("!", "!", "W", "warn"),
    "note": Glyph("·", ".", "N", "muted"),
}
KNOWN: Final = Glyph("✓", "+", "K", "muted")
"""Somebody knows of it."""


def glyph_of(matter: Matter) -> Glyph:
    """How bad it is, or that somebody knows of it."""
    if matter.acknowledged_by:
        return KNOWN
    return LEVELS.get(matter.level, LEVELS["warn"])


def text_of(matter: Matter, now_at: int) -> str:
    """What is the matter, and who knows of it for how long."""
    if not matter.acknowledged_by:
        return matter.text
    left_us = (matter.acknowledged_until_at or now_at) - now_at
    return f"known to {matter.acknowledged_by} for {duration(left_us)}: {matter.text}"


def standing(view: AttentionView) -> str:
    """`6 items`, `6 items, 2 known`; empty if there are none."""
    known = len(view.matters) - view.open
    texts = [plural(view.open, "item") if view.open else ""]
    texts += [f"{known} known" if known else ""]
    return ", ".join(text for text in texts if text)


def all_clear(view: AttentionView, zone: Zone) -> str:
    """`all clear since 13:10`; empty while something wants attention."""
    if view.open:
        return ""
    if view.clear_since_at is None:
        return "all clear"
    return f"all clear since {clock(view.clear_since_at, zone)[:5]}"
