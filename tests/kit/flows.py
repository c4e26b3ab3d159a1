"""Runs of workflows in an engine of which the test plays the hosts."""

import asyncio
import json
from typing import Any

from engine.control import messages as ask
from engine.control.views import Submitted
from engine.model.ids import AttemptId, JobId, Seq
from engine.model.job import Job
from engine.model.states import FINAL, State
from tests.kit.engine import Engine

NOTHING: Any = object()


def job(**said: Any) -> dict[str, Any]:
    """A task that asks for next to nothing, so that many run at once."""
    return {"command": ["true"], "cpus": 0.001, **said}


def to(*ids: int) -> ask.Targets:
    """Targets of an act."""
    return ask.Targets(ids=ids)


async def start(
    engine: Engine,
    tasks: dict[str, Any],
    *,
    given: dict[str, Any] | None = None,
    request_key: str = "",
    **top: Any,
) -> JobId:
    """Submit a workflow with the values `given` for its params; the id of the run."""
    definition = {"name": "flow", "tasks": tasks, **top}
    request = ask.SubmitWorkflow(
        definition=definition, params=given or {}, request_key=request_key
    )
    answer: Any = await engine.ask(request)
    return JobId(answer.ids[0][0])


async def grow(
    engine: Engine,
    run: JobId,
    tasks: dict[str, Any] | None = None,
    edges: dict[str, list[Any]] | None = None,
    request_key: str = "",
) -> Submitted:
    """Add tasks and edges to a run."""
    request = ask.GrowWorkflow(
        id=run, tasks=tasks or {}, edges=edges or {}, request_key=request_key
    )
    answer: Any = await engine.ask(request)
    return answer  # type: ignore[no-any-return]


async def find(engine: Engine, run: JobId, path: str) -> Job:
    """The task at a path like `train/eval`."""
    flow = run
    for name in path.split("/"):
        flow = (await engine.desk.store.task_ids(flow, [name]))[name]
    return await engine.job(flow)


async def running(engine: Engine, run: JobId, path: str) -> AttemptId:
    """The attempt of a task, once it runs."""
    return await engine.running((await find(engine, run, path)).id)


async def end(
    engine: Engine, run: JobId, path: str, code: int = 0, *, says: Any = NOTHING
) -> Job:
    """A task runs and comes to its end, perhaps with a result."""
    found = await find(engine, run, path)
    attempt = await engine.running(found.id)
    if says is not NOTHING:
        engine.host.results[attempt] = json.dumps(says).encode()
    engine.host.end(attempt, code)
    return await left(engine, found.id, State.RUNNING)


async def left(engine: Engine, id_: JobId, state: State) -> Job:
    """The job once it is in another state."""
    return await engine.until_state(id_, *(set(State) - {state}))


async def ended(engine: Engine, run: JobId, path: str = "") -> State:
    """How a task ended, or the run."""
    id_ = (await find(engine, run, path)).id if path else run
    return (await engine.until_state(id_, *FINAL)).now.state


async def states(engine: Engine, run: JobId) -> dict[str, str]:
    """The state of each task of a run, by name."""
    tasks = await engine.desk.store.tasks(run, JobId(0), 10_000)
    return {one.spec.task: one.now.state.value for one in tasks}


async def until_all(engine: Engine, run: JobId, expected: dict[str, str]) -> None:
    """Return once the tasks of a run are in these states."""
    async with asyncio.timeout(60):
        async for _ in engine.desk.timeline.follow(Seq(0), None):
            if await states(engine, run) == expected:
                return


async def settled(engine: Engine) -> None:
    """Return once what was under way has got to the disk and back."""
    for _ in range(20):
        await engine.desk.store.leases()
        await engine.desk.ledger.writer.post(lambda: None)


def told(engine: Engine, attempt: AttemptId) -> dict[str, Any]:
    """The context that an attempt was given."""
    context = engine.host.orders[attempt].context
    assert context is not None
    found: dict[str, Any] = json.loads(context)
    return found
