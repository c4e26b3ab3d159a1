"""What a job reads after it was started: pieces in its folder, which its feeder passes on.

Nobody who writes ever waits for the job: a piece is on disk, or it was not taken.
"""

import os
from pathlib import Path

from engine.runner import identity, verbs
from engine.runner.bell import ring
from engine.runner.faults import BadRequestError
from engine.runner.records import encode, parse
from engine.runner.spool import Spool

PIECE_BYTES = 1 << 16
WAITING = 16
"""Pieces that may wait to be read; when there are as many, no more are taken."""

_TAKEN = "taken"
"""File with the number of the piece that was taken last."""

_LIVE = ("starting", "running", "orphan")


def feed(
    spool: Spool, attempt: str, epoch: int, data: bytes, *, end: bool, piece: int = 0
) -> int:
    """Give `data` to the standard input of a job that was started with it open.

    Args:
        spool: Where it is.
        attempt: Which.
        epoch: Of who asks.
        data: At most PIECE_BYTES.
        end: It is all that will ever come; heeded when all of `data` was taken.
        piece: Number of these data, not that of others: the one that was taken last is not
            taken again, so that who heard no answer may repeat it. 0: they have none.

    Returns:
        How many bytes were taken: all, or none while WAITING pieces wait to be read.

    Raises:
        StaleError: a newer epoch has been here.
        BadRequestError: it does not live, its input is not open or has ended, nobody reads it,
            or `data` is too long.
        OSError: the disk; nothing is known.
    """
    spool.check_epoch(epoch)
    folder = spool.folder(attempt)
    is_taken = bool(piece and data) and _last(folder) == piece
    if not is_taken:
        _check(spool, attempt, folder, data)
        if data and not _put(folder, data, piece):
            return 0
    if end and folder.exists():
        (folder / "eof").touch(0o600)
    if end or len(_pieces(folder)) <= 1:  # else its feeder looks again by itself
        ring(str(folder))
    return len(data)


def _check(spool: Spool, attempt: str, folder: Path, data: bytes) -> None:
    if len(data) > PIECE_BYTES:
        raise BadRequestError(f"{len(data)} bytes at once are too many: at most {PIECE_BYTES}")
    state = verbs.status(spool, attempt).state
    if state not in _LIVE:
        raise BadRequestError(f"attempt {attempt} is {state}: nobody reads what it is sent")
    if not (folder / "bell").exists():
        raise BadRequestError(f"the standard input of attempt {attempt} was not kept open")
    if (folder / "eof").exists() and data:
        raise BadRequestError(f"the standard input of attempt {attempt} has ended")
    if (folder / "deaf").exists():
        raise BadRequestError(f"attempt {attempt} has closed its standard input")


def _last(folder: Path) -> int:
    """Number of the piece that was taken last; 0: none had one."""
    try:
        words = next(parse((folder / _TAKEN).read_bytes()), ["0"])
    except FileNotFoundError:
        return 0
    return int(words[0]) if words[0].isdigit() else 0


def _pieces(folder: Path) -> list[str]:
    return [name for name in os.listdir(folder) if name.startswith("in.")]  # noqa: PTH208


def _put(folder: Path, data: bytes, piece: int) -> bool:
    """Make it the last piece, whole or not at all; False: too many wait."""
    waiting = _pieces(folder)
    if len(waiting) >= WAITING:
        return False
    staged = folder / f"fed.{os.getpid()}"
    staged.write_bytes(data)
    note = folder / f"{_TAKEN}.{os.getpid()}"
    note.write_bytes(encode(piece))  # renamed below, as that needs no room on the disk
    after = max((int(name[3:]) for name in waiting), default=0) + 1
    number = max(identity.uptime_ms(), after)
    while not _linked(staged, folder / f"in.{number:013d}"):
        number += 1
    note.replace(folder / _TAKEN)
    staged.unlink()
    return True


def _linked(staged: Path, piece: Path) -> bool:
    try:
        piece.hardlink_to(staged)
    except FileExistsError:
        return False
    return True
