"""Counting what happened, over time."""

from engine.control import views
from engine.control.messages.request import Request, Whole


class CountEvents(Request[views.EventCounts], frozen=True, tag="density"):
    """How many events of each level there were, in buckets of equal width.

    Buckets lie at whole multiples of their width, so that they stay where they are as time
    goes on; the last one has `end_at` in it.
    """

    end_at: Whole | None = None
    """UTC microseconds; None: now."""
    bucket_s: Whole = 30
    """Rounded up to what is kept: a multiple of 10 s."""
    buckets: Whole = 60
    where: str = ""
    """A filter of events; one that asks for levels and kinds alone costs nothing."""
