"""Workflows: plans, runs, their tasks, and what they came to."""

from typing import Any

from engine.control.views.view import View


class EdgeView(View, frozen=True, omit_defaults=True):
    """What a task waits for."""

    task: str
    """A name in the same workflow; `#1423` for a job outside of it."""
    after: str = "success"
    """`success`, `failure`, `end`, `settled` (well or not) or `spare` (or not needed)."""
    id: int | None = None
    """Of the job that is waited for; None: nothing is stored yet."""


class PlannedTask(View, frozen=True, omit_defaults=True):
    """A task of a plan. Times are ms from the start of the run, if nothing has to queue."""

    level: int
    """How many tasks have to end before it at least, one after the other; from 0."""
    start_ms: int
    end_ms: int
    duration_ms: int
    slack_ms: int = 0
    """How much later it may end without any harm to the end of the whole."""
    critical: bool = False
    kind: str = "command"
    """`command`, `workflow`, `map`, `array` or whatever else the job says."""
    edges: tuple[EdgeView, ...] = ()
    tasks: int = 1
    """How many jobs it is: more than one for nested workflows and arrays."""


class PlanView(View, frozen=True):
    """How a workflow runs if nothing has to queue."""

    name: str
    task_count: int
    levels: tuple[tuple[str, ...], ...]
    """Tasks by level, as written; those of one level do not depend on each other."""
    dependencies: dict[str, tuple[str, ...]]
    """By task, the tasks that it waits for; those with none are left out."""
    task_map: dict[str, PlannedTask]
    critical_path: tuple[str, ...]
    """The tasks that say how long the whole takes, from the first to the last."""
    max_parallelism: int
    """The most tasks that can run at once."""
    efficiency: float
    """Sum of all durations / (length of the critical path x max_parallelism), 0..1."""
    duration_ms: int
    """Length of the critical path."""
    is_guess: bool = False
    """Some task does not say how long it takes: each of these counts as long as another."""
    description: str = ""
    params: dict[str, Any] = {}
    left_out: int = 0
    """Tasks of the last levels that are not told of, since there are too many."""


class FlowView(View, frozen=True, omit_defaults=True):
    """A run of a workflow, or a composite task of one."""

    id: int
    name: str
    run: int
    """Which run of that name it is, from 1."""
    state: str
    root: int
    """The run that people started; itself, if it is that."""
    kind: str = "workflow"
    """`workflow`, or `map`: one task for each item of a list."""
    description: str = ""
    parent: int | None = None
    """The run or composite task that it is a task of."""
    tasks: dict[str, int] = {}
    """Its own tasks by state, without those of its composite tasks."""
    task_count: int = 0
    created_at: int = 0
    started_at: int | None = None
    completed_at: int | None = None
    duration_ms: int | None = None
    state_at: int = 0
    queue: str = "default"
    priority: str = "normal"
    tenant_id: str = "default"
    owner: str = ""
    on_failure: str = "continue"
    params: dict[str, Any] = {}
    held_by: str | None = None
    held_why: str = ""
    cancel_by: str | None = None
    cancel_at: int | None = None
    note: str = ""
    error: str = ""
    failed: tuple[str, ...] = ()
    """Tasks that failed themselves, at most 5."""
    version: int = 0


class TaskView(View, frozen=True, omit_defaults=True):
    """A task of a run."""

    id: int
    task: str
    """Its name in the workflow."""
    state: str
    kind: str = "command"
    """`workflow`, `map` and `array` have tasks of their own."""
    name: str = ""
    """That of the job, or its command on one line, at most 200 characters."""
    edges: tuple[EdgeView, ...] = ()
    level: int | None = None
    """None: the run has too many tasks to work it out."""
    critical: bool = False
    """If it ends later, so does the whole."""
    created_at: int = 0
    queued_at: int | None = None
    started_at: int | None = None
    completed_at: int | None = None
    duration_ms: int | None = None
    predicted_start_at: int | None = None
    """Of one that waits: not before then, if nothing has to queue."""
    predicted_end_at: int | None = None
    """Of one that has not ended."""
    attempt: int = 0
    max_attempts: int = 1
    worker_id: str | None = None
    exit_code: int | None = None
    signal: int | None = None
    note: str = ""
    error: str = ""
    result: str | None = None
    """The beginning of its result, JSON of at most 200 characters; None: it has none."""
    result_bytes: int = 0
    has_fallback: bool = False
    """If it fails, a value or another task stands in for its result."""
    members: dict[str, int] = {}
    """Of a composite task: its own tasks by state."""
    held_by: str | None = None
    paused_at: int | None = None
    unreachable_at: int | None = None
    stopping: bool = False
    version: int = 0


class FlowsView(View, frozen=True):
    """Runs of workflows, the newest first."""

    flows: tuple[FlowView, ...]
    now_at: int
    next: int | None = None
    """What to ask `before` for the next page; None at the end."""
    seq: int = 0


class FlowDetail(View, frozen=True, omit_defaults=True):
    """A run with a window of its tasks, by id: as they were written, then as they came."""

    flow: FlowView
    tasks: tuple[TaskView, ...]
    offset: int = 0
    total: int = 0
    now_at: int = 0
    seq: int = 0
    levels: int | None = None
    """None: the run has too many tasks to work it out; nor are the next four known then."""
    max_parallelism: int | None = None
    efficiency: float | None = None
    critical_path: tuple[str, ...] = ()
    predicted_end_at: int | None = None
    """Of a run that has not ended, if nothing has to queue."""
    is_guess: bool = False
    """For some task it is not known how long it takes."""


class TaskReport(View, frozen=True, omit_defaults=True):
    """What a task came to."""

    status: str
    result: Any = None
    error: str = ""
    id: int = 0
    result_bytes: int = 0
    """Its size, if the result is left out since all together are too large."""


class FlowReport(View, frozen=True):
    """What a run came to; while it runs, what it has come to so far."""

    id: int
    name: str
    run: int
    status: str
    created_at: int
    started_at: int | None
    completed_at: int | None
    duration: int | None
    """Milliseconds from its start to its end."""
    task_count: int
    successful_tasks: int
    task_results: dict[str, TaskReport]
    error: str | None


class DefinitionView(View, frozen=True):
    """What a run was made from."""

    id: int
    name: str
    run: int
    definition: dict[str, Any]
    params: dict[str, Any] = {}
    """Those that the run was given."""
