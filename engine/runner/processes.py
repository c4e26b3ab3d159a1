"""All processes of this host in one walk, with what they have used."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_TICK_MS = 1000 // os.sysconf("SC_CLK_TCK")
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024

# fields of /proc/PID/stat, counted after the command's name
_TIMES: Final = slice(11, 15)
_START: Final = 19
_VIRTUAL: Final = 20
_RESIDENT: Final = 21


@dataclass(frozen=True, slots=True)
class Process:
    """One that lives."""

    pid: int
    parent: int
    group: int
    session: int
    """0 if the host does not tell."""
    start: str
    """As identity.start_time tells it; empty if the walk does not."""
    cpu_ms: int
    """With the children that it has waited for, where the host tells."""
    memory_kb: int


def processes() -> Iterator[Process]:
    """Every process of this host, whosever it is, except the kernel's."""
    return _from_proc() if sys.platform.startswith("linux") else from_ps(_ps())


def _from_proc() -> Iterator[Process]:
    for name in os.listdir("/proc"):  # noqa: PTH208
        if not name.isdecimal():
            continue
        if (process := from_stat(int(name), _stat(name))) is not None:
            yield process


def _stat(name: str) -> bytes:
    """Plain calls, as this is done for every process of the host."""
    try:
        fd = os.open(f"/proc/{name}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(fd, 1024)
    except OSError:
        return b""
    finally:
        os.close(fd)


def from_stat(pid: int, line: bytes) -> Process | None:
    """A process by its line in /proc; None if it is a zombie, the kernel's own, or torn."""
    fields = line[line.rfind(b")") + 2 :].split(None, 22)
    if len(fields) < 22 or fields[0] in (b"Z", b"X") or fields[_VIRTUAL] == b"0":
        return None
    return Process(
        pid,
        int(fields[1]),
        int(fields[2]),
        int(fields[3]),
        fields[_START].decode(),
        sum(map(int, fields[_TIMES])) * _TICK_MS,
        int(fields[_RESIDENT]) * _PAGE_KB,
    )


def _ps() -> str:
    done = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,pgid=,time=,rss="],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        check=False,
    )
    return done.stdout


def from_ps(text: str) -> Iterator[Process]:
    """Processes by the lines of `ps -axo pid=,ppid=,pgid=,time=,rss=`."""
    for line in text.splitlines():
        match line.split():
            case [pid, parent, group, time, memory]:
                used_ms = milliseconds(time)
                yield Process(int(pid), int(parent), int(group), 0, "", used_ms, int(memory))


def milliseconds(time: str) -> int:
    """A time as ps has it, `[[DD-]HH:]MM:SS[.cc]`."""
    days, _, clock = time.rpartition("-")
    seconds = 0.0
    for part in clock.split(":"):
        seconds = seconds * 60 + float(part)
    return round((int(days or 0) * 86_400 + seconds) * 1000)
