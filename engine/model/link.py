"""How the daemon is connected with a worker's host, and what became of its breaker."""

from dataclasses import dataclass
from enum import StrEnum


class LinkState(StrEnum):
    """Whether a host answers."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"  # tried again by itself
    REFUSED = "refused"  # host key, rights or protocol: waits for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The connection with one host, as of now."""

    state: LinkState
    since_at: int
    """When it came to be so; of one that is not connected, when its host was heard last."""
    next_try_at: int | None = None
    tries: int = 0
    """Attempts to connect that failed since it was connected last."""
    error: str = ""
    """Why it is not connected."""
    spool_taken: bool = False
    """Refused since another daemon has its spool: no try helps, only a spool of its own."""
    tried: bool = False
    """Whether this daemon has reached it, or tried to, since its start."""
    round_trip_ms: float | None = None
    """Of the last look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tripped:
    """Why a worker's breaker is not closed."""

    failures: int
    """In a row."""
    why: str
    """What the last of them said."""
    until_at: int | None = None
    """When an open one lets probes through; None: it does by now."""
