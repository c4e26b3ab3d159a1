"""Runs and their tasks as the rows of a table of jobs, so that the same acts work on them."""

from engine.control.views import FlowView, JobRow, TaskView

COMPOSITE = "composite"


def row_of_flow(flow: FlowView) -> JobRow:
    """The row that a table of jobs would show for this run."""
    return JobRow(
        id=flow.id,
        version=flow.version,
        state=flow.state,
        name=flow.name,
        queue=flow.queue,
        priority=flow.priority,
        tenant_id=flow.tenant_id,
        owner=flow.owner,
        created_at=flow.created_at,
        started_at=flow.started_at,
        completed_at=flow.completed_at,
        state_at=flow.state_at,
        held_by=flow.held_by,
        cancel_at=flow.cancel_at,
        note=flow.note,
        kind=COMPOSITE,
        members=flow.tasks,
    )


def row_of_task(task: TaskView) -> JobRow:
    """What is known of a task as a row; its queue and priority are told by its story."""
    return JobRow(
        id=task.id,
        version=task.version,
        state=task.state,
        name=task.name or task.task,
        queue="default",
        priority="normal",
        created_at=task.created_at,
        queued_at=task.queued_at,
        started_at=task.started_at,
        completed_at=task.completed_at,
        worker_id=task.worker_id,
        attempt=task.attempt,
        max_attempts=task.max_attempts,
        held_by=task.held_by,
        paused_at=task.paused_at,
        unreachable_at=task.unreachable_at,
        stopping=task.stopping,
        exit_code=task.exit_code,
        signal=task.signal,
        note=task.note,
        kind=task.kind if not task.members else COMPOSITE,
        members=task.members,
    )
