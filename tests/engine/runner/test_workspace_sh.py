"""workspace.sh by itself, under every shell that may be a host's /bin/sh."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.runner import identity
from tests.engine.backends.test_shells import SHELLS
from tests.kit.repositories import a_repository, commit, git, worktrees

SCRIPT = Path(identity.__file__).with_name("workspace.sh")
SCARY = 'it\'s "a" $(root) \\n;*'


class Host:
    """A spool in a folder with a scary name, and one shell to run the script."""

    def __init__(self, shell: Path, folder: Path) -> None:
        self.root = folder / SCARY
        self.shell = shell
        self.base = folder / f"{SCARY} base"
        self.env = {"PATH": os.environ["PATH"], "HOME": str(folder / "home")}

    def claim(self, attempt: str) -> None:
        (self.root / "a" / attempt).mkdir(parents=True)
        (self.root / "a" / attempt / "life").write_text("")

    def start(self, verb: str, attempt: str, *words: str) -> "subprocess.Popen[str]":
        command = [str(self.shell), str(SCRIPT), verb, str(self.root), attempt]
        return subprocess.Popen(
            [*command, identity.ident(), *words],
            env=self.env,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, verb: str, attempt: str, *words: str) -> tuple[int, str, str]:
        process = self.start(verb, attempt, *words)
        out, err = process.communicate(timeout=90)
        return process.returncode, out, err

    def prepare(
        self, attempt: str, repo: str, revision: str, keep: str = "never", *command: str
    ) -> tuple[int, str, str]:
        self.claim(attempt)
        command = command or ("cat", "file")
        return self.run("prepare", attempt, repo, revision, str(self.base), keep, *command)

    def life(self, attempt: str) -> str:
        return (self.root / "a" / attempt / "life").read_text()

    def left(self) -> list[str]:
        return sorted(entry.name for entry in (self.root / "w").iterdir())


@pytest.fixture(params=SHELLS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Host:
    found = shutil.which(request.param)
    if not found:
        pytest.skip(f"{request.param} is not installed")
    link = tmp_path / ("sh" if request.param == "busybox" else request.param)
    link.symlink_to(found)
    return Host(link, tmp_path)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return a_repository(tmp_path / f"{SCARY} repo")


def test_made_and_put_away(host: Host, repo: Path) -> None:
    assert host.prepare("1", str(repo), "v1") == (0, "one\n", "")
    at = git(repo, "rev-parse", "v1")
    assert host.life("1") == f"workspace {at} .\n"
    assert worktrees(repo) == [str(host.root / "w" / "1")]
    assert host.run("clean", "1", "0", "-") == (0, "", "")
    assert (worktrees(repo), host.left()) == ([], [])


def test_cloned_by_an_address_and_found_by_its_name(host: Host, repo: Path) -> None:
    assert host.prepare("1", f"file://{repo}", "main") == (0, "two\n", "")
    commit(repo, "three")
    assert host.prepare("2", f"file://{repo}", "main") == (0, "three\n", "")
    assert host.prepare("3", repo.name, "v1") == (0, "one\n", "")
    assert sorted(entry.name for entry in host.base.iterdir()) == [repo.name]


def test_at_once(host: Host, repo: Path) -> None:
    names = [str(number) for number in range(6)]
    for name in names:
        host.claim(name)
    words = (f"file://{repo}", "v1", str(host.base), "never", "cat", "file")
    running = [host.start("prepare", name, *words) for name in names]
    assert [process.communicate(timeout=90) for process in running] == [("one\n", "")] * 6
    ending = [host.start("clean", name, "0", "-") for name in names]
    assert [process.communicate(timeout=90) for process in ending] == [("", "")] * 6
    assert (worktrees(host.base / repo.name), host.left()) == ([], [])
    assert not list((host.base / repo.name / ".git").glob("crabtui.lock*"))


@pytest.mark.parametrize(
    ("repo_name", "revision", "kind", "said"),
    [
        ("{repo}", "nope", "workspace", "it has no revision nope"),
        ("{repo}", "--all", "workspace", "'--all' is no revision"),
        ("{repo}", "$(touch x)", "workspace", "it has no revision $(touch x)"),
        ("none", "", "workspace", "no git repository"),
        ("file:///none/x", "", "fetch", "/none/x"),
        ("ext::sh -c id", "", "workspace", "no address"),
        ("me@-oProxyCommand=id:x", "", "workspace", "no address"),
        ("file:///x/..", "", "workspace", "cannot name a folder"),
    ],
)
def test_refused(
    host: Host, repo: Path, repo_name: str, revision: str, kind: str, said: str
) -> None:
    code, out, err = host.prepare("1", repo_name.format(repo=repo), revision)
    assert (code, out) == (127, "")
    assert host.life("1") == f"{kind} .\n"
    last = err.splitlines()[-1]
    assert last.startswith("cannot make a workspace of ")
    assert said in last
    assert worktrees(repo) == []


@pytest.mark.parametrize(
    ("keep", "code", "stays"),
    [("failed", "1", True), ("failed", "0", False), ("always", "0", True)],
)
def test_kept(host: Host, repo: Path, keep: str, code: str, stays: bool) -> None:
    host.prepare("1", str(repo), "", keep)
    host.run("clean", "1", code, "-")
    assert host.left() == (["1", "1.kept"] if stays else [])
    host.run("drop", "1")
    assert (worktrees(repo), host.left()) == ([], [])


def test_swept(host: Host, repo: Path) -> None:
    host.prepare("1", str(repo), "")
    host.prepare("2", str(repo), "")
    shutil.rmtree(host.root / "a" / "1")
    shutil.rmtree(host.root / "w" / "1")  # as of a sweep that was killed
    host.run("sweep", "-")
    assert host.left() == ["2", "2.of"]
    assert worktrees(repo) == [str(host.root / "w" / "2")]


def test_a_worktree_that_git_had_not_finished(host: Host, repo: Path) -> None:
    host.prepare("1", str(repo), "")
    listed = repo / ".git" / "worktrees" / "1"
    (listed / "gitdir").unlink()
    (listed / "locked").write_text("initializing")
    host.run("clean", "1", "0", "-")
    assert not listed.exists()
    assert host.left() == []


def test_locks_of_dead_holders_even_while_they_were_broken(host: Host, repo: Path) -> None:
    for name in ("crabtui.lock", "crabtui.lock.break"):
        (repo / ".git" / name).symlink_to(f"999999999,1,{identity.ident()}")
    assert host.prepare("1", str(repo), "v1") == (0, "one\n", "")
    assert not list((repo / ".git").glob("crabtui.lock*"))
