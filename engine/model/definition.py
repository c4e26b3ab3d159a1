"""Workflows as people define them, read and checked: names, params and edges of each task."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.model.workflow import After, Fallback, OnFailure


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayDefinition:
    """A task that is an array: exactly one of `values`, `grid` and `lines` says of what."""

    values: tuple[str, ...] = ()
    grid: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lines: tuple[str, ...] = ()
    limit: int | None = None
    stop_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDefinition:
    """One task, with the params of its workflow filled in."""

    name: str
    job: Mapping[str, Any]
    """As people write jobs, for `engine.model.intake.Reader`; of a workflow only what the
    composite job says of itself."""
    after: tuple[tuple[str, After], ...] = ()
    """Tasks of the same workflow that must end first, and how; as written."""
    fallback: Fallback | None = None
    """Stands in for its result if it fails."""
    spare: str | None = None
    """The task that is run if it fails, and whose result stands in for its own."""
    for_each: str | tuple[Any, ...] | None = None
    """A fan-out: the task whose result is the list, or the list; `job` is the template."""
    array: ArrayDefinition | None = None
    workflow: "Definition | None" = None
    limit: int | None = None
    """Of a fan-out: how many of its tasks may run at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A workflow, or one within another."""

    name: str
    description: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    """By name, the values that were filled in."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What each job says unless it says otherwise; those of the outer workflow included."""
    on_failure: OnFailure = OnFailure.CONTINUE
    limit: int | None = None
    """How many of its tasks may run at once; None: no limit."""
    hooks: tuple[Any, ...] = ()
    """Of the composite job, as people write them."""
    tasks: tuple[TaskDefinition, ...] = ()
    """As written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What is added to a workflow that runs."""

    tasks: tuple[TaskDefinition, ...] = ()
    edges: Mapping[str, tuple[tuple[str, After], ...]] = field(default_factory=dict)
    """By task, old or new, what it waits for besides."""
