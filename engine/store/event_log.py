"""EventLog: the part of a store that finds and counts what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from engine.model.events import Event, EventType
from engine.model.filter import Query
from engine.model.ids import Seq


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWindow:
    """Which events: of those past `after` and below `before`, the first or the last ones."""

    query: Query
    """Of `engine.model.event_filter.parse_events`."""
    after: Seq
    before: Seq
    last: bool = False
    """The newest of them, and not the oldest."""
    limit: int
    now_at: int = 0
    """What "now" means for times in the filter, UTC microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSlice:
    """Events that passed, oldest first, and how far the log was looked through for them."""

    events: Sequence[Event]
    reached: Seq
    """Everything from the near end of the window up to this one, itself included, was looked
    at: go on with it as `after`, or with `last` as `before`."""
    is_whole: bool
    """Nothing in the window lies beyond `reached`: these are all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDensity:
    """How many events of each kind passed, in buckets of equal width."""

    start_at: int
    """Where the first bucket begins, UTC microseconds."""
    bucket_s: int
    buckets: Sequence[Mapping[EventType, int]]
    counted_from_at: int | None = None
    """Only events from here on were counted, as the older ones are too many; None: all."""


FINE_S: Final = 10
COARSE_S: Final = 600
FINE_BINS: Final = 20_000


def bucket_width_s(wanted_s: int, count: int) -> int:
    """The least width of `count` buckets, of at least `wanted_s`, that can be counted fast.

    A multiple of ten seconds; of ten minutes where many or wide buckets ask for it.
    """
    fine_s = -(-max(wanted_s, FINE_S) // FINE_S) * FINE_S
    if fine_s * count <= FINE_BINS * FINE_S:
        return fine_s
    return -(-fine_s // COARSE_S) * COARSE_S


class EventLog(Protocol):
    """What happened, found by filter and counted by time, at a bounded price."""

    async def find_events(self, window: EventWindow) -> EventSlice:
        """Events that pass the filter; looks at a bounded number of those that may."""
        ...

    async def event_density(
        self, query: Query, start_at: int, bucket_s: int, count: int, now_at: int
    ) -> EventDensity:
        """Events counted in `count` buckets of `bucket_width_s`, from `start_at`.

        The start is rounded down to what is kept, so that the first bucket has it in it.
        """
        ...

    async def event_span(self) -> tuple[int, int] | None:
        """When the oldest stretch of time with events begins, and the newest one ends."""
        ...
