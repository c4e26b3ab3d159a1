"""What `doctor` looks at, each thing on its own; nothing is changed."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crabtui.cli.unit import kills_user_processes, linger_warning, lingers
from crabtui.data.sanitize import sanitize
from crabtui.data.workers.words import (
    BREAKER_OPEN,
    DOWN,
    LOST,
    QUARANTINED,
    REFUSED,
    mending,
    standing,
    trouble,
)
from engine.control import place
from engine.control.blocking import BlockingClient, connect
from engine.control.messages import VERSION, Check, GetStats, ListWorkers
from engine.control.views import WorkersView
from engine.errors import EngineError, InvalidSpec, NoDaemon

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "FAIL"

SHUT: Final = {REFUSED: FAIL, DOWN: FAIL, QUARANTINED: FAIL, LOST: WARN, BREAKER_OPEN: WARN}
"""How bad it is that a worker stands so."""

LEAST_BYTES: Final = 100 * 2**20
LITTLE_BYTES: Final = 2**30
OLDEST_SQLITE: Final = (3, 35, 0)
"""The first with RETURNING."""
SQLITE_HEAD: Final = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at."""

    name: str
    level: str
    text: str
    """What was found and, if it is not good, what to do."""


def all_checks(state: Path) -> list[Found]:
    """Everything, the place first and the daemon last."""
    return [
        check_python(),
        check_sqlite(),
        check_rights(state),
        check_space(state),
        check_logout(),
        check_config(state),
        *check_database(state),
        *check_door(state),
    ]


def check_python() -> Found:
    """The interpreter, whose version the package's metadata has checked."""
    return Found("python", OK, f"{sys.version.split()[0]} at {sys.executable}")


def check_sqlite() -> Found:
    """The version of the SQLite library."""
    import sqlite3

    if sqlite3.sqlite_version_info >= OLDEST_SQLITE:
        return Found("sqlite", OK, sqlite3.sqlite_version)
    wanted = ".".join(map(str, OLDEST_SQLITE))
    return Found("sqlite", FAIL, f"{sqlite3.sqlite_version}: {wanted} or later is needed")


def check_rights(state: Path) -> Found:
    """Whether the state directory is ours alone and may be written."""
    if not state.exists():
        above = _existing(state)
        if os.access(above, os.W_OK | os.X_OK):
            return Found("state", OK, f"{state} will be made at the first start")
        return Found("state", FAIL, f"{state} cannot be made: no right to write in {above}")
    if not state.is_dir():
        return Found("state", FAIL, f"{state} is no directory")
    if not os.access(state, os.R_OK | os.W_OK | os.X_OK):
        return Found("state", FAIL, f"no right to read and write {state}")
    mode = state.stat().st_mode & 0o777
    if mode & 0o077:
        return Found("state", WARN, f"{state} has mode {mode:o}: `chmod 700` it")
    return Found("state", OK, str(state))


def check_space(state: Path) -> Found:
    """Room on the disk of the state directory."""
    free = shutil.disk_usage(_existing(state)).free
    amount = f"{free / 2**30:.1f} GB" if free >= 2**30 else f"{free / 2**20:.0f} MB"
    text = f"{amount} free at {state}"
    if free < LEAST_BYTES:
        return Found("disk", FAIL, f"{text}: jobs and their logs need more")
    return Found("disk", WARN if free < LITTLE_BYTES else OK, text)


def check_logout() -> Found:
    """What becomes of daemon and jobs when the user logs out."""
    if sys.platform != "linux" or not Path("/run/systemd/system").exists() or lingers():
        return Found("logout", OK, "daemon and jobs go on after you log out")
    if kills_user_processes():
        return Found("logout", WARN, f"KillUserProcesses=yes: {linger_warning()}")
    return Found("logout", OK, "started from a shell, daemon and jobs survive a logout")


def check_config(state: Path) -> Found:
    """Whether a daemon could start with the configuration as it is written now."""
    from engine.config import load

    try:
        found = load(state)
    except InvalidSpec as wrong:
        return Found("config", FAIL, f"{wrong.message}; no daemon starts with it")
    return Found("config", OK, ", ".join(found.files))


def check_database(state: Path) -> Iterator[Found]:
    """Whether no daemon can start with the file that is there; nothing if one can."""
    from engine.config import Settings

    path = Settings(state_dir=state).database
    try:
        with path.open("r+b") as file:
            head = file.read(len(SQLITE_HEAD))
    except FileNotFoundError:
        return
    except OSError as error:
        yield Found("database", FAIL, f"{path}: {error.strerror}")
        return
    if head and head != SQLITE_HEAD:
        yield Found("database", FAIL, f"{path} is no database: no daemon starts with it")


def check_door(state: Path) -> Iterator[Found]:
    """The socket, and what the daemon behind it says of itself."""
    try:
        path = place.door(state)
        with connect(state, any_protocol=True, hello_s=5.0) as client:
            yield from _check_daemon(client)
    except NoDaemon as nobody:
        if "silent_s" in nobody.details:
            yield Found("daemon", FAIL, nobody.message)
        elif path.exists():
            yield Found(
                "daemon", WARN, f"{path} was left by a dead one; the next start mends it"
            )
        else:
            yield Found("daemon", OK, "none runs; one starts with the next command")
    except EngineError as error:
        yield Found("daemon", FAIL, error.message)


def _check_daemon(client: BlockingClient) -> Iterator[Found]:
    assert client.hello is not None
    daemon = client.hello.daemon
    about = f"pid {daemon.pid}, version {daemon.version}, epoch {daemon.epoch}"
    if daemon.version != VERSION:
        yield Found("daemon", WARN, f"{about}; this is {VERSION}: `crabtui restart`")
    else:
        yield Found("daemon", OK, about)
    trouble = client.call(GetStats()).daemon.trouble
    if trouble:
        yield Found("trouble", FAIL, trouble)
    checked = client.call(Check())
    for problem in checked.problems:
        yield Found("check", FAIL, problem)
    if not checked.problems:
        yield Found("check", OK, "database and spool are sound")
    for warning in checked.warnings:
        yield Found("hosts", WARN, warning)
    yield from check_workers(client.call(ListWorkers()))


def check_workers(view: WorkersView) -> Iterator[Found]:
    """Those that take no work; what nothing but a person can mend is a failure."""
    shut = [one for one in view.workers if standing(one) in SHUT]
    for one in shut:
        mends = f" (`{mending(one)}`)" if mending(one) else ""
        text = sanitize(f"{trouble(one, view.now_at)}{mends}")
        yield Found(f"worker {one.name}", SHUT[standing(one)], text)
    if not shut:
        yield Found("workers", OK, "none is down, refused or kept back")


def _existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
