"""One console on a real daemon, walked through by keys while events rain, and its size."""

import asyncio
import gc
import itertools
import threading
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from textual.pilot import Pilot

from crabtui.app import CrabApp
from engine.control.client import connect
from engine.control.messages import SetPriority, SetQueue, Targets
from tests.kit.daemon import RealDaemon

JOBS = 400
AT_ONCE = 20
EVENTS_PER_S = 200
SAMPLE_EVERY_S = 5.0
WALK = (
    *("1", "2", "j", "3", "j", "j", "space", "k", "escape", "4", "5", "7", "8"),
    *("3", "enter", "tab", "tab", "l", "escape", "w", "escape", "e", "escape", "s", "escape"),
    *("3", "slash", "s", "escape", "question_mark", "escape", "T", "o", "o", "o"),
)
"""Every view, a detail, a prompt, dialogs; it ends where it began."""
STEP_S = 0.1


@dataclass(frozen=True, slots=True)
class Sample:
    """The size of the console at one moment, in the Jobs view with nothing open."""

    at_s: float
    rss_mb: float
    tasks: int
    descriptors: int
    threads: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a soak saw."""

    events: int
    samples: tuple[Sample, ...]

    @property
    def settled(self) -> tuple[Sample, ...]:
        """Those after the first third, in which everything was shown for the first time."""
        return self.samples[len(self.samples) // 3 :]

    @property
    def grown_mb(self) -> float:
        """From the first half of what is settled to the second, by their least."""
        sizes = [sample.rss_mb for sample in self.settled]
        half = len(sizes) // 2
        return min(sizes[half:]) - min(sizes[:half])


class Rain:
    """Changes jobs all the time, each change one event."""

    def __init__(self, daemon: RealDaemon) -> None:
        self.events = 0
        self._daemon = daemon
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Rain":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        began_s = time.monotonic()
        with self._daemon.client() as client:
            for number in itertools.count():
                due_s = began_s + number * AT_ONCE / EVENTS_PER_S
                if self._stop.wait(max(0.0, due_s - time.monotonic())):
                    return
                client.call(_change(number))
                self.events += AT_ONCE


def _change(number: int) -> SetPriority:
    """Down and up again, so that each of them changes something."""
    first = 1 + (number // 2 * AT_ONCE) % (JOBS - AT_ONCE)
    ids = tuple(range(first, first + AT_ONCE))
    return SetPriority(targets=Targets(ids=ids), raise_by=-1 if number % 2 == 0 else 1)


async def soak(folder: Path, seconds: float) -> Report:
    """Walk through a console for so long."""
    with RealDaemon(folder) as daemon:
        with daemon.client() as client:
            client.call(SetQueue(name="default", pause=True, why="soak"))
        daemon.submit(*({"command": ["true"], "name": f"job {n}"} for n in range(JOBS)))

        async def reach(*, read_only: bool) -> Any:
            return await connect(daemon.state, read_only=read_only)

        app = CrabApp(reach, context="soak")
        with Rain(daemon) as rain:
            async with app.run_test(size=(120, 40)) as pilot:
                samples = [sample async for sample in _walk(pilot, seconds)]
        return Report(rain.events, tuple(samples))


async def _walk(pilot: Pilot[Any], seconds: float) -> AsyncGenerator[Sample, None]:
    process = psutil.Process()
    began_s = time.monotonic()
    sampled_s = began_s
    while time.monotonic() - began_s < seconds:
        for key in WALK:
            await pilot.press(key)
            await pilot.pause(STEP_S)
        if time.monotonic() - sampled_s >= SAMPLE_EVERY_S:
            sampled_s = time.monotonic()
            gc.collect()
            yield Sample(
                at_s=round(sampled_s - began_s, 1),
                rss_mb=round(process.memory_info().rss / 2**20, 1),
                tasks=len(asyncio.all_tasks()),
                descriptors=process.num_fds(),
                threads=process.num_threads(),
            )
