"""What comes of an artifact is what was kept, or it is not said to be."""

from typing import cast

import pytest

from engine.control.blobs import get_artifact
from engine.control.blocking import BlockingClient
from engine.control.messages import ReadArtifact
from engine.control.views import ArtifactView, BlobPiece
from engine.errors import BlobCorrupt

SHA = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
HELLO = ArtifactView(
    id=1, job=1, attempt="1-1-1", name="a", type="other", path="a", sha=SHA, size=5, at=0
)


class Door:
    """Gives three bytes at a time of what it has."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def call(self, ask: ReadArtifact) -> BlobPiece:
        data = self.data[ask.offset : ask.offset + 3]
        return BlobPiece(data=data, offset=ask.offset, size=len(self.data), sha=SHA)


def got(data: bytes) -> bytes:
    return b"".join(get_artifact(cast("BlockingClient", Door(data)), HELLO))


def test_pieces_are_one_artifact() -> None:
    assert got(b"hello") == b"hello"


@pytest.mark.parametrize("data", [b"jello", b"hell", b"", b"hello!"])
def test_what_came_and_is_something_else_is_said(data: bytes) -> None:
    with pytest.raises(BlobCorrupt, match="artifact 1"):
        got(data)
