"""Blobs, artifacts and results to reuse: rows in, rows out."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from engine.model.ids import AttemptId, Epoch, JobId
from engine.model.job import Job
from engine.model.keeping import (
    Artifact,
    ArtifactType,
    CacheCount,
    CacheKind,
    Collected,
)
from engine.model.keeping import Collection as Outputs
from engine.store.keeping import BlobRow, Leavings
from engine.store.sqlite import reads
from engine.store.sqlite.connection import QUERIES

T = TypeVar("T")

LAST_ID = 2**63 - 1


class KeepingStore:
    """Of `engine.store.keeping.Keeping` all; for the store to inherit."""

    async def _look(self, work: Callable[[sqlite3.Connection], T]) -> T:
        raise NotImplementedError

    async def _list(self, work: Callable[[sqlite3.Connection], T]) -> T:
        raise NotImplementedError

    async def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        raise NotImplementedError

    async def _own(
        self, epoch: Epoch, work: Callable[[sqlite3.Connection], T], otherwise: T
    ) -> T:
        """The result of a write of the newest daemon; another's writes nothing."""
        return await self._transact(partial(_if_newest, epoch, work, otherwise))

    async def put_blobs(
        self, epoch: Epoch, blobs: Sequence[BlobRow], counts: Sequence[CacheCount] = ()
    ) -> None:
        await self._own(epoch, partial(_put_blobs, blobs=blobs, counts=counts), None)

    async def forget_blobs(self, epoch: Epoch, shas: Sequence[str]) -> None:
        await self._own(epoch, partial(_forget_blobs, shas=shas), None)

    async def blobs(self, after: str, limit: int) -> Sequence[BlobRow]:
        return await self._look(partial(_blobs, name="blobs", after=after, limit=limit))

    async def blob_bytes(self) -> tuple[int, int]:
        [(number, size)] = await self._list(_totals)
        return number, size

    async def evictable_blobs(self, used_before_at: int, limit: int) -> Sequence[BlobRow]:
        name = "evictable_blobs"
        return await self._list(
            partial(_blobs, name=name, used_before_at=used_before_at, limit=limit)
        )

    async def owed_collections(self, worker: str, limit: int) -> Sequence[Outputs]:
        name = "owed_collections"
        return await self._look(partial(_outputs, name=name, worker=worker, limit=limit))

    async def collection(self, attempt: str) -> Outputs | None:
        found = await self._look(partial(_outputs, name="collection", attempt=attempt))
        return found[0] if found else None

    async def collections_of(self, job: JobId) -> Sequence[Outputs]:
        return await self._look(partial(_outputs, name="collections_of", job=job))

    async def artifacts(
        self,
        *,
        job: JobId | None = None,
        kind: ArtifactType | None = None,
        below: int = 0,
        limit: int = 100,
    ) -> Sequence[Artifact]:
        asked: dict[str, Any] = {"below": below or LAST_ID, "limit": limit}
        word = None if kind is None else kind.value
        if job is not None:
            asked |= {"name": "artifacts_of_job", "job": job, "type": word}
        elif word is not None:
            asked |= {"name": "artifacts_of_type", "type": word}
        else:
            asked["name"] = "artifacts_all"
        return await self._list(partial(_artifacts, **asked))

    async def artifact(self, number: int) -> Artifact | None:
        found = await self._look(partial(_artifacts, name="artifact", id=number))
        return found[0] if found else None

    async def drop_artifacts(self, epoch: Epoch, before_at: int, limit: int) -> int:
        named = {"before_at": before_at, "limit": limit}
        return await self._own(epoch, partial(_drop_artifacts, named=named), 0)

    async def note_memo(self, epoch: Epoch, job: JobId, key: bytes, at: int) -> None:
        named = {"job": job, "key": key, "at": at}
        await self._own(epoch, partial(_note_memo, named=named), None)

    async def keep_memo(self, epoch: Epoch, job: JobId, key: bytes) -> None:
        named = {"job": job, "key": key}
        await self._own(epoch, partial(_changed, name="keep_memo", named=named), 0)

    async def memo_keys(self, jobs: Collection[JobId]) -> Mapping[JobId, bytes]:
        return await self._look(partial(_memo_keys, jobs=json.dumps(sorted(jobs))))

    async def memo(self, key: bytes, ended_after_at: int) -> Job | None:
        return await self._look(partial(_memo, key=key, ended_after_at=ended_after_at))

    async def clear_memos(self, epoch: Epoch) -> int:
        return await self._own(epoch, partial(_changed, name="clear_memos", named={}), 0)

    async def memo_number(self) -> int:
        number: int = await self._list(partial(reads.one, name="memo_number"))
        return number

    async def reused(self, jobs: Collection[JobId]) -> Mapping[JobId, JobId]:
        asked = json.dumps(sorted(jobs))
        found = await self._look(partial(_reused, jobs=asked))
        return {JobId(job): JobId(of) for job, of in found}

    async def cache_counts(self) -> Sequence[CacheCount]:
        return await self._look(_counts)

    async def clear_cache_counts(self, epoch: Epoch) -> None:
        await self._own(epoch, partial(_changed, name="clear_cache_counts", named={}), 0)


def write_leavings(db: sqlite3.Connection, left: Leavings) -> None:
    """What a unit says of what outlives attempts."""
    for one in left.collections:
        missing = json.dumps(one.missing)
        row = (one.attempt, one.job, one.worker, one.state.value, one.at, one.tries)
        db.execute(QUERIES["put_collection"], (*row, missing, one.note))
    for made in left.artifacts:
        head = (made.job, made.attempt, made.name, made.type.value, made.path)
        db.execute(QUERIES["put_artifact"], (*head, made.sha, made.size, made.at))
    for job, of in left.reuses:
        db.execute(QUERIES["put_reuse"], (job, of))
        db.execute(QUERIES["forget_memo"], (job,))
    _add_counts(db, left.counts)


def _if_newest(
    epoch: Epoch, work: Callable[[sqlite3.Connection], T], otherwise: T, db: sqlite3.Connection
) -> T:
    (newest, _) = db.execute(QUERIES["begin_group"]).fetchone()
    return work(db) if newest == epoch else otherwise


def _put_blobs(
    db: sqlite3.Connection, blobs: Sequence[BlobRow], counts: Sequence[CacheCount]
) -> None:
    db.executemany(QUERIES["put_blob"], [(one.sha, one.size, one.used_at) for one in blobs])
    _add_counts(db, counts)


def _forget_blobs(db: sqlite3.Connection, shas: Sequence[str]) -> None:
    db.executemany(QUERIES["forget_blob"], [(sha,) for sha in shas])


def _add_counts(db: sqlite3.Connection, counts: Iterable[CacheCount]) -> None:
    for one in counts:
        head = (one.kind.value, one.name, one.hits, one.misses, one.restore_ms, one.store_ms)
        last = (one.hit_run_ms, one.miss_run_ms, one.size_bytes)
        db.execute(QUERIES["add_cache_count"], (*head, *last))


def _changed(db: sqlite3.Connection, name: str, named: Mapping[str, Any]) -> int:
    return db.execute(QUERIES[name], named).rowcount


def _drop_artifacts(db: sqlite3.Connection, named: Mapping[str, Any]) -> int:
    db.execute(QUERIES["drop_memos"], named)
    return db.execute(QUERIES["drop_artifacts"], named).rowcount


def _note_memo(db: sqlite3.Connection, named: Mapping[str, Any]) -> None:
    db.execute(QUERIES["put_memo"], named)
    db.execute(QUERIES["forget_reuse"], (named["job"],))


def _blobs(db: sqlite3.Connection, name: str, **asked: Any) -> list[BlobRow]:
    found = reads.rows(db, name, **asked)
    return [BlobRow(sha=sha, size=size, used_at=at) for sha, size, at in found]


def _outputs(db: sqlite3.Connection, name: str, **asked: Any) -> list[Outputs]:
    return [
        Outputs(
            attempt=AttemptId(attempt),
            job=JobId(job),
            worker=worker,
            state=Collected(state),
            at=at,
            tries=tries,
            missing=tuple(json.loads(missing)),
            note=note,
        )
        for attempt, job, worker, state, at, tries, missing, note in reads.rows(
            db, name, **asked
        )
    ]


def _artifacts(db: sqlite3.Connection, name: str, **asked: Any) -> list[Artifact]:
    return [
        Artifact(
            id=number,
            job=JobId(job),
            attempt=AttemptId(attempt),
            name=label,
            type=ArtifactType(kind),
            path=path,
            sha=sha,
            size=size,
            at=at,
        )
        for number, job, attempt, label, kind, path, sha, size, at in reads.rows(
            db, name, **asked
        )
    ]


def _totals(db: sqlite3.Connection) -> list[tuple[int, int]]:
    return [(number, size) for number, size in reads.rows(db, "blob_bytes")]


def _reused(db: sqlite3.Connection, jobs: str) -> list[tuple[int, int]]:
    return [(job, of) for job, of in reads.rows(db, "reused", jobs=jobs)]


def _memo_keys(db: sqlite3.Connection, jobs: str) -> dict[JobId, bytes]:
    return {JobId(job): key for job, key in reads.rows(db, "memo_keys", jobs=jobs)}


def _memo(db: sqlite3.Connection, key: bytes, ended_after_at: int) -> Job | None:
    of = reads.one(db, name="memo", key=key, ended_after_at=ended_after_at)
    return None if of is None else reads.jobs(db, [of])[0]


def _counts(db: sqlite3.Connection) -> list[CacheCount]:
    return [
        CacheCount(
            kind=CacheKind(kind),
            name=name,
            hits=hits,
            misses=misses,
            restore_ms=restore_ms,
            store_ms=store_ms,
            hit_run_ms=hit_run_ms,
            miss_run_ms=miss_run_ms,
            size_bytes=size_bytes,
        )
        for (
            kind,
            name,
            hits,
            misses,
            restore_ms,
            store_ms,
            hit_run_ms,
            miss_run_ms,
            size_bytes,
        ) in reads.rows(db, "cache_counts")
    ]
