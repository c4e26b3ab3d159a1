"""What a job can know of others, and what it says itself."""

from dataclasses import dataclass, field
from typing import Any

from engine.control.views import FlowView, JobRow, ResultView


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """What a job can know of others, and what it says itself."""

    job: int
    flow: FlowView | None = None
    """The run, or composite task, that it is a task of; or that it is."""
    task: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    needed: tuple[tuple[JobRow, ResultView], ...] = ()
    """The jobs that it depends on, and what they came to."""
    hidden: int = 0
    """How many more there are."""
    own: ResultView | None = None
