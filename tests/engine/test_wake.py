"""Many knocks, one look; and none is lost."""

import asyncio

from engine.clock import ManualClock, SystemClock
from engine.wake import Wake


async def test_knocks_are_merged_and_none_is_lost() -> None:
    wake = Wake()
    for _ in range(5):
        wake.knock()
    await wake.wait()
    waiting = asyncio.ensure_future(wake.wait())
    await asyncio.wait({waiting}, timeout=0)
    assert not waiting.done()
    wake.knock()
    await waiting


async def test_a_knock_from_before_counts_even_without_any_time() -> None:
    wake, clock = Wake(), SystemClock()
    assert not await wake.wait_at_most(clock, 0)
    wake.knock()
    assert await wake.wait_at_most(clock, 0)
    assert not await wake.wait_at_most(clock, -1)


async def test_time_runs_out_and_the_next_knock_is_still_heard() -> None:
    clock, wake = ManualClock(), Wake()
    waiting = asyncio.ensure_future(wake.wait_at_most(clock, 5))
    while not clock.sleeping:
        await asyncio.wait({waiting}, timeout=0)
    clock.advance(5)
    assert not await waiting
    wake.knock()
    assert await wake.wait_at_most(clock, 5)
