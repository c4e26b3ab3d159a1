"""Workers elsewhere: real sshd, each with a home and a bad line of its own, and a daemon."""

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from engine.control.messages import ListWorkers
from tests.kit.daemon import RealDaemon
from tests.kit.proxy import Proxy
from tests.kit.sshd import USER, Sshd
from tests.kit.waiting import wait_until

TTL_S = 2.0
"""Of leases; lines that have died unseen are found within it."""

_SETTINGS = f"""\
[daemon]
lease_ttl = "{TTL_S:g}s"
lease_renew = "200ms"
lease_sweep = "200ms"
[scheduler]
breaker_open = "200ms"
quarantine_after = 0
[workers.local]
slots = 0
"""


class Far:
    """One worker, and everything that can go wrong on the way to it."""

    def __init__(
        self, folder: Path, name: str, *, table: Mapping[str, Any] | None = None, **sshd: Any
    ) -> None:
        """Listen.

        Args:
            folder: Of its keys, its home and its log; made if need be.
            name: Of the worker.
            table: Further keys of its configuration.
            sshd: What `Sshd` takes.
        """
        self.name = name
        folder.mkdir(parents=True, exist_ok=True)
        self.server = Sshd(folder, **sshd)
        self.proxy = Proxy(self.server.port)
        self._table = {"slots": 8, "cpus": 8, **(table or {})}

    @property
    def home(self) -> Path:
        return self.server.home

    @property
    def spool(self) -> Path:
        """Where its attempts are; there must be exactly one controller."""
        [found] = (self.home / ".local/state/crabtui").iterdir()
        return found

    @property
    def configuration(self) -> str:
        """Its table in the daemon's configuration."""
        table = {
            "backend": "ssh",
            "address": f"{USER}@127.0.0.1:{self.proxy.port}",
            "identity": str(self.server.client_key),
            "ssh_config": False,
            **self._table,
        }
        lines = [f"{key} = {_toml(value)}\n" for key, value in table.items()]
        return f"[workers.{self.name}]\n" + "".join(lines)

    @property
    def known_hosts(self) -> str:
        return self.server.known_hosts.replace(str(self.server.port), str(self.proxy.port))

    def processes(self) -> list[psutil.Process]:
        """Everything that runs in its home: jobs, supervisors, host programs."""
        return [one for one in psutil.process_iter() if _lives_in(one, self.home)]

    def programs(self) -> list[psutil.Process]:
        """What ends with its connections: the host programs, and no job or supervisor."""
        found: list[psutil.Process] = []
        for session in self.server.sessions():
            with suppress(psutil.NoSuchProcess):
                found += session.children(recursive=True)
        return [one for one in found if _lives_in(one, self.home) and not _is_detached(one)]

    def jobs(self) -> list[psutil.Process]:
        """What was started as a job there, or by one, and still runs."""
        return [one for one in self.processes() if _is_job(one)]

    def kill_programs(self) -> int:
        """`kill -9` of every host program; how many there were."""
        found = self.programs()
        for one in found:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        return len(found)

    def close(self) -> None:
        """End its sshd and everything that ever ran in its home."""
        self.proxy.close()
        self.server.close()

        def none_left() -> bool:
            left = self.processes()
            for one in left:
                with suppress(ProcessLookupError):
                    os.kill(one.pid, signal.SIGKILL)
            return not left

        wait_until(none_left, what=f"no process in {self.home}")


class Workers:
    """A daemon that runs nothing itself, and these workers."""

    def __init__(self, folder: Path, fars: Sequence[Far], *, settings: str = "") -> None:
        self.fars = list(fars)
        self.daemon = RealDaemon(folder)
        self.daemon.state.mkdir(mode=0o700)
        text = _SETTINGS + settings + "".join(far.configuration for far in fars)
        (self.daemon.state / "config.toml").write_text(text)
        known = self.daemon.state / "known_hosts"
        known.write_text("".join(far.known_hosts for far in fars))

    def mend(self) -> None:
        """Every line is as it should be, and every worker is reached."""
        for far in self.fars:
            far.proxy.mend()
        wait_until(self._all_healthy, timeout_s=90, gap_s=0.1, what="all workers are healthy")

    def _all_healthy(self) -> bool:
        with self.daemon.client() as client:
            workers = client.call(ListWorkers()).workers
        names = {far.name for far in self.fars}
        return names <= {one.name for one in workers if one.health == "healthy"}

    def close(self) -> None:
        self.daemon.close()
        for far in self.fars:
            far.close()

    def __enter__(self) -> "Workers":
        try:
            self.daemon.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else f"'{value}'"


def _lives_in(process: psutil.Process, home: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.environ().get("HOME") == str(home)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _is_job(process: psutil.Process) -> bool:
    try:
        return "CRAB_ATTEMPT" in process.environ()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _is_detached(process: psutil.Process) -> bool:
    """Whether it has a session other than that in which sshd began the command."""
    try:
        leader = psutil.Process(os.getsid(process.pid))
        return not _is_sshd(leader.parent())
    except (psutil.NoSuchProcess, ProcessLookupError):
        return True


def _is_sshd(process: psutil.Process | None) -> bool:
    return process is not None and process.name().startswith("sshd")
