"""The door of an engine in this process, and a client that may say anything."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from engine.daemon.door import open_door, serve
from engine.loops.supervisor import keep_running
from tests.kit.engine import Engine

HELLO = {"verb": "hello", "version": "test", "protocol": 1}


class Raw:
    """One connection, frame by frame."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, path: Path, *, greets: bool = True) -> Self:
        raw = cls(*await asyncio.open_unix_connection(str(path)))
        if greets:
            raw.ask(0, **HELLO)
            assert "ok" in await raw.read()
        return raw

    def ask(self, number: int, **request: Any) -> None:
        self.send({"id": number, "ask": request})

    def send(self, message: Any) -> None:
        body = json.dumps(message).encode()
        self.writer.write(len(body).to_bytes(4, "big") + body)

    async def read(self) -> Any:
        """The next message; None if the other side has closed."""
        async with asyncio.timeout(60):
            try:
                size = int.from_bytes(await self.reader.readexactly(4), "big")
                return json.loads(await self.reader.readexactly(size))
            except (asyncio.IncompleteReadError, ConnectionError):
                return None

    async def answer(self, number: int, **request: Any) -> Any:
        """What is said to one request; nothing else may be in flight."""
        self.ask(number, **request)
        reply = await self.read()
        assert reply["id"] == number
        return reply

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return


@asynccontextmanager
async def a_door(engine: Engine, folder: Path) -> AsyncIterator[Path]:
    """The engine's door, open until the block ends."""
    path = folder / "run" / "door"
    door = open_door(path)

    async def opened() -> None:
        await serve(engine.desk, door)

    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(keep_running("door", opened, engine.desk.clock))
        yield path
        serving.cancel()
    door.close()
