"""What the scheduler can say about a job, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.job import Job, Shape
from engine.model.reasons import GateKind
from engine.model.snapshot import Carried, Holder, LaneKey, Passed


@dataclass(frozen=True, slots=True)
class Start:
    """This job starts now, there."""

    job: Job
    lane: LaneKey
    worker: str
    why: str
    gpus: tuple[int, ...] = ()
    """Indices of the devices that are its own."""
    waited: Passed | None = None
    """How it had waited until then: what it gets back if the grant is refused."""
    shape: Shape | None = field(default=None, repr=False, compare=False)
    """That of its lane, where it is at hand."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The head of this lane does not start, and everything behind it waits with it.

    What stands in its way is put into words when somebody asks: `explain.why_held`.
    """

    job: JobId
    lane: LaneKey
    kind: GateKind


@dataclass(frozen=True, slots=True)
class Displace:
    """This attempt makes room for a critical job; its own job waits again."""

    holder: Holder
    for_job: JobId
    why: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth an event that changes no job: it aged, or room is kept for it."""

    type: EventType
    job: JobId
    tenant: str
    cause: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """One round's decisions."""

    starts: tuple[Start, ...]
    """In the order in which they were granted; applying only the first few is safe."""
    holds: tuple[Hold, ...]
    """One for the first job of each lane that is left after the starts."""
    carried: Carried
    """Goes into the next snapshot."""
    displaced: tuple[Displace, ...] = ()
    notices: tuple[Notice, ...] = ()
    look_again_at: int | None = None
    """When time alone could let another job start: a bucket has filled. None: never."""
