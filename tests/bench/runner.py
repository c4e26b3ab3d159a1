"""Starts and ends of `/bin/true` through the local backend, against doing no more than that.

    python -m tests.bench.runner [--jobs N] [--flight K] [--root FOLDER]

Prints JSON. Only ratios taken in one run on one filesystem mean anything.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from engine.backends.detached import DetachedBackend
from engine.backends.local_shell import LocalShell
from engine.backends.protocol import Order, Report
from engine.clock import SystemClock
from engine.model.ids import AttemptId, Epoch

EPOCH = Epoch(1)
BARE = '(exec setsid /bin/true >"$1.out" 2>"$1.err"); echo "$?" >"$1.exit"'


def bare_supervisors(folder: Path, jobs: int, flight: int) -> None:
    """Three execs and one record per job, and nothing that could be promised about it."""
    running = 0
    for number in range(jobs):
        if running == flight:
            os.waitpid(-1, 0)
            running -= 1
        words = ["/bin/sh", "-c", BARE, "sh", f"{folder}/{number}"]
        os.posix_spawn("/bin/sh", words, {"PATH": "/usr/bin:/bin"}, setsid=True)
        running += 1
    for _ in range(running):
        os.waitpid(-1, 0)


def xargs(folder: Path, jobs: int, flight: int) -> None:
    """`xargs -P` of the same."""
    numbers = "\n".join(map(str, range(jobs))).encode()
    command = ["xargs", "-P", str(flight), "-n", "1", "/bin/true"]
    subprocess.run(command, input=numbers, check=True, cwd=folder)


def backend(folder: Path, jobs: int, flight: int) -> None:
    """Claimed, decided, on record, ended and told, through the Backend protocol."""
    asyncio.run(_through_backend(folder / "spool", jobs, flight, tidy=False))


def backend_tidy(folder: Path, jobs: int, flight: int) -> None:
    """The same, and cleaned up."""
    asyncio.run(_through_backend(folder / "spool", jobs, flight, tidy=True))


async def _through_backend(root: Path, jobs: int, flight: int, *, tidy: bool) -> None:
    backend = DetachedBackend(LocalShell(root), SystemClock())
    await backend.hello(EPOCH)
    orders = iter([_order(number) for number in range(jobs)])
    room = asyncio.Semaphore(flight)

    async def start_all() -> None:
        """As the dispatcher does: whatever there is room for goes in one batch."""
        while True:
            await room.acquire()
            batch = [next(orders, None)]
            while not room.locked():
                await room.acquire()
                batch.append(next(orders, None))
            wanted = [order for order in batch if order is not None]
            _check(await backend.start(wanted))
            if len(wanted) < len(batch):
                return

    async def end_all() -> None:
        left, ended = jobs, []
        async for report in backend.ends():
            assert report.code == 0, report
            room.release()
            ended.append(report.attempt)
            left -= 1
            if tidy and (len(ended) >= flight or not left):
                await backend.tidy(ended)
                ended = []
            if not left:
                return

    async with asyncio.TaskGroup() as group:
        group.create_task(start_all())
        group.create_task(end_all())
    await backend.close()


def _check(begun: list[Report | Exception]) -> None:
    for report in begun:
        if isinstance(report, Exception):
            raise report


def _order(number: int) -> Order:
    attempt = AttemptId(f"{number + 1}-1-1")
    env = (("PATH", "/usr/bin:/bin"), ("HOME", "/root"), ("CRAB_ATTEMPT", attempt))
    return Order(attempt=attempt, epoch=EPOCH, argv=("/bin/true",), env=env)


def per_second(
    work: Callable[[Path, int, int], None], base: Path, jobs: int, flight: int
) -> float:
    """How many jobs a second `work` gets through."""
    folder = Path(tempfile.mkdtemp(dir=base))
    try:
        began = time.perf_counter()
        work(folder, jobs, flight)
        return jobs / (time.perf_counter() - began)
    finally:
        shutil.rmtree(folder)


def measure(
    base: Path | None = None, jobs: int = 500, flight: int = 8, rounds: int = 3
) -> dict[str, object]:
    """Best of `rounds`, taken in turns, so that a noisy minute hits all alike."""
    base = base or Path(tempfile.gettempdir())
    works = (bare_supervisors, xargs, backend, backend_tidy)
    best = dict.fromkeys((work.__name__ for work in works), 0.0)
    for _ in range(rounds):
        for work in works:
            rate = per_second(work, base, jobs, flight)
            best[work.__name__] = max(best[work.__name__], rate)
    bare, through = best["bare_supervisors"], best["backend"]
    return {
        "jobs": jobs,
        "in_flight": flight,
        "per_second": {name: round(rate, 1) for name, rate in best.items()},
        "ratios": {
            "backend / bare_supervisors": round(through / bare, 3),
            "backend_tidy / bare_supervisors": round(best["backend_tidy"] / bare, 3),
            "backend / xargs": round(through / best["xargs"], 3),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--flight", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--root", type=Path, default=None)
    args = parser.parse_args()
    print(json.dumps(measure(args.root, args.jobs, args.flight, args.rounds), indent=2))


if __name__ == "__main__":
    main()
