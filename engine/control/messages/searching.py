"""Searching what jobs have written, where that lies."""

from engine.control import views
from engine.control.messages.request import Ms, Stream, Whole


class SearchLog(Stream[views.LogFound], frozen=True, tag="search_log"):
    """The lines of one log with something in them, piece by piece.

    An empty pattern finds nothing, and counts lines. A line that has not ended yet, of an
    attempt that goes on, is not looked at.
    """

    id: Whole
    stream: str = "out"
    attempt: Whole | None = None
    """Number of the attempt; None: the newest."""
    pattern: str = ""
    """A text, or `/…/` for a regular expression; without a capital letter in any case."""
    start: Whole = 0
    """Lines that begin from here on."""
    end: Whole | None = None
    """And before here."""
    backwards: bool = False
    """The last piece first; in each, lines are in the order of the log."""
    context: Whole = 0
    """Lines above and below each, at most 10."""
    texts: bool = True
    """Whether the lines are wanted, or only where they are."""
    most: Whole = 10_000
    """It ends once there are so many, with the piece in which they are."""


class SearchLogs(Stream[views.LogsFound], frozen=True, tag="search_logs"):
    """The same in the logs of all jobs of a filter, live ones first, then the newest.

    Each log in which something was found, or that could not be read, is one item; the last
    item is the total. It stops at the first bound that it comes to, and says so.
    """

    pattern: str
    where: str = ""
    streams: str = "both"
    """`out`, `err` or `both`."""
    all_attempts: bool = False
    """Not the newest alone."""
    context: Whole = 0
    each: Whole = 20
    """Lines of one log."""
    most_jobs: Whole = 1_000
    most_hits: Whole = 1_000
    most_bytes: Whole = 2**30
    most_ms: Ms = 30_000
