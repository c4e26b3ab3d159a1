"""The clock that tests move by hand, and that the system's keeps the same promises."""

import asyncio

import pytest

from engine.clock import Clock, ManualClock, SystemClock


async def settled() -> None:
    """Let every task run until it waits for something."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_it_stands_still_until_told() -> None:
    clock = ManualClock(now_at=5)
    assert (clock.now(), clock.monotonic()) == (5, 0.0)
    assert (clock.now(), clock.monotonic()) == (5, 0.0)
    clock.advance(1.5)
    assert (clock.now(), clock.monotonic()) == (1_500_005, 1.5)


def test_a_jump_moves_the_wall_clock_alone() -> None:
    clock = ManualClock(now_at=10_000_000)
    clock.jump(-3)
    assert (clock.now(), clock.monotonic()) == (7_000_000, 0.0)


async def test_sleepers_wake_in_the_order_of_their_times() -> None:
    clock = ManualClock()
    woken: list[str] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper("late", 2))
        group.create_task(sleeper("early", 1))
        group.create_task(sleeper("early too", 1))
        await settled()
        assert clock.sleeping == 3
        clock.advance(0.5)
        await settled()
        assert woken == []
        clock.advance(0.5)
        await settled()
        assert woken == ["early", "early too"]
        assert clock.sleeping == 1
        clock.advance(100)
    assert woken == ["early", "early too", "late"]


async def test_a_jump_wakes_nobody() -> None:
    clock = ManualClock()
    async with asyncio.TaskGroup() as group:
        sleeping = group.create_task(clock.sleep(1))
        await settled()
        clock.jump(1000)
        await settled()
        assert not sleeping.done()
        clock.advance(1)


async def test_a_canceled_sleeper_is_forgotten() -> None:
    clock = ManualClock()
    async with asyncio.TaskGroup() as group:
        sleeping = group.create_task(clock.sleep(1))
        await settled()
        sleeping.cancel()
        await settled()
        assert clock.sleeping == 0
    clock.advance(2)


async def answer() -> int:
    return 42


@pytest.mark.parametrize("clock", [ManualClock(), SystemClock()])
async def test_within_gives_the_result(clock: Clock) -> None:
    assert await clock.within(60, answer()) == 42


async def test_within_ends_what_takes_too_long() -> None:
    clock = ManualClock()
    ends: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ends.append("canceled")
            raise

    async def limited() -> None:
        try:
            await clock.within(3, endless())
        except TimeoutError:
            ends.append("timeout")

    async with asyncio.TaskGroup() as group:
        group.create_task(limited())
        await settled()
        clock.advance(3)
    assert ends == ["canceled", "timeout"]


async def refuse() -> int:
    raise KeyError("no")


@pytest.mark.parametrize("clock", [ManualClock(), SystemClock()])
async def test_within_lets_errors_through_as_they_are(clock: Clock) -> None:
    with pytest.raises(KeyError, match="no"):
        await clock.within(60, refuse())


async def test_within_ends_its_work_when_it_is_canceled_itself() -> None:
    clock = ManualClock()
    ends: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("ended")

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(clock.within(3, endless()))
        await settled()
        waiting.cancel()
    assert ends == ["ended"]
    assert clock.sleeping == 0


async def test_the_systems_clock_tells_microseconds_and_seconds() -> None:
    clock = SystemClock()
    before, at_once = clock.monotonic(), clock.now()
    await clock.sleep(0.002)
    assert clock.monotonic() - before >= 0.002
    assert clock.now() > at_once > 1_600_000_000_000_000
