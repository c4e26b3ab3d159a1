"""Workflows: a run is a composite job, its tasks are jobs, edges say what waits for what."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from engine.model.ids import JobId
from engine.model.states import FINAL, State


class After(StrEnum):
    """How a job must have ended before one that depends on it can start."""

    SUCCESS = "success"
    FAILURE = "failure"  # it failed, or ran out of time
    END = "end"  # in whatever way
    SETTLED = "settled"  # it ran, well or not: a fallback value stands in for its result
    SPARE = "spare"  # a fallback task: it succeeded, or was not needed


MET_BY: Final[Mapping[After, frozenset[State]]] = {
    After.SUCCESS: frozenset({State.SUCCEEDED}),
    After.FAILURE: frozenset({State.FAILED, State.TIMEOUT}),
    After.END: FINAL,
    After.SETTLED: frozenset({State.SUCCEEDED, State.FAILED, State.TIMEOUT}),
    After.SPARE: frozenset({State.SUCCEEDED, State.SKIPPED}),
}
"""States of a job that let those go on which wait for it like this; any other end skips them.

The table `met_by` of the store says the same; a test compares them.
"""


class Edge(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One job waits for another."""

    on: JobId
    after: After = After.SUCCESS


class OnFailure(StrEnum):
    """What the failure of one task means to those that do not depend on it."""

    CONTINUE = "continue"
    STOP = "stop"  # what waits is canceled, but for what follows a failure; what runs goes on


class FlowKind(StrEnum):
    """What a composite job with tasks is."""

    WORKFLOW = "workflow"
    MAP = "map"  # one task for each item of a list that another task gave


class Flow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A composite job whose children are tasks, as the store remembers it."""

    id: JobId
    """Of the composite job."""
    name: str
    """Of the definition, or of the task that it is."""
    run: int = 1
    """Which run of that name it is, from 1."""
    kind: FlowKind = FlowKind.WORKFLOW
    root: JobId
    """The outermost composite job: the run that people started; itself, if it is that."""
    on_failure: OnFailure = OnFailure.CONTINUE
    params: dict[str, Any] = {}
    definition: str = ""
    """Key of the definition that it was made from; empty: none of its own."""
    created_at: int = 0
    template: dict[str, Any] | None = None
    """Of a map: the job that is made for each item, as people write jobs."""
    items: str | list[Any] | None = None
    """Of a map: the task whose result is the list, or the list itself."""
    limit: int | None = None
    """How many of its tasks may run at once."""
    defaults: dict[str, Any] = {}
    """What each of its jobs says unless it says otherwise."""
    surroundings: int = 0
    version: int = 0


class Fallback(msgspec.Struct, frozen=True):
    """What stands in for the result of a task that fails."""

    value: Any


MOST_RESULT_BYTES: Final = 256 * 1024
"""A result is at most this long, as JSON; larger ones belong into artifacts."""


class TaskResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a task has to say to those that depend on it."""

    job: JobId
    attempt: str = ""
    at: int = 0
    body: msgspec.Raw
    """JSON."""
