"""Loops that break are started again, a bounded number of times."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from engine.clock import ManualClock
from engine.errors import EngineError, NotFound, StaleEpoch, StoreFull
from engine.loops.supervisor import PAUSE_S, PERIOD_S, TRIES, contain, keep_running


async def run(
    loop: Callable[[], Awaitable[None]], *, gap_s: float = PAUSE_S, for_ever: bool = False
) -> BaseException | None:
    """How it ends, with a clock that moves whenever somebody waits for it."""
    clock = ManualClock()
    task = asyncio.ensure_future(keep_running("it", loop, clock, for_ever=for_ever))
    while not task.done():
        if clock.sleeping:
            clock.advance(gap_s)
        done = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(done.set_result, None)
        await done
    return task.exception()


def breaks(error: Exception, times: int) -> tuple[Callable[[], Awaitable[None]], list[int]]:
    runs: list[int] = []

    async def loop() -> None:
        runs.append(1)
        if len(runs) <= times:
            raise error

    return loop, runs


async def test_a_loop_that_breaks_now_and_then_goes_on() -> None:
    loop, runs = breaks(ValueError("a bug"), TRIES - 1)
    assert await run(loop) is None
    assert len(runs) == TRIES


async def test_a_loop_that_keeps_breaking_ends_the_daemon() -> None:
    loop, runs = breaks(ValueError("a bug"), 100)
    assert isinstance(await run(loop), ValueError)
    assert len(runs) == TRIES


async def test_what_broke_long_ago_does_not_count() -> None:
    loop, runs = breaks(ValueError("a bug"), 3 * TRIES)
    assert await run(loop, gap_s=PERIOD_S / 3) is None
    assert len(runs) == 3 * TRIES + 1


async def test_a_loop_about_one_worker_stops_nobody_else() -> None:
    loop, runs = breaks(ValueError("a bug"), 3 * TRIES)
    assert await run(loop, for_ever=True) is None
    assert len(runs) == 3 * TRIES + 1


@pytest.mark.parametrize(
    "error", [StoreFull("full"), ExceptionGroup("of tasks", [StoreFull("full")])]
)
async def test_a_full_disk_is_waited_for(error: Exception) -> None:
    loop, runs = breaks(error, 50)
    assert await run(loop) is None
    assert len(runs) == 51


@pytest.mark.parametrize(
    "error", [StaleEpoch("newer"), ExceptionGroup("of tasks", [StaleEpoch("newer")])]
)
async def test_a_newer_daemon_ends_this_one_at_once(error: Exception) -> None:
    loop, runs = breaks(error, 50)
    assert await run(loop) is error
    assert len(runs) == 1


async def test_a_bug_in_a_request_stays_its_own() -> None:
    loop, _ = breaks(ValueError("a bug"), 1)
    with pytest.raises(EngineError, match="cancel broke inside the daemon: ValueError: a bug"):
        await contain("cancel", loop())
    loop, _ = breaks(NotFound("no #7"), 1)
    with pytest.raises(NotFound):
        await contain("cancel", loop())
