"""A real daemon as a process of its own, on a state directory of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from engine.control import blocking
from engine.control.messages import ListJobs, ShowJob, Submit
from engine.control.views import JobView, Submitted
from tests.kit.processes import end_all
from tests.kit.waiting import PATIENCE_S, read_ready, wait_until

ENDED: Final = {"succeeded", "failed", "canceled", "timeout", "skipped"}


class NotReadyError(AssertionError):
    """The daemon ended, or said nothing; carries what it logged."""


class RealDaemon:
    """`crabtui --daemon`, which a test may kill at any instant and start again."""

    def __init__(
        self,
        folder: Path,
        *,
        env: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        self.state = folder / "s"
        """Short on purpose: a unix socket's path has a limit."""
        self.log = folder / "daemon.log"
        self._env = dict(env or {})
        self._arguments = list(arguments)
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = -1

    @property
    def pid(self) -> int:
        assert self._process is not None, "the daemon was never started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, timeout_s: float = PATIENCE_S) -> Self:
        """Start it and wait until it answers."""
        self.spawn()
        self.wait_ready(timeout_s=timeout_s)
        return self

    def spawn(self) -> None:
        """Start it, and do not wait."""
        assert not self.is_running, "one daemon per state directory"
        ready, told = os.pipe()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.argv,
                env=_environment(self._env) | {"CRABTUI_READY_FD": str(told)},
                pass_fds=(told,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        os.close(told)
        self._forget_ready()
        self._ready = ready

    @property
    def exit_code(self) -> int | None:
        """Of the one that was started last; None while it runs."""
        assert self._process is not None, "the daemon was never started"
        return self._process.poll()

    @property
    def argv(self) -> list[str]:
        command = [sys.executable, "-m", "crabtui", "--daemon", "--state", str(self.state)]
        return command + self._arguments

    def wait_ready(self, *, timeout_s: float = PATIENCE_S) -> None:
        """Return when it has said `ready`.

        Raises:
            NotReadyError: it ended first, or took too long.
        """
        ends_s = time.monotonic() + timeout_s
        said = b""
        while b"ready" not in said:
            left_s = ends_s - time.monotonic()
            piece = (
                os.read(self._ready, 64) if read_ready(self._ready, timeout_s=left_s) else b""
            )
            if not piece:
                raise NotReadyError(f"the daemon is not ready; it logged:\n{self.logged}")
            said += piece
        self._forget_ready()

    @property
    def logged(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def kill9(self) -> None:
        """The daemon alone dies, at once; its jobs go on."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def terminate(self, *, timeout_s: float = PATIENCE_S) -> int:
        """Ask it to go, as systemd would; its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout_s)

    def restart(self) -> Self:
        """Kill it and start the next one."""
        if self.is_running:
            self.kill9()
        return self.start()

    def client(self) -> blocking.BlockingClient:
        """A new connection; the caller closes it."""
        return blocking.connect(self.state)

    def submit(self, *jobs: dict[str, Any], request_key: str = "") -> Submitted:
        """Submit jobs as people write them, on a connection of their own."""
        ask = Submit(jobs=jobs, cwd="/", env=job_environment(), request_key=request_key)
        with self.client() as client:
            return client.call(ask)

    def job(self, number: int) -> JobView:
        with self.client() as client:
            return client.call(ShowJob(id=number)).job

    def wait_state(self, number: int, *states: str, timeout_s: float = PATIENCE_S) -> JobView:
        """The job as soon as it is in one of `states`; any end if none is named."""
        wanted = set(states) or ENDED
        with self.client() as client:

            def look() -> JobView | None:
                job = client.call(ShowJob(id=number)).job
                return job if job.state in wanted else None

            return wait_until(  # type: ignore[return-value]
                look, timeout_s=timeout_s, what=f"job {number} in {sorted(wanted)}"
            )

    def count(self, where: str) -> int:
        """How many jobs match a filter."""
        with self.client() as client:
            return client.call(ListJobs(where=where, count=1)).total

    def close(self) -> None:
        """End the daemon and every job that it left running."""
        if self.is_running:
            self.kill9()
        self._forget_ready()
        end_all(self.state)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _forget_ready(self) -> None:
        if self._ready >= 0:
            os.close(self._ready)
            self._ready = -1


def job_environment() -> dict[str, str]:
    """What a client would send along with a submission."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    outer = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CRAB_", "CRABTUI_"))
    }
    return outer | dict(extra)
