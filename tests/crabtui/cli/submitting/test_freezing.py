"""A frozen tree is what lies there, all of it that belongs to it, and always the same bytes."""

import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from crabtui.cli.submitting.freezing import READINGS, write_tar
from engine.errors import InvalidSpec


def frozen(folder: Path) -> tuple[str, dict[str, tarfile.TarInfo], tarfile.TarFile]:
    file = io.BytesIO()
    sha = write_tar(folder, file)
    file.seek(0)
    tar = tarfile.open(fileobj=file)  # noqa: SIM115 - read by the test
    return sha, {member.name: member for member in tar}, tar


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def git(folder: Path, *words: str) -> None:
    identity = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    told = ["git", "-c", "user.name=t", "-c", "user.email=t@t", *words]
    subprocess.run(told, cwd=folder, check=True, capture_output=True, env=os.environ | identity)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    git(folder, "init", "-q")
    put(folder, a_dot_py="one", sub__b_dot_py="two", gone="x")
    (folder / ".gitignore").write_text("*.log\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def test_the_tree_is_as_it_lies_there_dirty_and_untracked(tree: Path) -> None:
    put(tree, a_dot_py="changed", new__c="untracked", noise_dot_log="ignored")
    (tree / "gone").unlink()
    _, members, tar = frozen(tree)
    assert sorted(members) == [".gitignore", "a.py", "new/c", "sub/b.py"]
    found = tar.extractfile("a.py")
    assert found is not None
    assert found.read() == b"changed"


def test_the_same_files_make_the_same_bytes(tree: Path, tmp_path: Path) -> None:
    first, _, _ = frozen(tree)
    os.utime(tree / "a.py", (1, 1))
    (tree / "a.py").chmod(0o600)
    assert frozen(tree)[0] == first
    (tree / "a.py").chmod(0o700)
    assert frozen(tree)[0] != first
    (tree / "a.py").chmod(0o644)
    (tree / "a.py").write_text("other")
    assert frozen(tree)[0] != first


def test_nobody_and_no_time_is_in_it(tree: Path) -> None:
    _, members, _ = frozen(tree)
    assert {(one.mtime, one.uid, one.gid, one.uname) for one in members.values()} == {
        (0, 0, 0, "")
    }


def test_a_folder_of_a_tree_is_frozen_from_there(tree: Path) -> None:
    assert sorted(frozen(tree / "sub")[1]) == ["b.py"]


def test_links_stay_links(tree: Path) -> None:
    (tree / "link").symlink_to("a.py")
    _, members, _ = frozen(tree)
    assert members["link"].issym()
    assert members["link"].linkname == "a.py"


def test_what_lies_behind_a_link_by_now_is_not_the_trees(tree: Path, tmp_path: Path) -> None:
    put(tmp_path, elsewhere__b_dot_py="secret")
    (tree / "sub" / "b.py").unlink()
    (tree / "sub").rmdir()
    (tree / "sub").symlink_to(tmp_path / "elsewhere")
    assert sorted(frozen(tree)[1]) == [".gitignore", "a.py", "gone", "sub"]
    (tree / "sub").unlink()
    (tree / "sub").write_text("a file")
    assert sorted(frozen(tree)[1]) == [".gitignore", "a.py", "gone", "sub"]


def test_submodules_are_their_files_and_nothing_if_they_were_not_fetched(
    tree: Path, tmp_path: Path
) -> None:
    git(tree, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tree), "deps")
    git(tree, "commit", "-qm", "second")
    assert "deps/sub/b.py" in frozen(tree)[1]
    git(tmp_path, "clone", "-q", str(tree), "clone")
    names = sorted(frozen(tmp_path / "clone")[1])
    assert names == [".gitignore", ".gitmodules", "a.py", "gone", "sub/b.py"]


def test_a_git_that_does_not_say_what_is_ignored_is_no_excuse(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tree, secret_dot_log="hidden")
    (tree / ".git" / "config").write_text("[core")
    for folder in (tree, tree / "sub"):
        with pytest.raises(InvalidSpec, match=r"which files are ignored: .*config"):
            frozen(folder)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(InvalidSpec, match="no git here"):
        frozen(tree)


def test_another_repository_in_the_environment_is_not_asked(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = frozen(tree)[0]
    git(tmp_path, "init", "-q", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    (tree / "x.log").write_text("ignored")
    (tree / ".gitignore").unlink()
    (tree / ".git" / "info" / "exclude").write_text("*.log\n")
    assert sorted(frozen(tree)[1]) == ["a.py", "gone", "sub/b.py"]
    assert frozen(tree)[0] != was


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    put(tmp_path, a="one", closed__b="two")
    (tmp_path / "closed").chmod(0)
    with pytest.raises(InvalidSpec, match="closed"):
        frozen(tmp_path)


def test_without_git_what_tools_leave_behind_stays_out(tmp_path: Path) -> None:
    put(tmp_path, a="one", node_modules__y="no", sub__b="two", sub__venv__c="no")
    os.mkfifo(tmp_path / "fifo")
    assert sorted(frozen(tmp_path)[1]) == ["a", "sub/b"]


def test_an_empty_folder_cannot_be_frozen(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpec, match="no files"):
        frozen(tmp_path)


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_named(tree: Path) -> None:
    (tree / "a.py").chmod(0)
    with pytest.raises(InvalidSpec, match=r"a\.py"):
        frozen(tree)


class Writer:
    """Somebody who writes to a file while it is read: each time it is opened, so often."""

    def __init__(self, path: Path, times: int) -> None:
        self.path = path
        self.left = times
        self.rests = 0

    def copy(self, source: IO[bytes], target: IO[bytes]) -> None:
        """Read half of it, have the other half be another, and read that."""
        target.write(source.read(2))
        if self.left and Path(source.name) == self.path:
            self.left -= 1
            self.path.write_text(f"new{self.left} ")
            os.utime(self.path, ns=(1, self.left))
        target.write(source.read())

    def rest(self, _: float) -> None:
        self.rests += 1


@pytest.fixture
def read_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[Writer], Writer]:
    def reads(writer: Writer) -> Writer:
        monkeypatch.setattr(shutil, "copyfileobj", writer.copy)
        return writer

    return reads


@pytest.mark.parametrize("times", [1, READINGS - 1])
def test_a_file_that_is_written_meanwhile_is_read_again(
    tree: Path, read_by: Callable[[Writer], Writer], times: int
) -> None:
    writer = read_by(Writer(tree / "a.py", times))
    file = io.BytesIO()
    write_tar(tree, file, writer.rest)
    file.seek(0)
    with tarfile.open(fileobj=file) as tar:
        found = tar.extractfile("a.py")
        assert found is not None
        assert found.read() == b"new0 "
    assert writer.rests == times


def test_a_file_that_is_written_all_the_time_is_named(
    tree: Path, read_by: Callable[[Writer], Writer]
) -> None:
    writer = read_by(Writer(tree / "a.py", READINGS))
    with pytest.raises(InvalidSpec, match=r"a\.py is being written: it changed each of 5"):
        write_tar(tree, io.BytesIO(), writer.rest)


def test_a_file_that_is_replaced_meanwhile_is_read_again(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(source: IO[bytes], target: IO[bytes]) -> None:
        target.write(source.read())
        if Path(source.name) == tree / "a.py" and target.tell() == 3:
            (tree / "other").write_text("other")
            (tree / "other").replace(tree / "a.py")

    monkeypatch.setattr(shutil, "copyfileobj", copy)
    file, rests = io.BytesIO(), list[float]()
    write_tar(tree, file, rests.append)
    file.seek(0)
    with tarfile.open(fileobj=file) as tar:
        assert tar.getmember("a.py").size == 5
    assert len(rests) == 1
