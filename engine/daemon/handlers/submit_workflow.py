"""`submit_workflow` and `grow_workflow`: runs of workflows come in, and get more tasks."""

from functools import partial

import msgspec

from engine.control.messages import GrowWorkflow, SubmitWorkflow
from engine.control.views import Submitted
from engine.daemon.desk import Caller, Desk
from engine.daemon.intake.calls import POOLS_S, is_call
from engine.daemon.intake.receipts import answer_again, known_ids
from engine.errors import InvalidSpec, NotFound, Refused
from engine.ledger.rows.submission import Sender
from engine.model.ids import JobId
from engine.model.intake import check_surroundings
from engine.model.intake.workflow import read_growth, read_workflow
from engine.model.workflow import FlowKind


async def answer(desk: Desk, caller: Caller, ask: SubmitWorkflow) -> Submitted:
    """Store a run of a workflow, all or none; its id is the first. Raises: Refused."""
    caller.must_act()
    with desk.reception.judging(caller.user, None):
        check_surroundings(ask.cwd, ask.env)
        read = partial(read_workflow, ask.definition, ask.params, name=ask.name)
        tasks = ask.definition.get("tasks")
        size = len(tasks) if isinstance(tasks, dict) else 0
        definition = await desk.reception.beside(size, read)
        calls = {f"tasks.{one.name}": one.job for one in definition.tasks if is_call(one.job)}
        if calls:
            await desk.tools.await_told(POOLS_S, calls.values())
            await desk.tools.check_stages(calls, desk.backends)
    return await desk.reception.submit_flow(
        definition,
        msgspec.json.encode(ask.definition),
        Sender(user=caller.user, cwd=ask.cwd, env=ask.env, defaults={}),
        request_key=ask.request_key,
    )


async def grow(desk: Desk, caller: Caller, ask: GrowWorkflow) -> Submitted:
    """Add tasks and edges to a run that has not ended, all or none. Raises: Refused."""
    caller.must_act()
    known = await known_ids(desk.store, ask.request_key)
    if known:
        return answer_again(known)
    flow = await desk.store.flow(JobId(ask.id))
    if flow is None:
        raise NotFound(f"there is no run of a workflow #{ask.id}", field="id")
    if flow.kind is FlowKind.MAP:
        raise InvalidSpec(f"#{ask.id} is a fan-out: its tasks are made of a list", field="id")
    growth = read_growth(ask.tasks, ask.edges, params=flow.params, defaults=flow.defaults)
    by = caller.user if ask.by_job is None else f"#{ask.by_job}"
    job = await desk.ledger.find(flow.id)
    key = ask.request_key
    try:
        first, count = await desk.grower.grow(job, flow, growth, by, key)
    except Refused:  # by what the same growth did at the same time?
        known = await known_ids(desk.store, key)
        if not known:
            raise
        return answer_again(known)
    if not count:
        return Submitted(count=0, ids=(), jobs=())
    return Submitted(count=count, ids=((first, first + count - 1),), jobs=())
