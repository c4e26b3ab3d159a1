"""Blobs on disk: all of one or nothing, and never what its name does not say."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.artifacts.folder import Folder
from engine.errors import BlobCorrupt, NotFound, StoreFull


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "blobs")
    made.prepare()
    return made


def put(folder: Folder, data: bytes, expected: str = "") -> str:
    incoming = folder.begin()
    incoming.write(data)
    return incoming.finish(expected).sha


def sha_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def files(folder: Folder) -> list[str]:
    return [path.name for path in folder.root.rglob("*") if path.is_file()]


def test_a_blob_lies_under_its_sha(folder: Folder) -> None:
    sha = put(folder, b"hello")
    assert sha == sha_of(b"hello")
    assert folder.path(sha) == folder.root / sha[:2] / sha[2:4] / sha
    assert folder.verify(sha) == 5
    assert folder.read(sha, 1, 3) == b"ell"
    assert [blob.sha for blob, _ in folder.found()] == [sha]


def test_two_writers_of_one_blob_both_succeed(folder: Folder) -> None:
    one, other = folder.begin(), folder.begin()
    for writer in (one, other):
        writer.write(b"the same")
    assert one.finish() == other.finish()
    assert files(folder) == [sha_of(b"the same")]


def test_a_flipped_bit_is_found_and_set_aside(folder: Folder) -> None:
    sha = put(folder, b"hello")
    data = bytearray(folder.path(sha).read_bytes())
    data[2] ^= 1
    folder.path(sha).write_bytes(data)
    with pytest.raises(BlobCorrupt, match="set aside"):
        folder.verify(sha)
    with pytest.raises(NotFound):
        folder.verify(sha)
    [aside] = (folder.root / "aside").iterdir()
    assert aside.read_bytes() == data
    assert put(folder, b"hello") == sha
    assert folder.verify(sha) == 5


def test_two_readers_of_a_damaged_blob_both_hear_of_it(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = put(folder, b"hello")
    folder.path(sha).write_bytes(b"jello")
    pieces = folder._pieces

    def outrun(name: str) -> Iterator[bytes]:
        yield from pieces(name)
        monkeypatch.undo()
        with pytest.raises(BlobCorrupt):
            folder.verify(name)

    monkeypatch.setattr(folder, "_pieces", outrun)
    with pytest.raises(NotFound):
        folder.verify(sha)


def test_what_is_no_file_is_no_blob(folder: Folder) -> None:
    folder.path("a" * 64).mkdir(parents=True)
    assert list(folder.found()) == []


def test_a_truncated_blob_is_found(folder: Folder) -> None:
    sha = put(folder, b"hello")
    folder.path(sha).write_bytes(b"hel")
    with pytest.raises(BlobCorrupt):
        folder.verify(sha)


def test_what_is_not_what_was_expected_leaves_nothing(folder: Folder) -> None:
    with pytest.raises(BlobCorrupt):
        put(folder, b"hello", sha_of(b"other"))
    assert files(folder) == []


def test_what_a_dead_writer_left_is_removed(folder: Folder) -> None:
    torn = folder.begin()
    torn.write(b"half of it")
    assert len(files(folder)) == 1
    Folder(folder.root).prepare()
    assert files(folder) == []
    torn.drop()


def test_a_full_disk_is_told_and_leaves_nothing(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    incoming = folder.begin()
    incoming.write(b"fits")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreFull, match="No space left"):
        incoming.finish()
    assert files(folder) == []


def test_a_blob_and_its_name_are_brought_to_disk(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []

    def sync(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))

    monkeypatch.setattr(os, "fsync", sync)
    put(folder, b"hello")
    assert synced == [False, True]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "/x"])
def test_only_a_sha_names_a_blob(folder: Folder, name: str) -> None:
    with pytest.raises(NotFound):
        folder.path(name)


def test_what_was_set_aside_goes_once_it_is_old(folder: Folder) -> None:
    sha = put(folder, b"hello")
    folder.path(sha).write_bytes(b"jello")
    with pytest.raises(BlobCorrupt):
        folder.verify(sha)
    [aside] = (folder.root / "aside").iterdir()
    at = aside.stat().st_ctime_ns // 1000
    assert folder.empty_aside(at) == 0
    assert aside.exists()
    assert folder.empty_aside(at + 1) == 1
    assert not aside.exists()


def test_there_may_be_nothing_aside(tmp_path: Path) -> None:
    assert Folder(tmp_path / "none").empty_aside(1) == 0
