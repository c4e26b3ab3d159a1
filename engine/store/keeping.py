"""Keeping: the part of a store that knows blobs, artifacts, and results to reuse."""

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.model.ids import Epoch, JobId
from engine.model.job import Job
from engine.model.keeping import Artifact, ArtifactType, CacheCount, Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Leavings:
    """What a unit says of the things that outlive attempts."""

    collections: Sequence[Collection] = ()
    artifacts: Sequence[Artifact] = ()
    """Of an attempt whose artifacts are kept already, nothing is written."""
    reuses: Sequence[tuple[JobId, JobId]] = ()
    """(job, the one whose result stands in for its run)."""
    counts: Sequence[CacheCount] = ()
    """To be added to what was counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobRow:
    """A blob as the store remembers it."""

    sha: str
    size: int
    used_at: int


class Keeping(Protocol):
    """Blobs by how lately they were used; artifacts; keys of results."""

    async def put_blobs(
        self, epoch: Epoch, blobs: Sequence[BlobRow], counts: Sequence[CacheCount] = ()
    ) -> None:
        """Remember blobs, or when they were used last; never that it was earlier."""
        ...

    async def forget_blobs(self, epoch: Epoch, shas: Sequence[str]) -> None: ...

    async def blobs(self, after: str, limit: int) -> Sequence[BlobRow]:
        """Blobs past a name, in order of name."""
        ...

    async def blob_bytes(self) -> tuple[int, int]:
        """How many blobs there are, and how many bytes they have together."""
        ...

    async def evictable_blobs(self, used_before_at: int, limit: int) -> Sequence[BlobRow]:
        """Blobs that nothing needs, the one that was used longest ago first.

        What an artifact is, and the frozen tree of a job that has not ended, are needed.
        """
        ...

    async def owed_collections(self, worker: str, limit: int) -> Sequence[Collection]:
        """Outputs that a worker still has for us, oldest first."""
        ...

    async def collection(self, attempt: str) -> Collection | None: ...

    async def collections_of(self, job: JobId) -> Sequence[Collection]: ...

    async def artifacts(
        self,
        *,
        job: JobId | None = None,
        kind: ArtifactType | None = None,
        below: int = 0,
        limit: int = 100,
    ) -> Sequence[Artifact]:
        """Artifacts, newest first.

        Args:
            job: Of this one, or of the one whose result stands in for its run.
            kind: Only such.
            below: Only with smaller ids; 0: all.
            limit: So many at most.
        """
        ...

    async def artifact(self, number: int) -> Artifact | None: ...

    async def drop_artifacts(self, epoch: Epoch, before_at: int, limit: int) -> int:
        """Forget artifacts that were collected before; how many. Their blobs may then go.

        Results that they belong to are not reused any more.
        """
        ...

    async def note_memo(self, epoch: Epoch, job: JobId, key: bytes, at: int) -> None:
        """A job is about to run: under this key its result may be reused.

        Nobody else's stands in for its run any more.
        """
        ...

    async def keep_memo(self, epoch: Epoch, job: JobId, key: bytes) -> None:
        """Have a job's result not be reused if it was noted under another key."""
        ...

    async def memo_keys(self, jobs: Some[JobId]) -> Mapping[JobId, bytes]:
        """The keys under which these jobs were noted, of those that were."""
        ...

    async def memo(self, key: bytes, ended_after_at: int) -> Job | None:
        """The job that succeeded last under a key, not earlier than that, outputs and all."""
        ...

    async def clear_memos(self, epoch: Epoch) -> int:
        """Have nothing be reused of what ran until now; of how many jobs."""
        ...

    async def memo_number(self) -> int:
        """How many results there are to reuse."""
        ...

    async def reused(self, jobs: Some[JobId]) -> Mapping[JobId, JobId]:
        """Of these jobs, whose result stands in for their run."""
        ...

    async def cache_counts(self) -> Sequence[CacheCount]:
        """How often things were found, by kind and name."""
        ...

    async def clear_cache_counts(self, epoch: Epoch) -> None: ...
