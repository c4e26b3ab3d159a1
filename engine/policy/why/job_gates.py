"""Gates of the job itself: its state, holds, a cancel, its times."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import chain
from typing import Final

from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.reasons import Gate, GateKind, Remedy
from engine.model.snapshot import Holder
from engine.model.spec import Kind
from engine.model.states import FINAL, WAITING, State
from engine.model.workflow import MET_BY, After
from engine.policy.jobs.timeouts import is_past_deadline
from engine.policy.readiness import Case
from engine.policy.why import remedies
from engine.policy.why.silence import silent_gate
from engine.policy.workers.signs import could_not_start

MOST_NAMED = 8
"""How many holders, workers or jobs a gate names."""


def state_gate(case: Case) -> Gate:
    """Closed for a job that runs, is about to, or has ended."""
    now = case.job.now
    if now.unreachable_at is not None and now.attempt is not None:
        return silent_gate(case)
    if now.state is State.RUNNING and now.paused_at is not None:
        return _paused_gate(case)
    if now.state is State.RUNNING:
        text = f"it is running on `{now.worker}`" if now.worker else "it is running"
    elif now.state not in WAITING:
        text = f"it has ended: {now.state}"
    elif now.attempt is not None:
        text = f"attempt {now.attempt} of it is starting"
    elif case.job.spec.kind is Kind.COMPOSITE:
        text = "it stands for its members, and runs when the first of them does"
    else:
        return Gate(kind=GateKind.STATE, ok=True, text=f"it is {now.state}")
    facts: dict[str, object] = {"state": now.state.value, "worker": now.worker}
    remedy = remedies.again(case.job) if now.needs_operator else None
    return remedies.shut(GateKind.STATE, text, facts=facts, remedy=remedy)


def _paused_gate(case: Case) -> Gate:
    """Of a job that stands still: what it holds, nobody else can have."""
    now = case.job.now
    return remedies.shut(
        GateKind.STATE,
        f"paused by {now.paused_by}; it keeps what it holds on `{now.worker}`",
        facts={
            "state": now.state.value,
            "worker": now.worker,
            "by": now.paused_by,
            "since": now.paused_at,
        },
        remedy=remedies.resume_job(case.job),
    )


def hold_gate(case: Case) -> Gate:
    """Closed while somebody has it on hold."""
    now = case.job.now
    if now.held_by is None:
        return Gate(kind=GateKind.HOLD, ok=True, text="it is not on hold")
    return remedies.shut(
        GateKind.HOLD,
        because(f"held by {now.held_by}", now.held_why),
        facts={"by": now.held_by, "why": now.held_why},
        remedy=remedies.release(case.job),
    )


def cancel_gate(case: Case) -> Gate:
    """Closed while a cancel can still be withdrawn."""
    now = case.job.now
    if now.cancel_at is None:
        return Gate(kind=GateKind.CANCEL, ok=True, text="nobody has canceled it")
    return remedies.shut(
        GateKind.CANCEL,
        because(f"{now.cancel_by or 'somebody'} is canceling it", now.cancel_why),
        facts={"by": now.cancel_by, "why": now.cancel_why},
        next_change_at=now.cancel_at,
        remedy=remedies.uncancel(case.job),
    )


def schedule_gate(case: Case) -> Gate:
    """Closed before its start time, and once its deadline has passed."""
    if is_past_deadline(case.job, case.snapshot.now_at):
        return remedies.shut(
            GateKind.SCHEDULE,
            "its deadline has passed",
            facts={"deadline_at": case.job.spec.constraints.deadline_at},
            remedy=remedies.give_up(case.job, "deadline"),
        )
    wake_at, is_pending = case.job.now.wake_at, case.job.now.state is State.PENDING
    if is_pending and wake_at is not None and wake_at > case.snapshot.now_at:
        return remedies.shut(
            GateKind.SCHEDULE,
            "its start time has not come",
            facts={"not_before_at": wake_at},
            next_change_at=wake_at,
            remedy=remedies.give_up(case.job, "not_before"),
        )
    return Gate(kind=GateKind.SCHEDULE, ok=True, text="it need not wait for a time")


def _again_text(job: Job) -> str:
    now, most = job.now, job.spec.retry.max_attempts
    if now.trouble is not None and could_not_start(now.trouble):
        told = f"`{now.worker}` could not start it, which counts for nothing"
        return f"it waits to be tried again: {told}: {now.trouble.message}"
    last = f" after {now.note}" if now.note else ""
    return f"it waits to be tried again{last}: failure {now.failures} of {most}"


def backoff_gate(case: Case) -> Gate:
    """Closed while a failed job waits to be tried again."""
    now, most = case.job.now, case.job.spec.retry.max_attempts
    if now.state is not State.RETRYING:
        return Gate(kind=GateKind.BACKOFF, ok=True, text="it is not waiting for a retry")
    return remedies.shut(
        GateKind.BACKOFF,
        _again_text(case.job),
        facts={"failures": now.failures, "max_attempts": most},
        next_change_at=now.wake_at,
        remedy=remedies.again(case.job),
    )


def reuse_gate(job: Job, waits: Mapping[JobId, JobId]) -> Gate:
    """Closed while another job computes what this one would; `waits`: for whom who waits."""
    ahead = waits.get(job.id)
    if ahead is None:
        return Gate(kind=GateKind.REUSE, ok=True, text="no other job computes the same now")
    return remedies.shut(
        GateKind.REUSE,
        f"waits for #{ahead}, which computes the same",
        facts={"ahead": ahead},
        holders=(ahead,),
        remedy=remedies.wait_for([ahead]),
    )


def longest(holders: Iterable[Holder]) -> tuple[int, ...]:
    """Ids of the holders that have run longest, at most eight."""

    def since(holder: Holder) -> tuple[bool, int, int]:
        return holder.started_at is None, holder.started_at or 0, holder.job

    return tuple(holder.job for holder in nsmallest(MOST_NAMED, holders, key=since))


def because(text: str, why: str) -> str:
    """`text`, with the reason that somebody gave for it, if any."""
    return f"{text}: {why}" if why else text


def dependencies_gate(job: Job, dependencies: Sequence[Job]) -> Gate:
    """Closed until every job that it depends on has ended as it must."""
    after = {edge.on: edge.after for edge in job.spec.constraints.edges}
    count = len(after)
    unmet = [one for one in dependencies if one.now.state not in _met_by(after, one)]
    if job.now.state is not State.PENDING or not unmet:
        text = f"all {count} dependencies are met" if count else "it depends on no other job"
        return Gate(kind=GateKind.DEPENDENCIES, ok=True, text=text)
    named = ", ".join(_unmet_words(one, after) for one in unmet[:MOST_NAMED])
    more = f" and {len(unmet) - MOST_NAMED} more" if len(unmet) > MOST_NAMED else ""
    return remedies.shut(
        GateKind.DEPENDENCIES,
        f"{count - len(unmet)} of {count} dependencies are met; not yet {named}{more}",
        facts={"met": count - len(unmet), "count": count},
        holders=tuple(one.id for one in sorted(unmet, key=_since)[:MOST_NAMED]),
        remedy=_for_dependency(unmet),
    )


_MUST: Final[Mapping[After, str]] = {
    After.SUCCESS: "",
    After.FAILURE: ", which must fail",
    After.END: ", which must end",
    After.SETTLED: ", which must end by itself",
    After.SPARE: ", which must succeed or be skipped",
}


def _unmet_words(job: Job, after: Mapping[JobId, After]) -> str:
    """`#7 test running, which must fail`: of success nothing is said, for it is usual."""
    task = f" {job.spec.task}" if job.spec.task else ""
    return f"#{job.id}{task} {job.now.state}{_MUST[after.get(job.id, After.SUCCESS)]}"


def _met_by(after: Mapping[JobId, After], job: Job) -> frozenset[State]:
    return MET_BY[after.get(job.id, After.SUCCESS)]


def _since(job: Job) -> tuple[bool, int, int]:
    return job.now.started_at is None, job.now.started_at or 0, job.id


def _for_dependency(unmet: Sequence[Job]) -> Remedy | None:
    """What has ended otherwise than well is run again first; then it takes time."""
    ended = [one for one in unmet if one.now.state in FINAL]
    if ended:
        return remedies.again(*ended[: remedies.MOST_AWAITED])
    return remedies.wait_for([one.id for one in unmet])


BEFORE_DEPENDENCIES: Final[Sequence[Callable[[Case], Gate]]] = (
    state_gate,
    hold_gate,
    cancel_gate,
)
"""In the order of GateKind."""

AFTER_DEPENDENCIES: Final[Sequence[Callable[[Case], Gate]]] = (schedule_gate, backoff_gate)
"""In the order of GateKind."""


def after_dependencies(case: Case) -> Iterator[Gate]:
    """Its times; and whether it waits for another's result, if it would take one."""
    for look in AFTER_DEPENDENCIES:
        yield look(case)
    if case.job.spec.memo is not None:
        yield reuse_gate(case.job, case.snapshot.waits)


def first_closed(case: Case) -> Gate | None:
    """The first gate of a queued job itself that is closed; None if all are open."""
    gates = chain((look(case) for look in BEFORE_DEPENDENCIES), after_dependencies(case))
    return next((gate for gate in gates if not gate.ok), None)
