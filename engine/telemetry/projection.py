"""Projection: the signals that an event of the log gives. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from engine.model.events import Event, EventType
from engine.model.ids import JobId
from engine.model.priority import Priority
from engine.model.signals import Signal
from engine.model.spec import JobSpec, Kind
from engine.model.states import State

BackendOf = Callable[[str], str]
"""The backend of a worker, by its name; empty if nobody knows."""


@dataclass(frozen=True, slots=True)
class Story:
    """A job's event, with what else has to be known to tell it."""

    event: Event
    job: JobId
    spec: JobSpec
    backend: str = ""
    """Of the worker where it runs or ran; empty: it did not, or nobody knows."""
    came_queued: bool = False
    """Of a job that came with many others: it was queued from the first."""

    @property
    def is_whole(self) -> bool:
        """Whether it is a composite job, which runs nowhere itself."""
        return self.spec.kind is Kind.COMPOSITE

    @property
    def waits_in_queue(self) -> bool:
        is_queued = self.came_queued or self.now.get("state") == State.QUEUED
        return is_queued and not self.is_whole

    @property
    def now(self) -> Mapping[str, Any]:
        """The job's columns after the event."""
        return cast(Mapping[str, Any], self.event.data.get("now") or {})

    @property
    def tenant(self) -> str:
        return self.event.tenant or self.spec.tenant

    @property
    def queue(self) -> str:
        return str(self.now.get("queue", self.spec.queue))

    @property
    def priority(self) -> str:
        level = self.now.get("priority", self.spec.priority)
        return Priority(level).label

    @property
    def attempt(self) -> int:
        return int(self.now.get("attempts", 0))

    @property
    def worker(self) -> str | None:
        return self.event.worker or self.now.get("worker")

    @property
    def ran_ms(self) -> int:
        """How long it ran; 0 if it never did."""
        begun, ended = self.now.get("started_at"), self.now.get("ended_at", self.event.at)
        return max(0, (ended - begun) // 1000) if begun is not None else 0

    @property
    def error(self) -> str:
        trouble = cast(Mapping[str, Any], self.now.get("trouble") or {})
        return str(trouble.get("message") or self.event.cause or self.event.type.value)

    def signal(
        self,
        name: str,
        measurements: Mapping[str, int | float] | None = None,
        **metadata: object,
    ) -> Signal:
        """A signal of this event."""
        return Signal(
            name=name,
            measurements={"count": 1, **(measurements or {})},
            metadata={"job_id": self.job, **metadata},
            at=self.event.at,
            seq=self.event.seq,
            job=self.job,
            trace_id=self.spec.trace_id,
            parent_span=self.spec.span_id,
        )


def signals_of(story: Story) -> Iterator[Signal]:
    """What is told of a job's event, in the order in which it came about."""
    tell = _OF.get(story.event.type)
    if tell is not None:
        yield from tell(story)


def refused(event: Event) -> Iterator[Signal]:
    """What is told of a submission that was not let in."""
    data = event.data
    number = data.get("count")
    count = number if isinstance(number, int) else 1
    metadata: dict[str, object] = {
        "job_id": None,
        "tenant_id": event.tenant,
        "decision": "rejected",
    }
    yield _plain("scheduler.admit", event, count, metadata)
    if data.get("code") in ("queue_full", "queue_critical"):
        yield _plain("queue.overflow", event, count, {"queue": data.get("queue")})


def _plain(name: str, event: Event, count: int, metadata: dict[str, object]) -> Signal:
    return Signal(
        name=name, measurements={"count": count}, metadata=metadata, at=event.at, seq=event.seq
    )


def _submitted(story: Story) -> Iterator[Signal]:
    kind = story.spec.kind.value
    yield story.signal(
        "job.submitted", tenant_id=story.tenant, kind=kind, priority=story.priority
    )
    yield story.signal("scheduler.admit", tenant_id=story.tenant, decision="admitted")
    if story.waits_in_queue:
        yield from _queued(story)


def _queued(story: Story) -> Iterator[Signal]:
    priority, queue = story.priority, story.queue
    yield story.signal("job.queued", tenant_id=story.tenant, queue=queue, priority=priority)
    yield story.signal("queue.enqueue", queue=queue, priority=priority)


def _started(story: Story) -> Iterator[Signal]:
    if not story.is_whole:
        yield story.signal("queue.dequeue", queue=story.queue)
        yield story.signal("scheduler.select_backend", backend=story.backend)
    yield story.signal(
        "job.started",
        tenant_id=story.tenant,
        backend=story.backend,
        worker_id=story.worker,
        attempt=story.attempt,
    )


def _completed(story: Story) -> Iterator[Signal]:
    yield story.signal(
        "job.completed",
        {"duration_ms": story.ran_ms},
        tenant_id=story.tenant,
        status=str(story.now.get("state", State.SUCCEEDED)),
        backend=story.backend,
        attempt=story.attempt,
    )


def _failed(story: Story) -> Iterator[Signal]:
    yield story.signal(
        "job.failed",
        {"duration_ms": story.ran_ms},
        tenant_id=story.tenant,
        error=story.error,
        attempt=story.attempt,
    )


def _canceled(story: Story) -> Iterator[Signal]:
    yield story.signal("job.canceled", tenant_id=story.tenant)


def _retried(story: Story) -> Iterator[Signal]:
    wake_at = story.now.get("wake_at")
    delay_ms = 0 if wake_at is None else max(0, (wake_at - story.event.at) // 1000)
    delay = {"delay_ms": delay_ms}
    yield story.signal("job.retry", delay, tenant_id=story.tenant, attempt=story.attempt)


_OF: Final[Mapping[EventType, Callable[[Story], Iterator[Signal]]]] = {
    EventType.JOB_SUBMITTED: _submitted,
    EventType.JOBS_SUBMITTED: _submitted,
    EventType.JOB_QUEUED: _queued,
    EventType.JOB_STARTED: _started,
    EventType.JOB_COMPLETED: _completed,
    EventType.JOB_FAILED: _failed,
    EventType.JOB_TIMEOUT: _failed,
    EventType.JOB_CANCELED: _canceled,
    EventType.JOB_RETRY: _retried,
}

TOLD: Final = frozenset({*_OF, EventType.JOB_REJECTED})
"""The events that give signals."""
