"""Full disks where outputs, caches and blobs are kept: no end is lost, and none changes."""

import hashlib
from pathlib import Path

import pytest

from engine.backends.protocol import HostCache
from engine.errors import Unreachable
from engine.model.ids import Epoch
from tests.engine.backends.conftest import MakeHands
from tests.engine.backends.test_local_survival import fill, full_disk


async def test_a_full_disk_keeps_nothing_and_changes_no_end(
    make_hands: MakeHands, root: Path, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    cache = HostCache(name="dep", path="big")
    script = f"echo ready; head -c 50000 /dev/zero >big; until [ -e {go} ]; do sleep 0.02; done"
    with full_disk(root):
        hands = await make_hands(Epoch(1))
        report = await hands.sh(script, cwd=str(tmp_path), outputs=("big",), caches=(cache,))
        await hands.wait_log(report, b"ready")
        fill(root)
        go.touch()
        end = await hands.end(report)
        assert (end.state, end.code, end.why) == ("exited", 0, None)
        assert await hands.log(end, "outputs") == b""
        assert list(root.glob("caches/*/*.tar")) == []
        (root / "ballast").unlink()
        await hands.backend.tidy([end.attempt])
        again = await hands.end(
            await hands.sh("true", cwd=str(tmp_path), outputs=("big",), caches=(cache,))
        )
        assert again.code == 0
        assert len(await hands.log(again, "outputs")) > 50_000


async def test_what_a_full_disk_did_not_take_comes_later(
    make_hands: MakeHands, root: Path, tmp_path: Path
) -> None:
    data = bytes(range(256)) * 200
    sha = hashlib.sha256(data).hexdigest()
    (tmp_path / sha).write_bytes(data)
    with full_disk(root):
        hands = await make_hands(Epoch(1))
        fill(root)
        with pytest.raises(Unreachable):
            await hands.backend.give(sha, tmp_path / sha)
        assert not (root / "blobs" / sha).exists()
        (root / "ballast").unlink()
        await hands.backend.give(sha, tmp_path / sha)
        assert (root / "blobs" / sha).read_bytes() == data
