"""What becomes of a job whose attempt has ended."""

from collections.abc import Sequence
from random import Random
from typing import Final

from msgspec.structs import replace

from engine.errors import Category
from engine.model.attempt import Attempt
from engine.model.events import EventType
from engine.model.job import Job, Progress
from engine.model.limits import Restart
from engine.model.outcome import Outcome, Trouble, Verdict
from engine.model.states import Signal, State, advance
from engine.policy.jobs.change import Change
from engine.policy.jobs.lifecycle import is_displaced, started
from engine.policy.jobs.outcomes import outcome_of, signal_name
from engine.policy.jobs.retry import RetryIn, next_step
from engine.policy.jobs.timeouts import duration_text
from engine.policy.workers.signs import could_not_start

__all__ = ["MOST_LOSSES", "Settlement", "is_canceled", "note_of", "outcome_of", "settle"]

Settlement = Change

MOST_LOSSES: Final = 5
"""A job whose attempts were lost this often is held to be what takes its workers down."""

LONGEST_REST_MS: Final = 30_000
"""What no worker could start is tried again at least so often."""

EVENTS: Final = {
    Signal.SUCCEED: EventType.JOB_COMPLETED,
    Signal.FAIL: EventType.JOB_FAILED,
    Signal.EXPIRE: EventType.JOB_TIMEOUT,
    Signal.CANCEL: EventType.JOB_CANCELED,
    Signal.RETRY: EventType.JOB_RETRY,
    Signal.REQUEUE: EventType.JOB_QUEUED,
}


UNSEEN: Final = frozenset({"declared_dead", "lease_expired"})
"""Losses that do not show that anything went down with the attempt."""


def has_gone_down(attempt: Attempt) -> bool:
    """Whether this attempt was lost with its worker, as far as anybody can tell."""
    code = attempt.trouble.code if attempt.trouble else ""
    return attempt.verdict is Verdict.LOST and code not in UNSEEN


def settle(
    job: Job, outcome: Outcome, rng: Random, now_at: int, workers: Sequence[str] = ()
) -> Settlement:
    """What the end of its open attempt makes of a job.

    An attempt that ended before its start was on record is taken as started now: nothing
    ends that did not begin. A cancel that was promised wins over every outcome.

    Args:
        job: With the attempt still open.
        outcome: How the attempt ended.
        rng: Where a retry's jitter comes from.
        now_at: When this is known.
        workers: That would have gone down with its attempts, were this one lost too.
    """
    was = _counted(job.now, outcome, now_at)
    if is_displaced(job.now) and outcome.verdict is Verdict.CANCELED:
        return _back(was, now_at, f"it made room for #{job.now.displaced_for}")
    if is_canceled(job) or outcome.verdict is Verdict.CANCELED:
        return _end(was, Signal.CANCEL, outcome, now_at, _canceled_text(was))
    match outcome.verdict:
        case Verdict.SUCCEEDED:
            return _end(was, Signal.SUCCEED, outcome, now_at, "exit 0")
        case Verdict.LOST:
            return _settle_lost(job, was, outcome, now_at, workers)
        case Verdict.VOID:
            return _back(was, now_at, "it never started")
        case Verdict.UNSPAWNED if could_not_start(outcome.trouble):
            return _settle_not_served(was, outcome, now_at)
        case _:
            return _settle_failed(job, was, outcome, rng, now_at)


def is_canceled(job: Job) -> bool:
    """Whether somebody was promised that this job ends as canceled."""
    return job.now.cancel_by is not None or job.now.cancel_at is not None


def note_of(outcome: Outcome) -> str:
    """How it ended, in a few characters: `exit 3`, `SIGKILL`, `timeout 10s`, `lost`."""
    trouble = outcome.trouble
    if outcome.verdict is Verdict.TIMEOUT and trouble is not None:
        limit_ms = trouble.details.get("limit_ms")
        word = trouble.code.replace("_", " ")
        return f"{word} {duration_text(limit_ms)}" if isinstance(limit_ms, int) else word
    if outcome.verdict is Verdict.FAILED and trouble and trouble.code not in ("exit", "signal"):
        return trouble.code.replace("_", " ")
    if outcome.verdict is Verdict.UNSPAWNED and trouble is not None:
        return trouble.code.replace("_", " ")
    if outcome.verdict in (Verdict.LOST, Verdict.CANCELED, Verdict.VOID):
        return outcome.verdict.value
    if outcome.signal is not None:
        return signal_name(outcome.signal)
    return f"exit {outcome.exit_code}" if outcome.exit_code else ""


def _counted(now: Progress, outcome: Outcome, now_at: int) -> Progress:
    """The columns with this attempt counted, and begun if a process of it ever ran."""
    if now.state is not State.QUEUED:
        return now
    if outcome.verdict in (Verdict.UNSPAWNED, Verdict.VOID, Verdict.LOST):
        return replace(now, attempts=now.attempts + 1)
    return started(now, now_at)


def _settle_failed(
    job: Job, was: Progress, outcome: Outcome, rng: Random, now_at: int
) -> Settlement:
    was = replace(was, failures=was.failures + 1)
    step = next_step(outcome, job.spec.retry, was.failures, rng)
    if isinstance(step, RetryIn):
        again = _closed(was, Signal.RETRY, outcome, now_at)
        again = replace(again, wake_at=now_at + step.delay_ms * 1_000, started_at=None)
        return _change(Signal.RETRY, again, step.why)
    signal = Signal.EXPIRE if outcome.verdict is Verdict.TIMEOUT else Signal.FAIL
    said = outcome.trouble.message if outcome.trouble else note_of(outcome)
    return _end(was, signal, outcome, now_at, f"{said}; {step.why}")


def _settle_not_served(was: Progress, outcome: Outcome, now_at: int) -> Settlement:
    """Its worker could not start it: that is no failure of the job, however often it is so.

    The first time it goes back into its lane at once, for another worker; then it waits a
    little longer each time.
    """
    said = outcome.trouble.message if outcome.trouble else note_of(outcome)
    cause = f"`{was.worker}` could not start it, which counts for nothing: {said}"
    in_vain = was.attempts - was.failures - was.losses
    if in_vain <= 1:
        return _back(was, now_at, cause)
    wait_ms = min(500 << min(in_vain - 1, 10), LONGEST_REST_MS)
    again = _closed(was, Signal.RETRY, outcome, now_at)
    again = replace(again, wake_at=now_at + wait_ms * 1_000, started_at=None)
    return _change(Signal.RETRY, again, cause)


def _settle_lost(
    job: Job, was: Progress, outcome: Outcome, now_at: int, workers: Sequence[str]
) -> Settlement:
    code = outcome.trouble.code if outcome.trouble else ""
    is_loss = code not in UNSEEN
    was = replace(was, losses=was.losses + is_loss)
    if job.spec.restart is Restart.SAFE and was.losses < MOST_LOSSES:
        which = f"loss {was.losses}" if is_loss else code.replace("_", " ")
        return _back(was, now_at, f"lost, and safe to run again: {which}")
    if job.spec.restart is Restart.SAFE:
        poison = _poison(outcome, was.losses, workers)
        return _end(was, Signal.FAIL, poison, now_at, "lost too often")
    if job.spec.restart is Restart.ASK:
        was = replace(was, needs_operator=True)
        return _end(was, Signal.FAIL, outcome, now_at, "lost; an operator has to say what now")
    return _end(was, Signal.FAIL, outcome, now_at, "lost, and not to be run again")


def _poison(outcome: Outcome, losses: int, workers: Sequence[str]) -> Outcome:
    message = f"{losses} attempts of it were lost with their workers"
    if workers:
        named = ", ".join(f"`{name}`" for name in dict.fromkeys(workers))
        message += f": {named}"
    details: dict[str, object] = {"workers": list(workers)}
    trouble = Trouble(category=Category.LOST, code="poison", message=message, details=details)
    return Outcome(verdict=outcome.verdict, trouble=trouble)


def _end(
    was: Progress, signal: Signal, outcome: Outcome, now_at: int, cause: str
) -> Settlement:
    now = replace(_closed(was, signal, outcome, now_at), ended_at=now_at)
    return _change(signal, now, cause)


def _back(was: Progress, now_at: int, cause: str) -> Settlement:
    """Into its lane again, in its old place, with nothing counted against it."""
    signal = Signal.REQUEUE if was.state is State.RUNNING else None
    now = replace(
        was,
        state=advance(was.state, signal) if signal else was.state,
        attempt=None,
        worker=None,
        started_at=None,
        queued_at=now_at,
        state_at=now_at,
        stopping=False,
        displaced_for=None,
        unreachable_at=None,
        paused_at=None,
        paused_by=None,
        note="",
    )
    return Change(signal, now, EventType.JOB_QUEUED, cause)


def _closed(was: Progress, signal: Signal, outcome: Outcome, now_at: int) -> Progress:
    return replace(
        was,
        state=advance(was.state, signal),
        attempt=None,
        state_at=now_at,
        cancel_at=None,
        stopping=False,
        displaced_for=None,
        unreachable_at=None,
        paused_at=None,
        paused_by=None,
        exit_code=outcome.exit_code,
        signal=outcome.signal,
        trouble=outcome.trouble,
        note="canceled" if signal is Signal.CANCEL else note_of(outcome),
    )


def _change(signal: Signal, now: Progress, cause: str) -> Settlement:
    return Change(signal, now, EVENTS[signal], cause)


def _canceled_text(now: Progress) -> str:
    text = f"canceled by {now.cancel_by}" if now.cancel_by else "stopped"
    return f"{text}: {now.cancel_why}" if now.cancel_why else text
