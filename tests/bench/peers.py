"""What others need for the same work: spawn loops, xargs, GNU parallel, raw SQLite."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.bench.figures import CORES, rate

TRUE = shutil.which("true") or "/bin/true"

SUPERVISOR = 'cd "$1" && shift && { setsid "$@" >out 2>err </dev/null; echo "$? ." >exit; }'
"""Three execs as an attempt has them (sh, setsid, the command), and none of its guarantees."""

TABLE = """
create table job (
    id integer primary key, state text not null, queue text not null, tenant text not null,
    priority integer not null, created_at integer not null, spec text not null
);
create index job_by_state on job (state, queue, priority, id);
"""


def spawn_rate(count: int) -> float:
    """`posix_spawn` alone, as many at once as there are cores."""
    return rate(lambda: _run_at_once([[TRUE]] * count), count)


def supervisor_rate(folder: Path, count: int) -> float:
    """A bare supervisor loop: a folder for each job, its output and exit code in files."""
    return rate(lambda: _run_at_once(_supervised(folder, count)), count)


def xargs_rate(count: int) -> float:
    """`xargs -P`, one process per job; output and exit codes are not kept."""
    return _fed(["xargs", "-n", "1", "-P", str(CORES), TRUE], count)


def parallel_rate(count: int) -> float | None:
    """GNU parallel; None if it is not installed."""
    if shutil.which("parallel") is None:
        return None
    return _fed(["parallel", "--will-cite", "-j", str(CORES), TRUE], count)


def sqlite_rate(folder: Path, rows: Iterable[tuple[object, ...]], count: int) -> float:
    """Rows a second into a durable table with one index, in one transaction."""
    database = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
    try:
        database.executescript("pragma journal_mode=wal; pragma synchronous=full;" + TABLE)
        return rate(lambda: _insert(database, rows), count)
    finally:
        database.close()


def _insert(database: sqlite3.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    database.execute("begin immediate")
    database.executemany("insert into job values (?, ?, ?, ?, ?, ?, ?)", rows)
    database.execute("commit")


def _fed(command: list[str], count: int) -> float:
    lines = "".join(f"{number}\n" for number in range(count))

    def run() -> None:
        subprocess.run(command, input=lines, text=True, check=True, stdout=subprocess.DEVNULL)

    return rate(run, count)


def _supervised(folder: Path, count: int) -> Iterable[list[str]]:
    for number in range(count):
        home = folder / f"a{number}"
        home.mkdir(parents=True)
        yield ["/bin/sh", "-c", SUPERVISOR, "sh", str(home), TRUE]


def _run_at_once(commands: Iterable[list[str]]) -> None:
    """Run all, as many at a time as there are cores, woken by the end of each."""
    running: set[int] = set()
    for command in commands:
        if len(running) >= CORES:
            _reap(running)
        running.add(os.posix_spawn(command[0], command, os.environ))
    while running:
        _reap(running)


def _reap(running: set[int]) -> None:
    pid, status = os.wait()
    running.remove(pid)  # a KeyError: another child of ours died, and the figures are worthless
    if status:
        raise RuntimeError(f"a peer's process failed: {status}")
