"""What attempts use of this host: all of their processes together, by one walk for all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.runner.device import Device
from engine.runner.devices import Devices
from engine.runner.identity import is_alive
from engine.runner.marks import Marks
from engine.runner.processes import Process, processes
from engine.runner.records import leader
from engine.runner.spool import Spool


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one attempt uses; fields as in engine.model.sight.Usage."""

    attempt: str
    cpu_ms: int
    memory_mb: int
    processes: int
    gpu_mb: int | None = None


class Gauge:
    """Measures attempts of one spool again and again; not for two threads."""

    def __init__(self, spool: Spool, devices: Devices) -> None:
        self._spool = spool
        self._devices = devices
        self._marks = Marks(spool.root)
        self._leaders: dict[str, tuple[int, str]] = {}
        self._strays: dict[tuple[int, str], str | None] = {}
        """Processes in sessions that are no attempt's, and what their marks said."""

    def usage(self, attempts: Sequence[str]) -> list[Use]:
        """Of those that live, in the order asked; one that has no process is left out."""
        self._leaders = dict(self._led(attempts))
        if not self._leaders:
            return []
        members = self._members(list(processes()), frozenset(attempts))
        devices = self._devices.now()
        return [_use(name, members[name], devices) for name in attempts if members[name]]

    def _led(self, attempts: Iterable[str]) -> Iterator[tuple[str, tuple[int, str]]]:
        """The process on record of each, read anew when that is no more: a gate follows it."""
        for attempt in attempts:
            known = self._leaders.get(attempt)
            if known is None or not is_alive(*known):
                known = leader(self._spool.folder(attempt))
            if known is not None:
                yield attempt, known

    def _members(
        self, found: Sequence[Process], asked: frozenset[str]
    ) -> defaultdict[str, list[Process]]:
        attempt_of = self._sessions(found)
        by_pid = {process.pid: process for process in found}
        members: defaultdict[str, list[Process]] = defaultdict(list)
        strays: dict[tuple[int, str], str | None] = {}
        for process in found:
            attempt = _led_by(process, attempt_of)
            if attempt is None and process.session:
                attempt = self._by_mark(process, strays)
            elif attempt is None:
                attempt = _descends(process, by_pid, attempt_of)
            if attempt in asked:
                members[attempt].append(process)
        self._strays = strays
        return members

    def _sessions(self, found: Sequence[Process]) -> dict[int, str]:
        """Attempts by their session; a pid that is another process by now leads none."""
        starts = {process.pid: process.start for process in found}
        return {
            pid: attempt
            for attempt, (pid, start) in self._leaders.items()
            if starts.get(pid, start) in (start, "")
        }

    def _by_mark(
        self, process: Process, strays: dict[tuple[int, str], str | None]
    ) -> str | None:
        key = (process.pid, process.start)
        said = self._strays[key] if key in self._strays else self._marks.of(process.pid)
        strays[key] = said
        return said


def _led_by(process: Process, attempt_of: Mapping[int, str]) -> str | None:
    """By its session; a job that is not in its own yet, by its pid."""
    at = attempt_of.get
    return at(process.session) or at(process.group) or at(process.pid)


def _descends(
    process: Process, by_pid: Mapping[int, Process], attempt_of: Mapping[int, str]
) -> str | None:
    """Where sessions cannot be seen: the attempt of its nearest ancestor that has one."""
    parent = by_pid.get(process.parent)
    while parent is not None and parent.pid > 1:
        if attempt := _led_by(parent, attempt_of):
            return attempt
        parent = by_pid.get(parent.parent)
    return None


def _use(attempt: str, members: Sequence[Process], devices: Sequence[Device]) -> Use:
    pids = {process.pid for process in members}
    held = [
        holder.memory_mb
        for device in devices
        for holder in device.holders
        if holder.pid in pids
    ]
    return Use(
        attempt=attempt,
        cpu_ms=sum(process.cpu_ms for process in members),
        memory_mb=sum(process.memory_kb for process in members) // 1024,
        processes=len(members),
        gpu_mb=sum(held) if held else None,
    )
