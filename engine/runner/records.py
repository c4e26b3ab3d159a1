"""The records of an attempt on disk, and the state that they prove.

A record is one line that ends in ` .`; a torn one is as good as absent. `life` begins with
reserved space that the exit record overwrites; the others are appended.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.runner import identity

RESERVED = b" " * 47 + b"\n"
"""What `life` begins with: room for the exit record, so that a full disk cannot lose it."""

UNSPAWNED = ("nospawn", "workspace", "fetch")
"""Why a command was not even tried: it, its workspace, or what that had to be fetched from."""

_MESSAGE_BYTES = 1000
_NAME_BYTES = 200
_PIECE_BYTES = 1 << 16
_NUMBER = re.compile(r"-?[0-9]{1,9}")
"""Of a job that writes into its own records, no number can upset who reads them."""

_COMMAND = re.compile(rb"^#crab command (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """An attempt as its host sees it; fields as in `engine.backends.protocol.Report`."""

    attempt: str
    state: str
    pid: int | None = None
    pid_start: str | None = None
    ident: str | None = None
    code: int | None = None
    signal: int | None = None
    why: str | None = None
    message: str = ""
    """Why it could not be started; of one that has a workspace, the commit that is in it."""
    softened: bool = False
    owner: int | None = None
    """Pid of its supervisor."""
    paused: bool = False
    """It was told to stand still, and not yet to go on."""
    began_ms: int | None = None
    """How long ago its process began, by its host's clock; None: not known."""
    ended_ms: int | None = None
    """How long ago it ended, by its host's clock; None: it did not, or that is not known."""

    @property
    def ended(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in ("exited", "void", "lost", "rebooted", "gone")


def encode(*words: object) -> bytes:
    """A record of these words."""
    return f"{' '.join(map(str, words))} .\n".encode("ascii")


def parse(data: bytes) -> Iterator[list[str]]:
    """The words of every complete record; noise and torn records are skipped."""
    for line in data.split(b"\n")[:-1]:
        if line.endswith(b" ."):
            yield line[:-2].decode("ascii", "replace").split()


def read_status(folder: Path, attempt: str) -> Status:
    """The state of a claimed attempt, from its files and the processes that they name."""
    status = _settled(folder, attempt)
    if status.ended or status.state == "claimed":
        return status
    if _is_supervised(folder, status):
        return replace(status, paused=is_paused(folder))
    again = _settled(folder, attempt)  # it may have ended while we looked
    if again.ended:
        return again
    return replace(again, state=_abandoned(again), paused=is_paused(folder))


def is_paused(folder: Path) -> bool:
    """Whether it is on record that the attempt stands still."""
    return _read(f"{folder}/pause")[:1].isdigit()


def read_exit(folder: Path, attempt: str) -> Status | None:
    """The state of an attempt whose supervisor has just gone, if all of it is in one record.

    That file was written a moment ago, so it is read from memory: no disk is waited for.
    """
    status = _from_life(
        Status(attempt=attempt, state="starting", ident=identity.ident()),
        _read(f"{folder}/life"),
    )
    return status if status.state == "exited" and status.why not in UNSPAWNED else None


def leader(folder: Path) -> tuple[int, str] | None:
    """Pid and start time of an attempt's job, as it went on record; None if it did not."""
    status = _from_life(Status(attempt="", state="starting"), _read(f"{folder}/life"))
    return (status.pid, status.pid_start) if status.pid and status.pid_start else None


def _settled(folder: Path, attempt: str) -> Status:
    """What the files alone say; what was not recorded as ended counts as alive."""
    status = _lived(folder, attempt)
    if status.state == "exited":
        return _of_this_boot(status, (_decided(folder, status) or status).ident)
    decided = _decided(folder, status)
    if decided is not None:
        return decided
    if not (folder / "gate").exists():
        return replace(status, state="claimed")
    return _behind_torn_gate(folder, attempt)


def _behind_torn_gate(folder: Path, attempt: str) -> Status:
    """Its writer is about to finish the line, or died before anything was decided.

    A supervisor goes on record before it makes the gate: so its record is read again now
    that the gate is there, and the gate once more when that supervisor is gone.
    """
    status = _of_this_boot(_lived(folder, attempt), None)
    if status.state == "exited" or _is_supervised(folder, status):
        return status
    return _decided(folder, _lived(folder, attempt)) or replace(status, state="void")


def _lived(folder: Path, attempt: str) -> Status:
    """What its supervisor wrote down."""
    status = _from_life(Status(attempt=attempt, state="starting"), _read(f"{folder}/life"))
    return _explained(folder, status) if status.state == "exited" else status


def _decided(folder: Path, status: Status) -> Status | None:
    """What the gate says; None while it says nothing."""
    match next(parse(_read(f"{folder}/gate")), None):
        case ["void", *_]:
            return replace(status, state="void")
        case ["run", _, ident]:
            begun = _of_this_boot(status, ident)
            return replace(begun, state="running" if status.pid else "starting", ident=ident)
    return None


def _of_this_boot(status: Status, ident: str | None) -> Status:
    """Without its times, if they are by a clock that began anew since."""
    if ident == identity.ident():
        return status
    return replace(status, began_ms=None, ended_ms=None)


def _from_life(status: Status, life: bytes) -> Status:
    told: dict[str, Any] = {}
    for record in parse(life):
        match record:
            case ["exit", result, why, up] if _NUMBER.fullmatch(result):
                told |= _exited(int(result), why) | {"ended_ms": identity.since_ms(up)}
            case ["sup", pid] if _NUMBER.fullmatch(pid):
                told["owner"] = int(pid)
            case ["job", pid, start] if _NUMBER.fullmatch(pid):
                told["pid"], told["pid_start"] = int(pid), start
                told.setdefault("began_ms", identity.age_ms(start))  # a gate comes after it
            case ["soft", _]:
                told["softened"] = True
            case ["workspace", revision]:
                told["message"] = revision
    return _softly_ended(replace(status, **told))


def _exited(result: int, why: str) -> dict[str, Any]:
    """Negative results are signals; an attempt that never ran has neither code nor signal."""
    ran = why not in ("fenced", *UNSPAWNED)
    return {
        "state": "exited",
        "code": result if ran and result >= 0 else None,
        "signal": -result if ran and result < 0 else None,
        "why": None if why == "-" else why,
    }


def _softly_ended(status: Status) -> Status:
    """A job that heeded its soft timeout was ended by it, unless it made a success of it."""
    if status.softened and status.state == "exited" and status.why is None and status.code != 0:
        return replace(status, why="soft")
    return status


def _explained(folder: Path, status: Status) -> Status:
    """Why a command could not be started: the one line that is in its err log."""
    if status.why not in UNSPAWNED:
        return status
    if status.why != "nospawn":
        return replace(status, message=_last_refusal(_read(f"{folder}/err")))
    line = _read(f"{folder}/err")[:_MESSAGE_BYTES].decode("utf-8", "replace").strip()
    if not line.startswith("cannot "):
        command = _COMMAND.search(_read(f"{folder}/spec"))
        name = command[1][:_NAME_BYTES].decode("utf-8", "replace") if command else "it"
        line = f"cannot start {name}: {line.rsplit(': ', 1)[-1]}"
    return replace(status, message=line)


def _last_refusal(err: bytes) -> str:
    lines = (line for line in reversed(err.split(b"\n")) if line.startswith(b"cannot "))
    return next(lines, b"cannot make a workspace")[:_MESSAGE_BYTES].decode("utf-8", "replace")


def _is_supervised(folder: Path, status: Status) -> bool:
    return (
        status.owner is not None
        and status.ident in (None, identity.ident())
        and identity.is_about(status.owner, str(folder))
    )


def _abandoned(status: Status) -> str:
    """The state of an attempt that has no supervisor and no exit record."""
    here = identity.ident()
    if status.ident is not None and status.ident != here:
        same_host = status.ident.split("/")[0] == here.split("/")[0]
        return "rebooted" if same_host else "otherhost"
    if status.pid and status.pid_start and identity.is_alive(status.pid, status.pid_start):
        return "orphan"
    return "lost"


def _read(path: str) -> bytes:
    """Plain calls, as this is done for every attempt."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    try:
        return b"".join(iter(lambda: os.read(fd, _PIECE_BYTES), b""))
    finally:
        os.close(fd)
