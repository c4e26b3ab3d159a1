"""What inputs contain: one digest for a file or a whole folder. All of it blocks."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from glob import glob
from pathlib import Path

from engine.artifacts.folder import PIECE

ABSENT = "absent"

Place = tuple[int, int]
"""The device of a folder, and its number there."""

Waiting = tuple[Path, bytes, tuple[Place, ...]]
"""What is still to be looked at, its name, and the folders that it is in."""


def named(path: str) -> str:
    """What is under a path, or under all that match it if it is a pattern; as `contents`.

    Patterns are those of a shell, and `**`.

    Raises:
        OSError: as `contents`.
    """
    found = [path] if os.path.lexists(path) else sorted(glob(path, recursive=True))  # noqa: PTH207
    if found in ([], [path]):
        return contents(Path(path))
    digest = hashlib.sha256()
    for one in found:
        _add(digest, (os.fsencode(one), contents(Path(one)).encode()))
    return digest.hexdigest()


def contents(path: Path) -> str:
    """The SHA-256 of what is there, names and all; `absent` if nothing is.

    Links are followed: what they lead to is what a program reads.

    Raises:
        OSError: some of it cannot be read, or is neither file nor folder.
    """
    if not os.path.lexists(path):
        return ABSENT
    digest = hashlib.sha256()
    for parts in _walked(path):
        _add(digest, parts)
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", parts: Iterable[bytes]) -> None:
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)


def _walked(path: Path) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(name, what it is, what is in it) of all that is there; names of a folder in order."""
    waiting: list[Waiting] = [(path, b"", ())]
    while waiting:
        at, name, above = waiting.pop()
        seen = at.lstat()
        if stat.S_ISLNK(seen.st_mode):
            yield name, b"link", os.fsencode(at.readlink())
            if not at.exists():
                continue
            seen = at.stat()
        if stat.S_ISDIR(seen.st_mode):
            yield name, b"folder", b""
            place = seen.st_dev, seen.st_ino
            if place not in above:  # else a link leads to where it is itself
                waiting += _below(at, name, (*above, place))
        else:
            yield name, *_file(at, seen.st_mode)


def _below(at: Path, name: bytes, above: tuple[Place, ...]) -> list[Waiting]:
    """What is in a folder, the first to be taken last in the list."""
    inner = sorted(map(os.fsencode, os.listdir(at)), reverse=True)  # noqa: PTH208
    return [(at / os.fsdecode(one), name + b"/" + one, above) for one in inner]


def _file(path: Path, mode: int) -> tuple[bytes, bytes]:
    if not stat.S_ISREG(mode):
        raise OSError(f"{path} is neither a file nor a folder")
    return b"program" if mode & 0o100 else b"file", _digest(path)


def _digest(path: Path) -> bytes:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.digest()
