"""The runner's verbs on a host at the end of a line: the host protocol, seen from here."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from engine.backends import log_reading, texts
from engine.backends.dialogue import Answer
from engine.backends.hosting import Abode
from engine.backends.protocol import Chunk, HostFacts
from engine.backends.shell import Launch
from engine.backends.talk import CROWD_S, Talk
from engine.backends.wire import Line
from engine.clock import Clock
from engine.errors import BackendError, LinkRefused, Unreachable
from engine.model.ids import AttemptId, Epoch
from engine.model.sight import Sight, Usage
from engine.runner.faults import BadRequestError, RunnerError
from engine.runner.log_search import Found, Wanted
from engine.runner.records import Status
from engine.wake import Wake

LOOK_S = 2.0
"""How often a host without a way to tell of every end is asked for ends."""

PIECE_BYTES = {"python": 256 * 1024, "sh": 16 * 1024}
"""Of a file that is sent, at once: read here while others wait, as it lies in memory."""

MOST_NAMED = 200
"""Attempts in one request."""

WATCHED = ("starting", "running", "orphan")


class StreamShell:
    """One host. A wire for verbs, and one for logs, so that these hold nothing up."""

    def __init__(self, line: Line, clock: Clock, abode: Abode) -> None:
        self._line = line
        self._clock = clock
        self._mark = abode.mark
        self._talk = Talk(line, clock, abode, self._on_ended)
        self._starting: set[AttemptId] = set()
        self._watched: set[AttemptId] = set()
        self._told: dict[AttemptId, Status | None] = {}
        self._something_ended = Wake()
        self._reads_logs_here = False

    async def hello(self, epoch: Epoch) -> HostFacts:
        await self._talk.begin()
        mark = (self._mark,) if self._mark else ()
        facts = await self._talk.ask("hello", epoch, *mark, read=self._facts)
        return replace(facts, warnings=(*facts.warnings, *self._line.warnings))

    def _facts(self, answer: Answer) -> HostFacts:
        return texts.facts_of(answer.words[1:], self._decode, self._talk.speaks)

    async def start(self, launches: Sequence[Launch]) -> list[Status | RunnerError]:
        asked = [
            self._talk.send(
                "start", one.attempt, one.epoch, int(one.lease), self._text(one.spec)
            )
            for one in launches
        ]
        attempts = {launch.attempt for launch in launches}
        self._starting |= attempts
        try:
            begun = await self._talk.all_of(asked, _only)
            live = {
                AttemptId(status.attempt)
                for status in begun
                if isinstance(status, Status) and status.state in WATCHED
            }
            self._watched |= live & self._starting  # and not those whose ends were told
        finally:
            self._starting -= attempts
        return begun

    async def status(self, attempts: Sequence[AttemptId]) -> list[Status]:
        return await self._statuses("status", (), attempts)

    async def statuses(self) -> list[Status]:
        return await self._talk.ask("list", read=_parsed, most_s=CROWD_S)

    async def void(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[Status]:
        return await self._statuses("void", (epoch,), attempts)

    async def _statuses(
        self, verb: str, before: Sequence[object], attempts: Sequence[AttemptId]
    ) -> list[Status]:
        found: list[Status] = []
        for some in _some(attempts):
            read = partial(_of_each, some)
            found += await self._talk.ask(verb, *before, *some, read=read)
        return found

    async def watch(self, statuses: Sequence[Status]) -> None:
        attempts = [AttemptId(status.attempt) for status in statuses]
        self._watched |= set(attempts)
        for some in _some(attempts):
            await self._talk.ask("watch", *some, read=_ok)

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
            if self._talk.speaks != "sh" or not self._watched:
                await self._something_ended.wait()
            elif not await self._something_ended.wait_at_most(self._clock, LOOK_S):
                return

    async def _asked_about(self, told: Sequence[AttemptId]) -> list[Status]:
        """What has become of those that are told to be over; else of all that is watched."""
        try:
            return await self.status(told or sorted(self._watched))
        except (BackendError, RunnerError):
            self._told = dict.fromkeys(told) | self._told
            raise

    def _on_ended(self, about: bytes) -> None:
        """Keep it for `ended`, if it is of an attempt that anybody here waits for."""
        word, _, more = about.partition(b" ")
        attempt = AttemptId(word.decode("ascii"))
        if attempt not in self._watched and attempt not in self._starting:
            return
        self._told[attempt] = texts.status_of(about) if more else None
        self._something_ended.knock()

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Status:
        return await self._talk.ask("stop", attempt, epoch, grace_ms, signal, read=_only)

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        """Leases begin anew as of when the host is asked for the time, not when it hears."""
        at_ms = await self._talk.ask("ping", read=_number)
        alive: list[AttemptId] = []
        for some in _some(attempts):
            alive += await self._talk.ask("renew", epoch, at_ms, *some, read=_attempts)
        return alive

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        asked = (attempt, stream, offset, limit)
        return await self._talk.ask_for_log("tail", *asked, read=_chunk)

    async def find(
        self, attempt: AttemptId, stream: str, offset: int, length: int, wanted: Wanted
    ) -> Found:
        if self._talk.speaks == "python" and not self._reads_logs_here:
            words = (attempt, stream, offset, length, int(wanted.fold), self._text(wanted.text))
            try:
                return await self._talk.ask_for_log("find", *words, read=_found)
            except (LinkRefused, BadRequestError):  # its door, or key, is older than the verb
                self._reads_logs_here = True
        return await log_reading.find(self.tail, attempt, stream, offset, length, wanted)

    async def trim(self, attempt: AttemptId, cap_bytes: int) -> int:
        return await self._talk.ask("trim", attempt, cap_bytes, read=_number)

    async def tidy(self, attempts: Sequence[AttemptId]) -> None:
        for some in _some(attempts):
            await self._talk.ask("tidy", *some, read=_ok)

    async def gc(self, attempt: AttemptId, epoch: Epoch) -> None:
        await self._talk.ask("gc", attempt, epoch, read=_ok)

    async def lost(self) -> str:
        return await self._talk.lost()

    async def look(self) -> Sight:
        began_s = self._clock.monotonic()
        await self._talk.ask("ping", read=_ok)
        round_trip_s = self._clock.monotonic() - began_s
        return await self._talk.ask("look", read=partial(self._sight, round_trip_s))

    def _sight(self, round_trip_s: float, answer: Answer) -> Sight:
        now_at = self._clock.now()
        return texts.sight_of(answer.words[1:], self._decode, now_at, round_trip_s)

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        read = partial(_usages, self._clock.now())
        found: dict[AttemptId, Usage] = {}
        for some in _some(attempts):
            found |= await self._talk.ask("usage", *some, read=read)
        return found

    async def pause(self, attempt: AttemptId, epoch: Epoch, *, clocks_too: bool) -> Status:
        return await self._talk.ask("pause", attempt, epoch, int(clocks_too), read=_only)

    async def resume(self, attempt: AttemptId, epoch: Epoch) -> Status:
        return await self._talk.ask("resume", attempt, epoch, read=_only)

    async def feed(
        self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool, piece: int = 0
    ) -> int:
        words = (attempt, epoch, int(end), piece, self._text(data))
        return await self._talk.ask("feed", *words, read=_number)

    async def give(self, sha: str, source: Path) -> None:
        """Besides the conversation for verbs. Raises: as `Backend.give`."""
        with source.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            have = await self._put(sha, size, 0, b"")
            while have < size:
                file.seek(have)
                piece = file.read(PIECE_BYTES[self._talk.speaks])
                came = await self._put(sha, size, have, piece)
                if came <= have:
                    raise Unreachable(f"of {size} bytes it takes no more than {have}")
                have = came

    async def _put(self, sha: str, size: int, offset: int, data: bytes) -> int:
        words = (sha, size, offset, self._text(data))
        return await self._talk.ask_for_log("put", *words, read=_number)

    async def close(self) -> None:
        await self._talk.close()

    def _text(self, data: bytes) -> bytes:
        return texts.to_sh(data) if self._talk.speaks == "sh" else texts.to_python(data)

    def _decode(self, word: bytes) -> bytes:
        return texts.from_sh(word) if self._talk.speaks == "sh" else texts.from_python(word)


def _some(attempts: Sequence[AttemptId]) -> Iterable[Sequence[AttemptId]]:
    return (attempts[at : at + MOST_NAMED] for at in range(0, len(attempts), MOST_NAMED))


def _parsed(answer: Answer) -> list[Status]:
    return [texts.status_of(line) for line in answer.parts]


def _of_each(attempts: Sequence[AttemptId], answer: Answer) -> list[Status]:
    """In the order of these attempts. Raises: LookupError: one of them is missing."""
    found = {status.attempt: status for status in _parsed(answer)}
    return [found[attempt] for attempt in attempts]


def _only(answer: Answer) -> Status:
    return texts.status_of(b" ".join(answer.words))


def _ok(_: Answer) -> None:
    """That it was answered is all there is to know."""


def _number(answer: Answer) -> int:
    return texts.bounded(answer.words[1].decode("ascii"))


def _attempts(answer: Answer) -> list[AttemptId]:
    return [AttemptId(word.decode("ascii")) for word in answer.words[1:]]


def _chunk(answer: Answer) -> Chunk:
    begin, size, dropped = (texts.bounded(word.decode("ascii")) for word in answer.words[1:4])
    return Chunk(data=answer.data, offset=begin, size=size, dropped=dropped)


def _found(answer: Answer) -> Found:
    start, size, dropped = (texts.bounded(word.decode("ascii")) for word in answer.words[1:4])
    return texts.found_of(start, size, dropped, answer.data)


def _usages(at: int, answer: Answer) -> dict[AttemptId, Usage]:
    return dict(texts.usage_of(part, at) for part in answer.parts)
