"""What a decision about one job comes to: its new columns and the event that tells of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.events import EventType
from engine.model.job import Progress
from engine.model.spec import JobSpec
from engine.model.states import Signal


@dataclass(frozen=True, slots=True)
class Change:
    """One job, one step further. The store gives it its place and its version."""

    signal: Signal | None
    """What happened to the state; None if the job stays where it is."""
    now: Progress
    """The new columns; `version` is still the old one, to be compared."""
    event: EventType
    cause: str
    """Why, in words; goes into the event."""
    spec: JobSpec | None = None
    """Another spec for it; None: the one that it has."""
    shape: int = 0
    """Key of the shape of `spec`."""
    data: Mapping[str, object] = field(default_factory=dict)
    """Further facts for the event."""
