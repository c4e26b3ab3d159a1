"""Acts on many: telling how far they are, halting them, and all that became of them."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from typing import Any

import msgspec

from crabtui.acts.plan import Plan
from crabtui.feed import Feed
from engine.clock import Clock
from engine.control.messages import FollowAct, ReadReceipt, StopAct, Targets
from engine.control.views import Acted, ActProgress, Result
from engine.errors import EngineError

MANY = 512
"""Objects above which an act goes on in slices, so that there is something to tell."""

PAGE = 1_000

MOST = 100_000
"""Objects that are taken in to be told of, and taken back."""


class Progress:
    """Follows the acts of this console that go on."""

    def __init__(self, feed: Feed, clock: Clock, say: Callable[[str, bool], None]) -> None:
        self._feed = feed
        self._clock = clock
        self._say = say
        self._number = 0
        self._going: dict[str, Plan] = {}

    async def carry_out(self, plan: Plan) -> tuple[Any, str]:
        """The answer to the request of a plan, and the key of its receipt if it has one.

        Raises:
            EngineError: as the daemon says.
        """
        targets = getattr(plan.request, "targets", None)
        if not isinstance(targets, Targets) or (
            targets.where is None and len(targets.ids) <= MANY
        ):
            return await self._feed.call(plan.request), ""
        key = self._new_key()
        keyed = msgspec.structs.replace(targets, key=key)
        request = msgspec.structs.replace(plan.request, targets=keyed)
        self._going[key] = plan
        telling = asyncio.create_task(self._tell(key, plan))
        try:
            return await self._feed.call(request), key
        finally:
            del self._going[key]
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling

    async def whole(self, key: str, acted: Acted) -> Acted:
        """The same with the objects that the answer left out, `MOST` of them at most."""
        if not key or acted.matched <= len(acted.results):
            return acted
        found: list[Result] = []
        with suppress(EngineError):
            while len(found) < MOST:
                ask = ReadReceipt(key=key, offset=len(found), limit=PAGE)
                page = await self._feed.call(ask)
                found += page.results
                if len(page.results) < PAGE:
                    break
            return Acted(results=tuple(found), matched=max(acted.matched, len(found)))
        return acted

    @property
    def goes_on(self) -> bool:
        """Whether any act does."""
        return bool(self._going)

    async def halt(self) -> None:
        """Have all of them leave alone what they have not come to."""
        if not self._going:
            return self._say("no act goes on", True)
        for key, plan in list(self._going.items()):
            try:
                await self._feed.call(StopAct(key=key))
            except EngineError as error:
                return self._say(f"not halted: {error.message}", True)
            self._say(f"halting: {plan.verb} as far as it is", False)
        return None

    async def _tell(self, key: str, plan: Plan) -> None:
        with suppress(EngineError):
            async with aclosing(self._feed.stream(FollowAct(key=key))) as news:
                async for one in news:
                    if not one.ended and one.total > MANY:
                        self._say(told(plan, one), False)

    def _new_key(self) -> str:
        self._number += 1
        return f"{self._clock.now()}-{self._number}"


def told(plan: Plan, one: ActProgress) -> str:
    """`canceled: 4,096 of 20,000, 12 refused; :halt leaves the rest`."""
    number = one.changed + one.unchanged + one.refused
    refused = f", {one.refused:,} refused" if one.refused else ""
    return f"{plan.verb}: {number:,} of {one.total:,}{refused}; :halt leaves the rest"
