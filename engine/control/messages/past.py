"""Moments that are past: which one is meant."""

from engine.control import views
from engine.control.messages.request import Request, Whole


class FindMoment(Request[views.MomentView], frozen=True, tag="moment"):
    """The event as of which other verbs tell what was: by instant or by number, not both."""

    at: Whole | None = None
    """UTC microseconds: the last event before the log's clock passed it."""
    seq: Whole | None = None
    """Its number; neither of the two: the newest event."""
