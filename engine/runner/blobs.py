"""Blobs: files that were given to a host once, named after the SHA-256 of their content."""

import hashlib
import os
import re
from contextlib import suppress
from io import SEEK_END, FileIO
from pathlib import Path

from engine.runner import identity
from engine.runner.faults import BadRequestError
from engine.runner.spool import Spool

UNUSED_S = 14 * 86_400
"""A blob that no attempt wanted for so long goes; it is given again if one does."""

UNFINISHED_S = 86_400

_SHA = re.compile(r"[0-9a-f]{64}")
_PIECE_BYTES = 1 << 20


def put(spool: Spool, sha: str, size: int, offset: int, data: bytes) -> int:
    """Add to a blob as it comes in; how many bytes of it are here then.

    Once that is `size`, it is whole, and was verified. Data are taken if they begin where
    what is here ends; so whoever is answered less asks again from there.

    Raises:
        BadRequestError: that is no name, or what came is something else: begin anew.
        OSError: the disk does not take it; what it has taken stays.
    """
    whole = _place(spool, sha)
    with suppress(FileNotFoundError):
        os.utime(whole)
        return size
    part = whole.with_name(f"{sha}.part")
    with _opened(part) as file:
        if file.seek(0, SEEK_END) == offset:
            _append(file.fileno(), data[: size - offset])
        have = os.fstat(file.fileno()).st_size
        if have >= size:
            os.fsync(file.fileno())
    if have >= size:
        _finish(part, whole, sha)
        return size
    return have


def take(spool: Spool, sha: str, source: Path) -> None:
    """Have a file of this machine as a blob. Raises: as `put`."""
    size = source.stat().st_size
    have = put(spool, sha, size, 0, b"")
    with source.open("rb") as file:
        while have < size:
            file.seek(have)
            came = put(spool, sha, size, have, file.read(_PIECE_BYTES))
            if came <= have:
                raise BadRequestError(f"{source} is no longer {sha}")
            have = came


def expire(spool: Spool) -> None:
    """Remove what no attempt has wanted for long, and what was never given in whole."""
    now_s = identity.now_us() / 1_000_000
    with suppress(FileNotFoundError), os.scandir(spool.root / "blobs") as entries:
        for entry in entries:
            patience_s = UNUSED_S if _SHA.fullmatch(entry.name) else UNFINISHED_S
            with suppress(FileNotFoundError):
                if entry.stat(follow_symlinks=False).st_mtime < now_s - patience_s:
                    Path(entry.path).unlink()


def _place(spool: Spool, sha: str) -> Path:
    if not _SHA.fullmatch(sha):
        raise BadRequestError(f"{sha[:80]!r} is no SHA-256")
    spool.check_there()
    return spool.root / "blobs" / sha


def _opened(part: Path) -> FileIO:
    part.parent.mkdir(mode=0o700, exist_ok=True)
    return FileIO(part, "ab", opener=_private)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _append(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def _finish(part: Path, whole: Path, sha: str) -> None:
    if _digest(part) != sha:
        part.unlink()
        raise BadRequestError(f"what came is not {sha}")
    part.rename(whole)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()
