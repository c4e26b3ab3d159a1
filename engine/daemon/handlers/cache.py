"""`cache` and `clear_cache`: how much is kept, how often it helped, and forgetting it."""

from engine.control.messages import ClearCache, ShowCache
from engine.control.views import CacheCleared, CacheCountView, CacheView
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec
from engine.model.events import EventType
from engine.model.keeping import CacheCount
from engine.store.units import Draft


async def answer(desk: Desk, _: Caller, __: ShowCache) -> CacheView:
    """What is kept now; uses of the last second may still be missing."""
    number, size = await desk.store.blob_bytes()
    counts = await desk.store.cache_counts()
    return CacheView(
        blobs=number,
        bytes=size,
        max_bytes=desk.shelf.max_bytes,
        results=await desk.store.memo_number(),
        counts=tuple(_count(one) for one in counts),
    )


async def clear(desk: Desk, caller: Caller, ask: ClearCache) -> CacheCleared:
    """Forget what was asked for.

    Raises:
        InvalidSpec: nothing was.
    """
    if not (ask.results or ask.blobs or ask.counts):
        raise InvalidSpec("say what to clear: results, blobs or counts", field="results")
    epoch = desk.working_set.epoch
    results = await desk.store.clear_memos(epoch) if ask.results else 0
    blobs = await desk.shelf.clear() if ask.blobs else 0
    if ask.counts:
        await desk.store.clear_cache_counts(epoch)
    await _tell(desk, caller, results, blobs)
    return CacheCleared(results=results, blobs=blobs)


async def _tell(desk: Desk, caller: Caller, results: int, blobs: int) -> None:
    cause = f"{caller.user} cleared the cache: {results} results, {blobs} blobs"
    data = {"results": results, "blobs": blobs}
    event = Draft(type=EventType.CACHE_CLEARED, actor=caller.user, cause=cause, data=data)
    caller.account.done(await desk.ledger.note(event, *caller.account.closing(changed=1)))


def _count(one: CacheCount) -> CacheCountView:
    return CacheCountView(
        kind=one.kind.value,
        name=one.name,
        hits=one.hits,
        misses=one.misses,
        restore_ms=one.restore_ms,
        store_ms=one.store_ms,
        saved_ms=one.saved_ms,
        size_bytes=one.size_bytes,
    )
