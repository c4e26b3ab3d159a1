"""Trends: the series of all jobs together and of each queue, fed by events."""

from collections.abc import Iterable, Mapping
from typing import Final, cast

from engine.model.events import Event, EventType
from engine.policy.trends.bucket import Bucket, Timed
from engine.policy.trends.series import FINE_US, Series

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
        """From when on everything is counted; None: that was not said."""

    def hear(self, events: Iterable[Event], depths: Counts | None = None) -> None:
        """Count what these say.

        Args:
            events: In order.
            depths: Of each queue after them, and of all under the empty name; None: it is
                not known.
        """
        place, whole = -1, Bucket()
        of_queue: dict[str, Bucket] = {}
        for event in events:
            if event.type not in _HEARD:
                continue
            if event.at // FINE_US != place:
                _deepen(whole, of_queue, depths)
                place, whole, of_queue = event.at // FINE_US, self.all.bucket(event.at), {}
            for queue, number in _arrivals(event):
                own = of_queue.get(queue)
                if own is None:
                    own = of_queue[queue] = self._series(queue).bucket(event.at)
                _count(own, whole, event, number)
        _deepen(whole, of_queue, depths)

    def since(self, at: int) -> None:
        """Everything from this instant on is counted."""
        self.since_at = at if self.since_at is None else min(at, self.since_at)

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

    def _series(self, name: str) -> Series:
        found = self.queues.pop(name, None) or Series()
        if len(self.queues) >= MOST_QUEUES:
            del self.queues[next(iter(self.queues))]
        self.queues[name] = found
        return found


def _arrivals(event: Event) -> Iterable[tuple[str, int]]:
    """The queues that an event is about, and for how many jobs."""
    if event.type is EventType.JOBS_SUBMITTED:
        return cast(dict[str, int], event.data.get("came") or {}).items()
    now = cast(dict[str, object], event.data.get("now") or event.data)
    queue = now.get("queue")
    return ((queue, 1),) if isinstance(queue, str) else ()


def _count(own: Bucket, whole: Bucket, event: Event, number: int) -> None:
    kind = event.type
    if kind is EventType.JOB_STARTED:
        own.started += 1
        whole.started += 1
        _measure(whole, Timed.WAIT, event, "queued_at", "started_at")
    elif kind is EventType.JOB_COMPLETED:
        own.done += 1
        whole.done += 1
        _measure(whole, Timed.RUN, event, "started_at", "ended_at")
    elif kind in _FAILED:
        own.failed += 1
        whole.failed += 1
        _measure(whole, Timed.RUN, event, "started_at", "ended_at")
    elif kind is EventType.JOB_RETRY:
        own.retried += 1
        whole.retried += 1
    elif kind in _CAME:
        own.came += number
        whole.came += number


def _measure(bucket: Bucket, what: Timed, event: Event, begin: str, end: str) -> None:
    now = cast(dict[str, object], event.data.get("now") or {})
    begin_at, end_at = now.get(begin), now.get(end)
    if isinstance(begin_at, int) and isinstance(end_at, int):
        bucket.time(what, (end_at - begin_at) / 1000)


def _deepen(whole: Bucket, of_queue: Mapping[str, Bucket], depths: Counts | None) -> None:
    if depths is None or not of_queue:
        return
    whole.depth = depths.get("", 0)
    for queue, own in of_queue.items():
        own.depth = depths.get(queue, 0)


_FAILED: Final = frozenset({EventType.JOB_FAILED, EventType.JOB_TIMEOUT})

_CAME: Final = frozenset({EventType.JOB_SUBMITTED, EventType.JOBS_SUBMITTED})

_HEARD: Final = (
    _FAILED
    | _CAME
    | {
        EventType.JOB_STARTED,
        EventType.JOB_COMPLETED,
        EventType.JOB_RETRY,
        EventType.JOB_CANCELED,
        EventType.JOB_SKIPPED,
        EventType.JOB_QUEUED,
        EventType.JOB_EDITED,
    }
)
"""What changes a count or a depth."""
