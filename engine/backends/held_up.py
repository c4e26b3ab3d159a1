"""Held up: which package's code keeps the event loop to itself, and so everybody waiting."""

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from engine.clock import Clock

T = TypeVar("T")

MOST_S: Final = 1.0
"""What one step may take between two moments at which others get a turn."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks at how long each step of a piece of work takes."""

    clock: Clock
    tell: Callable[[str, float], None]
    """Told the name of a step that took too long, and its seconds."""

    def steps(self, name: str, work: Awaitable[T]) -> Awaitable[T]:
        """The same work, each step of it timed."""
        return _Timed(self, name, work)

    def look(self, name: str, began_s: float) -> None:
        """Tell of a step that began then and has ended now, if it took too long."""
        took_s = self.clock.monotonic() - began_s
        if took_s > MOST_S:
            self.tell(name, took_s)


@dataclass(frozen=True, slots=True)
class _Timed(Generic[T]):
    watch: Watch
    name: str
    work: Awaitable[T]

    def __await__(self) -> Generator[Any, Any, T]:
        steps = _awaited(self.work)
        step: Callable[[Any], Any] = steps.send
        value: Any = None
        while True:
            began_s = self.watch.clock.monotonic()
            try:
                waits_for = step(value)
            except StopIteration as end:
                result: T = end.value
                return result
            finally:
                self.watch.look(self.name, began_s)
            try:
                value, step = (yield waits_for), steps.send
            except BaseException as error:  # it is the work's own to handle
                value, step = error, steps.throw


async def _awaited(work: Awaitable[T]) -> T:
    """As a coroutine, which can be stepped whatever kind of awaitable it is."""
    return await work
