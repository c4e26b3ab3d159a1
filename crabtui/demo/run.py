"""The demo's own daemon: start it, give it the work, and leave nothing behind."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crabtui.cli.reaching.launch import start_daemon
from crabtui.cli.submitting.surroundings import environment
from crabtui.demo.server import serving
from crabtui.demo.sshd import Machine, machines
from crabtui.demo.task import Task, waves
from crabtui.demo.tools import tools
from crabtui.demo.workload import workload
from engine.control.blocking import BlockingClient
from engine.control.messages import (
    AddWorker,
    Cancel,
    SetQueue,
    SetWorker,
    Stop,
    Submit,
    Targets,
    Watch,
)
from engine.control.views import Submitted
from engine.errors import DoorError

LIVE: Final = ("pending", "queued", "running", "retrying")
GOING_S: Final = 20.0
"""How long the end may take before the folder is left where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A running demo: its place, its daemon, and its jobs by id."""

    state: Path
    client: BlockingClient
    tasks: dict[int, Task]


@contextmanager
def demo(jobs: int, *, keep: bool, hosts: int = 0) -> Iterator[Demo]:
    """A daemon of its own with about `jobs` jobs; gone with its folder after the block.

    Args:
        jobs: Rounded to what the workload can be cut into.
        keep: Leave the daemon, its jobs and the folder as they are.
        hosts: Throwaway machines to run them on over SSH, instead of on this one.

    Raises:
        NoDaemon: it could not be started.
        NotAllowed: OpenSSH's server is not installed.
    """
    folder = Path(tempfile.mkdtemp(prefix="crabtui-demo-"))
    state, work = folder / "state", folder / "work"
    work.mkdir()
    try:
        with (
            serving(work) as address,
            machines(folder / "ssh", hosts, keep=keep) as others,
            start_daemon(state) as client,
        ):
            try:
                _enlist(client, others)
                tasks = _submit_all(client, work, address, jobs)
                yield Demo(state=state, client=client, tasks=tasks)
            finally:
                if not keep:
                    _end(client)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _enlist(client: BlockingClient, others: list[Machine]) -> None:
    """Add the machines as an operator would, knowing their keys; this one drains."""
    cpus = max(1, (os.cpu_count() or 1) // max(len(others), 1))
    for machine in others:
        table = {
            "backend": "ssh",
            "address": machine.address,
            "identity": str(machine.identity),
            "cpus": cpus,
            "slots": 4,
        }
        client.call(AddWorker(name=machine.name, table=table, trust=machine.fingerprint))
    if others:
        client.call(SetWorker(name="local", drain=True, why="the demo runs elsewhere"))


def everything_live() -> Targets:
    """All jobs that have not ended."""
    return Targets(where="state:" + ",".join(LIVE))


def _submit_all(client: BlockingClient, work: Path, address: str, jobs: int) -> dict[int, Task]:
    load = workload(tools(), address, jobs)
    for name, text in load.files.items():
        (work / name).write_text(text)
    client.call(SetQueue(name="net", limit=1))
    client.call(SetQueue(name="archive", weight=1))
    tasks: dict[int, Task] = {}
    ids: dict[str, int] = {}
    for wave in waves(load.tasks):
        asks = tuple(task.ask(str(work), ids) for task in wave)
        answer = client.call(Submit(jobs=asks, cwd=str(work), env=environment()))
        new = dict(zip(_ids(answer), wave, strict=True))
        tasks |= new
        ids |= {task.name: number for number, task in new.items()}
    return tasks


def _ids(answer: Submitted) -> list[int]:
    return [number for first, last in answer.ids for number in range(first, last + 1)]


def _end(client: BlockingClient) -> None:
    """Cancel what lives, wait for it, stop the daemon and see it gone."""
    assert client.hello is not None
    with contextlib.suppress(DoorError, TimeoutError):  # somebody was faster: `crabtui stop`
        client.set_timeout(GOING_S)
        client.call(Cancel(targets=everything_live(), why="the demo is over", kill=True))
        _wait_idle(client)
        client.call(Stop())
    _wait_gone(client.hello.daemon.pid)


def _wait_idle(client: BlockingClient) -> None:
    ends_s = time.monotonic() + GOING_S
    for pulse in client.stream(Watch(gap_ms=50)):
        if not any(pulse.by_state.get(state) for state in LIVE) or time.monotonic() > ends_s:
            return


def _wait_gone(pid: int) -> None:
    ends_s = time.monotonic() + GOING_S
    while time.monotonic() < ends_s and _is_there(pid):
        time.sleep(0.02)


def _is_there(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
