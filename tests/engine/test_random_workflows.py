"""Random workflows through a whole engine: what runs, in which order, and what runs again."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.backends.protocol import HostState, Order, Report
from engine.control import messages as ask
from engine.errors import InvalidSpec
from engine.model.ids import JobId
from engine.model.intake.workflow import read_workflow
from engine.model.states import FINAL, State
from engine.model.workflow import After
from engine.policy.workflows.graph import graph_of
from tests.kit.engine import Engine, FakeBackend, an_engine
from tests.kit.flows import find, grow, job, start, states, to

RAN = ("succeeded", "failed")
MET = {
    After.SUCCESS: ("succeeded",),
    After.FAILURE: ("failed",),
    After.END: ("succeeded", "failed", "skipped"),
    After.SETTLED: RAN,
    After.SPARE: ("succeeded", "skipped"),
}
Codes = dict[str, int]

often = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


class Coded(FakeBackend):
    """Every task ends at once with the code that its name has; those without one go on."""

    def __init__(self, codes: Codes) -> None:
        super().__init__()
        self.codes = codes
        self.begun: list[str] = []

    def _start(self, order: Order) -> Report | Exception:
        name = order.argv[0]
        self.begun.append(name)
        self.ends_at_once = self.codes.get(name)
        report = super()._start(order)
        assert isinstance(report, Report)
        assert report.state in (HostState.EXITED, HostState.RUNNING)
        return report


@st.composite
def any_tasks(draw: st.DrawFn, prefix: str = "t", most: int = 8) -> dict[str, Any]:
    """Tasks with edges of all kinds and with fallbacks, none of which waits in a circle."""
    tasks: dict[str, Any] = {}
    for number in range(draw(st.integers(1, most))):
        name, known = f"{prefix}{number}", list(tasks)
        on = draw(st.lists(st.sampled_from(known), unique=True, max_size=3)) if known else []
        after = [
            {"task": one, "after": draw(st.sampled_from(["success", "failure", "end"]))}
            for one in on
        ]
        tasks[name] = job(command=[name], depends_on=after)
        helps = draw(st.integers(0, 7))
        if helps == 0:
            tasks[name]["fallback"] = {"value": number}
        elif helps == 1:
            tasks[name]["fallback"] = {"task": f"{name}s"}
            too = after if draw(st.booleans()) else []
            tasks[f"{name}s"] = job(command=[f"{name}s"], depends_on=too)
    return tasks


def compiled(tasks: Mapping[str, Any]) -> Mapping[str, Sequence[tuple[str, After]]]:
    """Edges by task, each behind all that it waits for."""
    graph = graph_of(read_workflow({"name": "w", "tasks": dict(tasks)}).tasks)
    return {name: graph.edges[name] for name in graph.order}


def naive(tasks: Mapping[str, Any], codes: Codes, was: Mapping[str, str]) -> dict[str, str]:
    """How each task ends, after it had ended as `was`."""
    found: dict[str, str] = {}
    for name, edges in compiled(tasks).items():
        stays = was.get(name) == "succeeded"
        if was.get(name) == "failed" and "fallback" in tasks[name]:
            stays = True
        if stays:
            found[name] = was[name]
        elif all(found[on] in MET[after] for on, after in edges):
            found[name] = "failed" if codes[name] else "succeeded"
        else:
            found[name] = "skipped"
    return found


def must_be_in_order(tasks: Mapping[str, Any], begun: Sequence[str]) -> None:
    """Each began once, behind all for which it waits, of those that began."""
    assert len(begun) == len(set(begun))
    place = {name: at for at, name in enumerate(begun)}
    for name, edges in compiled(tasks).items():
        for on, _ in edges:
            if name in place and on in place:
                assert place[on] < place[name], f"{name} began before {on}"


async def end_of(engine: Engine, run: JobId) -> State:
    return (await engine.until_state(run, *FINAL)).now.state


def verdict(tasks: Mapping[str, Any], found: Mapping[str, str]) -> State:
    """How the run ends."""
    bad = [name for name, state in found.items() if state == "failed"]
    spoiled = [name for name in bad if "fallback" not in tasks[name]]
    return State.FAILED if spoiled else State.SUCCEEDED


@often
@given(tasks=any_tasks(), data=st.data())
def test_a_task_runs_if_and_only_if_what_it_waits_for_ended_so(
    tasks: dict[str, Any], data: st.DataObject
) -> None:
    codes = {name: data.draw(st.sampled_from([0, 0, 1])) for name in tasks}
    again = {name: data.draw(st.sampled_from([0, 0, 1])) for name in tasks}

    async def play(folder: Path) -> None:
        host = Coded(dict(codes))
        async with an_engine(folder, host) as engine:
            run = await start(engine, tasks)
            ended = await end_of(engine, run)
            expected = naive(tasks, codes, {})
            assert await states(engine, run) == expected
            assert sorted(host.begun) == sorted(n for n, s in expected.items() if s in RAN)
            must_be_in_order(tasks, host.begun)
            assert ended is verdict(tasks, expected)
            if ended is State.FAILED:
                await take_up(engine, host, run, expected)

    async def take_up(engine: Engine, host: Coded, run: JobId, was: Mapping[str, str]) -> None:
        host.codes, host.begun = dict(again), []
        [result] = (await engine.ask(ask.Retry(targets=to(run)))).results  # type: ignore[attr-defined]
        assert result.ok
        ended = await end_of(engine, run)
        expected = naive(tasks, again, was)
        assert ended is verdict(tasks, expected)
        assert await states(engine, run) == expected
        must_be_in_order(tasks, host.begun)
        assert not [name for name in host.begun if was[name] == "succeeded"]
        assert await engine.desk.store.check() == []

    asyncio.run(in_a_folder(play))


@often
@given(tasks=any_tasks(), more=any_tasks("n"), data=st.data())
def test_what_has_grown_runs_as_if_it_had_been_written(
    tasks: dict[str, Any], more: dict[str, Any], data: st.DataObject
) -> None:
    for task in more.values():
        on = data.draw(st.lists(st.sampled_from(list(tasks)), unique=True, max_size=2))
        task["depends_on"] = [*task["depends_on"], *on]
    edges = {
        name: [data.draw(st.sampled_from(list(more)))]
        for name in data.draw(st.lists(st.sampled_from(list(tasks)), unique=True, max_size=2))
    }
    codes = {name: data.draw(st.sampled_from([0, 0, 1])) for name in {**tasks, **more}}

    def gated(own: dict[str, Any]) -> dict[str, Any]:
        tied = {n: {**t, "depends_on": [*t["depends_on"], "gate"]} for n, t in own.items()}
        return {"gate": job(command=["gate"]), **tied}

    async def play(folder: Path) -> None:
        host = Coded(dict(codes))
        async with an_engine(folder, host) as engine:
            run = await start(engine, gated(tasks))
            gate = await engine.running((await find(engine, run, "gate")).id)
            whole = {**gated(tasks), **more}
            for name, on in edges.items():
                whole[name] = {**whole[name], "depends_on": [*whole[name]["depends_on"], *on]}
            try:
                compiled(whole)
                can_grow = True
            except InvalidSpec:
                can_grow = False
            try:
                await grow(engine, run, more, {name: list(on) for name, on in edges.items()})
                assert can_grow
            except InvalidSpec:
                assert not can_grow
                whole = gated(tasks)
            host.end(gate, 0)
            await end_of(engine, run)
            assert await states(engine, run) == naive(whole, {**codes, "gate": 0}, {})
            must_be_in_order(whole, host.begun)
            assert await engine.desk.store.check() == []

    asyncio.run(in_a_folder(play))


async def in_a_folder(play: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        await play(Path(folder))
