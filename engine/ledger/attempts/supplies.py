"""Supplies: frozen trees are on a host before an attempt that runs in one is started there."""

from pathlib import Path

from engine.artifacts.shelf import Shelf
from engine.backends.protocol import Backend, Order
from engine.errors import (
    BlobCorrupt,
    EngineError,
    InvalidSpec,
    NotFound,
    StartFailed,
    UnusableState,
)

MOST_KNOWN = 10_000


class Supplies:
    """Gives hosts the blobs that orders name; each is read and verified once for each host."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._verified: dict[tuple[str, str], Path] = {}

    async def supply(self, worker: str, backend: Backend, order: Order) -> EngineError | None:
        """Have everything there that an order needs; why that cannot be, if it cannot.

        Raises:
            Unreachable, LinkRefused: the host does not answer; to be tried again.
        """
        if not order.frozen:
            return None
        try:
            await backend.give(order.frozen, await self._path(worker, order.frozen))
        except (NotFound, BlobCorrupt):
            self._verified.pop((worker, order.frozen), None)
            return InvalidSpec(
                f"its frozen tree {order.frozen[:12]} is not kept any more: freeze it again",
                field="frozen",
            )
        except (InvalidSpec, StartFailed, UnusableState) as refusal:
            return refusal
        return None

    async def _path(self, worker: str, sha: str) -> Path:
        known = self._verified.get((worker, sha))
        if known is not None and await self._shelf.has(sha):
            return known
        path = await self._shelf.verified(sha)
        if len(self._verified) >= MOST_KNOWN:
            self._verified.pop(next(iter(self._verified)))
        self._verified[worker, sha] = path
        return path
