"""What operators did."""

from engine.control.views.jobs import Result
from engine.control.views.view import View


class ActView(View, frozen=True, omit_defaults=True):
    """One act of an operator, as it was written down with what it changed."""

    seq: int
    at: int
    by: str
    verb: str
    client: str = ""
    """What it came through: `console`, `cli`, `python`; empty if that was not said."""
    worker: str | None = None
    why: str = ""
    asked: dict[str, object] = {}
    """Its parameters, cut if long: `ids` or `where`, `name`, `limit`, and so on."""
    total: int = 1
    """How many objects it was for."""
    changed: int = 0
    unchanged: int = 0
    """How many were as they should be already."""
    refused: int = 0
    left: int = 0
    """How many it did not come to."""
    stopped: bool = False
    """Somebody had it leave the rest alone."""
    error: str = ""
    """What ended it early."""
    first: int = 0
    """What it changed is among the events from this one"""
    last: int = 0
    """to this one; both 0 if it changed nothing."""
    has_receipt: bool = False
    """What became of each object can still be read."""


class ActsPage(View, frozen=True):
    """A piece of the audit trail, oldest first."""

    acts: tuple[ActView, ...]
    head: int
    """Newest sequence number at the moment of reading."""


class ActProgress(View, frozen=True):
    """How far an act has come."""

    key: str
    verb: str
    total: int
    changed: int
    unchanged: int
    refused: int
    ended: bool
    stopped: bool = False


class ReceiptPage(View, frozen=True):
    """A piece of what became of each object of an act."""

    progress: ActProgress
    results: tuple[Result, ...]
    offset: int
    total: int
    """How many objects there are to page through."""
