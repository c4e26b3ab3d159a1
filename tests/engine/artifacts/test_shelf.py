"""The shelf: what is used stays, what nothing needs goes, and order survives."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.artifacts.folder import Folder
from engine.artifacts.hands import InlineHands
from engine.artifacts.shelf import FRESH_US, JUST_US, Shelf
from engine.clock import ManualClock
from engine.errors import BlobCorrupt, NotFound
from engine.model.ids import AttemptId, Epoch, JobId
from engine.model.keeping import Artifact, ArtifactType
from engine.store.keeping import BlobRow, Leavings
from engine.store.protocol import Store
from engine.store.sqlite.connection import inline
from engine.store.sqlite.store import SqliteStore
from engine.store.units import Unit
from tests.kit.build import NOW


class Kept:
    """A shelf with its store, as the daemon has them."""

    def __init__(self, root: Path, store: Store, epoch: Epoch, clock: ManualClock) -> None:
        self.root = root
        self.store = store
        self.epoch = epoch
        self.clock = clock
        self.shelf = self.again()

    def again(self) -> Shelf:
        """As a new daemon has it."""
        folder = Folder(self.root)
        return Shelf(
            folder, self.store, InlineHands(), self.clock, epoch=self.epoch, max_bytes=25
        )

    async def write_down(self) -> None:
        used, counts = self.shelf.noted()
        rows = [BlobRow(sha=sha, size=size, used_at=at) for sha, size, at in used]
        await self.store.put_blobs(self.epoch, rows, counts)

    async def put(self, text: str) -> str:
        self.clock.advance(1)
        sha = (await self.shelf.put_bytes(text.encode())).sha
        await self.write_down()
        return sha

    def there(self) -> set[str]:
        return {blob.sha for blob, _ in Folder(self.root).found()}


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Kept]:
    clock = ManualClock(NOW)
    store = await SqliteStore.open(tmp_path / "jobs.sqlite", clock, connect=inline)
    kept = Kept(tmp_path / "blobs", store, await store.take_over(NOW), clock)
    await kept.shelf.prepare()
    await kept.shelf.settle()
    yield kept
    await store.close()


async def test_what_was_used_longest_ago_goes_first(kept: Kept) -> None:
    first, second, third = [await kept.put(letter * 10) for letter in "abc"]
    kept.clock.advance(FRESH_US / 1_000_000 + 10)
    await kept.shelf.read(first, 0, 1)
    await kept.write_down()
    assert await kept.shelf.evict() == 1
    assert kept.there() == {first, third}
    with pytest.raises(NotFound):
        await kept.shelf.read(second, 0, 1)


async def test_the_order_survives_a_new_daemon(kept: Kept) -> None:
    first, second, third = [await kept.put(letter * 10) for letter in "abc"]
    await kept.shelf.has(first)
    await kept.write_down()
    kept.shelf = kept.again()
    await kept.shelf.settle()
    await kept.write_down()
    kept.clock.advance(FRESH_US / 1_000_000 + 10)
    await kept.shelf.evict()
    assert second not in kept.there()
    assert {first, third} <= kept.there()


async def test_what_is_fresh_is_not_evicted(kept: Kept) -> None:
    for letter in "abc":
        await kept.put(letter * 10)
    assert await kept.shelf.evict() == 0


async def test_what_an_artifact_is_stays(kept: Kept) -> None:
    shas = [await kept.put(letter * 10) for letter in "abc"]
    artifact = Artifact(
        job=JobId(1),
        attempt=AttemptId("1-1-1"),
        name="a",
        type=ArtifactType.OTHER,
        path="a",
        sha=shas[0],
        size=10,
        at=NOW,
    )
    left = Leavings(artifacts=[artifact])
    await kept.store.write([Unit(epoch=kept.epoch, leavings=left)])
    kept.clock.advance(FRESH_US / 1_000_000 + 10)
    assert await kept.shelf.evict() == 1
    assert kept.there() == {shas[0], shas[2]}
    assert await kept.shelf.clear() == 1
    assert kept.there() == {shas[0]}


async def test_what_was_used_and_is_not_written_down_yet_is_not_evicted(kept: Kept) -> None:
    first, _, third = [await kept.put(letter * 10) for letter in "abc"]
    kept.clock.advance(FRESH_US / 1_000_000 + 10)
    await kept.shelf.has(first)
    assert await kept.shelf.evict() == 1
    assert kept.there() == {first, third}


async def test_what_is_just_being_brought_is_not_cleared(kept: Kept) -> None:
    sha = await kept.put("a tree that a job is about to name")
    assert await kept.shelf.clear() == 0
    kept.clock.advance(JUST_US / 1_000_000 + 1)
    assert await kept.shelf.has(sha)
    assert await kept.shelf.clear() == 0
    kept.clock.advance(JUST_US / 1_000_000 + 1)
    assert await kept.shelf.clear() == 1
    assert kept.there() == set()


async def test_folder_and_index_agree_after_a_crash(kept: Kept) -> None:
    known, removed = await kept.put("known"), await kept.put("removed")
    kept.clock.advance(1)
    unknown = (await kept.shelf.put_bytes(b"unknown")).sha
    Folder(kept.root).remove(removed)
    kept.shelf = kept.again()
    await kept.shelf.settle()
    await kept.write_down()
    assert [row.sha for row in await kept.store.blobs("", 10)] == sorted([known, unknown])


async def test_a_corrupt_blob_is_told_once_and_can_be_put_anew(kept: Kept) -> None:
    sha = await kept.put("hello")
    Folder(kept.root).path(sha).write_bytes(b"jello")
    with pytest.raises(BlobCorrupt):
        await kept.shelf.read(sha, 0, 10)
    assert not await kept.shelf.has(sha)
    assert await kept.put("hello") == sha
    assert await kept.shelf.read(sha, 0, 10) == b"hello"


async def test_hits_and_misses_are_counted_until_they_are_written(kept: Kept) -> None:
    sha = await kept.put("hello")
    await kept.shelf.has(sha)
    await kept.shelf.has("0" * 64)
    used, counts = kept.shelf.noted()
    assert [(one.hits, one.misses) for one in counts] == [(1, 1)]
    assert kept.shelf.noted() == ([], [])
    kept.shelf.take_back(used, counts)
    assert kept.shelf.noted() == (used, counts)


async def test_pieces_make_one_blob(kept: Kept) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"he", b"llo"):
            yield piece

    blob = await kept.shelf.put(pieces())
    assert await kept.shelf.read(blob.sha, 0, 10) == b"hello"
    with pytest.raises(BlobCorrupt):
        await kept.shelf.put(pieces(), "0" * 64)
    assert kept.there() == {blob.sha}
