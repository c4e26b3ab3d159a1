"""What inputs contain: one digest for a file or a whole folder. All of it blocks."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from engine.artifacts.folder import PIECE

ABSENT = "absent"


def contents(path: Path) -> str:
    """The SHA-256 of what is there, names and all; `absent` if nothing is.

    Raises:
        OSError: some of it cannot be read.
    """
    if not os.path.lexists(path):
        return ABSENT
    digest = hashlib.sha256()
    for name, below in _walked(path):
        for part in (os.fsencode(name), *_parts(below)):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()


def _walked(path: Path) -> Iterator[tuple[str, Path]]:
    """Every file below, in order; links are not followed, but for the path itself."""
    if not path.is_dir():
        yield "", path
        return
    for at, folders, files in os.walk(path, onerror=_fail):
        folders.sort()
        links = [name for name in folders if (Path(at) / name).is_symlink()]
        for name in sorted([*files, *links]):
            below = Path(at) / name
            yield os.path.relpath(below, path), below


def _fail(error: OSError) -> None:
    raise error


def _parts(path: Path) -> Iterator[bytes]:
    seen = path.lstat()
    if stat.S_ISLNK(seen.st_mode):
        yield b"link"
        yield os.fsencode(path.readlink())
    elif stat.S_ISREG(seen.st_mode):
        yield b"program" if seen.st_mode & 0o100 else b"file"
        yield _digest(path)
    else:
        yield b"other"


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.digest()
