"""Artifacts, blobs, caches, and what differs, as clients read them."""

from engine.control.views.view import View


class ArtifactView(View, frozen=True):
    """A file that an attempt left."""

    id: int
    job: int
    attempt: str
    name: str
    type: str
    path: str
    """Relative to the job's folder; never absolute, never with `..`."""
    sha: str
    size: int
    at: int


class CollectionView(View, frozen=True):
    """How far the outputs of an attempt have come."""

    attempt: str
    worker: str
    state: str
    """`owed`: still on their host, as far as we know; `kept`; `lost`."""
    at: int
    tries: int = 0
    missing: tuple[str, ...] = ()
    note: str = ""


class ArtifactsView(View, frozen=True):
    """A part of the list, newest first."""

    artifacts: tuple[ArtifactView, ...]
    collections: tuple[CollectionView, ...] = ()
    """Of one job's attempts, if it was asked for."""
    reused: int | None = None
    """The job whose result, and whose artifacts these are; None: they are its own."""
    next: int | None = None
    """Ask for what is `below` it; None: there is no more."""


class BlobPiece(View, frozen=True):
    """Some bytes of something."""

    data: bytes
    offset: int
    size: int
    sha: str


class BlobState(View, frozen=True):
    """How much of a blob is there."""

    sha: str
    whole: bool
    size: int


class CacheCountView(View, frozen=True):
    """How often something was looked for and found."""

    kind: str
    """blob, memo or build."""
    name: str
    hits: int
    misses: int
    restore_ms: int
    store_ms: int
    saved_ms: int
    """An estimate: by how much runs that found it were shorter, all together."""
    size_bytes: int


class CacheView(View, frozen=True):
    """What is kept, and how often it helped."""

    blobs: int
    bytes: int
    max_bytes: int
    results: int
    """How many may be reused."""
    counts: tuple[CacheCountView, ...]


class CacheCleared(View, frozen=True):
    """What went."""

    results: int = 0
    blobs: int = 0


class DiffSide(View, frozen=True):
    """One of two attempts that are compared."""

    id: int
    attempt: str
    """Empty: the job has had none."""
    name: str
    state: str
    frozen: str = ""


class FieldDiff(View, frozen=True):
    """One thing that differs; JSON text, empty where it is not said."""

    part: str
    """spec, env or outcome."""
    path: str
    a: str
    b: str


class FileDiff(View, frozen=True):
    """A file of the frozen trees that differs."""

    path: str
    change: str
    """added, removed, changed or mode."""
    diff: str = ""
    """Unified; empty if it is no text, too large, or only its mode differs."""


class DiffView(View, frozen=True):
    """What differs between two attempts."""

    a: DiffSide
    b: DiffSide
    fields: tuple[FieldDiff, ...]
    files: tuple[FileDiff, ...] = ()
    note: str = ""
    """What could not be compared, and why; or how much was left out."""
