"""From what the engine knows to what clients read."""

from collections.abc import Sequence

import msgspec

from engine.control.views import AttemptView, JobRow, JobView
from engine.ledger.memory.lanes import is_grantable, lane_of
from engine.ledger.memory.working_set import WorkingSet
from engine.model.attempt import Attempt
from engine.model.calls import Call
from engine.model.intake.calls import EXPERIMENT_KEYS
from engine.model.job import Job
from engine.model.outcome import Trouble
from engine.model.redaction import command_text, run_text, without_secrets
from engine.model.secrets import without_values
from engine.model.sessions import session_of
from engine.model.spec import JobSpec
from engine.model.states import Phase
from engine.policy.arrays.composite import Counts, progress_note
from engine.policy.why.explain import headline
from engine.policy.why.job_gates import reuse_gate

NAME_LENGTH = 200
"""Characters of a name, or of the command in its place, that a table gets to see."""


def row(job: Job, working_set: WorkingSet | None) -> JobRow:
    """A job as a line of a table; None for one of the past, of which memory knows nothing."""
    spec, now = job.spec, job.now
    return JobRow(
        id=job.id,
        version=now.version,
        state=now.state.value,
        name=(spec.name or run_text(spec) or spec.task)[:NAME_LENGTH],
        queue=now.queue,
        priority=now.priority.label,
        tenant_id=spec.tenant,
        namespace=spec.namespace,
        owner=spec.owner,
        tags=spec.tags,
        worker_id=now.worker,
        attempt=now.attempts,
        max_attempts=spec.retry.max_attempts,
        created_at=job.created_at,
        queued_at=now.queued_at,
        started_at=now.started_at,
        completed_at=now.ended_at,
        state_at=now.state_at,
        wake_at=now.wake_at,
        deadline_at=spec.constraints.deadline_at,
        held_by=now.held_by,
        cancel_at=now.cancel_at,
        stopping=now.stopping,
        unreachable_at=now.unreachable_at,
        paused_at=now.paused_at,
        paused_by=now.paused_by,
        needs_operator=now.needs_operator,
        unmet=now.unmet,
        exit_code=now.exit_code,
        signal=now.signal,
        error_code=now.trouble.code if now.trouble else None,
        note=now.note or waiting_note(job, working_set),
        kind=spec.kind.value,
        array=spec.array,
        array_index=spec.array_index,
    )


def with_members(row: JobRow, counts: Counts) -> JobRow:
    """The row of a composite job, with how far its members have come."""
    note = row.note or progress_note(counts)
    return msgspec.structs.replace(row, members=dict(counts), note=note)


def waiting_note(job: Job, working_set: WorkingSet | None) -> str:
    """Why a queued job waits, as far as the last round of grants told."""
    if working_set is None or not is_grantable(job):
        return ""
    if job.id in working_set.flights.waits:
        return headline([reuse_gate(job, working_set.flights.waits)])
    hold = working_set.why_waits(lane_of(job))
    return headline([hold]) if hold else ""


def job_view(job: Job, backend: str | None) -> JobView:
    """Everything about a job."""
    spec, now = job.spec, job.now
    return JobView(
        id=job.id,
        parent_id=spec.parent_id,
        tenant_id=spec.tenant,
        namespace=spec.namespace,
        owner=spec.owner,
        kind=spec.kind.value,
        name=spec.name,
        description=spec.description,
        queue=now.queue,
        priority=now.priority.label,
        tags=spec.tags,
        payload=_payload(spec),
        resources=_resources(spec),
        constraints=_constraints(job),
        state=now.state.value,
        created_at=job.created_at,
        queued_at=now.queued_at,
        started_at=now.started_at,
        completed_at=now.ended_at,
        state_at=now.state_at,
        wake_at=now.wake_at,
        duration_ms=duration_ms(now.started_at, now.ended_at),
        backend=backend,
        worker_id=now.worker,
        attempt=now.attempts,
        max_attempts=spec.retry.max_attempts,
        failures=now.failures,
        losses=now.losses,
        exit_code=now.exit_code,
        signal=now.signal,
        error=trouble(now.trouble),
        held_by=now.held_by,
        held_why=now.held_why,
        cancel_at=now.cancel_at,
        cancel_by=now.cancel_by,
        cancel_why=now.cancel_why,
        stopping=now.stopping,
        unreachable_at=now.unreachable_at,
        paused_at=now.paused_at,
        paused_by=now.paused_by,
        workspace=_plain(spec.workspace) if spec.workspace else {},
        outputs=tuple(_plain(one) for one in spec.outputs),
        caches=tuple(_plain(one) for one in spec.caches),
        memo=_plain(spec.memo) if spec.memo else {},
        gate=command_text(spec.gate) if spec.gate else "",
        frozen=spec.frozen,
        tmux=session_of(spec.tmux, job.id, spec.array_index) if spec.tmux else "",
        needs_operator=now.needs_operator,
        key=spec.key,
        trace_id=spec.trace_id,
        span_id=spec.span_id,
        metadata=spec.metadata,
        note=now.note,
        version=now.version,
        array=spec.array,
        array_index=spec.array_index,
        params=spec.params,
        flow=spec.flow,
        task=spec.task,
    )


def attempt_view(attempt: Attempt, job: Job) -> AttemptView:
    """One attempt of a job as clients read it."""
    return AttemptView(
        id=attempt.id,
        number=attempt.number,
        worker_id=attempt.worker,
        phase=_phase(attempt, job).value,
        epoch=attempt.epoch,
        intent_at=attempt.intent_at,
        started_at=attempt.started_at,
        completed_at=attempt.ended_at,
        duration_ms=duration_ms(attempt.started_at, attempt.ended_at),
        pid=attempt.pid,
        verdict=attempt.verdict.value if attempt.verdict else None,
        exit_code=attempt.exit_code,
        signal=attempt.signal,
        error=trouble(attempt.trouble),
        gpus=attempt.gpus,
        limits=attempt.limits,
        revision=attempt.revision,
    )


def _phase(attempt: Attempt, job: Job) -> Phase:
    """Its own, or that nothing is known of it."""
    is_open = job.now.attempt == attempt.id and attempt.phase is not Phase.ENDED
    is_lost = is_open and job.now.unreachable_at is not None
    return Phase.UNREACHABLE if is_lost else attempt.phase


def duration_ms(begin_at: int | None, end_at: int | None) -> int | None:
    """Only where both ends are known; never below 0, though two clocks may tell them."""
    if begin_at is None or end_at is None:
        return None
    return max(end_at - begin_at, 0) // 1000


def trouble(value: Trouble | None) -> dict[str, object] | None:
    """What went wrong, for programs."""
    return _plain(value) if value is not None else None


def rows(jobs: Sequence[Job], working_set: WorkingSet | None) -> tuple[JobRow, ...]:
    """Jobs as lines of a table."""
    return tuple(row(job, working_set) for job in jobs)


def _payload(spec: JobSpec) -> dict[str, object]:
    """What it executes; of secrets in its environment the names alone."""
    if spec.call is not None:
        noted = {key: spec.metadata[key] for key in EXPERIMENT_KEYS if key in spec.metadata}
        return _called(spec.call) | (noted if spec.call.stage else {})
    payload = _plain(spec.command)
    return payload | {"env": without_values(spec.command.env)} if "env" in payload else payload


def _called(call: Call) -> dict[str, object]:
    told = without_secrets(call.args)
    if call.tool:
        return {"tool": call.tool, "args": told}
    return {"stage_module": call.stage, "stage_opts": told}


def _resources(spec: JobSpec) -> dict[str, object]:
    """What it asks for, in the units that people write; nothing that it does not ask for."""
    needs = spec.resources
    asked: dict[str, object] = {
        "memory_mb": needs.memory_mb,
        "gpu_count": needs.gpu,
        "gpu": needs.gpu_type,
        "storage_mb": needs.storage_mb,
        **dict(needs.custom),
        "estimated_duration_ms": spec.estimated_duration_ms,
        "max_cost_usd": spec.max_cost_usd,
        "max_tokens": spec.max_tokens,
    }
    told = {name: amount for name, amount in asked.items() if amount}
    return {"cpu": needs.cpu_milli / 1000, **told}


def _constraints(job: Job) -> dict[str, object]:
    spec = job.spec
    timeouts = spec.timeouts
    return {
        **_plain(spec.constraints),
        "retry_policy": _plain(spec.retry),
        "soft_timeout_ms": timeouts.soft_ms,
        "timeout_ms": timeouts.hard_ms,
        "grace_ms": timeouts.grace_ms,
        "restart": spec.restart.value,
        "on_partition": spec.on_partition.value,
    }


def _plain(value: msgspec.Struct) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(value)
    return plain
