"""Tools, and what jobs came to."""

from typing import Any

from engine.control.views.view import View


class ToolView(View, frozen=True, omit_defaults=True):
    """A tool as it describes itself."""

    name: str
    module: str
    kind: str
    """What it needs most: `io`, `cpu`, `mixed`, `memory` or `async`."""
    about: str = ""
    """Its docstring, without the sections."""
    schema: dict[str, Any] = {}
    """JSON schema of its arguments."""
    result: dict[str, Any] = {}
    """JSON schema of what it returns; empty: it does not say."""
    timeout_ms: int | None = None
    cache_ttl_ms: int | None = None


class ModuleView(View, frozen=True, omit_defaults=True):
    """A module that is named in the configuration."""

    name: str
    worker: str
    hash: str = ""
    """SHA-256 of its source, as it was imported."""
    error: str = ""
    """Why it could not be imported; empty: it was."""


class ToolsView(View, frozen=True):
    """What can be called."""

    tools: tuple[ToolView, ...]
    modules: tuple[ModuleView, ...]
    waiting_for: tuple[str, ...] = ()
    """Workers whose pools have told nothing of late: what is said of them is as it was."""


class ResultView(View, frozen=True, omit_defaults=True):
    """What a job came to."""

    id: int
    state: str
    has_result: bool = False
    """`result` is its own, even if it is null."""
    result: Any = None
    attempt: str = ""
    """That left it."""
    error: dict[str, object] | None = None
