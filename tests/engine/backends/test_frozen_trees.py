"""Frozen trees: a blob is given to a host once, and each attempt runs in a fresh copy of it."""

import asyncio
import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from engine.backends.stream_shell import PIECE_BYTES
from engine.errors import InvalidSpec
from engine.model.checks import Check
from tests.engine.backends.hands import Hands
from tests.kit.waiting import wait_until


def a_blob(folder: Path, data: bytes) -> tuple[str, Path]:
    sha = hashlib.sha256(data).hexdigest()
    folder.mkdir(exist_ok=True)
    path = folder / sha
    path.write_bytes(data)
    return sha, path


def a_tree(folder: Path, **files: str) -> tuple[str, Path]:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"./src/{name}")
            entry.size, entry.mode = len(text), 0o755
            tar.addfile(entry, io.BytesIO(text.encode()))
    return a_blob(folder, packed.getvalue())


@pytest.fixture
def blobs(tmp_path: Path) -> Path:
    return tmp_path / "it's here"


@pytest.mark.parametrize("size", [0, 1, 100_000])
async def test_what_is_given_arrives_once(
    hands: Hands, blobs: Path, root: Path, size: int
) -> None:
    sha, source = a_blob(blobs, os.urandom(size))
    await hands.backend.give(sha, source)
    there = root / "blobs" / sha
    assert there.read_bytes() == source.read_bytes()
    before = there.stat().st_ino
    await hands.backend.give(sha, source)
    assert there.stat().st_ino == before
    assert [file.name for file in (root / "blobs").iterdir()] == [sha]


async def test_what_was_cut_off_goes_on(hands: Hands, blobs: Path, root: Path) -> None:
    data = os.urandom(3 * PIECE_BYTES["sh"])
    sha, source = a_blob(blobs, data)
    (root / "blobs").mkdir(mode=0o700)
    (root / "blobs" / f"{sha}.part").write_bytes(data[:20_000])
    await hands.backend.give(sha, source)
    assert (root / "blobs" / sha).read_bytes() == data


async def test_what_is_not_what_its_name_says_is_refused(
    hands: Hands, blobs: Path, root: Path
) -> None:
    sha, source = a_blob(blobs, b"a" * 1000)
    source.write_bytes(b"b" * 1000)
    with pytest.raises(InvalidSpec, match=f"what came is not {sha}"):
        await hands.backend.give(sha, source)
    assert list((root / "blobs").iterdir()) == []
    source.write_bytes(b"a" * 1000)
    await hands.backend.give(sha, source)


@pytest.mark.parametrize("sha", ["", "x", "../../etc/passwd", "A" * 64])
async def test_what_is_no_name_is_refused(hands: Hands, blobs: Path, sha: str) -> None:
    _, source = a_blob(blobs, b"a")
    with pytest.raises(InvalidSpec):
        await hands.backend.give(sha or "-", source)


async def test_two_who_give_the_same(hands: Hands, blobs: Path, root: Path) -> None:
    sha, source = a_blob(blobs, os.urandom(100_000))
    await asyncio.gather(*(hands.backend.give(sha, source) for _ in range(3)))
    assert (root / "blobs" / sha).read_bytes() == source.read_bytes()


async def test_what_nobody_wants_goes(hands: Hands, blobs: Path, root: Path) -> None:
    old, source = a_blob(blobs, b"old")
    new, other = a_blob(blobs, b"new")
    await hands.backend.give(old, source)
    await hands.backend.give(new, other)
    part = root / "blobs" / f"{'0' * 64}.part"
    part.write_bytes(b"half")
    a_month_ago = (root / "blobs" / new).stat().st_mtime - 30 * 86_400
    for file in (root / "blobs" / old, part):
        os.utime(file, (a_month_ago, a_month_ago))
    await hands.backend.hello(hands.epoch)
    assert [file.name for file in (root / "blobs").iterdir()] == [new]


async def test_each_attempt_has_a_fresh_copy(hands: Hands, blobs: Path, root: Path) -> None:
    sha, source = a_tree(blobs, run="#!/bin/sh\necho v1; pwd -P; echo dirt >>run\n")
    await hands.backend.give(sha, source)
    for _ in range(2):
        report = await hands.start(
            "./src/run", frozen=sha, cwd="/nowhere", gate=Check(shell="cat src/run | wc -l")
        )
        end = await hands.end(report)
        assert (end.code, end.why) == (0, None)
        place = root / "trees" / report.attempt
        assert (await hands.log(report)).decode().split() == ["v1", str(place), "2"]
        wait_until(lambda place=place: not place.exists())  # type: ignore[misc]


async def test_outputs_and_closed_folders_of_a_tree(
    hands: Hands, blobs: Path, root: Path
) -> None:
    sha, source = a_tree(blobs, a="1")
    await hands.backend.give(sha, source)
    script = "mkdir out closed; cp src/a out/b; touch closed/x; chmod 0 closed"
    report = await hands.sh(script, frozen=sha, outputs=("out/*",))
    assert (await hands.end(report)).code == 0
    packed = io.BytesIO(await hands.log(report, "outputs"))
    with tarfile.open(fileobj=packed) as tar:
        assert tar.getnames() == ["./out/b"]
    wait_until(lambda: list((root / "trees").iterdir()) == [])


async def test_a_tree_that_was_not_given(hands: Hands, root: Path) -> None:
    end = await hands.run("true", frozen="0" * 64)
    assert (end.why, end.code) == ("fetch", None)
    assert f"cannot unpack its frozen code: {'0' * 64} is not on this host" in end.message


async def test_a_blob_with_a_flipped_bit_is_not_run(
    hands: Hands, blobs: Path, root: Path
) -> None:
    sha, source = a_tree(blobs, run="#!/bin/sh\necho v1\n")
    await hands.backend.give(sha, source)
    there = root / "blobs" / sha
    there.write_bytes(there.read_bytes().replace(b"echo v1", b"echo v2"))
    end = await hands.run("./src/run", frozen=sha)
    assert (end.why, end.code) == ("fetch", None)
    assert "is damaged on this host" in end.message
    await hands.backend.give(sha, source)
    report = await hands.start("./src/run", frozen=sha)
    assert (await hands.end(report)).code == 0
    assert (await hands.log(report)) == b"v1\n"


async def test_a_blob_that_is_no_tar(hands: Hands, blobs: Path, root: Path) -> None:
    sha, source = a_blob(blobs, b"no tar" * 500)
    await hands.backend.give(sha, source)
    end = await hands.run("true", frozen=sha)
    assert (end.why, end.code) == ("fetch", None)
    assert "cannot unpack its frozen code: " in end.message
    wait_until(lambda: list((root / "trees").iterdir()) == [])


async def test_the_tree_of_one_whose_supervisor_was_killed_goes_with_it(
    hands: Hands, blobs: Path, root: Path
) -> None:
    sha, source = a_tree(blobs, a="1")
    await hands.backend.give(sha, source)
    report = await hands.sh("echo ready; kill -9 $PPID; kill -9 $$", frozen=sha)
    end = await hands.end(report)
    assert end.state == "lost"
    assert (root / "trees" / report.attempt).is_dir()
    await hands.backend.tidy([report.attempt])
    wait_until(lambda: list((root / "trees").iterdir()) == [])
