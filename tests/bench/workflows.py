"""Workflows: how fast a large graph is stored, and what a task and a dependency cost to run.

Each graph has no-op tasks that are called in one pool process or thread pool; the peer is
dask.distributed on threads of this machine, which keeps nothing on disk. Run with
`TASKS=1000` for a short look.
"""

import os
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from engine.control.blocking import connect
from engine.control.messages import ShowJob, SubmitWorkflow, Wait
from tests.bench.figures import CORES
from tests.kit.daemon import RealDaemon

TASKS = int(os.environ.get("TASKS", "10000"))
STORED = 10 * TASKS
HOUR_MS = 3_600_000

Graph: TypeAlias = Mapping[str, Sequence[str]]
"""By task, what it waits for."""

TOOLS = """
from engine.tools import tool

@tool
def noop() -> None:
    "Do nothing."
"""


def measure() -> dict[str, Any]:
    """Seconds, milliseconds a task and a dependency, and ratios to the peer."""
    graphs = {"chains": chains(TASKS), "fan": fan(TASKS), "random": mesh(TASKS)}
    with tempfile.TemporaryDirectory() as folder, _daemon(Path(folder)) as daemon:
        found: dict[str, Any] = {"stored": _stored(daemon.state)}
        for name, graph in graphs.items():
            ours_s, theirs_s = _ours(daemon.state, graph), _dask(graph)
            found[name] = _told(graph, ours_s, theirs_s)
    return {"tasks": TASKS, **found}


def chains(tasks: int) -> Graph:
    """A hundred chains side by side."""
    long = max(tasks // 100, 1)
    return {
        f"t{chain}-{n}": [f"t{chain}-{n - 1}"] if n else []
        for chain in range(tasks // long)
        for n in range(long)
    }


def fan(tasks: int) -> Graph:
    """One, then all others, then one that waits for them."""
    middle = [f"m{n}" for n in range(tasks - 2)]
    return {"first": [], **{name: ["first"] for name in middle}, "last": middle}


def mesh(tasks: int, edges: int = 3) -> Graph:
    """Each task waits for some of those shortly before it."""
    rng = random.Random(7)
    return {
        f"t{n}": sorted({f"t{rng.randrange(max(0, n - 200), n)}" for _ in range(edges)})
        if n
        else []
        for n in range(tasks)
    }


def _daemon(folder: Path) -> RealDaemon:
    (folder / "bench_tools.py").write_text(TOOLS)
    state = folder / "s"
    state.mkdir(mode=0o700)
    (state / "config.toml").write_text(
        f'[tools]\nmodules = ["bench_tools"]\npath = ["{folder}"]\n'
    )
    return RealDaemon(folder)


def _definition(graph: Graph, job: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": "bench",
        "defaults": dict(job),
        "tasks": {name: {**job, "depends_on": list(on)} for name, on in graph.items()},
    }


def _stored(state: Path) -> dict[str, float]:
    """Seconds until a graph of held commands is validated and on disk."""
    graph = mesh(STORED)
    definition = _definition(graph, {"command": ["true"], "hold": True})
    with connect(state) as client:
        began_s = time.perf_counter()
        client.call(SubmitWorkflow(definition=definition))
        took_s = time.perf_counter() - began_s
    edges = sum(map(len, graph.values()))
    return {
        "tasks": STORED,
        "dependencies": edges,
        "seconds": round(took_s, 2),
        "us_per_dependency": round(took_s * 1e6 / edges, 1),
    }


def _ours(state: Path, graph: Graph) -> float:
    definition = _definition(graph, {"tool": "noop", "args": {}})
    with connect(state) as client:
        began_s = time.perf_counter()
        run, _ = client.call(SubmitWorkflow(definition=definition)).ids[0]
        client.call(Wait(ids=(run,), timeout_ms=HOUR_MS))
        took_s = time.perf_counter() - began_s
        state_now = client.call(ShowJob(id=run)).job.state
    if state_now != "succeeded":
        raise RuntimeError(f"the run {state_now}")
    return took_s


def _noop(*_: object) -> None:
    """What dask runs."""


def _dask(graph: Graph) -> float | None:
    """The same on dask.distributed; None if it is not installed."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        return None
    with (
        LocalCluster(
            n_workers=1, threads_per_worker=CORES, processes=False, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        return _timed(lambda: _submit_all(client, graph))


def _submit_all(client: Any, graph: Graph) -> None:
    futures: dict[str, Any] = {}
    for name, on in graph.items():
        needed = [futures[one] for one in on]
        futures[name] = client.submit(_noop, *needed, key=name, pure=False)
    client.gather(list(futures.values()))


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s


def _told(graph: Graph, ours_s: float, theirs_s: float | None) -> dict[str, Any]:
    edges = sum(map(len, graph.values()))
    told: dict[str, Any] = {
        "dependencies": edges,
        "seconds": round(ours_s, 2),
        "ms_per_task": round(ours_s * 1000 / len(graph), 3),
    }
    if theirs_s is not None:
        told["dask_seconds"] = round(theirs_s, 2)
        told["dask / ours"] = round(theirs_s / ours_s, 3)
    return told
