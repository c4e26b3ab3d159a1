"""Talking to one host: a conversation for verbs, one for logs, patience, and sense."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from engine.backends.dialogue import Answer, Dialogue
from engine.backends.hosting import Abode, settle_in
from engine.backends.wire import Line, NoMoreWires
from engine.clock import Clock
from engine.errors import Unreachable
from engine.runner.faults import RunnerError

T = TypeVar("T")
Read = Callable[[Answer], T]

SILENCE_S = 20.0
"""A host that owes an answer and says nothing at all for so long has hung."""

SLOWEST_S = 120.0
"""For one answer, however much is said meanwhile."""

CROWD_S = 600.0
"""The same where hundreds were asked for at once, or all that there is."""

LOGS_REST_S = 300.0
"""After so long without a log being read, the program that reads them there may go."""


class Talk:
    """What is asked and answered; whoever makes no sense, or no sound, is hung up on."""

    def __init__(
        self, line: Line, clock: Clock, abode: Abode, on_ended: Callable[[bytes], None]
    ) -> None:
        self._line = line
        self._clock = clock
        self._abode = abode
        self._on_ended = on_ended
        self._verbs: Dialogue | None = None
        self._logs: Dialogue | None = None
        self._logs_used_s = 0.0
        self._settling = asyncio.Lock()
        self._why = "it was not reached yet"
        self.speaks = ""
        """Who answers: `python` or `sh`."""

    async def begin(self) -> None:
        """Have a conversation for verbs, if there is none. Raises as `settle_in` does."""
        async with self._settling:
            if self._verbs is None or self._verbs.lost.done():
                await self._line.drop()
                self._logs = None
                dialogue = Dialogue(self._on_ended)
                self.speaks = await self._settle(dialogue)
                self._verbs = dialogue

    def send(self, verb: str, *words: object) -> "asyncio.Future[Answer]":
        """Ask without waiting; `all_of` waits. Raises: Unreachable."""
        return self._live().ask(verb, *words)

    async def ask(
        self, verb: str, *words: object, read: Read[T], most_s: float = SLOWEST_S
    ) -> T:
        """One answer, as `read` understands it.

        Raises:
            Unreachable: none came, or none that makes sense; then the line is dropped.
            RunnerError: what the host says is wrong.
        """
        dialogue = self._live()
        self._let_logs_rest()
        return await self._understood(dialogue, dialogue.ask(verb, *words), read, most_s)

    async def ask_for_log(self, verb: str, *words: object, read: Read[T]) -> T:
        """As `ask`, besides the conversation for verbs."""
        dialogue = await self._for_logs()
        self._logs_used_s = self._clock.monotonic()
        return await self._understood(dialogue, dialogue.ask(verb, *words), read, SLOWEST_S)

    async def all_of(
        self, asked: Sequence["asyncio.Future[Answer]"], read: Read[T]
    ) -> list[T | RunnerError]:
        """All answers, in order. Raises: Unreachable, if one of them did not come."""
        dialogue = self._live()
        try:
            return [await self._told(dialogue, one, read) for one in asked]
        finally:
            for one in asked:
                if one.done() and not one.cancelled():
                    one.exception()  # that nobody heard of it is as it should be

    async def lost(self) -> str:
        """Wait until the conversation for verbs breaks; why it did."""
        if self._verbs is not None:
            self._why = await asyncio.shield(self._verbs.lost)
        return self._why

    async def close(self) -> None:
        """Hang up for good."""
        self._verbs = self._logs = None
        self._why = "it was let go"
        await self._line.drop()

    async def _settle(self, dialogue: Dialogue) -> str:
        return await settle_in(self._line, dialogue, self._abode, self._clock)

    def _live(self) -> Dialogue:
        if self._verbs is None:
            raise Unreachable(self._why)
        if self._verbs.lost.done():
            raise Unreachable(self._verbs.lost.result())
        return self._verbs

    async def _for_logs(self) -> Dialogue:
        """That for verbs where the host allows no second one."""
        async with self._settling:
            verbs = self._live()
            if self._logs is None or self._logs.lost.done():
                dialogue = Dialogue(self._on_ended)
                try:
                    await self._settle(dialogue)
                except NoMoreWires:
                    dialogue = verbs
                self._logs = dialogue
            return self._logs

    def _let_logs_rest(self) -> None:
        """It holds some megabytes there; who reads a log again has another one begin."""
        idle_s = self._clock.monotonic() - self._logs_used_s
        if self._logs is not None and idle_s > LOGS_REST_S:
            logs, self._logs = self._logs, None
            if logs is not self._verbs:
                logs.fail("no log has been read for a while")

    async def _told(
        self, dialogue: Dialogue, one: "asyncio.Future[Answer]", read: Read[T]
    ) -> T | RunnerError:
        try:
            return await self._understood(dialogue, one, read, CROWD_S)
        except RunnerError as fault:
            return fault

    async def _understood(
        self, dialogue: Dialogue, asked: "asyncio.Future[Answer]", read: Read[T], most_s: float
    ) -> T:
        answer = await self._in_time(dialogue, asked, most_s)
        try:
            return read(answer)
        except (ValueError, LookupError) as error:
            raise await self._hung_up(f"its answer makes no sense: {error}") from None

    async def _in_time(
        self, dialogue: Dialogue, asked: "asyncio.Future[Answer]", most_s: float
    ) -> Answer:
        """Wait as long as anything at all is heard, for requests are answered in order."""
        until_s = self._clock.monotonic() + most_s
        while True:
            heard = dialogue.heard_bytes
            with suppress(TimeoutError):
                return await self._clock.within(SILENCE_S, asyncio.shield(asked))
            if dialogue.heard_bytes == heard:
                raise await self._hung_up(f"no sound within {SILENCE_S:g} s")
            if self._clock.monotonic() > until_s:
                raise await self._hung_up(f"no answer within {most_s:g} s")

    async def _hung_up(self, why: str) -> Unreachable:
        await self._line.drop()
        return Unreachable(why)
