"""Which host, boot and process this is, so that a recycled pid is never taken for another."""

import os
import re
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

_LINUX = sys.platform.startswith("linux")
_SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,3})?")
_TICKS = re.compile(r"[0-9]{1,15}")
_START_TIME = 19
"""Index of the start time in /proc/PID/stat, counted after the command's name."""


@cache
def ident() -> str:
    """Host, boot and start of pid 1: differs after a reboot, elsewhere, in a new container."""
    return f"{_host_id()}/{_boot_id()}/{start_time(1) or '-'}"


def start_time(pid: int) -> str | None:
    """When process `pid` started, as its host tells it; None if it is dead or a zombie."""
    return _start_from_proc(pid) if _LINUX else _start_from_ps(pid)


def is_alive(pid: int, start: str) -> bool:
    """Whether the very process that started at `start` still lives."""
    return start_time(pid) == start


def is_about(pid: int, argument: str) -> bool:
    """Whether process `pid` lives and was given exactly this argument.

    A supervisor is known by its attempt's folder, which no other process is ever given.
    """
    if not _LINUX:
        return f" {argument} " in _words_of(["ps", "-ww", "-o", "command=", "-p", str(pid)])
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return os.fsencode(argument) in command.split(b"\0")


def uptime_ms() -> int:
    """The host's clock that a supervisor's timer reads too; never set by anyone on Linux."""
    if _LINUX:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    return time.clock_gettime_ns(time.CLOCK_REALTIME) // 1_000_000


def since_ms(instant: str) -> int | None:
    """How long ago by `uptime_ms`, of seconds as a supervisor notes them; None: no idea."""
    if not _SECONDS.fullmatch(instant) or float(instant) == 0:
        return None
    return max(0, uptime_ms() - round(float(instant) * 1000))


def age_ms(start: str) -> int | None:
    """How long ago a process of this boot began that has this start time; None: no idea."""
    if not _LINUX or not _TICKS.fullmatch(start):
        return None
    return max(0, uptime_ms() - int(start) * 1000 // os.sysconf("SC_CLK_TCK"))


def now_us() -> int:
    """The host's wall clock, UTC microseconds; it may be wrong, and be set."""
    return time.time_ns() // 1000


def _start_from_proc(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    fields = stat[stat.rindex(b")") + 2 :].split(None, _START_TIME + 1)
    return None if fields[0] in (b"Z", b"X") else fields[_START_TIME].decode()


def _start_from_ps(pid: int) -> str | None:
    done = subprocess.run(
        ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
        check=False,
    )
    state, *start = done.stdout.split() or ["Z"]
    return None if "Z" in state else "_".join(start)


def _host_id() -> str:
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            if text := Path(path).read_text().strip():
                return text
        except OSError:
            continue
    return _one_word_of(["uname", "-n"])


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return _one_word_of(["sysctl", "-n", "kern.bootsessionuuid"])


def _words_of(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _one_word_of(command: list[str]) -> str:
    return "_".join(_words_of(command).replace("/", "_").split()) or "-"
