"""The spool: the one folder per controller in which the truth about its attempts lies."""

import hashlib
import os
import re
import shutil
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.runner.faults import BadRequestError, StaleError, UnusableError, in_words
from engine.runner.mounts import network_filesystem

SCRIPTS = (
    "supervisor.sh",
    "ending.sh",
    "timer.sh",
    "pausing.sh",
    "workspace.sh",
    "place.sh",
    "after.sh",
    "digest.sh",
)
_ATTEMPT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,119}")
_ROOT = re.compile(r"(/[^/\n\0]+)+")
_NOWHERE = re.compile(r"/\.\.?(/|$)")
_EPOCH = re.compile(r"[0-9]{10}")
_MARK = re.compile(r"[a-z0-9]{1,32}")
_MAX_EPOCH = 9_999_999_999


class Spool:
    """Names of everything under one root, and the epoch that guards it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.attempts = root / "a"
        self.kept = root / "l"
        """Logs of attempts that are otherwise gone."""
        self.tombs = root / "t"
        self.last_tomb = ""
        """A tombstone that may be there, of which others can be links."""
        self.fences = root / "fence"
        self._met = 0
        """The newest epoch when it was said hello to; 0: it was not."""

    def prepare(self) -> None:
        """Make the folders, 0700, and put the scripts where no upgrade will change them.

        Raises:
            UnusableError: not ours, on a network filesystem, or it cannot be written.
        """
        self._met = 0
        path = str(self.root)
        if not _ROOT.fullmatch(path) or _NOWHERE.search(path):
            raise UnusableError(
                f"the spool {path!r} needs an absolute path without `..` and newlines"
            )
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check_private()  # before anything of ours lies in a folder of others
            for folder in (self.attempts, self.kept, self.tombs, self.fences):
                folder.mkdir(mode=0o700, exist_ok=True)
            self._install()
        except OSError as error:
            why = in_words(error)
            raise UnusableError(f"the spool {self.root} cannot be used: {why}") from error

    def folder(self, attempt: str) -> Path:
        """Where `attempt` lives.

        Raises:
            BadRequestError: the id could be mistaken for something else in a path or a command.
        """
        if not _ATTEMPT.fullmatch(attempt):
            raise BadRequestError(
                f"{attempt!r} is not an attempt id: letters, digits, . _ - only"
            )
        return self.attempts / attempt

    def claimed(self) -> list[str]:
        """Names of the attempts that are here, sorted; what else lies there is not ours."""
        return sorted(filter(_ATTEMPT.fullmatch, os.listdir(self.attempts)))  # noqa: PTH208

    def newest_epoch(self) -> int:
        """The largest epoch that was ever seen here; 0 if none."""
        return max(map(int, self._epochs()), default=0)

    def check_epoch(self, epoch: int) -> int:
        """The newest epoch, if that is not newer than `epoch`. Remembers nothing.

        Raises:
            StaleError: a newer one has been here.
            UnusableError: as `check_there`.
            BadRequestError: it cannot be.
        """
        if not 0 < epoch <= _MAX_EPOCH:
            raise BadRequestError(f"epoch {epoch} is not between 1 and {_MAX_EPOCH}")
        self.check_there()
        newest = self.newest_epoch()
        if epoch < newest:
            raise StaleError(epoch, newest)
        return newest

    def fence(self, epoch: int) -> None:
        """Remember `epoch`: from now on older ones are refused. Raises: as `check_epoch`.

        Only who may start something may do this: it shuts out every other daemon.
        """
        if epoch > self.check_epoch(epoch):
            (self.fences / epoch_name(epoch)).mkdir(exist_ok=True)
            self._drop_older(epoch)

    def meet(self) -> None:
        """What is here now is what `check_there` asks for from now on."""
        self._met = self.newest_epoch()

    def check_there(self) -> None:
        """Make sure that this is still what was met; nothing, if nothing was.

        Raises:
            UnusableError: it has vanished, or something older lies in its place.
        """
        try:
            is_there = not self._met or self.newest_epoch() >= self._met
        except (FileNotFoundError, NotADirectoryError):
            is_there = False
        if not is_there:
            raise UnusableError(f"the spool {self.root} is gone, or was replaced")

    def claim(self, epoch: int, mark: str) -> None:
        """Have `epoch` be of the daemon with this mark alone: copies of it share the number.

        Raises:
            StaleError: another daemon has it.
            BadRequestError: it is no mark.
        """
        if not _MARK.fullmatch(mark):
            raise BadRequestError(f"{mark[:40]!r} is not the mark of a daemon")
        claims = self.fences / epoch_name(epoch)
        if not os.listdir(claims):  # noqa: PTH208
            (claims / mark).mkdir(exist_ok=True)
        if others := set(os.listdir(claims)) - {mark}:  # noqa: PTH208
            if (claims / mark).is_dir():  # both came at the same moment
                (claims / mark).rmdir()
            raise StaleError(epoch, epoch, f"epoch {epoch} is another daemon's, {others.pop()}")

    @cached_property
    def scripts(self) -> Path:
        """Folder of the installed scripts, named after what is in them."""
        digest = hashlib.sha256()
        for name in SCRIPTS:
            digest.update(_source(name))
        return self.root / f"sh-{digest.hexdigest()[:12]}"

    def _install(self) -> None:
        self.scripts.mkdir(mode=0o700, exist_ok=True)
        for name in SCRIPTS:
            target = self.scripts / name
            if not target.exists():
                staged = self.scripts / f"{name}.{os.getpid()}"
                staged.write_bytes(_source(name))
                staged.rename(target)

    def _check_private(self) -> None:
        facts = self.root.lstat()
        if facts.st_uid != os.geteuid() or self.root.is_symlink():
            raise UnusableError(f"the spool {self.root} is not a folder of ours")
        if facts.st_mode & 0o077:
            raise UnusableError(
                f"the spool {self.root} is open to others; chmod 700 {self.root}"
            )
        if kind := network_filesystem(self.root):
            raise UnusableError(
                f"the spool {self.root} is on {kind}; it must be on a local disk"
            )

    def _epochs(self) -> list[str]:
        return list(filter(_EPOCH.fullmatch, os.listdir(self.fences)))  # noqa: PTH208

    def _drop_older(self, epoch: int) -> None:
        """Older fences say nothing more, and no start from before this epoch can come late."""
        for name in self._epochs():
            if int(name) < epoch:
                shutil.rmtree(self.fences / name, ignore_errors=True)
        for entry in os.scandir(self.tombs):
            Path(entry.path).unlink(missing_ok=True)


def epoch_name(epoch: int) -> str:
    """`epoch` as shells compare it: ten digits."""
    return f"{epoch:010d}"


def _source(name: str) -> bytes:
    """A script that is beside us, be that in a folder or in memory."""
    loader: Any = __spec__.loader
    data: bytes = loader.get_data(str(Path(__file__).with_name(name)))
    return data
