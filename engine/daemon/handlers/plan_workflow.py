"""`plan_workflow`: how a workflow would run; nothing is stored."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from engine.control.messages import PlanWorkflow
from engine.control.views import PlanView
from engine.daemon.desk import Caller, Desk
from engine.daemon.flows.planning import plan_view, read_plan
from engine.daemon.flows.times import times_of_runs
from engine.ledger.rows.submission import Sender
from engine.model.intake import Reader

MOST_AT_ONCE: Final = 200
"""Tasks of a definition that is planned where it is asked for; of larger ones aside."""


async def answer(desk: Desk, caller: Caller, ask: PlanWorkflow) -> PlanView:
    """The plan of a definition, by the same graph that submission stores.

    Raises:
        InvalidSpec: it could not be submitted either.
    """
    name = ask.definition.get("name")
    known = await times_of_runs(desk, name) if isinstance(name, str) else {}

    def readers(defaults: Mapping[str, Any]) -> Reader:
        sender = Sender(user=caller.user, cwd="/", env={}, defaults=defaults)
        return desk.reception.reader(sender)

    read = partial(read_plan, ask.definition, ask.params, readers, known)
    found = read() if _is_small(ask) else await desk.flow_pictures.aside.do(read)
    for place, spec in found.shapes:
        desk.reception.must_fit(spec, place)
    return plan_view(found)


def _is_small(ask: PlanWorkflow) -> bool:
    tasks = ask.definition.get("tasks")
    return not isinstance(tasks, dict) or len(tasks) <= MOST_AT_ONCE
