"""`artifacts` and `read_artifact`: what attempts left."""

from typing import Final

from engine.control.messages import ListArtifacts, ReadArtifact
from engine.control.views import ArtifactsView, ArtifactView, BlobPiece, CollectionView
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec, NotFound
from engine.model.ids import JobId
from engine.model.keeping import Artifact, ArtifactType, Collection
from engine.model.words import nearest

MOST: Final = 1_000
MOST_BYTES: Final = 2**20
_TYPES: Final = {one.value: one for one in ArtifactType}


async def answer(desk: Desk, _: Caller, ask: ListArtifacts) -> ArtifactsView:
    """The artifacts asked for.

    Raises:
        InvalidSpec: no such type, or too many.
        NotFound: no such job.
    """
    if not 1 <= ask.count <= MOST:
        raise InvalidSpec(f"count {ask.count}: 1 to {MOST} at once", field="count")
    kind = None if ask.type is None else _type(ask.type)
    job = None if ask.job is None else JobId(ask.job)
    if job is not None and await desk.store.job(job) is None:
        raise NotFound(f"there is no job #{job}")
    store = desk.store
    found = await store.artifacts(job=job, kind=kind, below=ask.below, limit=ask.count)
    outputs = [] if job is None else await store.collections_of(job)
    reused = {} if job is None else await store.reused([job])
    return ArtifactsView(
        artifacts=tuple(artifact_view(one) for one in found),
        collections=tuple(_outputs(one) for one in outputs),
        reused=None if job is None else reused.get(job),
        next=found[-1].id if len(found) == ask.count else None,
    )


async def read(desk: Desk, _: Caller, ask: ReadArtifact) -> BlobPiece:
    """Bytes of an artifact.

    Raises:
        NotFound: no such artifact, or its bytes were removed.
        BlobCorrupt: they are not what they were.
    """
    if ask.offset < 0 or not 1 <= ask.limit <= MOST_BYTES:
        raise InvalidSpec(f"at most {MOST_BYTES} bytes from 0 on", field="limit")
    found = await desk.store.artifact(ask.id)
    if found is None:
        raise NotFound(f"there is no artifact {ask.id}")
    data = await desk.shelf.read(found.sha, ask.offset, ask.limit)
    return BlobPiece(data=data, offset=ask.offset, size=found.size, sha=found.sha)


def artifact_view(one: Artifact) -> ArtifactView:
    """An artifact as clients see it."""
    return ArtifactView(
        id=one.id,
        job=one.job,
        attempt=one.attempt,
        name=one.name,
        type=one.type.value,
        path=one.path,
        sha=one.sha,
        size=one.size,
        at=one.at,
    )


def _outputs(one: Collection) -> CollectionView:
    return CollectionView(
        attempt=one.attempt,
        worker=one.worker,
        state=one.state.value,
        at=one.at,
        tries=one.tries,
        missing=one.missing,
        note=one.note,
    )


def _type(word: str) -> ArtifactType:
    if word not in _TYPES:
        near = nearest(word, sorted(_TYPES))
        hint = f"did you mean {near!r}?" if near else f"one of: {', '.join(_TYPES)}"
        raise InvalidSpec(f"unknown type {word[:100]!r}: {hint}", field="type", nearest=near)
    return _TYPES[word]
