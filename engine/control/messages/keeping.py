"""Artifacts, blobs, results that are reused, and what differs between two attempts."""

from engine.control import views
from engine.control.messages.request import Request, Whole


class ListArtifacts(Request[views.ArtifactsView], frozen=True, tag="artifacts"):
    """What attempts left, newest first."""

    job: Whole | None = None
    type: str | None = None
    """log, junit, coverage, patch or other."""
    below: Whole = 0
    """Only with smaller ids; 0: all."""
    count: Whole = 100


class ReadArtifact(Request[views.BlobPiece], frozen=True, tag="read_artifact"):
    """Some bytes of an artifact. All of it is verified before its first are given."""

    id: Whole
    offset: Whole = 0
    limit: Whole = 2**20


class HasBlob(Request[views.BlobState], frozen=True, tag="has_blob"):
    """Whether a blob is there already."""

    sha: str


class PutBlob(Request[views.BlobState], frozen=True, tag="put_blob"):
    """The next piece of a blob; pieces of one come in order on one connection."""

    sha: str
    """What all of it will be."""
    data: bytes
    """At most 1 MiB."""
    offset: Whole = 0
    last: bool = False
    """It is all there is."""


class ShowCache(Request[views.CacheView], frozen=True, tag="cache"):
    """How much is kept, and how often it helped."""


class ClearCache(Request[views.CacheCleared], frozen=True, tag="clear_cache"):
    """Forget what is only kept to be quicker."""

    results: bool = False
    """Nothing of what ran until now is reused."""
    blobs: bool = False
    """Blobs go that nothing needs."""
    counts: bool = False
    """Hits and misses are counted anew."""


class Diff(Request[views.DiffView], frozen=True, tag="diff"):
    """What differs between two jobs, or two of their attempts."""

    a: Whole
    b: Whole
    a_attempt: Whole | None = None
    """Number of the attempt, from 1; None: the last."""
    b_attempt: Whole | None = None
