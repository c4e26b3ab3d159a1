"""Keeping one thing that is on screen fresh: ask again when it may have changed."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Generic, TypeVar

from engine.clock import Clock
from engine.errors import DoorError, EngineError

A = TypeVar("A")
R = TypeVar("R")


class Lookout(Generic[A, R]):
    """Fetches what `aim` names, again after each `touch`, at most every `gap_s`.

    An answer that comes after the aim has moved is dropped. `settle_s` waits for the aim
    to hold still first, so that a cursor that runs over a hundred rows loads one of them.
    """

    def __init__(
        self,
        fetch: Callable[[A], Awaitable[R]],
        tell: Callable[[A, R | None, EngineError | None], None],
        *,
        clock: Clock,
        gap_s: float = 0.1,
        settle_s: float = 0.0,
    ) -> None:
        self._fetch = fetch
        self._tell = tell
        self._clock = clock
        self._gap_s = gap_s
        self._moved = asyncio.Event()
        self._settle_s = settle_s
        self._stale = asyncio.Event()
        self._turns = 0
        self._answered = -1
        self.aim: A | None = None
        self.answer: R | None = None
        """The last to the present aim; None before it, and after an error."""
        self.more_gap_s = 0.0
        """How much longer to wait after an answer, unless the aim moves."""

    @property
    def is_answered(self) -> bool:
        """Whether all that was asked has an answer, or an error."""
        return self.aim is None or self._answered == self._turns

    def look(self, aim: A | None) -> None:
        """Look at something else from now on; None looks at nothing."""
        if aim != self.aim:
            self.aim = aim
            self._turns += 1
            self.answer = None
            self._moved.set()
            self.touch()

    def touch(self) -> None:
        """It may have changed: fetch it again soon."""
        if self.aim is not None:
            self._stale.set()

    def again(self) -> None:
        """What was answered holds no more: fetch it now."""
        self._turns += 1
        self.touch()

    async def run(self) -> None:
        """Fetch whenever it is needed, until canceled.

        Raises:
            DoorError: the connection broke; what is stale is fetched by the next run.
        """
        self.touch()
        while True:
            await self._stale.wait()
            await self._settle()
            self._stale.clear()
            aim = self.aim
            if aim is not None:
                await self._once(aim)
                await self._pause(aim)

    async def _settle(self) -> None:
        turns = -1
        while self._settle_s and turns != self._turns:
            turns = self._turns
            await self._clock.sleep(self._settle_s)

    async def _once(self, aim: A) -> None:
        try:
            answer = await self._fetch(aim)
        except DoorError:
            self._stale.set()
            raise
        except EngineError as error:
            self._take(aim, None, error)
        else:
            self._take(aim, answer, None)

    def _take(self, aim: A, answer: R | None, error: EngineError | None) -> None:
        if aim == self.aim:
            self.answer, self._answered = answer, self._turns
            self._tell(aim, answer, error)

    async def _pause(self, aim: A) -> None:
        """Keep the gap, unless the aim moves: a hand should not wait for it."""
        if aim != self.aim:
            return
        await self._clock.sleep(self._gap_s)
        if self.more_gap_s and aim == self.aim:
            self._moved.clear()
            with suppress(TimeoutError):
                await self._clock.within(self.more_gap_s, self._moved.wait())
