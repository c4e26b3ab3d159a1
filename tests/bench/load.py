"""Load for benches: many jobs behind a paused queue, and the moment that they have run."""

import json
import subprocess
import sys
from pathlib import Path

from engine.control.messages import GetStats, SetQueue, Watch
from tests.bench.peers import TRUE
from tests.kit.daemon import RealDaemon, job_environment


def pause(daemon: RealDaemon, *, paused: bool = True) -> None:
    """Stop or start grants from the default queue."""
    with daemon.client() as client:
        client.call(SetQueue(name="default", pause=paused, why="bench"))


def write_jobs(path: Path, count: int, **fields: object) -> None:
    """An NDJSON file of `count` jobs that each run `true`; all have `fields` too."""
    with path.open("w") as file:
        for number in range(count):
            job = {"name": f"job-{number}", "command": [TRUE], **fields}
            file.write(f"{json.dumps(job)}\n")


def submit_file(daemon: RealDaemon, path: Path) -> None:
    """Submit as a person would: `crabtui submit -f -`."""
    command = [
        sys.executable,
        "-m",
        "crabtui",
        "submit",
        "--state",
        str(daemon.state),
        "-f",
        "-",
    ]
    with path.open() as file:
        subprocess.run(
            command,
            stdin=file,
            stdout=subprocess.DEVNULL,
            env=job_environment(),
            check=True,
        )


def succeeded(daemon: RealDaemon) -> int:
    return count_in(daemon, "succeeded")


def count_in(daemon: RealDaemon, state: str) -> int:
    """How many jobs are in a state."""
    with daemon.client() as client:
        return client.call(GetStats()).jobs.by_state.get(state, 0)


def wait_succeeded(daemon: RealDaemon, count: int) -> None:
    """Return when at least `count` jobs have succeeded, told by the daemon, not by asking."""
    with daemon.client() as client:
        for pulse in client.stream(Watch(gap_ms=10)):
            if pulse.by_state.get("succeeded", 0) >= count:
                return
