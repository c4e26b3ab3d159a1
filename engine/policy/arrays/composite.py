"""What becomes of the composite job of an array while its members start and end."""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from engine.errors import Category, NotAllowed
from engine.model.array import Array
from engine.model.events import EventType
from engine.model.job import Job, Progress
from engine.model.outcome import Trouble
from engine.model.priority import Priority
from engine.model.spec import JobSpec, Kind
from engine.model.states import FINAL, WAITING, Signal, State, advance
from engine.policy.jobs.change import Change
from engine.policy.jobs.steering import cancel, finish_cancel
from engine.policy.workers.signs import could_not_start

BEGUN: Final = frozenset({State.RUNNING, State.RETRYING, State.SUCCEEDED, State.FAILED})
"""Members in these states have had an attempt."""

FAILURES: Final = frozenset({State.FAILED, State.TIMEOUT})
"""What counts against `stop_after`."""

BAD: Final = FAILURES | {State.SKIPPED}
"""Members that ended like this fail the array; one that was canceled does not."""

Counts = Mapping[str, int]
"""Members by state; states with none left out."""


TOLD_OF_ALL: Final = ("name", "description", "queue", "priority", "tags", "resources")
"""What an array says of itself as it is for its members."""


def is_composite(job: Job) -> bool:
    """Whether it stands for the members of an array, and is never run itself."""
    return job.spec.kind is Kind.COMPOSITE


def number(counts: Counts, states: frozenset[State]) -> int:
    """How many members are in one of these states."""
    return sum(counts.get(state.value, 0) for state in states)


def follow(job: Job, array: Array, counts: Counts, now_at: int) -> Change | None:
    """Bring a composite job to where its members are; None if it is there.

    It can be asked at any time and any number of times: what counts is how the members
    are, not which of them was heard of last.

    Args:
        job: The composite.
        array: Its array.
        counts: Its members by state.
        now_at: When this is known.
    """
    if job.now.state is State.SKIPPED or _is_about_to_be(job, array, counts):
        return None
    if number(counts, FINAL) >= array.count:
        if job.now.state not in FINAL:
            return _end(job, array, counts, now_at)
        is_late = job.now.state not in (State.SUCCEEDED, _ENDS[_ending(job, array, counts)])
        return taken_up(job.now, counts, now_at, _mark(array, counts)) if is_late else None
    if job.now.state is State.SUCCEEDED:
        return None
    if job.now.state in FINAL:
        return taken_up(job.now, counts, now_at, _mark(array, counts))
    if job.now.state is State.QUEUED and number(counts, BEGUN):
        cause = "the first of its members has started"
        return Change(Signal.START, _started(job.now, now_at), EventType.JOB_STARTED, cause)
    return finish_cancel(job, now_at)


def _is_about_to_be(job: Job, array: Array, counts: Counts) -> bool:
    """Whether it waits, and all its members were skipped for what it waits for too."""
    waits = job.now.state is State.PENDING and job.now.cancel_by is None
    return waits and number(counts, FINAL) >= array.count


def reopen(job: Job, counts: Counts, now_at: int) -> Change | None:
    """Have an array go on of which members are about to be run again; None if it does.

    What has succeeded stays so: its members that are run again were not needed for that.
    """
    has_failed = job.now.state in FINAL and job.now.state is not State.SUCCEEDED
    return taken_up(job.now, counts, now_at) if has_failed else None


def _started(now: Progress, now_at: int) -> Progress:
    return replace(
        now,
        state=advance(now.state, Signal.START),
        started_at=now.started_at or now_at,
        state_at=now_at,
    )


def taken_up(now: Progress, counts: Counts, now_at: int, note: str = "") -> Change:
    """A member is run again: what had ended goes on."""
    again = replace(
        now,
        state=advance(now.state, Signal.REVIVE),
        queued_at=now_at,
        state_at=now_at,
        started_at=None,
        ended_at=None,
        cancel_at=None,
        cancel_by=None,
        cancel_why="",
        held_by=None,
        held_why="",
        trouble=None,
        note=note,
    )
    if number(counts, BEGUN):
        again = _started(again, now_at)
    return Change(Signal.REVIVE, again, EventType.JOB_QUEUED, "members of it are run again")


def _mark(array: Array, counts: Counts) -> str:
    return stops_why(array) if must_stop(array, counts) else ""


def _end(job: Job, array: Array, counts: Counts, now_at: int) -> Change:
    signal = _ending(job, array, counts)
    now = job.now
    if signal is Signal.SUCCEED and now.state is State.QUEUED:
        now = _started(now, now_at)
    said = ended_note(array, counts)
    ended = replace(
        now,
        state=advance(now.state, signal),
        ended_at=now_at,
        state_at=now_at,
        cancel_at=None,
        held_by=None,
        held_why="",
        trouble=_trouble(said, counts) if signal is Signal.FAIL else None,
        note=said,
    )
    return Change(signal, ended, _EVENTS[signal], said or f"all {array.count} succeeded")


_EVENTS: Final = {
    Signal.SUCCEED: EventType.JOB_COMPLETED,
    Signal.FAIL: EventType.JOB_FAILED,
    Signal.CANCEL: EventType.JOB_CANCELED,
}


_ENDS: Final = {
    Signal.SUCCEED: State.SUCCEEDED,
    Signal.FAIL: State.FAILED,
    Signal.CANCEL: State.CANCELED,
}


def _ending(job: Job, array: Array, counts: Counts) -> Signal:
    if _all_succeeded(array, counts):
        return Signal.SUCCEED
    is_asked = job.now.cancel_by is not None
    return Signal.CANCEL if is_asked or not number(counts, BAD) else Signal.FAIL


def _all_succeeded(array: Array, counts: Counts) -> bool:
    return counts.get(State.SUCCEEDED.value, 0) == array.count


def ended_note(array: Array, counts: Counts) -> str:
    """`3 of 40 failed, 5 canceled`; empty if none did anything but succeed."""
    return ended_words(counts, array.count)


def ended_words(counts: Counts, total: int) -> str:
    """`3 of 40 failed, 5 canceled`; empty if none did anything but succeed."""
    parts = [
        f"{counts[state.value]} {_WORDS.get(state, state.value)}"
        for state in _WORST_FIRST
        if counts.get(state.value)
    ]
    if not parts:
        return ""
    first, _, word = parts[0].partition(" ")
    return ", ".join([f"{first} of {total} {word}", *parts[1:]])


_WORST_FIRST: Final = (State.FAILED, State.TIMEOUT, State.CANCELED, State.SKIPPED)
_WORDS: Final = {State.TIMEOUT: "timed out"}


def progress_note(counts: Counts) -> str:
    """`12 of 40 done, 3 failed`, of one that has not ended."""
    done = f"{number(counts, FINAL)} of {sum(counts.values())} done"
    failed = number(counts, FAILURES)
    return f"{done}, {failed} failed" if failed else done


def _trouble(said: str, counts: Counts) -> Trouble:
    return Trouble(
        category=Category.INTERNAL, code="members", message=said, details=dict(counts)
    )


def must_stop(array: Array, counts: Counts) -> bool:
    """Whether so many members have failed that those which wait are to be canceled."""
    return array.stop_after is not None and number(counts, FAILURES) >= array.stop_after


def stops_why(array: Array) -> str:
    """Why the rest of an array is canceled."""
    times = "failure" if array.stop_after == 1 else "failures"
    return f"array #{array.id} stops after {array.stop_after} {times}"


def is_stopped(job: Job, array: Array) -> bool:
    """Whether the array was stopped, and has not been taken up again."""
    return job.now.state not in FINAL and job.now.note == stops_why(array)


def stop_whole(job: Job, array: Array, counts: Counts) -> Change | None:
    """Mark the array as stopped, once, before its waiting members are canceled.

    The mark goes when members that had failed are run again.
    """
    if job.now.state in FINAL:
        return None
    why = stops_why(array)
    if not must_stop(array, counts):
        if job.now.note != why:
            return None
        cause = "fewer members have failed than stop it"
        return Change(None, replace(job.now, note=""), EventType.JOB_EDITED, cause)
    if job.now.note == why or not number(counts, WAITING):
        return None
    return Change(None, replace(job.now, note=why), EventType.ARRAY_ABORTED, why)


def stop_member(job: Job, array: Array, now_at: int) -> Change | None:
    """Cancel a member of a stopped array that waits, unless somebody runs it again.

    What it had ended of stays with a job that is run again, until it has started; one that
    waits because its attempt was lost, was displaced or never began has nothing of the kind.
    """
    now = job.now
    if now.state not in WAITING or now.attempt is not None:
        return None
    if is_run_again(now):
        return None
    return cancel(job, now_at, by="engine", why=stops_why(array))


def is_run_again(now: Progress) -> bool:
    """Whether it had ended, and waits to run once more since somebody wants it."""
    has_ended_of = now.trouble is not None and not could_not_start(now.trouble)
    return has_ended_of and now.failures == 0 and now.losses == 0


def cancel_whole(
    job: Job, now_at: int, by: str, why: str = "", undo_ms: int = 0
) -> Change | None:
    """Remember that the array is canceled; it ends when its members have.

    Args:
        job: The composite.
        now_at: When it is asked for.
        by: Who wants it.
        why: For what reason.
        undo_ms: How long the cancel of what waits can be withdrawn.

    Raises:
        NotAllowed: it has ended.
    """
    now = job.now
    _must_live(job)
    if now.cancel_by is not None:
        return _now(job, by) if undo_ms <= 0 else None
    said = f"canceled by {by}: {why}" if why else f"canceled by {by}"
    until_at = now_at + undo_ms * 1_000 if undo_ms > 0 else None
    asked = replace(now, cancel_by=by, cancel_why=why, cancel_at=until_at, note=said)
    return Change(None, asked, EventType.JOB_EDITED, said)


def _now(job: Job, by: str) -> Change | None:
    """A cancel in its grace does not wait for its end."""
    if job.now.cancel_at is None:
        return None
    now = replace(job.now, cancel_at=None)
    return Change(None, now, EventType.JOB_EDITED, f"{by} did not wait for the grace")


def uncancel_whole(job: Job, by: str) -> Change | None:
    """Take a cancel of the array back. Raises: NotAllowed, if it has ended."""
    _must_live(job)
    if job.now.cancel_by is None:
        return None
    now = replace(job.now, cancel_at=None, cancel_by=None, cancel_why="", note="")
    return Change(None, now, EventType.JOB_EDITED, f"{by} withdrew the cancel")


def hold_whole(job: Job, by: str, why: str = "") -> Change | None:
    """Mark the array as held. Raises: NotAllowed, if it has ended."""
    _must_live(job)
    if job.now.held_by is not None:
        return None
    now = replace(job.now, held_by=by, held_why=why)
    said = f"held by {by}: {why}" if why else f"held by {by}"
    return Change(None, now, EventType.JOB_HELD, said)


def reprioritise_whole(job: Job, priority: Priority, by: str) -> Change | None:
    """Give the array another priority. Raises: NotAllowed, if it has ended."""
    _must_live(job)
    if job.now.priority is priority:
        return None
    cause = f"{by} changed its priority from {job.now.priority.label} to {priority.label}"
    return Change(None, replace(job.now, priority=priority), EventType.JOB_EDITED, cause)


def edit_whole(job: Job, spec: JobSpec, by: str) -> Change | None:
    """Have the array say of itself what is changed of its members that wait.

    Args:
        job: The composite.
        spec: As the edit would make it.
        by: Who wants it.

    Raises:
        NotAllowed: it has ended.
    """
    _must_live(job)
    now = replace(job.now, queue=spec.queue, priority=spec.priority)
    told = replace(job.spec, **{field: getattr(spec, field) for field in TOLD_OF_ALL})
    if (now, told) == (job.now, job.spec):
        return None
    cause = f"{by} changed what waits of it"
    return Change(None, now, EventType.JOB_EDITED, cause, spec=told, shape=job.shape)


def _must_live(job: Job) -> None:
    if job.now.state in FINAL:
        raise NotAllowed(f"#{job.id} has ended: {job.now.state}")
