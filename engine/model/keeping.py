"""What of a job outlives its attempts: outputs that are collected, caches, results to reuse."""

from enum import StrEnum

import msgspec


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
