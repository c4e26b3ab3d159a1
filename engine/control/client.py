"""The client for programs with an event loop: many questions at once on one connection."""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from engine.clock import Clock, SystemClock
from engine.control import absence, blocking, exchange, place
from engine.control.messages import VERSION, Request, SayHello, Stream
from engine.control.peer import Door, Peer
from engine.control.remote import Remote
from engine.control.views import Hello
from engine.errors import DoorError, EngineError, FrameMalformed, FrameTooLarge

if TYPE_CHECKING:
    from engine.tools.results import ToolResult

R = TypeVar("R")

BACKLOG: Final = 4_096
"""Items of a stream that nobody took yet, above which reading pauses."""


class _Pending:
    """Answers to one request, in order, and the one who waits for the next of them."""

    def __init__(self) -> None:
        self.answers: deque[exchange.Answer] = deque()
        self.waiter: asyncio.Future[None] | None = None

    def wake(self) -> None:
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)


class Client(asyncio.Protocol):
    """One connection, any number of calls and streams in flight. Starts no task.

    While a stream is `BACKLOG` items behind and no call waits for its answer, nothing is
    read, so that a slow reader costs the daemon's patience and not this program's memory.
    """

    def __init__(self, peer: Peer, begun: exchange.Exchange | None = None) -> None:
        self._peer = peer
        self._exchange = begun or exchange.Exchange()
        self._pending: dict[int, _Pending] = {}
        self._calls = 0
        self._transport: asyncio.Transport | None = None
        self._broken: EngineError | None = DoorError("not connected yet")
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._hello: Hello | None = None

    @property
    def hello(self) -> Hello:
        """What the daemon said of itself."""
        if self._hello is None:
            raise DoorError("not introduced yet: use `connect`")
        return self._hello

    @property
    def is_connected(self) -> bool:
        """Whether calls can still be answered."""
        return self._broken is None

    async def call(self, request: Request[R]) -> R:
        """The daemon's answer. Canceling the call tells the daemon that nobody waits.

        Raises:
            NoDaemon: it went away; whether it acted is not known.
            EngineError: what the daemon answered instead, as the class it raised there.
        """
        number = self._send(request)
        self._calls += 1
        self._flow()
        try:
            answer = await self._next(number)
        finally:
            self._calls -= 1
            self._drop(number)
        if isinstance(answer, exchange.Failed):
            raise answer.error
        value: R = answer.value
        return value

    async def call_tool(
        self, tool: str, args: Mapping[str, Any] | None = None, **job: Any
    ) -> "ToolResult":
        """As `BlockingClient.call_tool`."""
        from engine.control import calling  # few clients call tools

        submitted = await self.call(calling.the_call(tool, args or {}, job))
        id_ = submitted.ids[0][0]
        await self.call(calling.the_wait(id_))
        return calling.as_value(await self.call(calling.the_result(id_)))

    async def stream(self, request: Stream[R]) -> AsyncGenerator[R, None]:
        """The daemon's items as they come, from the first `anext` on.

        Closing the generator (`contextlib.aclosing`), or canceling who waits for it, ends
        the stream at the daemon too. Raises: as `call`.
        """
        number = self._send(request)
        try:
            while not isinstance(answer := await self._next(number), exchange.Last):
                if isinstance(answer, exchange.Failed):
                    raise answer.error
                yield answer.value
        finally:
            self._drop(number)

    async def wait_closed(self) -> None:
        """Return when the connection has ended, whoever ended it."""
        await asyncio.shield(self._closed)

    def close(self) -> None:
        """Hang up; may be called twice. What is in flight raises `NoDaemon`."""
        if self._transport is not None:
            self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        await self.wait_closed()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._broken = None

    def data_received(self, data: bytes) -> None:
        try:
            for answer in self._exchange.receive(data):
                self._deliver(answer)
        except DoorError as broken:
            self._break(broken)
        self._flow()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        error = self._peer.gone()
        try:
            self._exchange.finish()
        except DoorError as truncated:
            error = truncated
        self._break(error)
        self._peer.leave()
        if not self._closed.done():
            self._closed.set_result(None)

    def _send(self, request: Request[Any] | Stream[Any]) -> int:
        if self._broken is not None or self._transport is None:
            raise self._broken or DoorError("not connected yet")
        number, data = self._exchange.ask(request)
        self._pending[number] = _Pending()
        self._transport.write(data)
        return number

    async def _next(self, number: int) -> exchange.Answer:
        pending = self._pending[number]
        while not pending.answers:
            if self._broken is not None:
                raise self._broken
            pending.waiter = asyncio.get_running_loop().create_future()
            await pending.waiter
        answer = pending.answers.popleft()
        self._flow()
        return answer

    def _deliver(self, answer: exchange.Answer) -> None:
        pending = self._pending[answer.number]
        pending.answers.append(answer)
        pending.wake()

    def _drop(self, number: int) -> None:
        self._pending.pop(number, None)
        data = self._exchange.drop(number)
        if data and self._broken is None and self._transport is not None:
            self._transport.write(data)
        self._flow()

    def _break(self, error: EngineError) -> None:
        if self._broken is None:
            self._broken = error
        for pending in self._pending.values():
            pending.wake()
        self.close()

    def _flow(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        behind = any(len(each.answers) >= BACKLOG for each in self._pending.values())
        if behind and not self._calls:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


async def connect(
    where: Path | Remote,
    *,
    read_only: bool = False,
    version: str = VERSION,
    clock: Clock | None = None,
    hello_s: float | None = None,
    kind: str = "python",
) -> Client:
    """A client of the daemon of a state directory, or of another machine, introduced.

    Use it as `async with await connect(state) as client:`.

    Raises:
        NoDaemon: nobody answers; start one.
        UnusableState: the path is too long or belongs to somebody else.
        VersionMismatch: it speaks another protocol; `crabtui restart`.
    """
    client = await _connected(where)
    waits_s = hello_s if hello_s is not None else blocking.patience(where)
    hello = exchange.hello(version, read_only=read_only, kind=kind)
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(client)
        client._hello = await _introduced(client, hello, clock, waits_s)
        exchange.check_protocol(client.hello)
        client._peer.met()
        stack.pop_all()
    return client


async def take_over(begun: blocking.BlockingClient) -> Client:
    """The same connection for a program with an event loop; `begun` is not used any more."""
    connected, peer, conversation = begun.give_away()
    connected.setblocking(False)
    client = await _over(connected, peer, conversation)
    client._hello = begun.hello
    return client


async def _connected(where: Path | Remote) -> Client:
    if isinstance(where, Remote):
        from engine.control import ssh_peer

        return await _over(*ssh_peer.start(where))
    path = place.door(where)
    loop = asyncio.get_running_loop()
    try:
        _, client = await loop.create_unix_connection(lambda: Client(Door(path)), str(path))
    except OSError as trouble:
        raise absence.cannot_connect(path, trouble) from None
    return client


async def _over(
    connected: socket.socket, peer: Peer, begun: exchange.Exchange | None = None
) -> Client:
    loop = asyncio.get_running_loop()
    _, client = await loop.create_unix_connection(lambda: Client(peer, begun), sock=connected)
    return client


async def _introduced(
    client: Client, hello: SayHello, clock: Clock | None, hello_s: float | None
) -> Hello:
    greeting = client.call(hello)
    try:
        if hello_s is None:
            return await greeting
        return await (clock or SystemClock()).within(hello_s, greeting)
    except TimeoutError:
        raise client._peer.silent(hello_s or 0.0) from None
    except (FrameTooLarge, FrameMalformed) as broken:
        raise client._peer.babbles(broken) from None
