"""Calling tools from Python: a job of its own each, and what it came to as a value."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.control.messages import ReadResult, Submit, Wait
from engine.control.submission import submission
from engine.control.views import ResultView
from engine.errors import Category
from engine.model.states import State

if TYPE_CHECKING:
    from engine.tools.results import ToolResult


def the_call(tool: str, args: Mapping[str, Any], job: Mapping[str, Any]) -> Submit:
    """The submission of a call. `job`: further keys of its job."""
    return submission({**job, "tool": tool, "args": dict(args)})


def the_wait(job: int) -> Wait:
    """Until it has ended."""
    return Wait(ids=(job,))


def the_result(job: int) -> ReadResult:
    """What it came to."""
    return ReadResult(id=job)


def as_value(found: ResultView) -> "ToolResult":
    """What a call came to: its value, or its error."""
    from engine.tools.results import ToolError, ToolResult  # only who calls needs it

    if found.state == State.SUCCEEDED:
        return ToolResult(value=found.result)
    told = found.error or {}
    details = told.get("details")
    known = details if isinstance(details, Mapping) else {}
    kind = str(known.get("type") or told.get("code") or found.state)
    return ToolResult(
        error=ToolError(
            category=Category(str(told.get("category", Category.INTERNAL.value))),
            type=kind,
            message=str(told.get("message") or found.state).removeprefix(f"{kind}: "),
            traceback=str(known.get("traceback", "")),
            retryable=bool(told.get("retryable", False)),
        )
    )
