"""The logs of an attempt, and what else it leaves: bytes, counted from the first written."""

import ctypes
import errno
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from engine.runner.faults import BadRequestError

STREAMS = ("out", "err")
LEFT = ("result", "outputs", "notes")
"""Further files that can be read: a job makes them, or not, as it likes."""

MOST_BYTES = 256 * 1024
"""At most this much in one answer."""

_PUNCH_KEEPING_SIZE = 0x02 | 0x01
_BLOCK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Part of a log; all numbers are bytes counted from the first ever written."""

    data: bytes
    offset: int
    size: int
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What is no longer in a log's file."""

    dropped: int = 0
    shift: int = 0
    """How far the file's own offsets lag behind: 0 where the oldest bytes became a hole."""


_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_NOT_TO_BE_READ = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.ENXIO)
_NOTHING = Piece(data=b"", offset=0, size=0, dropped=0)


def check_stream(name: str) -> str:
    """`name`, if it is a log's.

    Raises:
        BadRequestError: it is not.
    """
    if name not in STREAMS:
        raise BadRequestError(f"{name!r} is no log: there are `out` and `err`")
    return name


def read_piece(folder: Path, stream: str, offset: int, limit: int) -> Piece:
    """Up to `limit` bytes from `offset` on; negative: that many before the end.

    Raises:
        BadRequestError: an attempt has nothing of that name.
        OSError: the disk does not say; of what a job leaves, that is as if there were nothing.
    """
    if stream in LEFT:
        return _left(folder / stream, offset, limit)
    base = read_base(folder / f"{check_stream(stream)}.base")
    try:
        fd = os.open(folder / stream, _READ)
    except FileNotFoundError:
        return _NOTHING
    return _piece(fd, base, offset, limit)


def _left(path: Path, offset: int, limit: int) -> Piece:
    """Of a regular file that may be read; whatever else a job put there counts for nothing."""
    try:
        fd = os.open(path, _READ)
    except OSError as error:
        if error.errno in _NOT_TO_BE_READ:
            return _NOTHING
        raise
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        return _NOTHING
    return _piece(fd, Base(), offset, limit)


def _piece(fd: int, base: Base, offset: int, limit: int) -> Piece:
    try:
        size = os.fstat(fd).st_size + base.shift
        start = min(max(offset if offset >= 0 else size + offset, base.dropped), size)
        data = os.pread(fd, min(limit, MOST_BYTES), start - base.shift)
    finally:
        os.close(fd)
    return Piece(data=data, offset=start, size=size, dropped=base.dropped)


def trim(folder: Path, stream: str, cap_bytes: int) -> int:
    """Keep only the newest half of the cap, if the log is over it; how many bytes went.

    On Linux the oldest bytes become a hole: what the job writes meanwhile is never lost, and
    offsets stay. Where that cannot be done, what is kept moves to the front of the file; the
    job's next writes are appended to it.
    """
    path, base_path = folder / stream, folder / f"{stream}.base"
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return 0
    try:
        base = read_base(base_path)
        size = os.fstat(fd).st_size + base.shift
        if size - base.dropped <= cap_bytes:
            return 0
        after = _drop_before(fd, base_path, base, size - cap_bytes // 2)
        return after.dropped - base.dropped
    finally:
        os.close(fd)


def _drop_before(fd: int, base_path: Path, base: Base, oldest: int) -> Base:
    """The base is written first: a reader may miss bytes, but never read holes as text."""
    if base.shift == 0:
        edge = max(oldest // _BLOCK * _BLOCK, base.dropped)
        holed = _write_base(base_path, Base(dropped=edge))
        if _punch(fd, edge):
            return holed
        _write_base(base_path, base)
    return _move_to_front(fd, base_path, base, oldest)


def _move_to_front(fd: int, base_path: Path, base: Base, oldest: int) -> Base:
    kept = os.pread(fd, os.fstat(fd).st_size, oldest - base.shift)
    os.ftruncate(fd, 0)
    os.pwrite(fd, kept, 0)
    return _write_base(base_path, Base(dropped=oldest, shift=oldest))


def _punch(fd: int, length: int) -> bool:
    """Give back the first `length` bytes of a file's space; False if that is not possible."""
    if not sys.platform.startswith("linux"):
        return False
    fallocate = ctypes.CDLL(None, use_errno=True).fallocate64
    fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    return bool(fallocate(fd, _PUNCH_KEEPING_SIZE, 0, length) == 0)


def read_base(path: Path) -> Base:
    """What is no longer in the file of the log that this lies beside."""
    try:
        words = path.read_text(encoding="ascii").split()
    except FileNotFoundError:
        return Base()
    return Base(dropped=int(words[0]), shift=int(words[1]))


def _write_base(path: Path, base: Base) -> Base:
    staged = path.with_name(f"{path.name}.new")
    staged.write_text(f"{base.dropped} {base.shift} .\n", encoding="ascii")
    staged.rename(path)
    return base
