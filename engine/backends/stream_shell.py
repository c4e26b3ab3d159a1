"""The runner's verbs on a host at the end of a line: the host protocol, seen from here."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from engine.backends import texts
from engine.backends.dialogue import Answer, Dialogue
from engine.backends.hosting import Abode, settle_in
from engine.backends.protocol import Chunk, HostFacts
from engine.backends.shell import Launch
from engine.backends.wire import Line, NoMoreWires
from engine.clock import Clock
from engine.errors import Unreachable
from engine.model.ids import AttemptId, Epoch
from engine.model.sight import Sight, Usage
from engine.runner.faults import RunnerError
from engine.runner.records import Status
from engine.wake import Wake

T = TypeVar("T")

ANSWER_S = 20.0
"""A host that takes longer for one answer has hung: its line is dropped."""

START_S = 60.0
"""For all of a batch of starts, which may be hundreds."""

LOOK_S = 2.0
"""How often a host without a way to tell of every end is asked for ends."""

MOST_NAMED = 200
"""Attempts in one request."""

WATCHED = ("starting", "running", "orphan")


class StreamShell:
    """One host. A wire for verbs, and one for logs, so that these hold nothing up."""

    def __init__(self, line: Line, clock: Clock, abode: Abode) -> None:
        self._line = line
        self._clock = clock
        self._abode = abode
        self._verbs: Dialogue | None = None
        self._logs: Dialogue | None = None
        self._settling = asyncio.Lock()
        self._speaks = ""
        self._why = "it was not reached yet"
        self._starting: set[AttemptId] = set()
        self._watched: set[AttemptId] = set()
        self._told: dict[AttemptId, Status | None] = {}
        self._something_ended = Wake()

    async def hello(self, epoch: Epoch) -> HostFacts:
        async with self._settling:
            if self._verbs is None or self._verbs.lost.done():
                await self._connect()
        answer = await self._ask("hello", epoch)
        try:
            facts = texts.facts_of(answer.words[1:], self._decode, self._speaks)
        except (ValueError, KeyError) as error:
            raise await self._nonsense(error) from None
        return replace(facts, warnings=(*facts.warnings, *self._line.warnings))

    async def _connect(self) -> None:
        """A fresh conversation; whatever is left of the last one is gone."""
        await self._line.drop()
        self._logs = None
        dialogue = Dialogue(self._on_ended)
        self._speaks = await settle_in(self._line, dialogue, self._abode, self._clock)
        self._verbs = dialogue

    async def start(self, launches: Sequence[Launch]) -> list[Status | RunnerError]:
        asked = [
            self._send("start", one.attempt, one.epoch, int(one.lease), self._text(one.spec))
            for one in launches
        ]
        attempts = {launch.attempt for launch in launches}
        self._starting |= attempts
        try:
            begun = await self._all(asked)
            live = {
                AttemptId(status.attempt)
                for status in begun
                if isinstance(status, Status) and status.state in WATCHED
            }
            self._watched |= live & self._starting  # and not those whose ends were told
        finally:
            self._starting -= attempts
        return begun

    async def _all(
        self, asked: Sequence["asyncio.Future[Answer]"]
    ) -> list[Status | RunnerError]:
        """What became of each; Unreachable if it is not known of one."""
        if asked:
            await self._in_time(START_S, asyncio.wait(asked))
        found = [one.exception() or one.result() for one in asked]
        for one in found:
            if isinstance(one, BaseException) and not isinstance(one, RunnerError):
                raise one
        return [
            texts.status_of(b" ".join(one.words)) if isinstance(one, Answer) else one
            for one in found
            if isinstance(one, Answer | RunnerError)
        ]

    async def status(self, attempts: Sequence[AttemptId]) -> list[Status]:
        return await self._statuses("status", (), attempts)

    async def statuses(self) -> list[Status]:
        return _parsed((await self._ask("list")).parts)

    async def void(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[Status]:
        return await self._statuses("void", (epoch,), attempts)

    async def _statuses(
        self, verb: str, before: Sequence[object], attempts: Sequence[AttemptId]
    ) -> list[Status]:
        answers = [await self._ask(verb, *before, *some) for some in _some(attempts)]
        found = {
            status.attempt: status for answer in answers for status in _parsed(answer.parts)
        }
        return [found[attempt] for attempt in attempts]

    async def watch(self, statuses: Sequence[Status]) -> None:
        attempts = [AttemptId(status.attempt) for status in statuses]
        self._watched |= set(attempts)
        for some in _some(attempts):
            await self._ask("watch", *some)

    async def ended(self) -> list[Status]:
        """Ends are told by the host; where it may miss one, it is asked now and then."""
        while True:
            if not self._told:
                await self._something_told()
            told, self._told = self._told, {}
            found = [status for status in told.values() if status is not None]
            in_doubt = [attempt for attempt, status in told.items() if status is None]
            if found:
                self._told = dict.fromkeys(in_doubt) | self._told
            else:
                found = await self._asked_about(in_doubt)
            over = [status for status in found if status.state not in ("starting", "running")]
            gone = {AttemptId(status.attempt) for status in over}
            self._watched -= gone
            self._starting -= gone
            if over:
                return over

    async def _something_told(self) -> None:
        """Return when there is something to look at."""
        while not self._told:
            if self._speaks != "sh" or not self._watched:
                await self._something_ended.wait()
            elif not await self._something_ended.wait_at_most(self._clock, LOOK_S):
                return

    async def _asked_about(self, told: Sequence[AttemptId]) -> list[Status]:
        """What has become of those that are told to be over; else of all that is watched."""
        try:
            return await self.status(told or sorted(self._watched))
        except Unreachable:
            self._told = dict.fromkeys(told) | self._told
            raise

    def _on_ended(self, about: bytes) -> None:
        attempt, _, more = about.partition(b" ")
        status = texts.status_of(about) if more else None
        self._told[AttemptId(attempt.decode("ascii"))] = status
        self._something_ended.knock()

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Status:
        return _only(await self._ask("stop", attempt, epoch, grace_ms, signal))

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        """Leases begin anew as of when the host is asked for the time, not when it hears."""
        at_ms = int((await self._ask("ping")).words[1])
        answers = [await self._ask("renew", epoch, at_ms, *some) for some in _some(attempts)]
        return [AttemptId(word.decode()) for answer in answers for word in answer.words[1:]]

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        dialogue = await self._for_logs()
        asked = dialogue.ask("tail", attempt, stream, offset, limit)
        answer = await self._in_time(ANSWER_S, asked)
        begin, size, dropped = (int(word) for word in answer.words[1:4])
        return Chunk(data=answer.data, offset=begin, size=size, dropped=dropped)

    async def _for_logs(self) -> Dialogue:
        """The wire for logs; that for verbs where the host allows no second one."""
        verbs = self._live()
        async with self._settling:
            if self._logs is None or self._logs.lost.done():
                dialogue = Dialogue(self._on_ended)
                try:
                    await settle_in(self._line, dialogue, self._abode, self._clock)
                except NoMoreWires:
                    dialogue = verbs
                self._logs = dialogue
            return self._logs

    async def trim(self, attempt: AttemptId, cap_bytes: int) -> int:
        return int((await self._ask("trim", attempt, cap_bytes)).words[1])

    async def tidy(self, attempts: Sequence[AttemptId]) -> None:
        for some in _some(attempts):
            await self._ask("tidy", *some)

    async def gc(self, attempt: AttemptId, epoch: Epoch) -> None:
        await self._ask("gc", attempt, epoch)

    async def lost(self) -> str:
        if self._verbs is None:
            return self._why
        why = await asyncio.shield(self._verbs.lost)
        self._why = why
        return why

    async def look(self) -> Sight:
        began_s = self._clock.monotonic()
        await self._ask("ping")
        round_trip_s = self._clock.monotonic() - began_s
        words = (await self._ask("look")).words[1:]
        now_at = self._clock.now()
        try:
            return texts.sight_of(words, self._decode, now_at, round_trip_s)
        except (ValueError, IndexError) as error:
            raise await self._nonsense(error) from None

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        at = self._clock.now()
        answers = [await self._ask("usage", *some) for some in _some(attempts)]
        return dict(texts.usage_of(part, at) for answer in answers for part in answer.parts)

    async def pause(self, attempt: AttemptId, epoch: Epoch, *, clocks_too: bool) -> Status:
        return _only(await self._ask("pause", attempt, epoch, int(clocks_too)))

    async def resume(self, attempt: AttemptId, epoch: Epoch) -> Status:
        return _only(await self._ask("resume", attempt, epoch))

    async def feed(self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool) -> int:
        answer = await self._ask("feed", attempt, epoch, int(end), self._text(data))
        return int(answer.words[1])

    async def close(self) -> None:
        await self._line.drop()

    def _live(self) -> Dialogue:
        if self._verbs is None:
            raise Unreachable(self._why)
        return self._verbs

    def _send(self, verb: str, *words: object) -> "asyncio.Future[Answer]":
        return self._live().ask(verb, *words)

    async def _ask(self, verb: str, *words: object) -> Answer:
        return await self._in_time(ANSWER_S, self._send(verb, *words))

    async def _in_time(self, seconds: float, asked: Awaitable[T]) -> T:
        """An answer; whoever does not answer in time is not talked to any more."""
        try:
            return await self._clock.within(seconds, asked)
        except TimeoutError:
            await self._line.drop()
            raise Unreachable(f"no answer within {seconds:g} s") from None

    async def _nonsense(self, error: Exception) -> Unreachable:
        await self._line.drop()
        return Unreachable(f"its answer makes no sense: {error}")

    def _text(self, data: bytes) -> bytes:
        return texts.to_sh(data) if self._speaks == "sh" else texts.to_python(data)

    def _decode(self, word: bytes) -> bytes:
        return texts.from_sh(word) if self._speaks == "sh" else texts.from_python(word)


def _some(attempts: Sequence[AttemptId]) -> Iterable[Sequence[AttemptId]]:
    return (attempts[at : at + MOST_NAMED] for at in range(0, len(attempts), MOST_NAMED))


def _parsed(lines: Iterable[bytes]) -> list[Status]:
    return [texts.status_of(line) for line in lines]


def _only(answer: Answer) -> Status:
    return texts.status_of(b" ".join(answer.words))
