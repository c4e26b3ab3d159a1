"""Events, counted."""

from engine.control.views.view import View


class EventCounts(View, frozen=True):
    """How many events of each level lie in each bucket, oldest bucket first."""

    start_at: int
    """Where the first bucket begins, UTC microseconds."""
    bucket_s: int
    err: tuple[int, ...]
    warn: tuple[int, ...]
    info: tuple[int, ...]
    debug: tuple[int, ...]
    head: int
    """Newest sequence number at the moment of reading."""
    now_at: int
    counted_from_at: int | None = None
    """Only events from here on were counted, as the older ones are too many; None: all."""
    first_at: int | None = None
    """When the log begins, to ten seconds; None: it is empty."""
