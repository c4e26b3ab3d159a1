"""What of a job outlives its attempts: outputs that are collected, caches, results to reuse."""

from enum import StrEnum
from typing import Final

import msgspec

from engine.model.ids import AttemptId, JobId

OUTPUTS_MAX_BYTES: Final = 2**30
"""What one attempt may leave, unless the configuration says otherwise."""

CACHES_MAX_BYTES: Final = 8 * 2**30
"""What the build caches of one host may have, unless the configuration says otherwise."""


class ArtifactType(StrEnum):
    """What an output is for."""

    LOG = "log"
    JUNIT = "junit"
    COVERAGE = "coverage"
    PATCH = "patch"
    OTHER = "other"


class Output(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Files that are collected when an attempt has ended."""

    path: str
    """Relative to the job's folder; `*`, `?` and `[…]` match within one folder."""
    type: ArtifactType = ArtifactType.OTHER
    name: str = ""
    """What people ask for it by; empty: the path that matched."""
    optional: bool = False
    """Nothing is noted if no file matches."""


class BuildCache(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A path that is restored before the command, and stored after its success."""

    name: str
    path: str
    """Relative to the job's folder."""
    key: str = ""
    """What it is good for: another key, another content."""
    files: tuple[str, ...] = ()
    """Globs relative to the job's folder; the digest of what matches belongs to the key."""


class Memo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That an earlier result of the same may stand in for a run."""

    ttl_ms: int
    """How old that result may be, counted from its end."""
    inputs: tuple[str, ...] = ()
    """Absolute paths on the daemon's machine; what they contain belongs to the key."""
    env: tuple[str, ...] = ()
    """Names of the submitter's variables whose values belong to the key."""
    version: str = ""
    """Of the toolchain, or of anything else; text that belongs to the key."""


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """A file that an attempt left, as it is kept."""

    id: int = 0
    """Given by the store."""
    job: JobId
    attempt: AttemptId
    name: str
    type: ArtifactType
    path: str
    """Relative to the job's folder."""
    sha: str
    size: int
    at: int
    """When it was collected, UTC microseconds."""


class Collected(StrEnum):
    """How far the outputs of an attempt have come."""

    OWED = "owed"  # its host has them, as far as we know
    KEPT = "kept"
    LOST = "lost"  # they cannot be had any more


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """The outputs of one attempt that has ended."""

    attempt: AttemptId
    job: JobId
    worker: str
    state: Collected = Collected.OWED
    at: int = 0
    """When that was so, UTC microseconds."""
    tries: int = 0
    missing: tuple[str, ...] = ()
    """Outputs that are not optional, and that no file matched."""
    note: str = ""
    """What is with them, for people."""


class CacheKind(StrEnum):
    """What was looked for."""

    BLOB = "blob"
    MEMO = "memo"
    BUILD = "build"


class CacheCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often something was looked for and found, as a sum."""

    kind: CacheKind
    name: str = ""
    """Of a build cache."""
    hits: int = 0
    misses: int = 0
    restore_ms: int = 0
    store_ms: int = 0
    hit_run_ms: int = 0
    """How long attempts ran that found it."""
    miss_run_ms: int = 0
    """How long those did that did not."""
    size_bytes: int = 0
    """The largest that was seen."""

    @property
    def saved_ms(self) -> int:
        """By how much runs that found it were shorter than those that did not, all together.

        An estimate: 0 where one of the two is missing, or finding it did not help.
        """
        if not self.hits or not self.misses:
            return 0
        faster = self.miss_run_ms / self.misses - self.hit_run_ms / self.hits
        return max(round(faster * self.hits), 0)
