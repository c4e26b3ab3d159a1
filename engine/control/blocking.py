"""The client for commands and scripts: a plain socket, no event loop."""

import contextlib
import socket
from collections import deque
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from engine.control import absence, exchange, place
from engine.control.messages import VERSION, Request, Stream
from engine.control.peer import Door, Peer
from engine.control.remote import Remote
from engine.control.views import Hello
from engine.errors import DoorError, FrameMalformed, FrameTooLarge

if TYPE_CHECKING:
    from engine.tools.results import ToolResult

R = TypeVar("R")

HELLO_S: Final = 10.0
"""How long a daemon may take to introduce itself."""

REMOTE_HELLO_S: Final = 45.0
"""The same over ssh, which connects and logs in first, and may have to start the daemon."""

READ_BYTES: Final = 1 << 18


class BlockingClient:
    """One connection. Calls wait for their answer; use it from one thread at a time."""

    def __init__(self, connected: socket.socket, peer: Peer) -> None:
        self._socket = connected
        self._peer = peer
        self._exchange = exchange.Exchange()
        self._arrived: dict[int, deque[exchange.Answer]] = {}
        self.hello: Hello | None = None
        """What the daemon said of itself; None before `connect` has finished."""

    def call(self, request: Request[R]) -> R:
        """The daemon's answer.

        Raises:
            NoDaemon: it went away; whether it acted is not known.
            EngineError: what the daemon answered instead, as the class it raised there.
        """
        number = self._send(request)
        answer = self._next(number)
        if isinstance(answer, exchange.Failed):
            raise answer.error
        value: R = answer.value
        return value

    def call_tool(
        self, tool: str, args: Mapping[str, Any] | None = None, **job: Any
    ) -> "ToolResult":
        """What a call of a tool came to, once its job has ended, whatever it came to.

        Args:
            tool: Its name.
            args: Its arguments.
            job: Further keys of its job, such as `timeout`, `retries` and `queue`.

        Raises:
            InvalidSpec: there is no such tool, or its arguments are wrong.
            NoDaemon: the daemon went away; the call goes on without us, or after it.
        """
        from engine.control import calling  # few clients call tools

        id_ = self.call(calling.the_call(tool, args or {}, job)).ids[0][0]
        self.call(calling.the_wait(id_))
        return calling.as_value(self.call(calling.the_result(id_)))

    def stream(self, request: Stream[R]) -> Generator[R, None, None]:
        """The daemon's items as they come; closing the generator ends it there too.

        Calls may be made between two items. Raises: as `call`.
        """
        number = self._send(request)
        try:
            while not isinstance(answer := self._next(number), exchange.Last):
                if isinstance(answer, exchange.Failed):
                    raise answer.error
                yield answer.value
        finally:
            self._drop(number)

    def streams(self, *requests: Stream[R]) -> Generator[tuple[int, R], None, None]:
        """Items of several streams as they come, each with the place of its request.

        Ends when all have ended. Raises: as `call`, for the first that fails.
        """
        numbers = [self._send(request) for request in requests]
        unended = dict(zip(numbers, range(len(numbers)), strict=True))
        try:
            while unended:
                number = self._first_answered(unended)
                answer = self._next(number)
                if isinstance(answer, exchange.Failed):
                    raise answer.error
                if isinstance(answer, exchange.Last):
                    del unended[number]
                else:
                    yield unended[number], answer.value
        finally:
            for number in numbers:
                self._drop(number)

    def wait_closed(self) -> None:
        """Return when the daemon has hung up. Raises: TimeoutError (see `set_timeout`)."""
        with contextlib.suppress(DoorError):
            while True:
                self._read()

    def set_timeout(self, seconds: float | None) -> None:
        """How long to wait for bytes before `TimeoutError`; None waits for ever."""
        self._socket.settimeout(seconds)

    def close(self) -> None:
        """Hang up; may be called twice."""
        self._socket.close()
        self._peer.leave()

    def give_away(self) -> tuple[socket.socket, Peer, exchange.Exchange]:
        """The connection, for another client to go on with; nothing may be in flight."""
        return self._socket, self._peer, self._exchange

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _send(self, request: Request[Any] | Stream[Any]) -> int:
        number, data = self._exchange.ask(request)
        self._arrived[number] = deque()
        self._write(data)
        return number

    def _write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as broken:
            raise self._peer.gone() from broken

    def _drop(self, number: int) -> None:
        self._arrived.pop(number, None)
        if data := self._exchange.drop(number):
            with contextlib.suppress(OSError):  # nobody left to tell
                self._socket.sendall(data)

    def _next(self, number: int) -> exchange.Answer:
        waiting = self._arrived[number]
        while not waiting:
            self._read()
        answer = waiting.popleft()
        if not isinstance(answer, exchange.Item):
            self._arrived.pop(number, None)
        return answer

    def _first_answered(self, numbers: Iterable[int]) -> int:
        while True:
            for number in numbers:
                if self._arrived[number]:
                    return number
            self._read()

    def _read(self) -> None:
        try:
            data = self._socket.recv(READ_BYTES)
        except TimeoutError:
            raise
        except OSError as broken:
            raise self._peer.gone() from broken
        if not data:
            self._exchange.finish()
            raise self._peer.gone()
        for answer in self._exchange.receive(data):
            self._arrived[answer.number].append(answer)


def connect(
    where: Path | Remote,
    *,
    read_only: bool = False,
    version: str = VERSION,
    any_protocol: bool = False,
    hello_s: float | None = None,
    kind: str = "python",
) -> BlockingClient:
    """A client of the daemon of a state directory, or of another machine, introduced.

    Args:
        where: The state directory, which need not exist, or the machine.
        read_only: The daemon will refuse every act.
        version: What to tell the daemon about this client.
        any_protocol: Go on even if it speaks another protocol (to stop it, say).
        hello_s: How long it may take to introduce itself; None: as long as is usual there.
        kind: What this client is, for the audit trail: `console`, `cli`, `python`.

    Raises:
        NoDaemon: nobody answers; start one.
        UnusableState: the path is too long or belongs to somebody else.
        VersionMismatch: it speaks another protocol; `crabtui restart`.
    """
    client = BlockingClient(*_connected(where))
    waits_s = hello_s if hello_s is not None else patience(where)
    try:
        client.set_timeout(waits_s)
        client.hello = client.call(exchange.hello(version, read_only=read_only, kind=kind))
        if not any_protocol:
            exchange.check_protocol(client.hello)
        client.set_timeout(None)
        client._peer.met()
    except BaseException as broken:
        error = _better(broken, client._peer, waits_s)
        client.close()
        raise error from None
    return client


def patience(where: Path | Remote) -> float | None:
    """Seconds that a daemon may take to introduce itself; None if a person is asked first."""
    if isinstance(where, Path):
        return HELLO_S
    return None if where.asks else REMOTE_HELLO_S


def _better(broken: BaseException, peer: Peer, waited_s: float | None) -> BaseException:
    """What to say of a daemon that did not introduce itself."""
    if isinstance(broken, TimeoutError):
        return peer.silent(waited_s or 0.0)
    if isinstance(broken, FrameTooLarge | FrameMalformed):
        return peer.babbles(broken)
    return broken


def _connected(where: Path | Remote) -> tuple[socket.socket, Peer]:
    if isinstance(where, Remote):
        from engine.control import ssh_peer  # most commands need no ssh

        return ssh_peer.start(where)
    path = place.door(where)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
    except OSError as trouble:
        connection.close()
        raise absence.cannot_connect(path, trouble) from None
    return connection, Door(path)
