"""Runs of workflows and their tasks, as clients see them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from engine.control.views import EdgeView, FlowView, TaskView
from engine.daemon.flows.pictures import FlowPicture
from engine.daemon.pictures.rendering import NAME_LENGTH, duration_ms
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.redaction import run_text
from engine.model.spec import Kind
from engine.model.states import FINAL
from engine.model.workflow import Flow, TaskResult
from engine.policy.arrays.composite import Counts, progress_note
from engine.policy.workflows.report import why

PREVIEW: Final = 200


def flow_view(flow: Flow, job: Job, counts: Counts, failed: Sequence[Job]) -> FlowView:
    """A run, or a composite task.

    Args:
        flow: As it is stored.
        job: Its composite job.
        counts: Its tasks by state.
        failed: The first tasks that failed, and for which nothing stands in.
    """
    spec, now = job.spec, job.now
    return FlowView(
        id=job.id,
        name=flow.name,
        run=flow.run,
        state=now.state.value,
        kind=flow.kind.value,
        description=spec.description,
        root=flow.root,
        parent=spec.flow,
        tasks=dict(counts),
        task_count=sum(counts.values()),
        created_at=job.created_at,
        started_at=now.started_at,
        completed_at=now.ended_at,
        duration_ms=duration_ms(now.started_at, now.ended_at),
        state_at=now.state_at,
        queue=now.queue,
        priority=now.priority.label,
        tenant_id=spec.tenant,
        owner=spec.owner,
        on_failure=flow.on_failure.value,
        params=flow.params,
        held_by=now.held_by,
        held_why=now.held_why,
        cancel_by=now.cancel_by,
        cancel_at=now.cancel_at,
        note=now.note or ("" if now.state in FINAL else progress_note(counts)),
        error=why(job),
        failed=tuple(one.spec.task for one in failed),
        version=now.version,
    )


def task_view(
    job: Job,
    names: Mapping[JobId, str],
    *,
    kind: str,
    counts: Counts,
    result: TaskResult | None,
    picture: FlowPicture | None,
) -> TaskView:
    """A task.

    Args:
        job: The task.
        names: Of the tasks that it waits for, by id.
        kind: What it is: `command`, `workflow`, `map`, `array` …
        counts: Of a composite task, its own tasks by state.
        result: What it had to say.
        picture: Of its run.
    """
    spec, now = job.spec, job.now
    span = None if picture is None or now.state in FINAL else picture.span(spec.task)
    waits = now.started_at is None
    return TaskView(
        id=job.id,
        task=spec.task,
        state=now.state.value,
        kind=kind,
        name=(spec.name or run_text(spec))[:NAME_LENGTH],
        edges=_edges(job, names),
        level=None if picture is None else picture.level_of.get(spec.task),
        critical=picture is not None and spec.task in picture.critical,
        created_at=job.created_at,
        queued_at=now.queued_at,
        started_at=now.started_at,
        completed_at=now.ended_at,
        duration_ms=duration_ms(now.started_at, now.ended_at),
        predicted_start_at=picture.at(span.start) if picture and span and waits else None,
        predicted_end_at=picture.at(span.end) if picture and span else None,
        attempt=now.attempts,
        max_attempts=spec.retry.max_attempts,
        worker_id=now.worker,
        exit_code=now.exit_code,
        signal=now.signal,
        note=now.note,
        error=why(job),
        result=preview(result),
        result_bytes=len(result.body) if result else 0,
        has_fallback=spec.tolerated,
        members=dict(counts),
        held_by=now.held_by,
        paused_at=now.paused_at,
        unreachable_at=now.unreachable_at,
        stopping=now.stopping,
        version=now.version,
    )


def _edges(job: Job, names: Mapping[JobId, str]) -> tuple[EdgeView, ...]:
    return tuple(
        EdgeView(task=names.get(edge.on, f"#{edge.on}"), after=edge.after.value, id=edge.on)
        for edge in job.spec.constraints.edges
    )


def preview(result: TaskResult | None) -> str | None:
    """The beginning of a result; None if there is none."""
    return (
        None
        if result is None
        else bytes(result.body)[: 4 * PREVIEW].decode(errors="replace").strip()[:PREVIEW]
    )


def kind_of(job: Job, flows: Collection[JobId], maps: Collection[JobId]) -> str:
    """What a task is: composite jobs are workflows, fan-outs or arrays."""
    if job.spec.kind is not Kind.COMPOSITE:
        return job.spec.kind.value
    if job.id in maps:
        return "map"
    return "workflow" if job.id in flows else "array"
