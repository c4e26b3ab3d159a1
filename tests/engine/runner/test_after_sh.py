"""after.sh by itself, under every shell that may be a host's /bin/sh, with two kinds of tar."""

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from engine.runner import identity
from tests.engine.backends.test_shells import SHELLS

LIB = Path(identity.__file__).parent
SCARY = 'it\'s "a" $(b) `c` ;*'


class Ending:
    """An attempt in a spool with a scary name, of which only the folder is there."""

    def __init__(self, shell: str, folder: Path, path: str) -> None:
        self.shell = shell
        self.root = folder / SCARY
        self.place = self.root / "a" / "1-1-1"
        self.job = folder / "job"
        self.place.mkdir(parents=True)
        self.job.mkdir()
        self._path = path

    def run(self, *lines: str, rc: int = 0, shelf_kb: int = 1_000_000) -> None:
        before = f"crab_id=1-1-1 rc={rc} why=- crab_lf='\n'"
        bounds = f"crab_shelf_kb={shelf_kb} crab_most=1000000"
        script = "\n".join(
            ["crab_dir=$1 crab_lib=$2", before, bounds, '. "$crab_lib/after.sh"', *lines]
        )
        zsh = "emulate sh\n" if self.shell.endswith("zsh") else ""
        subprocess.run(
            [self.shell, "-c", zsh + script, "sh", self.place, LIB],
            env={"PATH": self._path},
            cwd=self.job,
            check=True,
            timeout=90,
        )

    def notes(self) -> str:
        file = self.place / "notes"
        return file.read_text() if file.exists() else ""

    def stored(self) -> list[str]:
        return sorted(
            f"{file.parent.name}/{file.name}" for file in self.root.glob("caches/*/*")
        )


@pytest.fixture(params=["tar", "busybox"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where commands are found; there may be no tar but that of busybox."""
    if request.param == "tar":
        return "/usr/bin:/bin"
    tools = tmp_path / "bin"
    tools.mkdir()
    busybox = shutil.which("busybox")
    if not busybox:
        pytest.skip("there is no busybox")
    for name in (
        "tar",
        "head",
        "sort",
        "find",
        "sha256sum",
        "du",
        "ls",
        "mv",
        "rm",
        "mkdir",
        "cat",
    ):
        (tools / name).symlink_to(busybox)
    return str(tools)


@pytest.fixture(params=SHELLS)
def ending(request: pytest.FixtureRequest, tmp_path: Path, path: str) -> Ending:
    found = shutil.which(request.param)
    if not found:
        pytest.skip(f"{request.param} is not installed")
    link = tmp_path / ("sh" if request.param == "busybox" else request.param)
    link.symlink_to(found)
    return Ending(str(link), tmp_path, path)


def test_outputs(ending: Ending) -> None:
    (ending.job / "a b").write_text("1")
    (ending.job / "d").mkdir()
    (ending.job / "d" / SCARY).write_text("2")
    (ending.job / "l").symlink_to("/etc")
    ending.run("outputs 'a*' d 'l/passwd' 'l/*' 'a b' 'no*'")
    with tarfile.open(ending.place / "outputs") as tar:
        assert sorted(tar.getnames()) == ["./a b", f"./d/{SCARY}"]
    assert [file.name for file in ending.place.iterdir()] == ["outputs"]


def test_outputs_beyond_the_cap_are_none(ending: Ending) -> None:
    (ending.job / "a").write_text("1" * 100_000)
    ending.run("crab_most=50000", "outputs a")
    assert not (ending.place / "outputs").exists()
    assert ending.notes() == "outputs large .\n"


def test_a_cache_that_was_missed_is_stored_once(ending: Ending) -> None:
    (ending.job / "deep" / "in").mkdir(parents=True)
    (ending.job / "deep" / "in" / "a").write_text("1")
    (ending.place / "notes").write_text("cache dep miss:k1 0 0 .\ncache pip hit:k2 5 9 .\n")
    ending.run("store dep deep", "store pip deep", "store other deep")
    assert ending.stored() == ["dep/k1.sum", "dep/k1.tar"]
    assert "stored dep " in ending.notes()
    with tarfile.open(ending.root / "caches" / "dep" / "k1.tar") as tar:
        assert "./deep/in/a" in tar.getnames()


def test_nothing_is_stored_of_a_failure_or_through_a_link(ending: Ending) -> None:
    (ending.job / "d").mkdir()
    (ending.job / "l").symlink_to("/etc")
    (ending.place / "notes").write_text("cache dep miss:k1 0 0 .\n")
    ending.run("store dep d", rc=1)
    ending.run("store dep l", "store dep l/ssh", "store dep none")
    assert ending.stored() == []


def test_the_caches_that_were_not_used_for_longest_make_room(ending: Ending) -> None:
    shelf = ending.root / "caches" / "dep"
    shelf.mkdir(parents=True)
    for age, name in enumerate(("new", "old", "oldest")):
        (shelf / f"{name}.tar").write_bytes(b"x" * 100_000)
        (shelf / f"{name}.sum").write_text("0")
        subprocess.run(["touch", "-d", f"-{age} days", shelf / f"{name}.tar"], check=True)
    (ending.job / "d").mkdir()
    (ending.job / "d" / "a").write_bytes(b"y" * 100_000)
    (ending.place / "notes").write_text("cache dep miss:k1 0 0 .\n")
    ending.run("store dep d", shelf_kb=300)
    assert [name for name in ending.stored() if name.endswith(".tar")] == [
        "dep/k1.tar",
        "dep/new.tar",
    ]
