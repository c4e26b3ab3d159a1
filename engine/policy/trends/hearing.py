"""Trends: the series of all jobs together and of each queue, fed by events."""

from collections.abc import Iterable, Mapping
from typing import Final, cast

from engine.model.events import Event, EventType
from engine.policy.trends.bucket import Bucket, Timed
from engine.policy.trends.series import Series

MOST_QUEUES: Final = 128
"""Series that are kept; of more queues those go that were quiet for the longest."""

Counts = Mapping[str, int]


class Trends:
    """Everything counted so far. Its size does not grow with the number of jobs."""

    def __init__(self) -> None:
        self.all = Series()
        self.queues: dict[str, Series] = {}
        """The one that was heard of last stands last."""
        self.since_at: int | None = None
        """From when on everything was heard; None: nothing was."""

    def hear(self, events: Iterable[Event], depths: Counts | None = None) -> None:
        """Count what these say.

        Args:
            events: In order.
            depths: Of each queue after them, and of all under the empty name; None: it is
                not known.
        """
        for event in events:
            if self.since_at is None:
                self.since_at = event.at
            if event.type in _HEARD:
                self._hear(event, depths)

    def round(self, at: int, ms: float) -> None:
        """A round of dispatch took this long."""
        self.all.bucket(at).time(Timed.ROUND, ms)

    def take_in(self, past: "Trends") -> None:
        """Add what was heard before this one began to listen."""
        self.all.take_in(past.all)
        for name, series in past.queues.items():
            self._series(name).take_in(series)
        known = [at for at in (self.since_at, past.since_at) if at is not None]
        self.since_at = min(known, default=None)

    def queue(self, name: str) -> Series:
        """The series of a queue; an empty one if nothing was heard of it."""
        return self.queues.get(name) or Series()

    def _hear(self, event: Event, depths: Counts | None) -> None:
        if event.type is EventType.JOBS_SUBMITTED:
            return self._hear_many(event, depths)
        now = cast(dict[str, object], event.data.get("now") or event.data)
        queue = now.get("queue")
        if not isinstance(queue, str):
            return None
        own, whole = self._series(queue).bucket(event.at), self.all.bucket(event.at)
        for bucket in (own, whole):
            _count(bucket, event.type)
        _time(whole, event.type, now)
        return _deepen(own, whole, queue, depths)

    def _hear_many(self, event: Event, depths: Counts | None) -> None:
        """A bulk submission; it tells how many came into which queue."""
        for queue, number in cast(dict[str, int], event.data.get("came") or {}).items():
            own, whole = self._series(queue).bucket(event.at), self.all.bucket(event.at)
            own.came += number
            whole.came += number
            _deepen(own, whole, queue, depths)

    def _series(self, name: str) -> Series:
        found = self.queues.pop(name, None) or Series()
        if len(self.queues) >= MOST_QUEUES:
            del self.queues[next(iter(self.queues))]
        self.queues[name] = found
        return found


def _count(bucket: Bucket, kind: EventType) -> None:
    match kind:
        case EventType.JOB_SUBMITTED:
            bucket.came += 1
        case EventType.JOB_STARTED:
            bucket.started += 1
        case EventType.JOB_COMPLETED:
            bucket.done += 1
        case EventType.JOB_FAILED | EventType.JOB_TIMEOUT:
            bucket.failed += 1
        case EventType.JOB_RETRY:
            bucket.retried += 1


def _time(bucket: Bucket, kind: EventType, now: Mapping[str, object]) -> None:
    if kind is EventType.JOB_STARTED:
        _measure(bucket, Timed.WAIT, now.get("queued_at"), now.get("started_at"))
    elif kind in _ENDED:
        _measure(bucket, Timed.RUN, now.get("started_at"), now.get("ended_at"))


def _measure(bucket: Bucket, what: Timed, begin_at: object, end_at: object) -> None:
    if isinstance(begin_at, int) and isinstance(end_at, int):
        bucket.time(what, (end_at - begin_at) / 1000)


def _deepen(own: Bucket, whole: Bucket, queue: str, depths: Counts | None) -> None:
    if depths is not None:
        own.depth, whole.depth = depths.get(queue, 0), depths.get("", 0)


_ENDED: Final = frozenset(
    {EventType.JOB_COMPLETED, EventType.JOB_FAILED, EventType.JOB_TIMEOUT}
)

_HEARD: Final = _ENDED | {
    EventType.JOB_SUBMITTED,
    EventType.JOBS_SUBMITTED,
    EventType.JOB_STARTED,
    EventType.JOB_RETRY,
    EventType.JOB_CANCELED,
    EventType.JOB_SKIPPED,
    EventType.JOB_QUEUED,
    EventType.JOB_EDITED,
}
"""What changes a count or a depth."""
