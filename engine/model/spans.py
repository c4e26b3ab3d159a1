"""Spans: what signals of jobs come to as a trace of submit, schedule and run. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from engine.model.ids import JobId
from engine.model.signals import Signal

MOST_OPEN: Final = 100_000
"""Jobs whose ends are awaited; of more, the one that was heard of first is forgotten."""

_ENDS: Final = ("job.completed", "job.failed", "job.canceled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of a job's life, when it is over. Its ids are the same for whoever follows."""

    name: str
    """`job`, and in it `schedule` and `run`, once for each attempt."""
    trace_id: str
    """32 hexadecimal digits."""
    span_id: str
    """16 hexadecimal digits."""
    parent_id: str
    """Empty: nobody's."""
    start_at: int
    """UTC microseconds."""
    end_at: int
    is_error: bool = False
    message: str = ""
    """What went wrong."""
    attributes: dict[str, str | int] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    """A job that has not ended."""

    begun_at: int
    queued_at: int | None = None
    started_at: int | None = None
    attempts: int = 0
    attributes: dict[str, str | int] = field(default_factory=dict)


class Spans:
    """Hears signals in order, and gives the spans that end with each."""

    def __init__(self) -> None:
        self._open: dict[JobId, _Open] = {}

    def hear(self, signal: Signal) -> Iterator[Span]:
        """What is over with this signal; nothing of a job whose begin was not heard."""
        if signal.job is None or not signal.trace_id:
            return
        if signal.name == "job.submitted":
            self._begin(signal.job, signal)
        elif (job := self._open.get(signal.job)) is not None:
            yield from self._go_on(signal.job, job, signal)

    def _begin(self, id_: JobId, signal: Signal) -> None:
        if len(self._open) >= MOST_OPEN:
            self._open.pop(next(iter(self._open)))
        about = _attributes(signal.metadata, "tenant_id", "kind", "priority")
        self._open[id_] = _Open(signal.at, attributes={"crabtui.job_id": id_, **about})

    def _go_on(self, id_: JobId, job: _Open, signal: Signal) -> Iterator[Span]:
        if signal.name == "job.queued":
            job.queued_at = signal.at
        elif signal.name == "job.started":
            job.attempts += 1
            job.attributes |= _attributes(signal.metadata, "backend", "worker_id")
            if job.queued_at is not None:
                yield _span(id_, job, signal, "schedule", job.queued_at)
            job.queued_at, job.started_at = None, signal.at
        elif signal.name in ("job.retry", *_ENDS):
            yield from self._end(id_, job, signal)

    def _end(self, id_: JobId, job: _Open, signal: Signal) -> Iterator[Span]:
        if job.started_at is not None:
            yield _span(id_, job, signal, "run", job.started_at)
            job.started_at = None
        if signal.name in _ENDS:
            del self._open[id_]
            yield _whole(id_, job, signal)


def _whole(id_: JobId, job: _Open, signal: Signal) -> Span:
    return Span(
        name="job",
        trace_id=signal.trace_id,
        span_id=_id(signal.trace_id, id_, "job", 0),
        parent_id=signal.parent_span,
        start_at=job.begun_at,
        end_at=signal.at,
        is_error=signal.name == "job.failed",
        message=str(signal.metadata.get("error", "")),
        attributes=dict(job.attributes),
    )


def _span(id_: JobId, job: _Open, signal: Signal, name: str, start_at: int) -> Span:
    is_error = name == "run" and signal.name in ("job.failed", "job.retry")
    return Span(
        name=name,
        trace_id=signal.trace_id,
        span_id=_id(signal.trace_id, id_, name, job.attempts),
        parent_id=_id(signal.trace_id, id_, "job", 0),
        start_at=start_at,
        end_at=max(start_at, signal.at),
        is_error=is_error,
        message=str(signal.metadata.get("error", "")) if is_error else "",
        attributes={**job.attributes, "crabtui.attempt": job.attempts},
    )


def _attributes(metadata: dict[str, object], *names: str) -> dict[str, str | int]:
    return {f"crabtui.{name}": str(metadata[name]) for name in names if metadata.get(name)}


def _id(trace_id: str, job: JobId, name: str, attempt: int) -> str:
    return sha256(f"{trace_id}/{job}/{name}/{attempt}".encode()).hexdigest()[:16]


def otlp(spans: list[Span], service: str = "crabtui") -> dict[str, Any]:
    """Spans as OTLP has them in JSON: what a collector reads, and takes over HTTP."""
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _otlp_attributes({"service.name": service})},
                "scopeSpans": [
                    {"scope": {"name": "crabtui"}, "spans": list(map(_otlp, spans))}
                ],
            }
        ]
    }


def _otlp(span: Span) -> dict[str, Any]:
    status = {"code": 2, "message": span.message} if span.is_error else {"code": 1}
    parent = {"parentSpanId": span.parent_id} if span.parent_id else {}
    return {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        **parent,
        "name": span.name,
        "kind": 1,
        "startTimeUnixNano": str(span.start_at * 1_000),
        "endTimeUnixNano": str(span.end_at * 1_000),
        "attributes": _otlp_attributes(span.attributes),
        "status": status,
    }


def _otlp_attributes(attributes: dict[str, str | int]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "value": {"intValue": str(v)} if isinstance(v, int) else {"stringValue": v},
        }
        for key, v in attributes.items()
    ]
