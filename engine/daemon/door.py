"""The door: a unix socket for this user alone, and one conversation per connection."""

import asyncio
import logging
import os
import pwd
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.control import frames
from engine.control.asks import decode_ask, verb_of
from engine.control.messages import SayHello, Stream, Wait
from engine.control.views import Done
from engine.daemon.desk import Caller, Desk
from engine.daemon.handlers import ANSWERS, STREAMS, hang_up, turn_away
from engine.errors import DoorError, EngineError, NotAllowed, UnusableState
from engine.loops.supervisor import contain

log = logging.getLogger(__name__)

READ_BYTES = 1 << 18
IN_FLIGHT = 64
"""Requests of one connection that are worked on at the same time; more wait their turn."""

MOST_OPEN = 1_024
"""Streams and waits of one connection; they take no turn, for they may last for ever."""

AGAIN_S = 0.1
"""How long nobody new is let in when the system has no descriptor left."""

LASTING = (Stream, Wait)

Answer = Callable[[Desk, Caller, Any], Awaitable[Any]]
Items = Callable[[Desk, Caller, Any], AsyncIterator[Any]]


def open_door(path: Path) -> socket.socket:
    """A listening socket at `path`, for this user only.

    The caller holds the lock of the state directory, so whatever socket lies there is a
    dead daemon's and may go.

    Raises:
        UnusableState: something else lies there, or the folder is not ours alone.
    """
    path.parent.mkdir(mode=0o700, exist_ok=True)
    folder = path.parent.lstat()
    if folder.st_uid != os.getuid() or folder.st_mode & 0o077 or path.parent.is_symlink():
        raise UnusableState(f"{path.parent} must be a folder of yours with mode 0700")
    if path.is_socket():
        path.unlink()
    elif path.exists() or path.is_symlink():
        raise UnusableState(f"{path} is in the way: it is no socket")
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        door.bind(str(path))
    finally:
        os.umask(before)
    door.listen(128)
    door.setblocking(False)
    return door


def peer_uid(connection: socket.socket) -> int:
    """The user id of the process at the other end."""
    if sys.platform == "linux":
        found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        return int(struct.unpack("3i", found)[1])
    local_peercred, xucred = 0x001, "Ii"
    found = connection.getsockopt(0, local_peercred, struct.calcsize(xucred) + 72)
    return int(struct.unpack_from(xucred, found)[1])


async def serve(desk: Desk, door: socket.socket) -> None:
    """Answer whoever connects, for ever."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as connections:
        while True:
            try:
                connection, _ = await loop.sock_accept(door)
            except OSError as error:
                log.warning("cannot let a client in: %s", error)
                await desk.clock.sleep(AGAIN_S)
                continue
            connection.setblocking(False)
            if peer_uid(connection) != os.getuid():
                log.warning("turned away a client of uid %d", peer_uid(connection))
                connection.close()
                continue
            connections.create_task(Conversation(desk, connection).hold())


class Conversation:
    """One client's requests, any number in flight; its end hurts nobody else."""

    def __init__(self, desk: Desk, connection: socket.socket) -> None:
        self._desk = desk
        self._connection = connection
        self._caller = Caller(user=_user_name(peer_uid(connection)))
        self._sending = asyncio.Lock()
        self._turns = asyncio.Semaphore(IN_FLIGHT)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._requests = asyncio.TaskGroup()
        self._sends: set[asyncio.Task[bool]] = set()

    async def hold(self) -> None:
        """Talk until the client leaves or breaks the protocol."""
        self._desk.clients += 1
        try:
            async with self._requests as requests:
                await self._listen(requests)
                for task in [*self._running.values(), *self._sends]:
                    task.cancel()
        finally:
            self._desk.clients -= 1
            self._hang_up()
            await self._clean_up()

    def _hang_up(self) -> None:
        """Close the connection; whoever asked us to stop keeps it until the process ends."""
        if self._caller.sees_us_off and self._desk.stopping.is_set():
            self._connection.detach()
        else:
            self._connection.close()

    async def _clean_up(self) -> None:
        try:
            await contain("hang up", hang_up(self._caller))
        except (EngineError, OSError) as error:
            log.warning("what a client had begun is swept at the next start: %s", error)

    async def _listen(self, requests: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        deframer = frames.Deframer()
        try:
            while data := await loop.sock_recv(self._connection, READ_BYTES):
                for body in deframer.feed(data):
                    await self._take(frames.decode_call(body), requests)
            deframer.finish()
        except DoorError as broken:
            log.warning("a client broke the protocol: %s", broken)
            await self._send_if_there(frames.encode_error(0, broken))
        except OSError:
            log.debug("a client went away")

    async def _take(self, call: frames.Call, requests: asyncio.TaskGroup) -> None:
        if call.drop:
            dropped = self._running.pop(call.id, None)
            if dropped is not None:
                dropped.cancel()
            return
        try:
            ask = decode_ask(call.ask)
            self._check_open(ask)
        except EngineError as refusal:
            turn_away(self._desk, self._caller, verb_of(call.ask), refusal)
            await self._send_if_there(frames.encode_error(call.id, refusal))
            return
        takes_turn = not isinstance(ask, LASTING)
        if takes_turn:
            await self._turns.acquire()
        task = requests.create_task(self._answer(call.id, ask))
        self._running[call.id] = task
        task.add_done_callback(lambda done: self._done(call.id, done, takes_turn=takes_turn))

    def _check_open(self, ask: Any) -> None:
        if isinstance(ask, LASTING) and len(self._running) >= MOST_OPEN:
            raise NotAllowed(f"more than {MOST_OPEN} streams and waits on one connection")

    def _done(self, number: int, task: "asyncio.Task[None]", *, takes_turn: bool) -> None:
        if takes_turn:
            self._turns.release()
        if self._running.get(number) is task:
            del self._running[number]

    async def _answer(self, number: int, ask: Any) -> None:
        try:
            reply = await contain(type(ask).__name__, self._work(number, ask))
        except EngineError as refusal:
            reply = frames.encode_error(number, refusal)
        except OSError as broken:  # of a file; or the client has gone, then nobody reads it
            reply = frames.encode_error(number, EngineError(f"the system refused: {broken}"))
        await self._send_if_there(reply)

    async def _work(self, number: int, ask: Any) -> bytes:
        if not self._caller.version and not isinstance(ask, SayHello):
            raise NotAllowed("say hello first")
        if isinstance(ask, Stream):
            async for item in STREAMS[type(ask)](self._desk, self._caller, ask):
                await self._send(frames.encode_item(number, item))
            return frames.encode_ok(number, Done())
        answer = await ANSWERS[type(ask)](self._desk, self._caller, ask)
        return frames.encode_ok(number, answer)

    async def _send_if_there(self, frame: bytes) -> None:
        with suppress(OSError):
            await self._send(frame)

    async def _send(self, frame: bytes) -> None:
        """Send a frame whole: a request that is dropped meanwhile must not tear it."""
        sending = self._requests.create_task(self._send_whole(frame))
        self._sends.add(sending)
        sending.add_done_callback(self._sends.discard)
        if not await asyncio.shield(sending):
            raise ConnectionResetError("the client has gone")

    async def _send_whole(self, frame: bytes) -> bool:
        try:
            async with self._sending:
                await asyncio.get_running_loop().sock_sendall(self._connection, frame)
        except OSError:
            return False
        return True


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
