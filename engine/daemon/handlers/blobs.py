"""`has_blob` and `put_blob`: what clients bring along for jobs, such as frozen trees."""

from typing import Final

from engine.artifacts.folder import Incoming, is_sha
from engine.control.messages import HasBlob, PutBlob
from engine.control.views import BlobState
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec, NotAllowed

MOST_BYTES: Final = 2**20
"""Of one piece."""


async def answer(desk: Desk, _: Caller, ask: HasBlob) -> BlobState:
    """Whether it is there, which keeps it for a while. Raises: InvalidSpec."""
    _check(ask.sha)
    return BlobState(sha=ask.sha, whole=await desk.shelf.has(ask.sha), size=0)


async def put(desk: Desk, caller: Caller, ask: PutBlob) -> BlobState:
    """Take the next piece; with the last, all of it is on disk when this returns.

    Raises:
        InvalidSpec: it is not the next, or too large.
        BlobCorrupt: all of it is something else.
        StoreFull: there is no room for it.
    """
    caller.must_act()
    _check(ask.sha)
    if len(ask.data) > MOST_BYTES:
        raise InvalidSpec(f"{len(ask.data)} bytes; a piece has at most {MOST_BYTES}")
    async with caller.bulk:
        return await _put(desk, caller, ask)


async def _put(desk: Desk, caller: Caller, ask: PutBlob) -> BlobState:
    incoming = _incoming(desk, caller, ask)
    if ask.offset != incoming.size:
        raise InvalidSpec(
            f"the next piece begins at {incoming.size}, not at {ask.offset}",
            field="offset",
            details={"size": incoming.size},
        )
    if incoming.size + len(ask.data) > desk.shelf.max_bytes:
        hang_up(caller)
        raise NotAllowed(
            f"it has more than {desk.shelf.max_bytes:,} bytes, which is all that is kept "
            "(artifacts.max_bytes)"
        )
    await desk.shelf.write(incoming, ask.data)
    if not ask.last:
        return BlobState(sha=ask.sha, whole=False, size=incoming.size)
    caller.upload = None
    try:
        blob = await desk.shelf.finish(incoming, ask.sha)
    finally:
        incoming.drop()
    return BlobState(sha=blob.sha, whole=True, size=blob.size)


def _incoming(desk: Desk, caller: Caller, ask: PutBlob) -> Incoming:
    if caller.upload is not None and (caller.upload[0] != ask.sha or ask.offset == 0):
        hang_up(caller)
    if caller.upload is None:
        caller.upload = (ask.sha, desk.shelf.begin())
    return caller.upload[1]


def hang_up(caller: Caller) -> None:
    """What was not finished leaves no trace."""
    if caller.upload is not None:
        caller.upload[1].drop()
        caller.upload = None


def _check(sha: str) -> None:
    if not is_sha(sha):
        raise InvalidSpec(f"{sha[:80]!r} is no SHA-256", field="sha")
