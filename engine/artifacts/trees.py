"""Frozen trees compared: which files differ, and how, if they are text. All of it blocks."""

import difflib
import hashlib
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

MOST_TEXT: Final = 256 * 1024
"""Bytes of a file that is compared line by line."""
MOST_LINES: Final = 400
"""Lines of the difference of one file."""
MOST_FILES: Final = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a tree."""

    digest: str
    """Of its contents; of a link, where it points."""
    mode: int
    size: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A file that is not the same in two trees."""

    path: str
    change: str
    """`added`, `removed`, `changed` or `mode`."""
    diff: str = ""


def compared(one: Path, other: Path) -> tuple[Sequence[Changed], int]:
    """The files that differ, by path, and how many of them are left out.

    Raises:
        tarfile.TarError: one of them is no tar.
        OSError: one of them cannot be read.
    """
    try:
        with tarfile.open(one, "r:") as a, tarfile.open(other, "r:") as b:
            was, now = entries(a), entries(b)
            paths = sorted(path for path in {*was, *now} if was.get(path) != now.get(path))
            changed = [_changed(path, a, b, was, now) for path in paths[:MOST_FILES]]
    except ValueError as error:  # of numbers in one that are none
        raise tarfile.ReadError(f"it is no tar: {error}") from error
    return changed, max(len(paths) - MOST_FILES, 0)


def entries(tar: tarfile.TarFile) -> dict[str, Entry]:
    """Every file and link of a tree, by path."""
    return {
        member.name: Entry(_digest(tar, member), member.mode, member.size)
        for member in tar
        if not member.isdir()
    }


def _digest(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    if not member.isreg():
        return f"-> {member.linkname}"
    file, digest = tar.extractfile(member), hashlib.sha256()
    while file is not None and (piece := file.read(2**20)):
        digest.update(piece)
    return digest.hexdigest()


def _changed(
    path: str,
    a: tarfile.TarFile,
    b: tarfile.TarFile,
    was: dict[str, Entry],
    now: dict[str, Entry],
) -> Changed:
    before, after = was.get(path), now.get(path)
    if before is not None and after is not None and before.digest == after.digest:
        return Changed(_shown(path), "mode", f"mode {before.mode:o} -> {after.mode:o}")
    word = "added" if before is None else "removed" if after is None else "changed"
    texts = _text(a, path, before), _text(b, path, after)
    if texts[0] is None or texts[1] is None:
        return Changed(_shown(path), word)
    lines = _unified(_shown(path), texts[0], texts[1])
    return Changed(_shown(path), word, "".join(islice(lines, MOST_LINES)))


def _shown(path: str) -> str:
    """A path as text, even if its bytes are none."""
    return os.fsencode(path).decode("utf-8", "replace")


def _text(tar: tarfile.TarFile, path: str, entry: Entry | None) -> list[str] | None:
    """The lines of a file; None if it is no text, or too much of it."""
    if entry is None:
        return []
    if entry.size > MOST_TEXT:
        return None
    member = tar.getmember(path)
    file = tar.extractfile(member) if member.isreg() else None
    data = os.fsencode(entry.digest) if file is None else file.read()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text.splitlines(keepends=True)


def _unified(path: str, was: list[str], now: list[str]) -> Iterator[str]:
    for line in difflib.unified_diff(was, now, f"a/{path}", f"b/{path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
