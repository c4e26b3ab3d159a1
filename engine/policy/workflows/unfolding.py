"""What becomes of the composite job of a fan-out when its tasks are made."""

from typing import Any, Final

from msgspec.structs import replace

from engine.errors import Category, EngineError, InvalidSpec
from engine.model.events import EventType
from engine.model.job import Job
from engine.model.outcome import Trouble
from engine.model.states import Signal, State, advance
from engine.policy.jobs.change import Change

MOST_ITEMS: Final = 10_000
"""Tasks of a fan-out: they come in with one commit."""

_KINDS: Final = {
    type(None): "nothing",
    str: "a text",
    bool: "a yes or no",
    dict: "an object",
}
"""What JSON is, in words; what is none of these and no list is a number."""


def items_in(value: Any, what: str) -> list[Any]:
    """The list over which to fan out.

    Args:
        value: What a task gave, or what is written.
        what: Names it, for the words of errors.

    Raises:
        InvalidSpec: it is no list, or too long.
    """
    if not isinstance(value, list):
        kind = _KINDS.get(type(value), "a number")
        raise InvalidSpec(f"for_each: {what} is no list but {kind}", field="for_each")
    if len(value) > MOST_ITEMS:
        raise InvalidSpec(
            f"for_each: {what} has {len(value)} items; at most {MOST_ITEMS}: make it an array, "
            "or fan out over parts",
            field="for_each",
        )
    return value


def unfolded(job: Job, count: int, now_at: int) -> Change:
    """Its tasks come in with this; one that has none is done."""
    if not count:
        done = replace(
            job.now,
            state=advance(advance(job.now.state, Signal.START), Signal.SUCCEED),
            started_at=now_at,
            ended_at=now_at,
            state_at=now_at,
            note="nothing to do",
        )
        cause = "the list over which it fans out is empty"
        return Change(Signal.SUCCEED, done, EventType.WORKFLOW_COMPLETED, cause)
    cause = f"fans out over {count} items"
    return Change(None, job.now, EventType.WORKFLOW_GROWN, cause, data={"tasks": count})


def not_unfolded(job: Job, error: EngineError, now_at: int) -> Change | None:
    """It has no tasks and cannot have any; None if it does not wait for them any more."""
    if job.now.state is not State.QUEUED:
        return None
    trouble = Trouble(category=Category.VALIDATION, code="for_each", message=error.message)
    failed = replace(
        job.now,
        state=advance(job.now.state, Signal.FAIL),
        ended_at=now_at,
        state_at=now_at,
        trouble=trouble,
        note="cannot fan out",
    )
    return Change(Signal.FAIL, failed, EventType.WORKFLOW_FAILED, error.message)
