"""Contexts, results, gates, outputs, frozen trees and caches over a real sshd."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from engine.backends.protocol import HostCache
from engine.errors import Unreachable
from engine.model.checks import Check
from tests.engine.backends.hands import EPOCH
from tests.engine.backends.ssh.conftest import MakeLine
from tests.engine.backends.ssh.test_hosts import MakeHands, make_hands
from tests.kit.sshd import Sshd

__all__ = ["make_hands"]


def frozen(folder: Path, size: int) -> tuple[str, Path]:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        entry = tarfile.TarInfo("./data")
        entry.size = size
        tar.addfile(entry, io.BytesIO(os.urandom(size)))
    data = packed.getvalue()
    sha = hashlib.sha256(data).hexdigest()
    (folder / sha).write_bytes(data)
    return sha, folder / sha


@pytest.mark.parametrize(("python", "size"), [("auto", 2_000_000), ("no", 100_000)])
async def test_all_of_it_on_a_far_host(
    server: Sshd,
    make_line: MakeLine,
    make_hands: MakeHands,
    tmp_path: Path,
    python: str,
    size: int,
) -> None:
    hands = make_hands(make_line(server), python)
    await hands.backend.hello(EPOCH)
    sha, source = frozen(tmp_path, size)
    await hands.backend.give(sha, source)
    script = 'test -e dep || mkdir dep; wc -c <data >size; cat "$CRAB_CONTEXT" >"$CRAB_RESULT"'
    order = {
        "frozen": sha,
        "context": '{"a": 1}',
        "wants_result": True,
        "gate": Check(shell="test -s size"),
        "outputs": ("size", "data"),
        "caches": (HostCache(name="dep", path="dep"),),
    }
    for found in (b"miss:", b"hit:"):
        report = await hands.sh(script, **order)
        assert (await hands.end(report)).code == 0
        assert await hands.log(report, "result") == b'{"a": 1}'
        assert found in await hands.log(report, "notes")
        packed = io.BytesIO(await hands.log(report, "outputs"))
        with tarfile.open(fileobj=packed) as tar:
            assert {member.name: member.size for member in tar}["./data"] == size
        await hands.backend.tidy([report.attempt])


async def test_a_line_that_breaks_costs_no_byte_twice(
    server: Sshd, make_line: MakeLine, make_hands: MakeHands, tmp_path: Path
) -> None:
    line = make_line(server)
    hands = make_hands(line, "auto")
    await hands.backend.hello(EPOCH)
    sha, source = frozen(tmp_path, 1_000_000)
    part = next(tmp_path.glob("**/crabtui/it's")) / "blobs" / f"{sha}.part"
    part.parent.mkdir(mode=0o700)
    part.write_bytes(source.read_bytes()[:600_000])
    await line.drop()
    with pytest.raises(Unreachable):
        await hands.backend.give(sha, source)
    await hands.backend.hello(EPOCH)
    await hands.backend.give(sha, source)
    assert part.with_suffix("").read_bytes() == source.read_bytes()
    assert not part.exists()
