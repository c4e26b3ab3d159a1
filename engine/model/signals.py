"""Signals: the names, measurements and metadata under which telemetry tells of events."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from engine.errors import InvalidSpec
from engine.model.ids import JobId, Seq
from engine.model.words import nearest

CATALOGUE: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "job.submitted": (("count",), ("job_id", "tenant_id", "kind", "priority")),
    "job.queued": (("count",), ("job_id", "tenant_id", "queue", "priority")),
    "job.started": (("count",), ("job_id", "tenant_id", "backend", "worker_id", "attempt")),
    "job.completed": (
        ("count", "duration_ms"),
        ("job_id", "tenant_id", "status", "backend", "attempt"),
    ),
    "job.failed": (("count", "duration_ms"), ("job_id", "tenant_id", "error", "attempt")),
    "job.canceled": (("count",), ("job_id", "tenant_id")),
    "job.retry": (("count", "delay_ms"), ("job_id", "tenant_id", "attempt")),
    "scheduler.admit": (("count",), ("job_id", "tenant_id", "decision")),
    "scheduler.select_backend": (("count",), ("job_id", "backend")),
    "queue.enqueue": (("count",), ("queue", "job_id", "priority")),
    "queue.dequeue": (("count",), ("queue", "job_id")),
    "queue.overflow": (("count",), ("queue",)),
}
"""Of the engine: measurements and metadata by name."""

BRIDGED: Final = (
    "experiment.submitted",
    "stage.started",
    "stage.completed",
    "stage.failed",
    "backend_started",
    "backend_completed",
    "backend_failed",
    "backend_stopped",
)
"""Of experiments: what the bridge makes of the engine's."""

NAMES: Final = (*CATALOGUE, *BRIDGED)


class Signal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened, as telemetry tells it."""

    name: str
    measurements: dict[str, int | float]
    metadata: dict[str, object]
    at: int
    """When, UTC microseconds."""
    seq: Seq
    """Of the event that it tells of; one event can give several signals."""
    job: JobId | None = None
    trace_id: str = ""
    """Of the job: 32 hexadecimal digits; empty: it has none."""
    parent_span: str = ""
    """The span that submitted it: 16 hexadecimal digits; empty: there was none."""


class BridgeRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which jobs are steps of experiments: those for which any of these holds."""

    sources: tuple[str, ...] = ()
    """`metadata.source` is one of them."""
    tenants: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("experiment_step", "training_step")


def matching(pattern: str) -> frozenset[str]:
    """The names that a name or a pattern such as `job.*` stands for; never none.

    Raises:
        InvalidSpec: there is no such event; names the nearest.
    """
    found = frozenset(name for name in NAMES if fnmatchcase(name, pattern))
    if found:
        return found
    near = nearest(pattern, NAMES)
    hint = f"did you mean {near!r}?" if near else f"there is {', '.join(NAMES)}"
    raise InvalidSpec(
        f"telemetry: no event is called {pattern[:100]!r}: {hint}", field="event", nearest=near
    )


def matching_any(patterns: Iterable[str]) -> frozenset[str]:
    """The names for which any of these stands; all, if there is none. Raises: InvalidSpec."""
    chosen = [matching(pattern) for pattern in patterns]
    return frozenset().union(*chosen) if chosen else frozenset(NAMES)
