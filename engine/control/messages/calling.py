"""Tools, and what jobs came to."""

from engine.control import views
from engine.control.messages.request import Ms, Request, Whole


class ListTools(Request[views.ToolsView], frozen=True, tag="tools"):
    """The tools that can be called, and the modules that they are in."""

    name: str = ""
    """Only this one, with its schema; empty: all, without."""
    wait_ms: Ms = 10_000
    """For pools that have not described their tools yet, if nothing is known of them."""


class ReadResult(Request[views.ResultView], frozen=True, tag="result"):
    """What a job came to."""

    id: Whole
