"""Freezing a work tree: the files as they are now, as one tar that is always the same.

Of a git work tree it has what git tracks and what git would add, as it lies there, dirty or
not; else everything but what tools leave behind. Names are sorted, times and owners are left
out, so that the same files make the same bytes. Each file is as it was at one instant; the
tree is not, if it is written to meanwhile.
"""

import hashlib
import os
import shutil
import stat
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NoReturn, cast

from crabtui.cli.reaching.entry import enter
from engine.control.blobs import put_blob
from engine.errors import InvalidSpec

LEFT_BEHIND: Final = frozenset(
    {
        ".git", ".hg", ".svn", "__pycache__", ".venv", "venv", "node_modules", ".tox", ".nox",
        ".mypy_cache", ".pytest_cache", ".ruff_cache", ".DS_Store", "target", ".cache",
    }
)  # fmt: skip
"""Names that are left out where git does not say what belongs to a tree."""

Rest = Callable[[float], None]
"""Lets seconds pass."""

READINGS: Final = 5
"""How often a file is read that changes meanwhile."""
REST_S: Final = 0.02
IN_MEMORY: Final = 8 * 2**20
"""Bytes of a file that are held in memory; more go to a temporary file."""

_ELSEWHERE: Final = frozenset(
    {
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE",
        "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    }
)  # fmt: skip
"""Variables with which git, in its hooks, would look at another repository or index."""


def freeze(folder: Path) -> str:
    """Have the daemon keep a folder as it is now; the SHA-256 of its tar.

    Raises:
        InvalidSpec: it is no folder, has no files, or one of them cannot be read.
    """
    if not folder.is_dir():
        raise InvalidSpec(f"--freeze {folder}: that is no folder", field="freeze")
    with tempfile.TemporaryFile(prefix="crabtui-frozen-") as file:
        sha = write_tar(folder, file)
        file.seek(0)
        with enter() as client:
            put_blob(client, file, sha)
    return sha


def write_tar(folder: Path, file: IO[bytes], rest: Rest = time.sleep) -> str:
    """Write a folder as a tar; its SHA-256.

    Args:
        folder: What to freeze.
        file: Where to write.
        rest: Lets seconds pass before a file that changed while it was read is read again.

    Raises:
        InvalidSpec: it has no files, one of them cannot be read, or changes all the time.
    """
    names = sorted(set(listed(folder)))
    hashed = _Hashed(file)
    with tarfile.TarFile(
        fileobj=cast("IO[bytes]", hashed), mode="w", format=tarfile.PAX_FORMAT
    ) as tar:
        number = sum(_add(tar, folder, name, rest) for name in names)
    if not number:
        raise InvalidSpec(f"--freeze {folder}: there are no files in it", field="freeze")
    return hashed.digest.hexdigest()


def listed(folder: Path) -> Iterator[str]:
    """The files of a work tree, relative to it.

    Raises:
        InvalidSpec: git does not say what belongs to it, or it cannot be read.
    """
    names = _tracked(folder)
    if names is None:
        yield from _walked(folder)
        return
    for name in names:
        yield from _with_inner(folder, name)


def _tracked(folder: Path) -> list[str] | None:
    """What git says belongs to a folder; None if it is in no git work tree."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    env = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    env["GIT_OPTIONAL_LOCKS"] = "0"
    try:
        said = subprocess.run(asked, cwd=folder, env=env, capture_output=True, check=False)
        why = said.stderr.decode("utf-8", "replace").strip()
    except FileNotFoundError:
        said, why = None, "there is no git here"
    if said is not None and not said.returncode:
        return [os.fsdecode(name) for name in said.stdout.split(b"\0") if name]
    whole = folder.resolve()
    if any(os.path.lexists(above / ".git") for above in (whole, *whole.parents)):
        raise InvalidSpec(
            f"--freeze {folder}: git does not say which files are ignored: {why}",
            field="freeze",
        )
    return None


def _with_inner(folder: Path, name: str) -> Iterator[str]:
    """A file; of a submodule or a repository inside, its files, if it was ever fetched."""
    path = folder / name
    if path.is_symlink() or not path.is_dir():
        yield name
    elif os.path.lexists(path / ".git"):
        for inner in listed(path):
            yield f"{name.rstrip('/')}/{inner}"


def _walked(folder: Path) -> Iterator[str]:
    for at, folders, files in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if name not in LEFT_BEHIND]
        links = [name for name in folders if (Path(at) / name).is_symlink()]
        for name in [*files, *links]:
            if name not in LEFT_BEHIND:
                yield os.path.relpath(Path(at) / name, folder)


def _unreadable(trouble: OSError) -> NoReturn:
    raise InvalidSpec(f"--freeze: {trouble.filename}: {trouble.strerror}", field="freeze")


def _lies_behind_a_link(folder: Path, name: str) -> bool:
    """Whether a folder that leads to a file is a link by now: then the file is another's."""
    above = Path(name).parents
    return any((folder / one).is_symlink() for one in above if one.name)


def _add(tar: tarfile.TarFile, folder: Path, name: str, rest: Rest) -> int:
    """Add one file; how many that were: none if it is deleted, a socket or the like."""
    path = folder / name
    try:
        seen = path.lstat()
        if _lies_behind_a_link(folder, name):
            return 0
        if stat.S_ISLNK(seen.st_mode):
            tar.addfile(_link(name, path))
            return 1
        if not stat.S_ISREG(seen.st_mode):
            return 0
        with _whole(path, name, rest) as (file, seen):
            tar.addfile(_file(name, seen), file)
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except UnicodeEncodeError:
        raise InvalidSpec(
            f"--freeze: {name!r} has a name that is no text", field="freeze"
        ) from None
    except OSError as trouble:
        why = trouble.strerror or "it changed while it was read"
        raise InvalidSpec(f"--freeze: {name}: {why}", field="freeze") from None
    return 1


@contextmanager
def _whole(path: Path, name: str, rest: Rest) -> Iterator[tuple[IO[bytes], os.stat_result]]:
    """The contents of a file, none of it written while it was read, and what it was then.

    A change that leaves size and times as they are is not seen: clocks of file systems tick a
    few hundred times a second.

    Raises:
        InvalidSpec: it changed each time.
        OSError: it cannot be read.
    """
    for tries in range(READINGS):
        if tries:
            rest(REST_S * 2**tries)
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as copy, path.open("rb") as file:
            seen = os.fstat(file.fileno())
            shutil.copyfileobj(file, copy)
            if _mark(os.fstat(file.fileno())) == _mark(seen) == _mark(path.stat()):
                copy.seek(0)
                yield copy, seen
                return
    raise InvalidSpec(
        f"--freeze: {name} is being written: it changed each of {READINGS} times it was read; "
        "wait until it is done, or have git ignore it",
        field="freeze",
    )


def _mark(seen: os.stat_result) -> tuple[int, ...]:
    """What is another after a file was written or replaced."""
    return seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino, seen.st_dev


def _file(name: str, seen: os.stat_result) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size = seen.st_size
    made.mode = 0o755 if seen.st_mode & 0o100 else 0o644
    return made


def _link(name: str, path: Path) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.mode, made.linkname = tarfile.SYMTYPE, 0o777, str(path.readlink())
    return made


class _Hashed:
    """A file whose digest is made while it is written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()
