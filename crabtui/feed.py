"""The feed: the one place where the console talks to the daemon, and listens to it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing, suppress
from functools import partial
from typing import Any, Final, Protocol, TypeVar

import msgspec
from textual.message import Message

from crabtui.boundary import clean
from crabtui.link import Link, Stage
from crabtui.lookout import Lookout
from crabtui.messages import Came, LinkChanged, PulseCame
from crabtui.topics.topic import A, Topic
from engine.clock import Clock
from engine.control import messages as ask
from engine.control.views import Hello, LogChunk
from engine.errors import DoorError, EngineError, NoDaemon, VersionMismatch

R = TypeVar("R")

FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 10.0


class Door(Protocol):
    """A connection to the daemon, as `engine.control.client` makes it."""

    @property
    def hello(self) -> Hello: ...

    async def call(self, request: ask.Request[R]) -> R: ...

    def stream(self, request: ask.Stream[R]) -> AsyncGenerator[R, None]: ...

    def close(self) -> None: ...


class Connect(Protocol):
    """How a `Door` is opened."""

    async def __call__(self, *, read_only: bool) -> Door: ...


class Feed:
    """Connects, reconnects, hears pulses and keeps what is on screen fresh.

    `tell` gets a message for everything that may have changed; texts in it are harmless.
    """

    def __init__(
        self, connect: Connect, tell: Callable[[Message], object], clock: Clock
    ) -> None:
        self._connect = connect
        self._tell = tell
        self._clock = clock
        self._door: Door | None = None
        self._hurry = asyncio.Event()
        self.link = Link(since_s=clock.monotonic())
        self.read_only = False
        self.frozen = False
        self.as_of: int | None = None
        """The event as of which everything is shown; None: now."""
        self._topics: dict[str, Topic[Any, Any]] = {}
        self._lookouts: dict[str, Lookout[Any, Any]] = {}
        """By topic; each from the first time that it was looked at."""
        self._listening: asyncio.TaskGroup | None = None
        self.least_gap_s = 0.0

    async def run(self) -> None:
        """Stay connected until canceled."""
        while True:
            try:
                await self._converse()
            except (EngineError, OSError) as error:
                await self._wait_after(error)

    @property
    def at_moment(self) -> "AtMoment":
        """The same, but what is looked at is asked of the moment that is looked at now."""
        return AtMoment(self, self.as_of)

    async def call(self, request: ask.Request[R]) -> R:
        """The daemon's answer, made harmless; about now, unless the request says otherwise.

        Raises:
            NoDaemon: not connected now.
            EngineError: what the daemon says, in harmless words.
        """
        if self._door is None:
            raise NoDaemon(self.link.why_not() or "not connected")
        try:
            return clean(await self._door.call(request))
        except EngineError as error:
            error.message = clean(error.message)
            error.args = (error.message,)
            raise

    async def follow_log(self, request: ask.FollowLog) -> AsyncGenerator[LogChunk, None]:
        """The log as it grows.

        Raises:
            NoDaemon: not connected now.
        """
        if self._door is None:
            raise NoDaemon(self.link.why_not() or "not connected")
        async with aclosing(self._door.stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk

    @property
    def hello(self) -> Hello:
        """How the daemon introduced itself. Raises NoDaemon: not connected now."""
        if self._door is None:
            raise NoDaemon(self.link.why_not() or "not connected")
        return self._door.hello

    @property
    def is_answered(self) -> bool:
        """Whether all that is looked at has been answered."""
        return all(lookout.is_answered for lookout in self._lookouts.values())

    @property
    def answers(self) -> dict[str, object]:
        """What is looked at, as it was last answered, by topic."""
        found = {name: lookout.answer for name, lookout in self._lookouts.items()}
        return {name: answer for name, answer in found.items() if answer is not None}

    def look_every(self, seconds: float) -> None:
        """Look at most so often at the same thing; 0: as soon as it may have changed."""
        self.least_gap_s = seconds
        for lookout in self._lookouts.values():
            lookout.more_gap_s = seconds

    async def stream(self, request: ask.Stream[R]) -> AsyncGenerator[R, None]:
        """The daemon's items as they come, made harmless.

        Raises:
            NoDaemon: not connected now.
        """
        if self._door is None:
            raise NoDaemon(self.link.why_not() or "not connected")
        async with aclosing(self._door.stream(request)) as items:
            async for item in items:
                yield clean(item)

    def hurry(self) -> None:
        """Do not wait for the next try: connect now."""
        self._hurry.set()

    def rearm(self, *, read_only: bool) -> None:
        """Connect again with other rights."""
        self.read_only = read_only
        self._hurry.set()
        if self._door is not None:
            self._door.close()

    def look(self, topic: Topic[A, Any], aim: A | None) -> None:
        """Look at this of a topic from now on; None: at nothing, unless it is kept."""
        lookout = self._lookouts.get(topic.name) or self._begin(topic)
        if topic.is_kept and aim is None:
            return
        if topic.is_kept and aim == lookout.aim:
            lookout.touch()
        lookout.look(aim)

    def _begin(self, topic: Topic[Any, Any]) -> Lookout[Any, Any]:
        lookout = Lookout(
            partial(self._fetch, topic),
            partial(self._came, topic),
            clock=self._clock,
            gap_s=topic.gap_s,
            settle_s=topic.settle_s,
        )
        lookout.more_gap_s = self.least_gap_s
        self._topics[topic.name], self._lookouts[topic.name] = topic, lookout
        if self._listening is not None:
            self._listening.create_task(self._while_heard(lookout.run()))
        return lookout

    def show_moment(self, as_of: int | None) -> None:
        """Show everything as it was at this event, or now."""
        if as_of != self.as_of:
            self.as_of = as_of
            for lookout in self._lookouts.values():
                lookout.again()

    async def _fetch(self, topic: Topic[A, R], aim: A) -> R:
        """What a topic's aim names, all of it from one moment."""
        while True:
            as_of = self.as_of
            try:
                answer = await topic.fetch(self.at_moment, aim)
            except EngineError as error:
                if isinstance(error, DoorError) or as_of == self.as_of:
                    raise
                continue
            if as_of == self.as_of:
                return answer

    def touch(self) -> None:
        """Look at everything on screen again."""
        for lookout in self._lookouts.values():
            lookout.touch()

    async def _converse(self) -> None:
        """One connection, from its start to its end."""
        self._door = await self._connect(read_only=self.read_only)
        try:
            hello = clean(self._door.hello)
            self._move(
                stage=Stage.LIVE, daemon=hello.daemon, may_act="act" in hello.rights, tries=0
            )
            await self._listen(self._door)
        finally:
            door, self._door = self._door, None
            door.close()

    async def _listen(self, door: Door) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for lookout in self._lookouts.values():
                    group.create_task(self._while_heard(lookout.run()))
                self._listening = group
                group.create_task(self._while_heard(self._pulses(door)))
        except* (EngineError, OSError) as broken:
            raise _first(broken) from None
        finally:
            self._listening = None

    async def _while_heard(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this; once it ends, the conversation does, and nothing new begins in it."""
        try:
            await work
        finally:
            self._listening = None

    async def _pulses(self, door: Door) -> None:
        async with aclosing(door.stream(ask.Watch())) as pulses:
            async for pulse in pulses:
                self._hear(clean(pulse))
        raise NoDaemon("the daemon closed the connection")

    def _hear(self, pulse: ask.Pulse) -> None:
        self._move(stage=Stage.LIVE)
        if self.frozen or self.as_of is not None:
            return self._say(PulseCame(pulse))
        for name, lookout in self._lookouts.items():
            stirred = self._topics[name].stirred
            if lookout.aim is not None and stirred(pulse, lookout.aim):
                lookout.touch()
        return self._say(PulseCame(pulse))

    async def _wait_after(self, error: Exception) -> None:
        """Say that the daemon is away, and wait before the next try."""
        if self._hurry.is_set():
            return self._hurry.clear()
        tries = self.link.tries + 1
        wait_s = min(FIRST_WAIT_S * 2 ** (tries - 1), LONGEST_WAIT_S)
        stage = Stage.FAILED if isinstance(error, VersionMismatch) else Stage.OFFLINE
        due = self._clock.monotonic() + wait_s
        self._move(stage=stage, tries=tries, retry_s=due, error=clean(str(error)))
        with suppress(TimeoutError):
            await self._clock.within(wait_s, self._hurry.wait())
        return self._hurry.clear()

    def _move(self, stage: Stage, **changes: Any) -> None:
        now_s, old = self._clock.monotonic(), self.link
        same = old.stage is stage
        kept = {f: getattr(old, f) for f in ("daemon", "may_act", "tries", "error")}
        heard = now_s if stage is Stage.LIVE else old.heard_s
        since = old.since_s if same else now_s
        self.link = Link(**(kept | changes | _times(stage, since, heard)))
        if not same or "tries" in changes:
            self._say(LinkChanged(self.link))

    def _say(self, message: Message) -> None:
        self._tell(message)

    def _came(
        self, topic: Topic[Any, Any], aim: object, answer: object, error: EngineError | None
    ) -> None:
        self._say(Came(topic, aim, answer, error, as_of=self.as_of))


class AtMoment:
    """Asks by a feed, and stays at one moment."""

    def __init__(self, feed: Feed, as_of: int | None) -> None:
        self._feed = feed
        self.as_of = as_of

    async def call(self, request: ask.Request[R]) -> R:
        """As `Feed.call`."""
        return await self._feed.call(_as_of(request, self.as_of))


def _as_of(request: ask.Request[R], as_of: int | None) -> ask.Request[R]:
    """The request, about a past moment if it can be and does not say until when itself."""
    fields = request.__struct_fields__
    if as_of is None or "as_of" not in fields or getattr(request, "until_at", None) is not None:
        return request
    return msgspec.structs.replace(request, as_of=as_of)


def _times(stage: Stage, since_s: float, heard_s: float | None) -> dict[str, Any]:
    return {"stage": stage, "since_s": since_s, "heard_s": heard_s}


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    """The error to tell of: the conversation's end rather than what followed from it."""
    leaves: list[Exception] = []

    def collect(error: BaseException) -> None:
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                collect(inner)
        elif isinstance(error, Exception):
            leaves.append(error)

    collect(group)
    doors = [error for error in leaves if isinstance(error, DoorError)]
    return (doors or leaves)[0]
