"""A backend that keeps the event loop to itself is named, with the verb and the time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import pytest

from engine.backends.foreign import ForeignBackend
from engine.backends.held_up import MOST_S, Watch
from engine.backends.protocol import Backend, HostFacts
from engine.clock import ManualClock
from engine.errors import Unreachable
from engine.model.ids import Epoch
from engine.model.resources import Resources

FACTS = HostFacts(ident="x", capacity=Resources(), epoch=Epoch(1))


class Slow:
    """Its `look` takes the loop for as long as it is told, before or after it waits."""

    def __init__(self, clock: ManualClock, before_s: float, after_s: float) -> None:
        self.clock = clock
        self.before_s = before_s
        self.after_s = after_s
        self.go = asyncio.Event()

    async def hello(self, epoch: Epoch) -> HostFacts:
        return FACTS

    async def look(self) -> str:
        self.clock.advance(self.before_s)
        await self.go.wait()
        self.clock.advance(self.after_s)
        return "seen"

    async def ends(self) -> AsyncIterator[Any]:
        yield "first"
        self.clock.advance(self.after_s)
        yield "second"

    async def fails(self) -> None:
        await self.go.wait()
        self.clock.advance(self.after_s)
        raise ZeroDivisionError("a bug")


async def met(before_s: float, after_s: float) -> tuple[Any, Slow, list[tuple[str, float]]]:
    clock, told = ManualClock(), list[tuple[str, float]]()
    slow = Slow(clock, before_s, after_s)
    watch = Watch(clock, lambda verb, took_s: told.append((verb, took_s)))
    made = cast(Callable[[], Backend], lambda: slow)
    backend: Any = ForeignBackend("nice", made, watch)
    await backend.hello(Epoch(1))
    return backend, slow, told


async def after_go(slow: Slow, work: Awaitable[Any]) -> Any:
    """Its result; much time passes while it waits, which holds nobody up."""
    async with asyncio.TaskGroup() as tasks:

        async def do() -> Any:
            return await work

        task = tasks.create_task(do())
        await asyncio.sleep(0)
        slow.clock.advance(100 * MOST_S)
        slow.go.set()
    return task.result()


@pytest.mark.parametrize(
    ("before_s", "after_s", "expected"),
    [(0, 0, []), (5, 0, [("look", 5)]), (0, 7, [("look", 7)]), (MOST_S, MOST_S, [])],
)
async def test_each_step_is_timed_and_waiting_is_not(
    before_s: float, after_s: float, expected: list[tuple[str, float]]
) -> None:
    backend, slow, told = await met(before_s, after_s)
    assert await after_go(slow, backend.look()) == "seen"
    assert told == expected


async def test_reports_of_ends_are_watched_too() -> None:
    backend, _, told = await met(0, 3)
    assert [report async for report in backend.ends()] == ["first", "second"]
    assert told == [("ends", 3)]


async def test_what_fails_after_a_long_step_is_told_and_raised() -> None:
    backend, slow, told = await met(0, 2)
    with pytest.raises(ExceptionGroup) as failed:
        await after_go(slow, backend.fails())
    assert failed.group_contains(Unreachable, match="ZeroDivisionError")
    assert told == [("fails", 2)]


async def test_a_cancel_reaches_the_work() -> None:
    backend, _, _ = await met(0, 0)
    task = asyncio.ensure_future(backend.look())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
