"""How it goes, and what wants somebody's attention."""

from engine.control import views
from engine.control.messages.request import Ms, Request, Whole


class GetTrends(Request[views.TrendsView], frozen=True, tag="trends"):
    """How much was done and how long it took, over the last hours."""

    range_ms: Ms = 3_600_000
    """How far back; a day at most."""
    buckets: Whole = 60
    """So many at most: 1 to 720."""
    queue: str | None = None
    """None: all jobs together."""
    as_of: Whole | None = None
    """Up to the moment when this event was the newest; None: up to now."""


class ListMatters(Request[views.AttentionView], frozen=True, tag="attention"):
    """What wants attention, ranked by how much it matters."""

    as_of: Whole | None = None
    """When this event was the newest, as far as the log knows; None: now."""


class Acknowledge(Request[views.Acted], frozen=True, tag="acknowledge"):
    """Say that somebody knows of a matter: for an hour it stands below all others."""

    key: str
    """Of the matter, as `attention` tells it."""
    undo: bool = False
    """Take that back."""
    why: str = ""
