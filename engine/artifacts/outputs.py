"""Outputs: from the tar that a host made of them to blobs. Nothing in it is trusted.

Names decide nothing but which output a file belongs to; no file is written under its own.
"""

import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from engine.artifacts.folder import PIECE, Blob, Folder
from engine.errors import StoreError
from engine.model.keeping import Output

MOST_FILES: Final = 10_000
MOST_BYTES: Final = 2**30
"""Of all files together: a few bytes of a tar may stand for very many."""
LONGEST: Final = 1_000
"""Characters of a path."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that an output names."""

    output: Output
    path: str
    blob: Blob


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What there was of the outputs."""

    found: Sequence[Found]
    missing: Sequence[str]
    """Patterns of outputs that are not optional, and that nothing matched."""
    note: str = ""
    """What was left out, and why."""


def nothing(outputs: Sequence[Output]) -> Unpacked:
    """What there is if no file matched anything."""
    return Unpacked([], _missing({}, outputs))


def unpack(tar: Path, outputs: Sequence[Output], folder: Folder) -> Unpacked:
    """Keep every file of a tar that one of the outputs names. Blocks.

    Raises:
        tarfile.TarError, EOFError: it is no tar, or only the beginning of one.
        StoreError: a blob could not be written.
    """
    try:
        with tarfile.open(tar, "r:") as opened:
            return _unpacked(opened, outputs, folder)
    except ValueError as error:  # of numbers in it that are none
        raise tarfile.ReadError(f"it is no tar: {error}") from error


def _unpacked(opened: tarfile.TarFile, outputs: Sequence[Output], folder: Folder) -> Unpacked:
    found: dict[str, Found] = {}
    left_out, room = 0, MOST_BYTES
    for member in opened:
        output = _output_of(member, outputs)
        if output is None or len(found) >= MOST_FILES or member.size > room:
            left_out += not member.isdir()
            continue
        room -= member.size
        path = plain_path(member.name)
        found[path] = Found(output, path, _kept(opened, member, folder))
    return Unpacked(list(found.values()), _missing(found, outputs), _note(left_out))


def _output_of(member: tarfile.TarInfo, outputs: Sequence[Output]) -> Output | None:
    """The first output that names a file of the tar, if it is a file that may be kept."""
    if not member.isreg() or not is_safe(plain_path(member.name)):
        return None
    path = plain_path(member.name)
    return next((one for one in outputs if matches(one.path, path)), None)


def plain_path(name: str) -> str:
    """A name in a tar without what says nothing."""
    return name.removeprefix("./")


def is_safe(path: str) -> bool:
    """Whether a path is one below its folder that can be shown to people."""
    parts = path.split("/")
    return (
        0 < len(path) <= LONGEST
        and path.isprintable()
        and not any(part in ("", ".", "..") for part in parts)
    )


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern names a file, or a folder that it is in."""
    wanted = plain_path(pattern).split("/")
    parts = path.split("/")
    heads = zip(parts, wanted, strict=False)
    return len(parts) >= len(wanted) and all(fnmatchcase(*pair) for pair in heads)


def _kept(opened: tarfile.TarFile, member: tarfile.TarInfo, folder: Folder) -> Blob:
    file = opened.extractfile(member)
    if file is None:
        raise StoreError(f"{member.name[:200]!r} cannot be read from its tar")
    incoming = folder.begin()
    try:
        while piece := file.read(PIECE):
            incoming.write(piece)
        if incoming.size != member.size:
            raise tarfile.ReadError(f"{member.name[:200]!r} is not whole")
        return incoming.finish()
    finally:
        incoming.drop()


def _missing(found: dict[str, Found], outputs: Sequence[Output]) -> list[str]:
    there = {one.output.path for one in found.values()}
    there |= {one.path for one in outputs if any(matches(one.path, path) for path in found)}
    return [one.path for one in outputs if not one.optional and one.path not in there]


def _note(left_out: int) -> str:
    if not left_out:
        return ""
    return f"{left_out} that are no plain files in the job's folder, or too much, were left out"
