"""What a search of logs answers."""

from engine.control.views.view import View


class LogHit(View, frozen=True, omit_defaults=True):
    """A line that was searched for. Its bytes are base64 on the wire."""

    offset: int
    """Where it begins, counted from the first byte ever written."""
    before: int
    """How many lines begin between the start of its piece and it."""
    data: bytes = b""
    """Without its line break, at most 4 KiB of it; empty if texts were not asked for."""
    above: tuple[bytes, ...] = ()
    """The lines before it, if asked for: fewer at the start of the log."""
    below: tuple[bytes, ...] = ()


class LogFound(View, frozen=True):
    """One piece of a log that was searched. Pieces lie side by side, and none twice."""

    attempt: str
    start: int
    """Of the piece; with `end` in bytes from the first ever written."""
    end: int
    lines: int
    """How many lines begin in it."""
    size: int
    """Of the log so far; what is past the last line's end is searched once that has ended."""
    dropped: int
    hits: tuple[LogHit, ...] = ()
    """In the order of the log."""


class SearchTotal(View, frozen=True):
    """What a search of many logs looked at, and what it did not."""

    matched: int
    """Jobs that match the filter."""
    matched_is_exact: bool
    jobs: int
    """Of them were looked at, as far as they have begun."""
    logs: int
    bytes: int
    hits: int
    unread: int
    """Logs that could not be read; each was told of."""
    ended_by: str = ""
    """Which bound ended it early: `jobs`, `hits`, `bytes` or `time`; empty: it is whole."""


class LogsFound(View, frozen=True, omit_defaults=True):
    """What was found in one log of many; or, the last of all, the total."""

    job: int = 0
    name: str = ""
    attempt: str = ""
    number: int = 0
    """Of the attempt."""
    stream: str = ""
    worker: str = ""
    hits: tuple[LogHit, ...] = ()
    """Their `before` counts from the first line that is kept."""
    more: bool = False
    """It has more of them than were asked for."""
    trouble: str = ""
    """Why it could not be read, or only in part."""
    total: SearchTotal | None = None
