"""Beginning and ending a conversation, and the daemon itself."""

from engine.control import views
from engine.control.messages.request import PROTOCOL, Request, Whole


class SayHello(Request[views.Hello], frozen=True, tag="hello"):
    """The first request on a connection."""

    version: str
    protocol: Whole = PROTOCOL
    read_only: bool = False
    """The daemon refuses every act on this connection."""
    client: str = ""
    """What it is, for the audit trail: `console`, `cli`, `python`."""


class ShowConfig(Request[views.ConfigView], frozen=True, tag="config"):
    """Every setting with its value in effect, and where that came from."""


class Reload(Request[views.Reloaded], frozen=True, tag="reload"):
    """Read the configuration file again; if anything in it is wrong nothing changes."""


class Check(Request[views.Checked], frozen=True, tag="check"):
    """Database and spool, looked at thoroughly."""


class GetStats(Request[views.Stats], frozen=True, tag="stats"):
    """All counters."""

    as_of: Whole | None = None
    """The event as of which jobs and workers are told; the daemon is always as it is now."""


class Stop(Request[views.Done], frozen=True, tag="stop"):
    """End the daemon; jobs go on running and the next daemon takes them over.

    The connection closes when its process has ended and has let go of everything.
    """
