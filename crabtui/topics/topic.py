"""One thing that can be looked at: how it is fetched, and when it may have changed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from engine.control.messages import Pulse, Request

A = TypeVar("A")
"""What is aimed at."""
R = TypeVar("R")
"""What comes of it."""
T = TypeVar("T")


class Calls(Protocol):
    """Who asks the daemon."""

    @property
    def as_of(self) -> int | None:
        """The event as of which it asks where a request can say so; None: now."""
        ...

    async def call(self, request: Request[T]) -> T: ...


def by_jobs(pulse: Pulse, _: object) -> bool:
    """Something about jobs may have changed."""
    return bool(pulse.jobs) or pulse.many


def by_places(pulse: Pulse, _: object) -> bool:
    """Something about jobs or queues may have changed."""
    return pulse.queues or bool(pulse.jobs) or pulse.many


def always(_: Pulse, __: object) -> bool:
    """It may change at any time."""
    return True


@dataclass(kw_only=True, eq=False)
class Topic(Generic[A, R]):
    """One thing that can be looked at."""

    name: str
    fetch: Callable[[Calls, A], Awaitable[R]]
    stirred: Callable[[Pulse, A], bool] = always
    """Whether a pulse means that it has to be fetched again."""
    gap_s: float = 0.1
    """Fetched no more often than this."""
    settle_s: float = 0.0
    """How long the aim has to hold still first."""
    is_kept: bool = False
    """Fetched even while no view looks: the console itself wants to know."""
    tells_errors: bool = False
    """The views say themselves what is wrong with it."""
