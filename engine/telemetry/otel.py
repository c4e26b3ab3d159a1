"""OpenTelemetry: spans of jobs, for any exporter of its SDK (extra `otel`).

tracing = Tracing(OTLPSpanExporter())
telemetry.use(tracing.see)
"""

from collections.abc import Sequence
from typing import Protocol

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, TraceFlags
from opentelemetry.trace.status import Status, StatusCode

from engine.model.signals import Signal
from engine.model.spans import Span, Spans


class Exporter(Protocol):
    """What takes spans: any `opentelemetry.sdk.trace.export.SpanExporter`."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Take them. May wait; give one that does not where that matters."""
        ...


class Tracing:
    """Middleware that makes spans of the signals that pass, and hands them on."""

    def __init__(self, exporter: Exporter, service: str = "crabtui") -> None:
        """Prepare.

        Args:
            exporter: Gets spans as they end.
            service: The name of the service whose spans they are.
        """
        self._exporter = exporter
        self._resource = Resource.create({"service.name": service})
        self._spans = Spans()

    def see(self, signal: Signal) -> Signal:
        """Hear a signal; it goes on as it came."""
        ended = [self._readable(span) for span in self._spans.hear(signal)]
        if ended:
            self._exporter.export(ended)
        return signal

    def _readable(self, span: Span) -> ReadableSpan:
        status = Status(StatusCode.ERROR, span.message) if span.is_error else None
        return ReadableSpan(
            name=span.name,
            context=_context(span.trace_id, span.span_id),
            parent=_context(span.trace_id, span.parent_id) if span.parent_id else None,
            resource=self._resource,
            attributes=span.attributes,
            status=status or Status(StatusCode.OK),
            start_time=span.start_at * 1_000,
            end_time=span.end_at * 1_000,
            instrumentation_scope=InstrumentationScope("crabtui"),
        )


def _context(trace_id: str, span_id: str) -> SpanContext:
    return SpanContext(
        trace_id=int(trace_id, 16),
        span_id=int(span_id, 16),
        is_remote=False,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
