"""Jobs in detail, explanations and events for tests of the console."""

from typing import Any

from engine.control.views import AttemptView, Explanation, JobDetail, JobView
from engine.model.events import Event, EventType
from engine.model.reasons import Gate, GateKind
from tests.crabtui.data.rows import NOW, SECOND


def a_job(**known: Any) -> JobView:
    fields: dict[str, Any] = dict.fromkeys(JobView.__struct_fields__)
    usual = {"id": 1, "state": "running", "created_at": NOW - 300 * SECOND, "note": ""}
    return JobView(**{**fields, **usual, **known})


def an_attempt(number: int, start_s: int, end_s: int | None, **known: Any) -> AttemptView:
    """Times in seconds before NOW."""
    start_at = NOW - start_s * SECOND
    return AttemptView(
        id=f"1-{number}-1",
        number=number,
        worker_id="local",
        phase="running" if end_s is None else "ended",
        epoch=1,
        intent_at=start_at,
        started_at=start_at,
        completed_at=None if end_s is None else NOW - end_s * SECOND,
        **known,
    )


def a_retried_job() -> JobDetail:
    failed = an_attempt(1, 170, 130, verdict="failed", exit_code=137)
    return JobDetail(job=a_job(), attempts=(failed, an_attempt(2, 100, None, pid=77)))


def an_explanation() -> Explanation:
    text = "queue gpu runs 8 of at most 8 jobs; the limit was lowered by ana at 13:10"
    limit = Gate(
        kind=GateKind.QUEUE_LIMIT,
        ok=False,
        text=text,
        holders=(3, 4),
        next_change_at=NOW + 60 * SECOND,
        remedy="crabtui queues limit gpu 9",
    )
    gates = (
        Gate(kind=GateKind.HOLD, ok=True, text="not held"),
        limit,
        Gate(kind=GateKind.FIT, ok=False, text="no worker has room for 4 cpu"),
    )
    return Explanation(job=1, state="queued", place=12, gates=gates)


def some_events() -> tuple[Event, ...]:
    def at(seq: int, kind: EventType, **known: Any) -> Event:
        return Event(seq=seq, at=NOW + seq * SECOND, type=kind, job=1, **known)

    return (
        at(1, EventType.JOB_SUBMITTED, actor="ana"),
        at(2, EventType.JOB_STARTED, worker="local", data={"pid": 77, "now": {"x": 1}}),
        at(3, EventType.ATTEMPT_LOG_TRIMMED, data={"dropped_bytes": 4096}),
        at(4, EventType.JOB_FAILED, worker="local", cause='exit 1 "[red]\x1b[2Jfull"'),
        at(5, EventType.JOB_RETRY, cause="again in 30 s: " + "a long reason " * 8),
    )
