"""What can be asked of a spool. Every verb can be repeated; each changes one small thing."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from engine.runner import identity, trees, workspaces
from engine.runner.bell import dismiss
from engine.runner.faults import NotStartedError, TakenError, UnusableError, in_words
from engine.runner.records import RESERVED, Status, encode, parse, read_status
from engine.runner.spool import Spool

SIGNALS = ("TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "KILL")


def claim(spool: Spool, attempt: str, epoch: int, spec: bytes, lease: bool) -> Path:
    """Make the attempt ours and ready for a supervisor; nobody else can start it.

    Raises:
        TakenError: it was claimed before, or even cleaned up.
        StaleError: a newer epoch has been here.
        NotStartedError: the spool could not take it; nothing of it is left.
    """
    folder = spool.folder(attempt)
    spool.fence(epoch)
    if _is_tombed(spool, attempt):
        raise TakenError(f"attempt {attempt} was cleaned up")
    try:
        folder.mkdir()
    except FileExistsError:
        raise TakenError(f"attempt {attempt} is claimed") from None
    except OSError as error:
        raise NotStartedError(f"the spool cannot take {attempt}: {in_words(error)}") from error
    try:
        _fill(folder, spec, lease)
    except OSError as error:
        unclaim(folder)
        raise NotStartedError(f"the spool cannot take {attempt}: {in_words(error)}") from error
    return folder


def unclaim(folder: Path) -> None:
    """Take back a claim that no supervisor was told of."""
    _remove(folder, keep=())


def status(spool: Spool, attempt: str) -> Status:
    """What is known about the attempt."""
    folder = spool.folder(attempt)
    if _is_tombed(spool, attempt):
        return Status(attempt=attempt, state="gone")
    if not os.path.isdir(folder):  # noqa: PTH112
        return Status(attempt=attempt, state="absent")
    return read_status(folder, attempt)


def statuses(spool: Spool) -> list[Status]:
    """Every attempt that was not cleaned up, by name."""
    return [status(spool, name) for name in spool.claimed()]


def void(spool: Spool, attempt: str, epoch: int) -> Status:
    """Make sure that it never starts, if it has not; then say what it is.

    Raises:
        StaleError: a newer epoch has been here.
        OSError: the spool cannot be written: nothing is decided.
    """
    folder = spool.folder(attempt)
    spool.check_epoch(epoch)
    if not _is_tombed(spool, attempt):
        folder.mkdir(exist_ok=True)
        _write_once(folder / "gate", encode("void", epoch))
    return status(spool, attempt)


def reason(spool: Spool, attempt: str, epoch: int) -> Status:
    """Write down that it shall stop; the caller then runs `ending.sh`, unless it has ended.

    A job that is not yet started never will be. A reason that was given before counts.
    """
    spool.check_epoch(epoch)
    now = void(spool, attempt, epoch) if _is_undecided(spool, attempt) else None
    now = now or status(spool, attempt)
    if not now.ended and now.state != "absent":
        _write_once(spool.folder(attempt) / "why", encode("stop"))
    return now


def renew(spool: Spool, attempt: str, at_ms: int | None = None) -> bool:
    """Whether it is provably alive; if so, and it has a lease, the lease begins anew.

    Args:
        spool: Where it is.
        attempt: Which.
        at_ms: When it is renewed, by the clock of `uptime_ms`; None: now. A renewal that was
            under way for long renews nothing beyond that.
    """
    if status(spool, attempt).state not in ("starting", "running", "orphan"):
        return False
    lease = spool.folder(attempt) / "lease"
    if lease.exists():
        _prolong(lease, at_ms)
    return True


def _prolong(lease: Path, at_ms: int | None) -> None:
    now_ms = identity.uptime_ms()
    begins_ms = now_ms if at_ms is None else min(at_ms, now_ms)
    if begins_ms <= _begun_ms(lease):
        return
    staged = lease.with_name("lease.new")
    staged.write_bytes(encode(begins_ms))
    staged.rename(lease)


def _begun_ms(lease: Path) -> int:
    """When it began, ms; 0 if it says what nobody has written."""
    words = [*next(iter(parse(lease.read_bytes())), ()), ""]
    return int(words[0]) if words[0].isdecimal() else 0


def tidy(spool: Spool, attempt: str) -> bool:
    """Remove everything of an ended attempt but its logs, if it has any; False: it lives.

    The tombstone comes first.
    """
    now = status(spool, attempt)
    if now.state in ("absent", "gone"):
        now = Status(attempt=attempt, state="gone")
    if not now.ended:
        return False
    folder = f"{spool.attempts}/{attempt}"
    if now.state in ("lost", "rebooted"):
        dismiss(folder)
    if now.state != "gone":
        _bury(spool, attempt)
    if os.path.isdir(folder):  # noqa: PTH112
        _clear(spool, folder)
    if now.state in ("lost", "rebooted"):
        workspaces.sweep(spool, attempt)
    trees.clear(spool, attempt)
    return True


def gc(spool: Spool, attempt: str, epoch: int) -> bool:
    """Remove an ended attempt, logs too; False: it lives, nothing was removed."""
    spool.check_epoch(epoch)
    if not tidy(spool, attempt):
        return False
    workspaces.drop(spool, attempt)
    kept = spool.kept / attempt
    if kept.is_dir():
        _remove(kept, keep=())
    return True


def log_folder(spool: Spool, attempt: str) -> Path:
    """Where the logs of an attempt are, tidied or not. Raises: UnusableError: no spool."""
    if not spool.attempts.is_dir():
        raise UnusableError(f"there is no spool at {spool.root}: say hello")
    kept = spool.kept / spool.folder(attempt).name
    return kept if kept.is_dir() else spool.folder(attempt)


def _is_tombed(spool: Spool, attempt: str) -> bool:
    return os.path.islink(f"{spool.tombs}/{attempt}")  # noqa: PTH114


def _is_undecided(spool: Spool, attempt: str) -> bool:
    folder = spool.folder(attempt)
    return folder.is_dir() and not (folder / "gate").exists()


def _fill(folder: Path, spec: bytes, lease: bool) -> None:
    """The logs are made here too: a job that cannot have them is not even tried."""
    files = {"spec": spec, "life": RESERVED, "out": b"", "err": b""}
    if lease:
        files["lease"] = encode(identity.uptime_ms())
    for name, data in files.items():
        _create(f"{folder}/{name}", data)


def _create(path: str, data: bytes) -> None:
    """Plain calls, as this is done for every attempt; a write is whole, or an error."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        while data:
            data = data[os.write(fd, data) :]
    finally:
        os.close(fd)


def _write_once(path: Path, record: bytes) -> None:
    """Create `path` with all of `record`; whoever was first has won."""
    staged = path.with_name(f"{path.name}.{os.getpid()}")
    staged.write_bytes(record)
    try:
        path.hardlink_to(staged)
    except FileExistsError:
        pass
    finally:
        staged.unlink()


def _bury(spool: Spool, attempt: str) -> None:
    """Make its tombstone: another name of the last one, as long as that can have more.

    A new one costs an inode, and the time that a filesystem takes to find one.
    """
    tomb = f"{spool.tombs}/{attempt}"
    try:
        os.link(spool.last_tomb, tomb, follow_symlinks=False)
    except FileExistsError:
        return
    except (OSError, NotImplementedError):  # there is none, or it can have no more names
        with suppress(FileExistsError):
            os.symlink("gone", tomb)  # noqa: PTH211
    spool.last_tomb = tomb


def _clear(spool: Spool, folder: str) -> None:
    """Plain calls here and below, as this is done for every attempt."""
    logs = [name for name in ("out", "err") if _has_bytes(f"{folder}/{name}")]
    keep = (*logs, *(f"{name}.base" for name in logs))
    _remove(folder, keep)
    if logs:
        os.rename(folder, f"{spool.kept}/{os.path.basename(folder)}")  # noqa: PTH104, PTH119


def _has_bytes(path: str) -> bool:
    try:
        return os.stat(path).st_size > 0  # noqa: PTH116
    except FileNotFoundError:
        return False


def _unlink(path: str) -> None:
    """A job may have put a folder where it was to put a file."""
    try:
        os.unlink(path)  # noqa: PTH108
    except FileNotFoundError:
        return
    except (IsADirectoryError, PermissionError):
        shutil.rmtree(path)


def _remove(folder: Path | str, keep: tuple[str, ...]) -> None:
    for name in os.listdir(folder):  # noqa: PTH208
        if name not in keep:
            _unlink(f"{folder}/{name}")
    if not keep:
        os.rmdir(folder)  # noqa: PTH106
