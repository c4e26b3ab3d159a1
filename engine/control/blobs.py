"""Blobs over a connection: put what the daemon has not, get what it has. Plain calls."""

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from engine.control.blocking import BlockingClient
from engine.control.messages import HasBlob, PutBlob, ReadArtifact
from engine.control.views import ArtifactView
from engine.errors import BlobCorrupt

PIECE: Final = 2**20


def put_blob(client: BlockingClient, file: BinaryIO, sha: str) -> bool:
    """Have the daemon keep a file, unless it does already; whether it had to be sent.

    Raises:
        EngineError: as the daemon said; nothing is kept then.
    """
    if client.call(HasBlob(sha=sha)).whole:
        return False
    offset, piece = 0, file.read(PIECE)
    while True:
        following = file.read(PIECE)
        client.call(PutBlob(sha=sha, data=piece, offset=offset, last=not following))
        if not following:
            return True
        offset, piece = offset + len(piece), following


def get_artifact(client: BlockingClient, artifact: ArtifactView) -> Iterator[bytes]:
    """The bytes of an artifact, in pieces.

    Raises:
        NotFound: they are not there any more.
        BlobCorrupt: what came is not what it was; the pieces so far must not be used.
    """
    digest, offset = hashlib.sha256(), 0
    while True:
        piece = client.call(ReadArtifact(id=artifact.id, offset=offset, limit=PIECE))
        digest.update(piece.data)
        offset += len(piece.data)
        if piece.data:
            yield piece.data
        if not piece.data or offset >= piece.size:
            break
    if digest.hexdigest() != artifact.sha:
        raise BlobCorrupt(f"what came of artifact {artifact.id} is not what was kept")
