"""From what a host reports to what is written of the attempt and its job. All pure."""

import dataclasses
from collections.abc import Sequence
from random import Random

import msgspec
from msgspec.structs import replace

from engine.backends.protocol import HostState, Report
from engine.errors import Category
from engine.ledger.memory.live import Live
from engine.model.array import Array
from engine.model.attempt import Attempt
from engine.model.events import EventType
from engine.model.ids import Epoch
from engine.model.job import Job
from engine.model.outcome import Outcome, Trouble, Verdict
from engine.model.redaction import command_text
from engine.model.states import Phase, State, step
from engine.model.workflow import MOST_RESULT_BYTES, TaskResult
from engine.policy.arrays.composite import stop_member
from engine.policy.jobs.change import Change
from engine.policy.jobs.handling import as_told
from engine.policy.jobs.lifecycle import find_again, is_displaced, start
from engine.policy.jobs.marking import marked
from engine.policy.jobs.settlement import outcome_of, settle

ALIVE = frozenset({HostState.STARTING, HostState.RUNNING, HostState.ORPHAN})

ENDED = frozenset(
    {
        HostState.EXITED,
        HostState.VOID,
        HostState.LOST,
        HostState.REBOOTED,
        HostState.GONE,
        HostState.ABSENT,
    }
)

MOST_DEEP = 100
"""Lists and maps within each other in a result."""

News = tuple[Attempt, list[Change]]
"""The attempt as it shall be, and the steps that its job takes, at least one."""


def has_ended(report: Report | None) -> bool:
    """Whether this is the last that will ever be heard of the attempt."""
    return report is not None and report.state in ENDED


def alive(live: Live, report: Report, epoch: Epoch, now_at: int) -> News | None:
    """What a sign of life changes; None if it was known."""
    attempt, job = live.attempt, live.job
    is_known = attempt.epoch == epoch and attempt.pid is not None
    if is_known and job.now.unreachable_at is None:
        stands = as_told(job, is_paused=True, now_at=now_at) if report.paused else None
        return (replace(attempt, evidence_at=now_at), [stands]) if stands else None
    begun_at = live.heard_at or now_at
    phase = Phase.STOPPING if job.now.stopping else Phase.RUNNING
    seen = replace(
        attempt,
        phase=phase if attempt.phase is phase else step(attempt.phase, phase),
        started_at=attempt.started_at or begun_at,
        pid=report.pid,
        pid_start=report.pid_start,
        ident=report.ident,
        evidence_at=now_at,
    )
    if job.now.state is State.QUEUED:
        return seen, [start(job, begun_at)]
    again = find_again(job) or adopted(job, report)
    told = as_told(job.with_progress(again.now), is_paused=report.paused, now_at=now_at)
    return seen, [again, told] if told else [again]


def adopted(job: Job, report: Report) -> Change:
    """A new daemon answers for it; nothing else has changed."""
    cause = f"found running as process {report.pid}"
    return Change(None, job.now, EventType.ATTEMPT_ADOPTED, cause)


def _with_revision(change: Change, revision: str) -> Change:
    """The event of an end tells which commit was in the workspace, if there was one."""
    if not revision:
        return change
    return dataclasses.replace(change, data={**change.data, "revision": revision})


def _at_its_end(change: Change, ended_at: int) -> Change:
    """A job that is over ended when its attempt did, and not when that was heard of."""
    if change.now.ended_at is None:
        return change
    return dataclasses.replace(change, now=replace(change.now, ended_at=ended_at))


def _as_seen(live: Live, report: Report) -> str:
    """What its host knows of it; `gone` if it was seen alive on a host that never heard of it.

    Such a host was set up anew: what ran there is lost, and not to be taken for unstarted.
    """
    was_alive = live.attempt.pid is not None or live.proven_s is not None
    if report.state is HostState.VOID and was_alive:
        return HostState.GONE.value
    return report.state.value


def _is_too_large(report: Report) -> bool:
    return report.result is None and report.result_size > MOST_RESULT_BYTES


def _said_too_much(outcome: Outcome, size: int) -> Outcome:
    trouble = Trouble(
        category=Category.VALIDATION,
        code="result_too_large",
        message=f"its result has {size} bytes, and a result at most {MOST_RESULT_BYTES}: "
        "hand larger data on as an artifact",
        details={"bytes": size},
    )
    return dataclasses.replace(outcome, verdict=Verdict.FAILED, trouble=trouble)


def result_of(live: Live, report: Report, last: Change, now_at: int) -> Sequence[TaskResult]:
    """What the end of an attempt has to say to those that depend on its job.

    What is no JSON, or too deep to be handed on, counts as the text that it is.
    """
    if not report.result or last.now.state is not State.SUCCEEDED:
        return ()
    body = report.result
    if not _is_json(body):
        body = msgspec.json.encode(body.decode("utf-8", "replace").removesuffix("\n"))
    said = msgspec.Raw(body)
    return [TaskResult(job=live.job.id, attempt=live.attempt.id, at=now_at, body=said)]


def _is_json(body: bytes) -> bool:
    """Whether it is JSON of which any reader can make something."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return False
    return body.count(b"[") + body.count(b"{") <= MOST_DEEP or _depth(value) <= MOST_DEEP


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        maps = (one.values() for one in level if isinstance(one, dict))
        lists = (one for one in level if isinstance(one, list))
        level = [one for some in (*maps, *lists) for one in some]
    return depth


def ended(
    live: Live, report: Report, rng: Random, now_at: int, stopped: Array | None = None
) -> News:
    """What the end of an attempt comes to.

    Args:
        live: The attempt.
        report: Of its end.
        rng: Where a retry's jitter comes from.
        now_at: When this is known.
        stopped: The job's array, if no member of it is to start any more.
    """
    attempt, job = live.attempt, live.job
    timeouts = job.spec.timeouts
    outcome = marked(
        outcome_of(
            _as_seen(live, report),
            code=report.code,
            signal=report.signal,
            why=report.why,
            message=report.message,
            trouble=report.trouble,
            cancel_acknowledged=job.now.stopping and not is_displaced(job.now),
            displaced_for=job.now.displaced_for if is_displaced(job.now) else None,
            hard_ms=timeouts.hard_ms,
            soft_ms=timeouts.soft_ms,
            gate=command_text(job.spec.gate) if job.spec.gate else "",
        ),
        job.spec,
        report.said,
    )
    if _is_too_large(report) and outcome.verdict is Verdict.SUCCEEDED:
        outcome = _said_too_much(outcome, report.result_size)
    ran = outcome.verdict not in (Verdict.VOID, Verdict.UNSPAWNED, Verdict.LOST)
    begun_at = attempt.started_at or live.heard_at or now_at
    steps = [start(job, begun_at)] if ran and job.now.state is State.QUEUED else []
    begun = job.with_progress(steps[0].now) if steps else job
    settled = settle(begun, outcome, rng, now_at, (*live.lost_on, attempt.worker))
    ended_at = now_at if live.ended_at is None else max(live.ended_at, begun_at)
    steps.append(_with_revision(_at_its_end(settled, ended_at), report.revision))
    if stopped is not None:
        stop = stop_member(job.with_progress(steps[-1].now), stopped, now_at)
        steps += [stop] if stop else []
    over = replace(
        attempt,
        phase=step(attempt.phase, Phase.ENDED),
        started_at=begun_at if ran else attempt.started_at,
        ended_at=ended_at,
        pid=attempt.pid or report.pid,
        pid_start=attempt.pid_start or report.pid_start,
        ident=attempt.ident or report.ident,
        revision=report.revision,
        verdict=outcome.verdict,
        exit_code=outcome.exit_code,
        signal=outcome.signal,
        trouble=outcome.trouble,
    )
    return over, steps
