"""The folder of blobs: whole files under the SHA-256 of what is in them. All of it blocks.

A blob is written beside, brought to disk and renamed, so that under its name there is all of
it or nothing. Two writers of one blob both succeed: the second renames the same over it.
"""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn
from uuid import uuid4

from engine.errors import BlobCorrupt, NotFound, StoreError, StoreFull

PIECE: Final = 2**20
"""Bytes read at once."""

_SHA: Final = re.compile(r"[0-9a-f]{64}")
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Blob:
    """Some bytes, by what they are."""

    sha: str
    size: int


def is_sha(text: str) -> bool:
    """Whether this can name a blob."""
    return _SHA.fullmatch(text) is not None


class Folder:
    """Blobs below one folder: `ab/cd/abcd…`, `incoming/` and `aside/`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"
        self._aside = root / "aside"

    def prepare(self) -> None:
        """Make the folders, and remove what earlier writers left half done."""
        for folder in (self.root, self._incoming, self._aside):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for torn in self._incoming.iterdir():
            torn.unlink(missing_ok=True)

    def path(self, sha: str) -> Path:
        """Where a blob lies, or would.

        Raises:
            NotFound: that names no blob.
        """
        if not is_sha(sha):
            raise NotFound(f"{sha[:80]!r} is no SHA-256")
        return self.root / sha[:2] / sha[2:4] / sha

    def begin(self) -> "Incoming":
        """Begin to write a blob whose name is not known yet. Raises: StoreError."""
        return Incoming(self, self._incoming / uuid4().hex)

    def size(self, sha: str) -> int | None:
        """How large a blob is; None if it is not there."""
        try:
            return self.path(sha).stat().st_size
        except FileNotFoundError:
            return None

    def verify(self, sha: str) -> int:
        """Its size, after all of it was read and is what its name says.

        Raises:
            NotFound: it is not there.
            StoreError: it cannot be read.
            BlobCorrupt: it has changed; it was set aside, so that it can be put anew.
        """
        digest, size = hashlib.sha256(), 0
        for piece in self._pieces(sha):
            digest.update(piece)
            size += len(piece)
        if digest.hexdigest() != sha:
            aside = self._set_aside(sha)
            raise BlobCorrupt(
                f"blob {sha[:12]} is not what it was; it was set aside as {aside}",
                details={"sha": sha},
            )
        return size

    def _pieces(self, sha: str) -> Iterator[bytes]:
        try:
            with self.path(sha).open("rb") as file:
                while piece := file.read(PIECE):
                    yield piece
        except FileNotFoundError:
            raise NotFound(f"there is no blob {sha[:12]}") from None
        except OSError as error:
            _fail(error, f"blob {sha[:12]} cannot be read")

    def read(self, sha: str, offset: int, limit: int) -> bytes:
        """Some of a blob that was verified before. Raises: NotFound, StoreError."""
        try:
            with self.path(sha).open("rb") as file:
                file.seek(offset)
                return file.read(limit)
        except FileNotFoundError:
            raise NotFound(f"there is no blob {sha[:12]}") from None
        except OSError as error:
            _fail(error, f"blob {sha[:12]} cannot be read")

    def remove(self, sha: str) -> None:
        """Have a blob be gone."""
        self.path(sha).unlink(missing_ok=True)

    def empty_aside(self, before_at: int) -> int:
        """Remove blobs that were set aside before, UTC microseconds; how many.

        When that was is told by the change time of the file, which moving it sets.
        """
        gone = 0
        with suppress(FileNotFoundError):
            for path in self._aside.iterdir():
                with suppress(FileNotFoundError):
                    if path.lstat().st_ctime_ns // 1000 < before_at:
                        path.unlink()
                        gone += 1
        return gone

    def _set_aside(self, sha: str) -> Path:
        aside = self._aside / f"{sha}.{uuid4().hex[:8]}"
        try:
            self.path(sha).replace(aside)
        except FileNotFoundError:  # another reader has found it out just before
            raise NotFound(f"there is no blob {sha[:12]}") from None
        except OSError as error:
            _fail(error, f"blob {sha[:12]} is not what it was, and cannot be set aside")
        return aside

    def found(self) -> Iterator[tuple[Blob, int]]:
        """Every blob that lies here, and when it was written, UTC microseconds."""
        for path in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):  # it may go meanwhile
                known = path.stat()
                if is_sha(path.name) and stat.S_ISREG(known.st_mode):
                    yield Blob(path.name, known.st_size), known.st_mtime_ns // 1000


class Incoming:
    """A blob while it is being written."""

    def __init__(self, folder: Folder, path: Path) -> None:
        self._folder = folder
        self._path = path
        self._digest = hashlib.sha256()
        self.size = 0
        try:
            self._file = path.open("xb")
        except OSError as error:
            _fail(error, "a blob cannot be written")

    def write(self, data: bytes) -> None:
        """Add bytes. Raises: StoreFull, StoreError; then nothing of it is left."""
        try:
            self._file.write(data)
        except OSError as error:
            self.drop()
            _fail(error, "a blob cannot be written")
        self._digest.update(data)
        self.size += len(data)

    def flushed(self) -> Path:
        """The file with all that was written so far, for who reads it before it is dropped."""
        try:
            self._file.flush()
        except OSError as error:
            self.drop()
            _fail(error, "a blob cannot be written")
        return self._path

    def finish(self, expected: str = "") -> Blob:
        """Bring it to disk under its name.

        Args:
            expected: The SHA-256 that it must have; empty: whatever it has.

        Raises:
            BlobCorrupt: it is not what was expected; nothing of it is left.
            StoreFull, StoreError: it could not be written; nothing of it is left.
        """
        sha = self._digest.hexdigest()
        try:
            if expected and sha != expected:
                raise BlobCorrupt(f"what came is {sha[:12]}, and not {expected[:12]}")
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            target = self._folder.path(sha)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._path.replace(target)
            _sync_folder(target.parent)
        except OSError as error:
            _fail(error, "a blob cannot be written")
        finally:
            self.drop()
        return Blob(sha, self.size)

    def drop(self) -> None:
        """Leave no trace, unless it is finished."""
        with suppress(OSError):  # what was buffered found no room, and is not wanted any more
            self._file.close()
        self._path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fail(error: OSError, what: str) -> NoReturn:
    kind = StoreFull if error.errno in _FULL else StoreError
    raise kind(f"{what}: {error.strerror or error}") from error
