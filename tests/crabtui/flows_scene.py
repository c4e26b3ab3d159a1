"""Runs of workflows in worlds of tests: the answers to what the Flows view asks."""

from collections import Counter
from typing import Any

from msgspec.structs import replace

from engine.control import messages as m
from engine.control import views as v
from engine.errors import NotFound
from tests.kit.fake_world import S, World


class Runs:
    """Runs that a test changes by hand; their tasks are jobs of the world too."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.flows: dict[int, v.FlowView] = {}
        self.tasks: dict[int, list[v.TaskView]] = {}
        """By what they are of."""
        self.ends: dict[int, int] = {}
        """When runs are expected to end."""
        world.answers |= {m.ListWorkflows: self._list, m.ShowWorkflow: self._show}

    def run(self, name: str, state: str = "running", **fields: Any) -> int:
        """A run that began a quarter of an hour ago, unless it says otherwise."""
        began = self.world.clock.now() - 900 * S
        times = {"created_at": began, "started_at": began, "state_at": began}
        row = self.world.add(name, state, kind="composite", **{**times, **_jobs(fields)})
        flow = v.FlowView(
            id=row.id, name=name, state=state, run=1, root=row.id, owner="ana", **times
        )
        self.flows[row.id], self.tasks[row.id] = replace(flow, **fields), []
        return row.id

    def task(self, of: int, name: str, state: str, *needs: Any, **fields: Any) -> int:
        """A task; `needs` are names, or edges. `ran` is (from, to) in seconds of the run."""
        ran, waited = fields.pop("ran", None), fields.pop("waited", None)
        expected = fields.pop("expected", None)
        began = self.flows[of].created_at if of in self.flows else self._began(of)
        fields |= _at(began, ("started_at", "completed_at"), ran)
        fields |= _at(began, ("queued_at",), waited)
        fields |= _at(began, ("predicted_start_at", "predicted_end_at"), expected)
        row = self.world.add(name, state, **{"queued_at": None, **_jobs(fields)})
        edges = tuple(v.EdgeView(task=n) if isinstance(n, str) else n for n in needs)
        task = v.TaskView(id=row.id, task=name, state=state, edges=edges, **fields)
        self.tasks[of].append(task)
        if task.kind in ("workflow", "map"):
            self.tasks[row.id] = []
        return row.id

    def change(self, job: int, **fields: Any) -> None:
        """A task goes on, or a run does."""
        if job in self.flows:
            self.flows[job] = replace(self.flows[job], **fields)
        for tasks in self.tasks.values():
            for place, task in enumerate(tasks):
                if task.id == job:
                    tasks[place] = replace(task, **fields)
        self.world.change(job, **_jobs(fields))

    def _began(self, of: int) -> int:
        known = (task for tasks in self.tasks.values() for task in tasks)
        return next(t.started_at or t.created_at for t in known if t.id == of)

    def counted(self, of: int) -> dict[str, int]:
        return dict(Counter(task.state for task in self.tasks[of]))

    def _flow(self, of: int) -> v.FlowView:
        flow = self.flows.get(of)
        if flow is None:
            [task] = [t for tasks in self.tasks.values() for t in tasks if t.id == of]
            flow = v.FlowView(
                id=of, name=task.task, state=task.state, run=1, root=1, kind=task.kind
            )
        row = self.world.jobs[of]
        return replace(
            flow,
            tasks=self.counted(of),
            task_count=len(self.tasks[of]),
            held_by=row.held_by,
            cancel_at=row.cancel_at,
            version=row.version,
        )

    def _list(self, ask: m.ListWorkflows) -> v.FlowsView:
        flows = [self._flow(run) for run in sorted(self.flows, reverse=True)]
        named = [flow for flow in flows if ask.name in ("", flow.name)]
        more = named[ask.limit].id if len(named) > ask.limit else None
        return v.FlowsView(
            flows=tuple(named[: ask.limit]), now_at=self.world.clock.now(), next=more
        )

    def _show(self, ask: m.ShowWorkflow) -> v.FlowDetail:
        if ask.id not in self.tasks:
            raise NotFound(f"#{ask.id} is no run of a workflow")
        tasks = [self._told(t) for t in self.tasks[ask.id] if t.critical or not ask.critical]
        path = tuple(task.task for task in self.tasks[ask.id] if task.critical)
        return v.FlowDetail(
            flow=self._flow(ask.id),
            tasks=tuple(tasks[ask.offset : ask.offset + ask.limit]),
            offset=ask.offset,
            total=len(tasks),
            now_at=self.world.clock.now(),
            levels=4 if path else None,
            max_parallelism=3 if path else None,
            critical_path=path,
            predicted_end_at=self.ends.get(ask.id),
        )

    def _told(self, task: v.TaskView) -> v.TaskView:
        if task.id not in self.tasks:
            return task
        return replace(task, members=self.counted(task.id))


def _at(began: int, names: tuple[str, ...], spans: Any) -> dict[str, int]:
    if spans is None:
        return {}
    times = spans if isinstance(spans, tuple) else (spans,)
    pairs = zip(names, times, strict=False)
    return {name: began + int(at * S) for name, at in pairs if at is not None}


def _jobs(fields: dict[str, Any]) -> dict[str, Any]:
    """Those that a row of jobs has too."""
    same = v.JobRow.__struct_fields__
    return {name: value for name, value in fields.items() if name in same and name != "name"}


def with_runs(world: World, *, empty: bool = False) -> Runs:
    """The same world, in which workflows run: one that goes on, one that failed, one held."""
    runs = Runs(world)
    if empty:
        return runs
    now = world.clock.now()
    _nightly(runs, now)
    held = runs.run("import", "running", created_at=now - 300 * S, started_at=now - 300 * S)
    runs.task(held, "fetch", "succeeded", ran=(1, 40), attempt=1)
    runs.task(held, "load", "pending", "fetch")
    world.change(held, held_by="ana")
    _sweep(runs, now)
    for run in list(runs.tasks):
        world.change(run, members=runs.counted(run))
    return runs


def _nightly(runs: Runs, now: int) -> None:
    run = runs.run(
        "nightly",
        "failed",
        run=41,
        created_at=now - 9_000 * S,
        started_at=now - 9_000 * S,
        completed_at=now - 8_400 * S,
        failed=("check",),
        error="task check failed: exit 2",
    )
    runs.task(run, "dump", "succeeded", ran=(0, 200), attempt=1, exit_code=0)
    runs.task(
        run, "check", "failed", "dump", ran=(200, 590), attempt=3, max_attempts=3, exit_code=2
    )
    runs.task(run, "mail", "skipped", "check", note="check failed")


def _sweep(runs: Runs, now: int) -> None:
    """A quarter of an hour in: prepared, half embedded, one of the trainings is critical."""
    run = runs.run("sweep", run=3, params={"lr": [0.1, 0.3], "token": "s3cret"})
    runs.ends[run] = now + 1_500 * S
    one = {"attempt": 1, "exit_code": 0}
    runs.task(
        run, "prep_data", "succeeded", ran=(2, 190), critical=True, level=0, waited=0, **one
    )
    runs.task(run, "split", "succeeded", "prep_data", ran=(192, 214), level=1, **one)
    embed = runs.task(
        run, "embed", "running", "split", kind="map", ran=(215, None), level=2, attempt=1
    )
    for shard in range(4):
        runs.task(
            embed,
            f"embed[{shard}]",
            "succeeded" if shard < 2 else "running",
            ran=(1, 300 + shard) if shard < 2 else (310, None),
            expected=None if shard < 2 else (None, 800),
            **one,
        )
    runs.task(
        run,
        "train a",
        "running",
        "prep_data",
        ran=(330, None),
        waited=195,
        expected=(None, 1_300),
        level=1,
        attempt=2,
        max_attempts=3,
        worker_id="gpu-07",
    )
    runs.task(
        run,
        "train b",
        "queued",
        "prep_data",
        waited=195,
        expected=(960, 2_000),
        critical=True,
        level=1,
        note="queue gpu is full",
    )
    runs.task(run, "probe", "failed", ran=(5, 60), attempt=1, exit_code=2, level=0)
    runs.task(
        run,
        "eval",
        "pending",
        "train a",
        "train b",
        "embed",
        expected=(2_000, 2_300),
        critical=True,
        level=3,
    )
    runs.task(
        run,
        "clean",
        "pending",
        v.EdgeView(task="eval", after="end"),
        expected=(2_300, 2_400),
        critical=True,
        level=4,
    )
