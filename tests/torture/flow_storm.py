"""The storm over workflows: run, grow and take them up while the daemon is killed."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

from engine.clock import SystemClock
from engine.control.messages import (
    GrowWorkflow,
    ReportWorkflow,
    Retry,
    ShowJob,
    SubmitWorkflow,
    Targets,
)
from engine.control.views import FlowReport
from engine.errors import EngineError
from engine.store.sqlite.store import SqliteStore
from tests.kit.daemon import RealDaemon, job_environment
from tests.kit.waiting import pause
from tests.torture import book
from tests.torture.flow_plan import FlowPlan, a_flow
from tests.torture.storm import Report


def flow_storm(folder: Path, *, cycles: int, seed: int, most_s: float = 1.0) -> Report:
    """Kill the daemon `cycles` times, each within `most_s` of a start, then judge.

    One workflow is run for each cycle.
    """
    report = Report(cycles=cycles, seed=seed)
    (folder / "book").touch()
    chance = Random(seed)
    plans = [a_flow(chance, number, folder) for number in range(cycles)]
    daemon = RealDaemon(folder)
    driver = Driver(daemon, plans)
    try:
        driver.start()
        for _ in range(cycles):
            daemon.spawn()
            if chance.random() < 0.2:
                report.killed_before_ready += 1
            else:
                daemon.wait_ready()
            pause(chance.uniform(0, most_s))
            daemon.kill9()
        daemon.start()
        driver.finish(timeout_s=60 + 5 * cycles)
        report.faults += _faults(daemon, driver, report)
        daemon.terminate()
        report.faults += asyncio.run(_torn(daemon))
    finally:
        driver.stop()
        daemon.close()
    return report


class Driver:
    """A client that repeats whatever it wants until it has the answer."""

    def __init__(self, daemon: RealDaemon, plans: Sequence[FlowPlan]) -> None:
        self.plans = plans
        self.runs: dict[str, int] = {}
        self.error: BaseException | None = None
        self._daemon = daemon
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="driver")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def finish(self, *, timeout_s: float) -> None:
        """Return when every run has succeeded, or it took too long."""
        self._thread.join(timeout_s)
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            for plan in self.plans:
                self._until(lambda plan=plan: self._submit(plan))  # type: ignore[misc]
                self._until(lambda plan=plan: self._grow(plan))  # type: ignore[misc]
                plan.gate.touch()
                self._take_up()
            while not self._stop.wait(0.1) and not self._take_up():
                pass
        except BaseException as error:
            self.error = error

    def _until(self, done: Callable[[], bool]) -> None:
        while not self._stop.is_set():
            with suppress(EngineError, OSError):
                if done():
                    return
            self._stop.wait(0.02)

    def _submit(self, plan: FlowPlan) -> bool:
        ask = SubmitWorkflow(
            definition=plan.asked(), cwd="/", env=job_environment(), request_key=plan.name
        )
        with self._daemon.client() as client:
            self.runs[plan.name] = client.call(ask).ids[0][0]
        return True

    def _grow(self, plan: FlowPlan) -> bool:
        ask = GrowWorkflow(
            id=self.runs[plan.name],
            tasks=plan.growth,
            edges=dict(plan.edges),
            request_key=f"grow-{plan.name}",
        )
        with self._daemon.client() as client:
            assert client.call(ask).count == len(plan.growth)
        return True

    def _take_up(self) -> bool:
        """Run again what has failed; whether all runs have succeeded."""
        with suppress(EngineError, OSError), self._daemon.client() as client:
            states = {run: client.call(ShowJob(id=run)).job.state for run in self.runs.values()}
            failed = tuple(run for run, state in states.items() if state == "failed")
            if failed:
                client.call(Retry(targets=Targets(ids=failed)))
            return set(states.values()) == {"succeeded"}
        return False


def _faults(daemon: RealDaemon, driver: Driver, report: Report) -> Iterator[str]:
    lines = book.read((driver.plans[0].folder / "book").read_text())
    told = (driver.plans[0].folder / "book").read_text().splitlines()
    expected = {name: runs for plan in driver.plans for name, runs in plan.runs.items()}
    report.jobs, report.runs = len(expected), sum(expected.values())
    yield from (f"{name}: ran, but nobody asked for it" for name in lines.keys() - expected)
    for name, runs in expected.items():
        yield from (f"{name}: {fault}" for fault in book.faults(lines.get(name, []), runs))
    for plan in driver.plans:
        yield from (f"{plan.name}: {fault}" for fault in order_faults(plan, told))
        with daemon.client() as client:
            said = client.call(ReportWorkflow(id=driver.runs[plan.name]))
        yield from (f"{plan.name} (#{said.id}): {one}" for one in _end_faults(plan, said))


def order_faults(plan: FlowPlan, told: Sequence[str]) -> Iterator[str]:
    """What began before that had ended for which it waits, by the lines of the book."""
    begun: dict[str, int] = {}
    over: dict[str, int] = {}
    for place, line in enumerate(told):
        name, _, what = line.split()
        if what == "start" and not name.endswith("/flaky"):
            begun.setdefault(name, place)
        elif what == "end":
            over[name] = place
    for first, then in plan.behind:
        if then in begun and begun[then] < over.get(first, len(told)):
            yield f"{then} began before {first} had ended"


def _end_faults(plan: FlowPlan, said: FlowReport) -> Iterator[str]:
    if said.status != "succeeded":
        yield f"the run is {said.status}: {said.error}"
    states = {name: one.status for name, one in said.task_results.items()}
    if states != plan.states:
        yield f"its tasks are {states}, not {plan.states}"
    results = {name: one.result for name, one in said.task_results.items() if one.result}
    expected = {**plan.results, "g0": "g0"}
    if results != {name: one for name, one in expected.items() if one}:
        yield f"its results are {results}, not {expected}"
    context = plan.folder / f"told-{plan.name}"
    if context.exists():
        found = json.loads(context.read_text())["results"]
        if found != plan.results:
            yield f"the last task was told {found}, not {plan.results}"


async def _torn(daemon: RealDaemon) -> list[str]:
    """What the store has against its own sums."""
    store = await SqliteStore.open(daemon.state / "crabtui.db", SystemClock())
    try:
        return [f"the store: {fault}" for fault in await store.check()]
    finally:
        await store.close()
