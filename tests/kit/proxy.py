"""A line that can be cut, stalled, halved and slowed: a TCP proxy in a thread of its own."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from tests.kit.waiting import PATIENCE_S

UP, DOWN = "up", "down"  # from the client to the host, and back
_PIECE_BYTES = 1 << 16
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on 127.0.0.1 and passes on to `port`; its faults hold until `mend`.

    Every method may be called from any thread, and has taken effect when it returns.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._lines: set[_Line] = set()
        self._faults = _Faults()
        self.accepted = 0
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()
        self.port = self._in_loop(self._listen)

    def cut(self) -> None:
        """Reset every connection there is; new ones come through."""
        self._in_loop(self._cut)

    def refuse(self) -> None:
        """Reset every connection, and each new one at once."""
        self._in_loop(self._refuse)

    def stall(self, *directions: str) -> None:
        """Take what comes and pass nothing on, in these directions or both."""
        self._in_loop(lambda: self._faults.stall(set(directions) or {UP, DOWN}))

    def delay(self, seconds: float) -> None:
        """Every byte arrives so much later, each way."""
        self._in_loop(lambda: setattr(self._faults, "delay_s", seconds))

    def cut_after(self, count: int, direction: str) -> None:
        """Pass on `count` more bytes in this direction, then reset every connection."""
        self._in_loop(lambda: self._faults.left.__setitem__(direction, count))

    def mend(self) -> None:
        """No faults any more; what was held back is passed on."""
        self._in_loop(self._faults.mend)

    @property
    def passed(self) -> dict[str, int]:
        """Bytes passed on since the start, by direction."""
        return dict(self._faults.passed)

    @property
    def open(self) -> int:
        """How many connections go through it now."""
        return len(self._lines)

    def close(self) -> None:
        self._in_loop(self._end)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _in_loop(self, act: Callable[[], object]) -> int:
        async def acted() -> object:
            done = act()
            return await done if asyncio.iscoroutine(done) else done

        done = asyncio.run_coroutine_threadsafe(acted(), self._loop).result(PATIENCE_S)
        return done if isinstance(done, int) else 0

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self._faults.refusing:
            return _reset(writer)
        try:
            ahead, beyond = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            return _reset(writer)
        up = _Pump(reader, beyond, UP, self._faults, self._cut)
        down = _Pump(ahead, writer, DOWN, self._faults, self._cut)
        line = _Line(asyncio.gather(up.run(), down.run()), writer, beyond)
        self._lines.add(line)
        with suppress(asyncio.CancelledError, OSError):
            await line.carried
        line.reset()
        self._lines.discard(line)
        return None

    def _cut(self) -> None:
        for line in list(self._lines):
            line.reset()

    def _refuse(self) -> None:
        self._faults.refusing = True
        self._cut()

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        self._cut()
        self._faults.mend()
        carried = [line.carried for line in self._lines]
        await asyncio.gather(*carried, return_exceptions=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Faults:
    """What is wrong with the line now."""

    def __init__(self) -> None:
        self.delay_s = 0.0
        self.refusing = False
        self.left: dict[str, int] = {}
        self.passed = {UP: 0, DOWN: 0}
        self._flowing = {UP: asyncio.Event(), DOWN: asyncio.Event()}
        self.mend()

    def stall(self, directions: set[str]) -> None:
        for direction in directions:
            self._flowing[direction].clear()

    def mend(self) -> None:
        self.delay_s = 0.0
        self.refusing = False
        self.left.clear()
        for flowing in self._flowing.values():
            flowing.set()

    async def wait_flowing(self, direction: str) -> None:
        await self._flowing[direction].wait()

    def take(self, direction: str, data: bytes) -> tuple[bytes, bool]:
        """What of `data` gets through, and whether the line is cut behind it."""
        left = self.left.get(direction)
        if left is not None:
            data = data[:left]
            self.left[direction] = left - len(data)
        self.passed[direction] += len(data)
        return data, self.left.get(direction) == 0


class _Line:
    """Both ends of one connection, and what carries its bytes."""

    def __init__(
        self, carried: asyncio.Future[tuple[None, None]], *ends: asyncio.StreamWriter
    ) -> None:
        self.carried = carried
        self._ends = ends

    def reset(self) -> None:
        self.carried.cancel()
        for end in self._ends:
            _reset(end)


class _Pump:
    """Carries bytes in one direction, as late as the faults of the line say."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        direction: str,
        faults: _Faults,
        cut: Callable[[], None],
    ) -> None:
        self._reader, self._writer = reader, writer
        self._direction, self._faults, self._cut = direction, faults, cut
        self._under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def run(self) -> None:
        await asyncio.gather(self._take_in(), self._pass_on())

    async def _take_in(self) -> None:
        clock = asyncio.get_running_loop().time
        data = b"."
        while data:
            try:
                data = await self._reader.read(_PIECE_BYTES)
            except OSError:
                data = b""
            self._under_way.put_nowait((clock() + self._faults.delay_s, data))

    async def _pass_on(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due_at_s, data = await self._under_way.get()
            if due_at_s > clock():
                await _until(due_at_s)
            await self._faults.wait_flowing(self._direction)
            if not data:
                return self._end()
            data, is_last = self._faults.take(self._direction, data)
            self._writer.write(data)
            try:
                await self._writer.drain()
            except OSError:
                return None
            if is_last:
                return self._cut()

    def _end(self) -> None:
        if not self._writer.is_closing():
            self._writer.write_eof()


async def _until(at_s: float) -> None:
    loop = asyncio.get_running_loop()
    due: asyncio.Future[None] = loop.create_future()
    alarm = loop.call_at(at_s, due.set_result, None)
    try:
        await due
    finally:
        alarm.cancel()


def _reset(writer: asyncio.StreamWriter) -> None:
    peer: socket.socket | None = writer.get_extra_info("socket")
    if peer is not None and not writer.is_closing():
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
