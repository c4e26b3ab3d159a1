"""`definition`: what a run was made from, to run it again."""

from typing import Any, Final

import msgspec

from engine.control.messages import ReadDefinition
from engine.control.views import DefinitionView
from engine.daemon.desk import Caller, Desk
from engine.daemon.flows.lookup import find_flow
from engine.errors import NotFound
from engine.model.ids import MAX_ID, JobId
from engine.model.words import nearest
from engine.model.workflow import Flow

MOST_COMPARED: Final = 200
"""Runs among whose names the nearest is looked for."""


async def answer(desk: Desk, _: Caller, ask: ReadDefinition) -> DefinitionView:
    """What a run was made from. Raises: NotFound."""
    flow = (
        await find_flow(desk, ask.id) if ask.id is not None else await _newest(desk, ask.name)
    )
    body = await desk.store.definition(flow.definition) if flow.definition else None
    if body is None:
        raise NotFound(f"#{flow.id} was made from no definition of its own", field="id")
    found: dict[str, Any] = msgspec.json.decode(body)
    return DefinitionView(
        id=flow.id, name=flow.name, run=flow.run, definition=found, params=flow.params
    )


async def _newest(desk: Desk, name: str) -> Flow:
    flows = await desk.store.runs(name=name, below=JobId(MAX_ID), limit=1)
    if not flows:
        near = await _like(desk, name)
        hint = f": did you mean {near!r}?" if near else ""
        told = f"there is no run of a workflow {name[:100]!r}{hint}"
        raise NotFound(told, field="name", nearest=near)
    return flows[0]


async def _like(desk: Desk, name: str) -> str | None:
    """The name most like it, of those that ran last; None if none is."""
    newest = await desk.store.runs(name=None, below=JobId(MAX_ID), limit=MOST_COMPARED)
    return nearest(name, {flow.name for flow in newest})
