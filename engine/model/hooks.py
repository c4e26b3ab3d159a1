"""Hooks: what is run when a job starts or ends, as a job of its own."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from engine.model.events import EventType

MOST_HOOKS: Final = 20
"""Hooks that one job may have."""

HTTP_TIMEOUT_MS: Final = 10_000


class On(StrEnum):
    """What a hook waits for. Several of these may fit one end."""

    START = "start"  # an attempt of it has started
    SUCCESS = "success"
    FAILURE = "failure"  # for good: it failed, or ran out of time
    TIMEOUT = "timeout"
    CANCEL = "cancel"
    SKIP = "skip"
    END = "end"  # in whatever way


MEANT: Final[Mapping[EventType, frozenset[On]]] = {
    EventType.JOB_STARTED: frozenset({On.START}),
    EventType.JOB_COMPLETED: frozenset({On.SUCCESS, On.END}),
    EventType.JOB_FAILED: frozenset({On.FAILURE, On.END}),
    EventType.JOB_TIMEOUT: frozenset({On.FAILURE, On.TIMEOUT, On.END}),
    EventType.JOB_CANCELED: frozenset({On.CANCEL, On.END}),
    EventType.JOB_SKIPPED: frozenset({On.SKIP, On.END}),
    EventType.WORKFLOW_STARTED: frozenset({On.START}),
    EventType.WORKFLOW_COMPLETED: frozenset({On.SUCCESS, On.END}),
    EventType.WORKFLOW_FAILED: frozenset({On.FAILURE, On.END}),
    EventType.WORKFLOW_CANCELED: frozenset({On.CANCEL, On.END}),
}
"""Which hooks an event fires."""


class Http(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call. Texts may have `${NAME}` of the environment, and `${{ report.KEY }}`."""

    url: str
    method: str = "POST"
    headers: dict[str, str] = {}
    body: Any = None
    """None: the report. Text is sent as it is, all else as JSON."""
    timeout_ms: int = HTTP_TIMEOUT_MS


class Hook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is run, and when."""

    on: tuple[On, ...]
    name: str = ""
    http: Http | None = None
    """None: the job says what to run."""
    job: dict[str, Any] = {}
    """As people write jobs."""
    where: str = ""
    """Of a hook in the configuration: only jobs that match this filter; empty: all."""
