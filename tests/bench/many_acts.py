"""Acts on 20 000 jobs at once: by filter and on a whole array, in one engine in process.

Whether an act keeps the daemon from answering is seen by a task that always wants a turn:
`stall_ms` is the most processor time that the loop's thread used between two of its turns,
whatever else the machine does.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psutil

from engine.control.messages import (
    Cancel,
    Hold,
    Release,
    SetPriority,
    SetQueue,
    SubmitArray,
    Targets,
)
from engine.control.views import Acted, Submitted
from tests.bench.figures import scratch
from tests.kit.engine import Engine, an_engine

COUNT = 20_000
TARGET_PER_S = 10_000


@dataclass(slots=True)
class _Turns:
    """The longest time for which others had to wait, on the processor and by the clock."""

    cpu_s: float = 0.0
    wall_s: float = 0.0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self) -> None:
        cpu_s, wall_s = time.thread_time(), time.perf_counter()
        while not self.stopping.is_set():
            await _turn()
            now_cpu_s, now_s = time.thread_time(), time.perf_counter()
            self.cpu_s = max(self.cpu_s, now_cpu_s - cpu_s)
            self.wall_s = max(self.wall_s, now_s - wall_s)
            cpu_s, wall_s = now_cpu_s, now_s


async def _turn() -> None:
    """Come back after everybody else who is ready has had a turn, and not too often."""
    turn = asyncio.Event()
    asyncio.get_running_loop().call_later(0.001, turn.set)
    await turn.wait()


def measure() -> dict[str, Any]:
    """Jobs a second, and the longest stalls of the loop, for each act."""
    with scratch() as folder:
        figures = asyncio.run(_measure(folder))
    rates = [acts["jobs_per_cpu_s"] for name, acts in figures.items() if "submit" not in name]
    return {
        "jobs": COUNT,
        **figures,
        "ratios": {"slowest act / target": round(min(rates) / TARGET_PER_S, 3)},
        "targets": {"slowest act / target": 1.0, "stall_ms": 50},
    }


async def _measure(folder: Any) -> dict[str, dict[str, float]]:
    figures: dict[str, dict[str, float]] = {}
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # as the daemon does
    async with an_engine(folder) as engine:
        await engine.ask(SetQueue(name="default", pause=True, why="bench"))
        for name in ("array", "filter"):
            targets: list[Targets] = []
            figures[f"{name} submit"] = await _timed(partial(_submit, engine, name, targets))
            for act, request in _acts(targets[0]).items():
                figures[f"{name} {act}"] = await _timed(partial(_act, engine, request))
    return figures


def _acts(targets: Targets) -> dict[str, Any]:
    return {
        "hold": Hold(targets=targets),
        "hold again": Hold(targets=targets),
        "release": Release(targets=targets),
        "priority": SetPriority(targets=targets, to="high"),
        "cancel": Cancel(targets=targets),
    }


async def _submit(engine: Engine, name: str, targets: list[Targets]) -> None:
    job = {"name": name, "command": ["/bin/true", "{item}"]}
    made = await engine.ask(SubmitArray(job=job, values=(f"1-{COUNT}",)))
    assert isinstance(made, Submitted)
    array = made.ids[0][0]
    is_whole = name == "array"
    targets.append(Targets(ids=(array,)) if is_whole else Targets(where=f"array:{array}"))


async def _act(engine: Engine, request: Any) -> None:
    acted = await engine.ask(request)
    assert isinstance(acted, Acted)
    assert all(one.ok for one in acted.results), acted


async def _timed(work: Callable[[], Awaitable[None]]) -> dict[str, float]:
    turns = _Turns()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(turns.watch())
        await _turn()
        rss, cpu_s, began_s = _rss_mb(), time.process_time(), time.perf_counter()
        await work()
        took_s, used_s = time.perf_counter() - began_s, time.process_time() - cpu_s
        turns.stopping.set()
    return {
        "jobs_per_s": round(COUNT / took_s),
        "jobs_per_cpu_s": round(COUNT / used_s),
        "stall_ms": round(turns.cpu_s * 1000, 1),
        "stall_wall_ms": round(turns.wall_s * 1000, 1),
        "rss_grown_mb": round(_rss_mb() - rss, 1),
    }


def _rss_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20
