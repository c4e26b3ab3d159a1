"""What outlives attempts: blobs by their use, artifacts, and results to reuse."""

from typing import Any

from engine.model.ids import AttemptId, Epoch, JobId
from engine.model.keeping import (
    Artifact,
    ArtifactType,
    CacheCount,
    CacheKind,
    Collected,
    Collection,
)
from engine.model.states import State
from engine.store.keeping import BlobRow, Leavings
from engine.store.protocol import Store
from tests.engine.store.author import Author
from tests.kit.build import NOW


def sha(letter: str) -> str:
    return letter * 64


def a_blob(letter: str, used_at: int = NOW, size: int = 10) -> BlobRow:
    return BlobRow(sha=sha(letter), size=size, used_at=used_at)


def an_artifact(job: JobId, letter: str = "a", **fields: Any) -> Artifact:
    given: dict[str, Any] = {
        "job": job,
        "attempt": AttemptId(f"{job}-1-1"),
        "name": "report",
        "type": ArtifactType.OTHER,
        "path": f"{letter}.txt",
        "sha": sha(letter),
        "size": 10,
        "at": NOW,
    }
    return Artifact(**(given | fields))


def a_collection(job: JobId, **fields: Any) -> Collection:
    given: dict[str, Any] = {
        "attempt": AttemptId(f"{job}-1-1"),
        "job": job,
        "worker": "local",
        "at": NOW,
    }
    return Collection(**(given | fields))


async def leave(author: Author, **fields: Any) -> None:
    await author.write(author.unit(leavings=Leavings(**fields)))


async def test_a_blob_is_remembered_by_its_last_use(author: Author) -> None:
    store = author.store
    await store.put_blobs(author.epoch, [a_blob("a", NOW), a_blob("b", NOW + 1, size=5)])
    await store.put_blobs(author.epoch, [a_blob("a", NOW + 2), a_blob("b", NOW - 9, size=5)])
    assert await store.blob_bytes() == (2, 15)
    evictable = await store.evictable_blobs(NOW + 9, 10)
    assert [(one.sha[0], one.used_at) for one in evictable] == [("b", NOW + 1), ("a", NOW + 2)]
    assert [one.sha[0] for one in await store.evictable_blobs(NOW + 2, 10)] == ["b"]
    assert [one.sha[0] for one in await store.blobs(sha("a"), 10)] == ["b"]
    await store.forget_blobs(author.epoch, [sha("b")])
    assert await store.blob_bytes() == (1, 10)


async def test_a_daemon_of_the_past_changes_nothing(store: Store) -> None:
    old = Author(store, await store.take_over(NOW))
    await store.take_over(NOW)
    await store.put_blobs(old.epoch, [a_blob("a")])
    assert old.epoch != Epoch(0)
    assert await store.blob_bytes() == (0, 0)


async def test_what_is_needed_is_not_evictable(author: Author) -> None:
    store = author.store
    await store.put_blobs(author.epoch, [a_blob(letter) for letter in "abc"])
    job = await author.submit(frozen=sha("b"))
    await leave(author, artifacts=[an_artifact(job.id, "a")])
    assert [one.sha[0] for one in await store.evictable_blobs(NOW + 1, 10)] == ["c"]
    await author.move(job, state=State.CANCELED, ended_at=NOW)
    assert [one.sha[0] for one in await store.evictable_blobs(NOW + 1, 10)] == ["b", "c"]
    assert await store.drop_artifacts(author.epoch, NOW + 1, 10) == 1
    assert len(await store.evictable_blobs(NOW + 1, 10)) == 3


async def test_text_that_speaks_of_frozen_trees_freezes_nothing(author: Author) -> None:
    store = author.store
    await store.put_blobs(author.epoch, [a_blob("b")])
    await author.submit(metadata={"frozen": sha("b")})
    assert len(await store.evictable_blobs(NOW + 1, 10)) == 1


async def test_artifacts_are_listed_by_job_and_type_newest_first(author: Author) -> None:
    one, other = await author.submit(), await author.submit()
    junit = ArtifactType.JUNIT
    await leave(
        author,
        artifacts=[
            an_artifact(one.id, "a"),
            an_artifact(one.id, "b", type=junit),
            an_artifact(other.id, "c", type=junit),
        ],
    )
    store = author.store
    assert [a.path for a in await store.artifacts()] == ["c.txt", "b.txt", "a.txt"]
    assert [a.path for a in await store.artifacts(job=one.id)] == ["b.txt", "a.txt"]
    assert [a.path for a in await store.artifacts(job=one.id, kind=junit)] == ["b.txt"]
    assert [a.path for a in await store.artifacts(kind=junit)] == ["c.txt", "b.txt"]
    newest = (await store.artifacts(limit=1))[0]
    assert await store.artifact(newest.id) == newest
    assert [a.path for a in await store.artifacts(below=newest.id)] == ["b.txt", "a.txt"]


async def test_artifacts_of_an_attempt_are_kept_once(author: Author) -> None:
    job = await author.submit()
    for _ in range(2):
        await leave(author, artifacts=[an_artifact(job.id)])
    assert len(await author.store.artifacts()) == 1


async def test_outputs_are_owed_until_they_are_kept(author: Author) -> None:
    job = await author.submit()
    store = author.store
    await leave(author, collections=[a_collection(job.id)])
    assert [one.job for one in await store.owed_collections("local", 10)] == [job.id]
    assert await store.owed_collections("elsewhere", 10) == []
    kept = a_collection(job.id, state=Collected.KEPT, tries=2, missing=("*.xml",))
    await leave(author, collections=[kept])
    assert await store.owed_collections("local", 10) == []
    assert await store.collection(kept.attempt) == kept
    await leave(author, collections=[a_collection(job.id, state=Collected.LOST)])
    assert list(await store.collections_of(job.id)) == [kept]


async def test_the_youngest_success_of_a_key_is_found(author: Author) -> None:
    store = author.store
    jobs = [await author.submit() for _ in range(3)]
    for job in jobs:
        await store.note_memo(author.epoch, job.id, b"key", NOW)
    assert await store.memo(b"key", 0) is None
    await author.move(jobs[0], state=State.SUCCEEDED, ended_at=NOW)
    await author.move(jobs[1], state=State.SUCCEEDED, ended_at=NOW + 5)
    await author.move(jobs[2], state=State.FAILED, ended_at=NOW + 9)
    found = await store.memo(b"key", NOW + 1)
    assert found is not None
    assert found.id == jobs[1].id
    assert await store.memo(b"key", NOW + 6) is None
    assert await store.memo(b"other", 0) is None
    assert await store.memo_number() == 2
    assert await store.clear_memos(author.epoch) == 3
    assert await store.memo(b"key", 0) is None


async def test_keys_are_told_of_those_that_have_one(author: Author) -> None:
    store = author.store
    one, other = await author.submit(), await author.submit()
    await store.note_memo(author.epoch, one.id, b"a", NOW)
    await store.note_memo(author.epoch, one.id, b"b", NOW)
    assert await store.memo_keys([one.id, other.id]) == {one.id: b"b"}
    assert await store.memo_keys([other.id]) == {}


async def test_a_result_is_not_reused_while_its_outputs_are_away(author: Author) -> None:
    store = author.store
    job = await author.submit()
    await store.note_memo(author.epoch, job.id, b"key", NOW)
    await author.move(job, state=State.SUCCEEDED, ended_at=NOW)
    await leave(author, collections=[a_collection(job.id)])
    assert await store.memo(b"key", 0) is None
    await leave(author, collections=[a_collection(job.id, state=Collected.KEPT)])
    assert await store.memo(b"key", 0) is not None


async def test_what_was_reused_is_nobody_elses_to_reuse(author: Author) -> None:
    store = author.store
    ran, again = await author.submit(), await author.submit()
    for job in (ran, again):
        await store.note_memo(author.epoch, job.id, b"key", NOW)
        await author.move(job, state=State.SUCCEEDED, ended_at=NOW)
    await leave(author, reuses=[(again.id, ran.id)])
    found = await store.memo(b"key", 0)
    assert found is not None
    assert found.id == ran.id
    await store.note_memo(author.epoch, again.id, b"key", NOW)
    assert await store.reused([again.id]) == {}


async def test_a_result_whose_key_is_another_by_now_goes(author: Author) -> None:
    store = author.store
    job = await author.submit()
    await author.move(job, state=State.SUCCEEDED, ended_at=NOW)
    await store.note_memo(author.epoch, job.id, b"key", NOW)
    await store.keep_memo(author.epoch, job.id, b"key")
    assert await store.memo(b"key", 0) is not None
    await store.keep_memo(author.epoch, job.id, b"other")
    assert await store.memo(b"key", 0) is None


async def test_a_result_goes_with_its_artifacts(author: Author) -> None:
    store = author.store
    job = await author.submit()
    await author.move(job, state=State.SUCCEEDED, ended_at=NOW)
    await store.note_memo(author.epoch, job.id, b"key", NOW)
    await leave(author, artifacts=[an_artifact(job.id, at=NOW)])
    assert await store.drop_artifacts(author.epoch, NOW, 10) == 0
    assert await store.memo(b"key", 0) is not None
    assert await store.drop_artifacts(author.epoch, NOW + 1, 10) == 1
    assert await store.memo(b"key", 0) is None


async def test_who_reuses_a_result_has_its_artifacts(author: Author) -> None:
    one, other = await author.submit(), await author.submit()
    await leave(author, artifacts=[an_artifact(one.id)], reuses=[(other.id, one.id)])
    store = author.store
    assert [a.job for a in await store.artifacts(job=other.id)] == [one.id]
    assert await store.reused([one.id, other.id]) == {other.id: one.id}


async def test_counts_of_caches_add_up(author: Author) -> None:
    store = author.store
    hit = CacheCount(
        kind=CacheKind.BUILD, name="pip", hits=1, restore_ms=5, hit_run_ms=100, size_bytes=7
    )
    miss = CacheCount(kind=CacheKind.BUILD, name="pip", misses=1, miss_run_ms=900, size_bytes=9)
    await leave(author, counts=[hit, miss])
    await store.put_blobs(author.epoch, [], [CacheCount(kind=CacheKind.BLOB, hits=3)])
    blob, build = await store.cache_counts()
    assert blob.hits == 3
    assert (build.hits, build.misses, build.size_bytes, build.saved_ms) == (1, 1, 9, 800)
    await store.clear_cache_counts(author.epoch)
    assert list(await store.cache_counts()) == []
