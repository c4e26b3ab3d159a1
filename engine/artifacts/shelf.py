"""The shelf: blobs by their SHA-256, bounded in size, the one used longest ago first to go.

What is used is remembered at once and written down together with others; so an end without
a word costs the order of the last few uses, and never a blob.
"""

from collections.abc import AsyncIterable, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from engine.artifacts.folder import PIECE, Blob, Folder, Incoming
from engine.artifacts.hands import Hands
from engine.artifacts.outputs import Unpacked
from engine.clock import Clock
from engine.errors import BlobCorrupt, NotFound
from engine.model.ids import Epoch
from engine.model.keeping import CacheCount, CacheKind

FRESH_US: Final = 3_600_000_000
"""A blob is not evicted so soon after its last use: somebody may just be about to need it."""

JUST_US: Final = 60_000_000
"""Outputs and trees are here so long, at most, before it is on disk who needs them."""

ASIDE_US: Final = 86_400_000_000
"""So long a blob that had changed is kept aside, for who looks into what became of it."""

AT_ONCE: Final = 200
"""Blobs that are looked at together."""


class Row(Protocol):
    """A blob as the index remembers it."""

    @property
    def sha(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def used_at(self) -> int: ...


class Index(Protocol):
    """What remembers when blobs were used, and which of them are needed."""

    async def blobs(self, after: str, limit: int) -> Sequence[Row]: ...
    async def blob_bytes(self) -> tuple[int, int]: ...
    async def evictable_blobs(self, used_before_at: int, limit: int) -> Sequence[Row]: ...
    async def forget_blobs(self, epoch: Epoch, shas: Sequence[str]) -> None: ...


class Shelf:
    """Puts, gets and evicts blobs."""

    def __init__(
        self,
        folder: Folder,
        index: Index,
        hands: Hands,
        clock: Clock,
        *,
        epoch: Epoch,
        max_bytes: int,
        on_noted: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; `settle` makes folder and index agree.

        Args:
            folder: Where blobs lie.
            index: Remembers their uses.
            hands: Do what blocks.
            clock: Dates uses.
            epoch: Of the daemon.
            max_bytes: So much is kept, but for what is needed.
            on_noted: Told that there is something to write down.
        """
        self._folder = folder
        self._index = index
        self.hands = hands
        self._clock = clock
        self.epoch = epoch
        self._on_noted = on_noted
        self.max_bytes = max_bytes
        self._used: dict[str, tuple[int, int]] = {}
        self._hits = self._misses = 0

    async def prepare(self) -> None:
        """Make the folder, and remove what was being written when the last daemon ended."""
        await self.hands.do(self._folder.prepare)

    async def settle(self) -> None:
        """Have the index know what lies in the folder, and nothing else."""
        found = await self.hands.do(lambda: list(self._folder.found()))
        there = {blob.sha: (blob.size, at) for blob, at in found}
        after = ""
        while rows := await self._index.blobs(after, AT_ONCE):
            after = rows[-1].sha
            gone = [row.sha for row in rows if there.pop(row.sha, None) is None]
            if gone:
                await self._index.forget_blobs(self.epoch, gone)
        for sha, (size, at) in there.items():
            self._note(sha, size, at)

    async def put(self, pieces: AsyncIterable[bytes], expected: str = "") -> Blob:
        """Keep what comes.

        Args:
            pieces: Of at most a few MiB each; they are not held in memory together.
            expected: The SHA-256 that all of it must have; empty: whatever it has.

        Raises:
            BlobCorrupt: it is something else than was expected.
            StoreFull, StoreError: it could not be written; nothing of it is left.
        """
        incoming = self.begin()
        try:
            async for piece in pieces:
                await self.hands.do(partial(incoming.write, piece))
            return await self.finish(incoming, expected)
        finally:
            incoming.drop()

    async def put_file(self, path: Path, expected: str = "") -> Blob:
        """Keep a copy of a file. Raises: as `put`; OSError: it cannot be read."""
        blob = await self.hands.do(partial(_copied, self._folder, path, expected))
        self._note(blob.sha, blob.size, self._clock.now())
        return blob

    async def put_bytes(self, data: bytes) -> Blob:
        """Keep a few bytes. Raises: as `put`."""
        incoming = self.begin()
        try:
            await self.write(incoming, data)
            return await self.finish(incoming)
        finally:
            incoming.drop()

    def begin(self) -> Incoming:
        """Begin a blob that comes in pieces; whoever begins it finishes or drops it."""
        return self._folder.begin()

    async def write(self, incoming: Incoming, data: bytes) -> None:
        """Add a piece. Raises: StoreFull, StoreError; then nothing of it is left."""
        await self.hands.do(partial(incoming.write, data))

    async def finish(self, incoming: Incoming, expected: str = "") -> Blob:
        """Keep what was written. Raises: as `put`."""
        blob = await self.hands.do(partial(incoming.finish, expected))
        self._note(blob.sha, blob.size, self._clock.now())
        return blob

    async def unpacked(self, incoming: Incoming, unpack: Callable[..., Unpacked]) -> Unpacked:
        """What of a tar that has come is to be kept. Raises: as `unpack`."""
        path = await self.hands.do(incoming.flushed)
        unpacked = await self.hands.do(lambda: unpack(path, folder=self._folder))
        for one in unpacked.found:
            self._note(one.blob.sha, one.blob.size, self._clock.now())
        return unpacked

    async def has(self, sha: str) -> bool:
        """Whether it is there, which counts as a use. Raises: NotFound: that is no name."""
        size = await self.hands.do(partial(self._folder.size, sha))
        self._count(size is not None)
        if size is not None:
            self._note(sha, size, self._clock.now())
        return size is not None

    async def verified(self, sha: str) -> Path:
        """Where a blob lies, after all of it was read and found to be what it is.

        Raises:
            NotFound: it is not there.
            BlobCorrupt: it has changed, and was set aside.
        """
        try:
            size = await self.hands.do(partial(self._folder.verify, sha))
        except (NotFound, BlobCorrupt) as error:
            self._count(False)
            if isinstance(error, BlobCorrupt):
                await self._index.forget_blobs(self.epoch, [sha])
            raise
        self._count(True)
        self._note(sha, size, self._clock.now())
        return self._folder.path(sha)

    async def read(self, sha: str, offset: int, limit: int) -> bytes:
        """Some of a blob; all of it is verified before its first bytes are given.

        Raises: as `verified`; StoreError: it cannot be read.
        """
        if offset == 0:
            await self.verified(sha)
        return await self.hands.do(partial(self._folder.read, sha, offset, limit))

    async def evict(self) -> int:
        """Have no more bytes be kept than may be, if enough of them are not needed.

        Returns: how many blobs went.
        """
        _, size = await self._index.blob_bytes()
        gone, over = 0, size - self.max_bytes
        before_at = self._clock.now() - FRESH_US
        while over > 0:
            rows = await self._index.evictable_blobs(before_at, AT_ONCE)
            some = _enough([row for row in rows if row.sha not in self._used], over)
            if not some:
                return gone
            gone += await self._remove([row.sha for row in some])
            over -= sum(row.size for row in some)
        return gone

    async def empty_aside(self) -> int:
        """Remove what was set aside a day ago or earlier; how many."""
        before_at = self._clock.now() - ASIDE_US
        return await self.hands.do(partial(self._folder.empty_aside, before_at))

    async def clear(self) -> int:
        """Remove all that nothing needs, but for what is just being brought; how many blobs."""
        gone, before_at = 0, self._clock.now() - JUST_US
        while rows := await self._index.evictable_blobs(before_at, AT_ONCE):
            old = [row.sha for row in rows if self._used.get(row.sha, (0, 0))[1] < before_at]
            if not old:
                return gone
            gone += await self._remove(old)
        return gone

    async def _remove(self, shas: Sequence[str]) -> int:
        """Forget first: what lies there unknown is found again, what is known must be there."""
        await self._index.forget_blobs(self.epoch, shas)
        for sha in shas:
            self._used.pop(sha, None)
            with suppress(OSError):
                await self.hands.do(partial(self._folder.remove, sha))
        return len(shas)

    def noted(self) -> tuple[list[tuple[str, int, int]], list[CacheCount]]:
        """(name, size, last use) of what was used, and how often, since this was last asked."""
        used = [(sha, size, at) for sha, (size, at) in self._used.items()]
        counts = []
        if self._hits or self._misses:
            counts = [CacheCount(kind=CacheKind.BLOB, hits=self._hits, misses=self._misses)]
        self._used.clear()
        self._hits = self._misses = 0
        return used, counts

    def take_back(
        self, used: Sequence[tuple[str, int, int]], counts: Sequence[CacheCount]
    ) -> None:
        """What was noted could not be written down; it is still to be."""
        for sha, size, at in used:
            self._note(sha, size, max(at, self._used.get(sha, (0, 0))[1]))
        self._hits += sum(one.hits for one in counts)
        self._misses += sum(one.misses for one in counts)

    def _note(self, sha: str, size: int, at: int) -> None:
        self._used[sha] = (size, at)
        self._on_noted()

    def _count(self, is_hit: bool) -> None:
        self._hits += is_hit
        self._misses += not is_hit
        self._on_noted()


def _enough(rows: Sequence[Row], over: int) -> list[Row]:
    """The first rows that have so many bytes together, or all."""
    some: list[Row] = []
    for row in rows:
        if over <= 0:
            break
        some.append(row)
        over -= row.size
    return some


def _copied(folder: Folder, path: Path, expected: str) -> Blob:
    incoming = folder.begin()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                incoming.write(piece)
        return incoming.finish(expected)
    finally:
        incoming.drop()
