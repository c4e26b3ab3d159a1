"""OpenTelemetry: an exporter of its SDK gets the spans of jobs."""

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from engine.telemetry import Telemetry
from engine.telemetry.otel import Tracing
from tests.engine.model.test_spans import LIFE, TRACE


def test_an_exporter_gets_them_as_they_end() -> None:
    exporter, telemetry = InMemorySpanExporter(), Telemetry()
    telemetry.use(Tracing(exporter, "mine").see)
    for signal in LIFE[:4]:
        telemetry.emit(signal)
    assert [span.name for span in exporter.get_finished_spans()] == ["schedule", "run"]
    for signal in LIFE[4:]:
        telemetry.emit(signal)
    *parts, whole = exporter.get_finished_spans()
    assert whole.name == "job"
    assert whole.context is not None
    assert f"{whole.context.trace_id:032x}" == TRACE
    assert {part.parent.span_id for part in parts if part.parent} == {whole.context.span_id}
    assert whole.status.status_code is StatusCode.ERROR
    assert (whole.start_time, whole.end_time) == (10_000, 40_000)
    assert whole.resource.attributes["service.name"] == "mine"


def test_an_exporter_that_fails_keeps_nothing_from_handlers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(InMemorySpanExporter):
        def export(self, spans: object) -> None:  # type: ignore[override]
            raise ConnectionError("gone")

    telemetry, heard = Telemetry(), []
    telemetry.use(Tracing(Broken()).see)  # type: ignore[arg-type]
    telemetry.attach("h", "*", lambda name, *_: heard.append(name))
    for signal in LIFE:
        telemetry.emit(signal)
    assert heard == [signal.name for signal in LIFE]
    assert telemetry.failures == {"see": 5 - 1}
    assert "see" in caplog.text
