"""The door: what one client does wrong costs that client alone."""

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.control.frames import LIMIT_BYTES, Deframer, decode_reply
from engine.daemon.door import IN_FLIGHT, open_door
from engine.errors import UnusableState
from tests.engine.loops.test_dispatch import turns, when
from tests.kit.engine import FakeBackend, an_engine, listeners
from tests.kit.raw_door import Raw, a_door

TRUE: dict[str, Any] = {"argv": ["true"]}


@pytest.fixture(autouse=True)
def _the_door_never_breaks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    for record in caplog.get_records("call"):
        assert "broke (" not in record.getMessage(), record.getMessage()
        assert "never retrieved" not in record.getMessage(), record.getMessage()


@asynccontextmanager
async def a_house(folder: Path, host: FakeBackend | None = None) -> AsyncIterator[Any]:
    """An engine, its door, and a well-behaved client who must not notice anything."""
    async with an_engine(folder, host) as engine, a_door(engine, folder) as path:
        good = await Raw.connect(path)
        yield engine, path, good
        assert "ok" in await good.answer(999, verb="stats")
        await good.close()


async def test_socket_and_folder_are_the_users_alone(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (_, path, _):
        assert stat.S_IMODE(path.lstat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.lstat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ((LIMIT_BYTES + 1).to_bytes(4, "big") + b"x", "frame_too_large"),
        (b"\x00\x00\x00\x05hello", "frame_malformed"),
        (b"\x00\x00\x00\x00", "frame_malformed"),
        (b"\x00\x00\x00\x08" + b'{"id":1}', "frame_malformed"),
        (b"\x00\x00\x00\x02\xff\xfe", "frame_malformed"),
        (b"GET / HTTP/1.1\r\n\r\n", "frame_too_large"),
    ],
)
async def test_a_bad_frame_costs_the_sender_its_connection(
    tmp_path: Path, data: bytes, code: str
) -> None:
    async with a_house(tmp_path) as (engine, path, _):
        bad = await Raw.connect(path)
        bad.writer.write(data)
        reply = await bad.read()
        assert (reply["id"], reply["error"]["code"]) == (0, code)
        assert await bad.read() is None
        await bad.close()
        await when(lambda: engine.desk.clients == 1)


async def test_a_truncated_frame_ends_one_connection(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_house(tmp_path) as (engine, path, _):
        bad = await Raw.connect(path)
        bad.writer.write(b"\x00\x00\x01\x00half")
        bad.writer.write_eof()
        assert (await bad.read())["error"]["code"] == "frame_truncated"
        assert await bad.read() is None
        await bad.close()
        await when(lambda: engine.desk.clients == 1)


async def test_unknown_verbs_and_bad_fields_cost_nothing(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (_, _, good):
        reply = await good.answer(1, verb="cancle", targets={"ids": [1]})
        assert reply["error"]["code"] == "invalid"
        assert reply["error"]["nearest"] == "cancel"
        reply = await good.answer(2, verb="show", id="seven")
        assert reply["error"]["code"] == "invalid"


async def test_hello_comes_first(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (_, path, _):
        rude = await Raw.connect(path, greets=False)
        reply = await rude.answer(1, verb="stats")
        assert "say hello" in reply["error"]["message"]
        await rude.close()


async def test_another_protocol_is_told_what_to_do(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (_, path, _):
        old = await Raw.connect(path, greets=False)
        reply = await old.answer(1, verb="hello", version="0.0.1", protocol=99)
        assert reply["error"]["code"] == "version_mismatch"
        assert "crabtui restart" in reply["error"]["message"]
        assert "error" in await old.answer(2, verb="stats")
        await old.close()


async def test_more_requests_than_turns_are_all_answered(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (_, path, _):
        busy = await Raw.connect(path)
        for number in range(1, 3 * IN_FLIGHT):
            busy.ask(number, verb="stats")
        answered = [(await busy.read())["id"] for _ in range(1, 3 * IN_FLIGHT)]
        assert sorted(answered) == list(range(1, 3 * IN_FLIGHT))
        await busy.close()


async def test_any_number_of_waits_leaves_room_for_other_requests(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (engine, path, _):
        [job] = await engine.submit(TRUE)
        busy = await Raw.connect(path)
        for number in range(1, 2 * IN_FLIGHT):
            busy.ask(number, verb="wait", ids=[job])
        assert "ok" in await busy.answer(1000, verb="stats")
        busy.send({"id": 1, "drop": True})
        engine.host.end(await engine.running(job), 0)
        answered = {(await busy.read())["id"] for _ in range(2, 2 * IN_FLIGHT)}
        assert answered == set(range(2, 2 * IN_FLIGHT))
        await busy.close()


async def test_a_drop_ends_a_stream_and_nothing_else(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (engine, path, _):
        raw = await Raw.connect(path)
        raw.ask(1, verb="watch", gap_ms=10, quiet_ms=100)
        assert "item" in await raw.read()
        assert listeners(engine) == 1
        raw.send({"id": 1, "drop": True})
        raw.send({"id": 77, "drop": True})
        await when(lambda: not listeners(engine))
        raw.ask(2, verb="stats")
        while (reply := await raw.read())["id"] != 2:
            assert reply["id"] == 1
        await raw.close()


async def test_a_client_that_vanishes_in_a_stream_takes_nobody_along(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (engine, path, _):
        for _ in range(20):
            raw = await Raw.connect(path)
            raw.ask(1, verb="follow_events", after=0)
            raw.ask(2, verb="watch", gap_ms=10)
            transport: Any = raw.writer.transport
            transport.abort()
            await engine.submit({**TRUE, "hold": True})
        await when(lambda: engine.desk.clients == 1)
        await when(lambda: not listeners(engine))


async def test_a_slow_reader_slows_nobody(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (engine, path, good):
        slow = socket.socket(socket.AF_UNIX)
        slow.connect(str(path))
        greeting = b'{"id":0,"ask":{"verb":"hello","version":"t"}}'
        follow = b'{"id":1,"ask":{"verb":"follow_events","after":0}}'
        for body in (greeting, follow):
            slow.sendall(len(body).to_bytes(4, "big") + body)
        for _ in range(30):  # far more than a socket's buffer, and none of it is read
            await engine.submit(*[{**TRUE, "hold": True}] * 100)
        head = engine.desk.timeline.head
        assert head > 3000
        assert "ok" in await good.answer(5, verb="stats")
        slow.setblocking(False)
        seqs = await _drain(slow, head)
        assert seqs == list(range(1, head + 1))
        slow.close()


async def _drain(connection: socket.socket, last: int) -> list[int]:
    loop, deframer, seqs = asyncio.get_running_loop(), Deframer(), list[int]()
    while not seqs or seqs[-1] < last:
        for body in deframer.feed(await loop.sock_recv(connection, 1 << 16)):
            reply = decode_reply(body)
            if reply.id == 1:
                seqs.append(json.loads(bytes(reply.item))["seq"])
    return seqs


async def test_a_failing_file_is_an_answer(tmp_path: Path) -> None:
    class Broken(FakeBackend):
        async def tail(self, *_: Any) -> Any:
            raise PermissionError(13, "Permission denied", "/spool/out")

    async with a_house(tmp_path, Broken()) as (engine, _, good):
        [job] = await engine.submit(TRUE)
        await engine.running(job)
        reply = await good.answer(1, verb="logs", id=job)
        assert "Permission denied" in reply["error"]["message"]


async def test_a_lost_connection_drops_its_bulk_submission(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (engine, path, _):
        raw = await Raw.connect(path)
        assert "ok" in await raw.answer(1, verb="submit_begin", count=3)
        lines = '{"argv":["true"]}\n' * 2
        assert "ok" in await raw.answer(2, verb="submit_chunk", lines=lines)
        await raw.close()
        await when(lambda: not engine.desk.store._batches)
        await turns()
        assert engine.desk.working_set.counters.by_state() == {}
        assert await engine.desk.store.check() == []


def test_what_is_in_the_way_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "run" / "door"
    path.parent.mkdir(mode=0o700)
    path.write_text("precious")
    with pytest.raises(UnusableState, match="is in the way"):
        open_door(path)
    assert path.read_text() == "precious"
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnusableState, match="is in the way"):
        open_door(path)
    assert path.is_symlink()


def test_a_folder_that_others_may_enter_or_that_is_a_link_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    with pytest.raises(UnusableState, match="0700"):
        open_door(folder / "door")
    folder.rmdir()
    (tmp_path / "real").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "real")
    with pytest.raises(UnusableState, match="0700"):
        open_door(folder / "door")


def test_a_dead_daemons_socket_makes_way(tmp_path: Path) -> None:
    path = tmp_path / "run" / "door"
    open_door(path).close()
    assert path.is_socket()
    door = open_door(path)
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    client.close()
    door.close()
