"""A writer that is killed at any instant has kept everything that it acknowledged."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from engine.clock import ManualClock
from engine.model.filter import EMPTY
from engine.store.sqlite.store import SqliteStore
from tests.kit.build import NOW

WRITER = """
import asyncio, sys
from pathlib import Path
from engine.clock import ManualClock
from engine.store.sqlite.store import SqliteStore
from tests.engine.store.author import Author
from tests.kit.build import NOW

async def main():
    store = await SqliteStore.open(Path(sys.argv[1]), ManualClock(NOW))
    author = Author(store, await store.take_over(NOW))
    while True:
        job, _ = await author.grant(await author.submit())
        print(job.id, flush=True)

asyncio.run(main())
"""
ROOT = Path(__file__).parents[4]
LIVES = 3


async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "state" / "jobs.sqlite"
    for life in range(LIVES):
        told = await asyncio.get_running_loop().run_in_executor(None, _write_and_die, path)
        store = await SqliteStore.open(path, ManualClock(NOW))
        assert await store.take_over(NOW) == 2 * life + 2
        found = await store.matching(EMPTY, NOW, 10**6)
        assert set(told) <= set(found)
        assert await store.check() == []
        assert len(await store.leases()) == len(await store.open_attempts())
        assert {attempt.job for attempt, _ in await store.open_attempts()} >= set(told)
        head = await store.head()
        assert len(await store.events(0, 10**6)) == head
        await store.close()


def _write_and_die(path: Path) -> list[int]:
    """The ids that a writer acknowledged before it was killed."""
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
    return told + [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
