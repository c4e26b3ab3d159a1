"""Workflows: planning, running, growing and looking at them."""

from typing import Any

from engine.control import views
from engine.control.messages.request import Request, Whole


class SubmitWorkflow(Request[views.Submitted], frozen=True, tag="submit_workflow"):
    """Store a run of a workflow: a composite job, and a job for each task, all or none.

    The answer's first id is that of the run.
    """

    definition: dict[str, Any]
    """As people write it: name, params, defaults, tasks (see `engine.model.definition`)."""
    params: dict[str, Any] = {}
    """Over the defaults that the definition has."""
    cwd: str = "/"
    env: dict[str, str] = {}
    request_key: str = ""
    name: str = ""
    """Instead of the definition's."""


class GrowWorkflow(Request[views.Submitted], frozen=True, tag="grow_workflow"):
    """Add tasks and edges to a run that has not ended; all or none."""

    id: Whole
    tasks: dict[str, Any] = {}
    """As in a definition; they may depend on the tasks that are there."""
    edges: dict[str, list[Any]] = {}
    """By task that has not started: what it depends on besides, as in `depends_on`."""
    by_job: Whole | None = None
    """The task that asks for it."""
    request_key: str = ""


class PlanWorkflow(Request[views.PlanView], frozen=True, tag="plan_workflow"):
    """What a run of it would look like; nothing is stored."""

    definition: dict[str, Any]
    params: dict[str, Any] = {}


class ListWorkflows(Request[views.FlowsView], frozen=True, tag="workflows"):
    """Runs of workflows, the newest first."""

    name: str = ""
    """Only runs of this one."""
    limit: Whole = 50
    before: Whole | None = None
    """Only runs that are older than this one."""


class ShowWorkflow(Request[views.FlowDetail], frozen=True, tag="show_workflow"):
    """A run, or a composite task of one, with a window of its tasks."""

    id: Whole
    offset: Whole = 0
    limit: Whole = 500
    critical: bool = False
    """Only tasks that say how long the whole takes; `offset` and `total` count these."""


class ReportWorkflow(Request[views.FlowReport], frozen=True, tag="report_workflow"):
    """What a run came to, with the results of all of its tasks."""

    id: Whole


class ReadDefinition(Request[views.DefinitionView], frozen=True, tag="definition"):
    """What a run was made from: of the run `id`, or of the newest one called `name`."""

    id: Whole | None = None
    name: str = ""
