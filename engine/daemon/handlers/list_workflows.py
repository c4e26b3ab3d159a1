"""`workflows`: runs of workflows, the newest first."""

from typing import Final

from engine.control.messages import ListWorkflows
from engine.control.views import FlowsView
from engine.daemon.desk import Caller, Desk
from engine.daemon.flows.lookup import flow_views
from engine.model.ids import MAX_ID, JobId

MOST: Final = 1_000
"""Runs in one answer."""


async def answer(desk: Desk, _: Caller, ask: ListWorkflows) -> FlowsView:
    """A page of runs, the newest first."""
    limit = max(1, min(ask.limit, MOST))
    below = JobId(MAX_ID if ask.before is None else max(ask.before, 0))
    flows = await desk.store.runs(name=ask.name or None, below=below, limit=limit + 1)
    views = await flow_views(desk, flows[:limit])
    return FlowsView(
        flows=tuple(views),
        now_at=desk.clock.now(),
        next=flows[limit - 1].id if len(flows) > limit else None,
        seq=desk.timeline.head,
    )
