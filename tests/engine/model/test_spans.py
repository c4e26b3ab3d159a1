"""Spans: a job is one, and in it each attempt's schedule and run."""

from engine.model.ids import JobId, Seq
from engine.model.signals import Signal
from engine.model.spans import MOST_OPEN, Span, Spans, otlp

TRACE = "0af7651916cd43dd8448eb211c80319c"


def a_signal(name: str, at: int, job: int = 7, **metadata: object) -> Signal:
    return Signal(
        name=name,
        measurements={"count": 1},
        metadata=metadata,
        at=at,
        seq=Seq(at),
        job=JobId(job),
        trace_id=TRACE,
        parent_span="b7ad6b7169203331",
    )


LIFE = [
    a_signal("job.submitted", 10, tenant_id="acme", kind="command", priority="high"),
    a_signal("job.queued", 11),
    a_signal("job.started", 15, backend="local", worker_id="w"),
    a_signal("job.retry", 20),
    a_signal("job.queued", 30),
    a_signal("job.started", 31, backend="ssh", worker_id="v"),
    a_signal("job.failed", 40, error="exit 1"),
]


def spans_of(signals: list[Signal]) -> list[Span]:
    spans = Spans()
    return [span for signal in signals for span in spans.hear(signal)]


def test_a_life_in_spans() -> None:
    found = spans_of(LIFE)
    assert [(span.name, span.start_at, span.end_at, span.is_error) for span in found] == [
        ("schedule", 11, 15, False),
        ("run", 15, 20, True),
        ("schedule", 30, 31, False),
        ("run", 31, 40, True),
        ("job", 10, 40, True),
    ]
    whole = found[-1]
    assert (whole.parent_id, whole.message) == ("b7ad6b7169203331", "exit 1")
    assert {span.parent_id for span in found[:-1]} == {whole.span_id}
    assert len({span.span_id for span in found}) == 5
    assert found[3].attributes["crabtui.backend"] == "ssh"


def test_whoever_follows_gives_them_the_same_ids() -> None:
    assert spans_of(LIFE) == spans_of(LIFE)


def test_a_job_whose_begin_was_not_heard_has_none() -> None:
    assert spans_of(LIFE[2:]) == []


def test_a_canceled_job_that_never_ran() -> None:
    [whole] = spans_of([LIFE[0], LIFE[1], a_signal("job.canceled", 12)])
    assert (whole.name, whole.start_at, whole.end_at, whole.is_error) == ("job", 10, 12, False)


def test_what_never_ends_is_forgotten_at_last() -> None:
    spans = Spans()
    for job in range(MOST_OPEN + 1):
        assert list(spans.hear(a_signal("job.submitted", 1, job=job))) == []
    assert list(spans.hear(a_signal("job.canceled", 2, job=0))) == []
    assert len(list(spans.hear(a_signal("job.canceled", 2, job=1)))) == 1


def test_collectors_can_read_them() -> None:
    [resource] = otlp(spans_of(LIFE)[-1:], "mine")["resourceSpans"]
    [told] = resource["scopeSpans"][0]["spans"]
    assert told["traceId"] == TRACE
    assert told["startTimeUnixNano"] == "10000"
    assert told["status"] == {"code": 2, "message": "exit 1"}
    assert {"key": "crabtui.job_id", "value": {"intValue": "7"}} in told["attributes"]
    named = [{"key": "service.name", "value": {"stringValue": "mine"}}]
    assert resource["resource"]["attributes"] == named
