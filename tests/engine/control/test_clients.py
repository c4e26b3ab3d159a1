"""Both clients, against a real socket: answers, streams, errors, and daemons that die."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.control import blocking, client
from engine.control.messages import (
    Check,
    FollowEvents,
    FollowLog,
    GetStats,
    ListQueues,
    SayHello,
    ShowJob,
    Stop,
    Watch,
)
from engine.control.views import Checked, Done, LogChunk, QueuesView
from engine.errors import (
    FrameMalformed,
    FrameTruncated,
    NoDaemon,
    NotFound,
    UnusableState,
    VersionMismatch,
)
from engine.model.events import Event, EventType
from engine.model.ids import Seq
from tests.kit.fake_door import FakeDoor, HungUp, Open, Silence, a_hello


@pytest.fixture
def door(tmp_path: Path) -> Iterator[FakeDoor]:
    with FakeDoor(tmp_path) as opened:
        yield opened


def an_event(seq: int) -> Event:
    return Event(seq=Seq(seq), at=seq, type=EventType.JOB_QUEUED)


def hang_up(_: object) -> None:
    raise HungUp


def stay_silent(_: object) -> None:
    raise Silence


class TestBlocking:
    def test_an_answer_has_its_type(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[Check] = Checked(problems=("a page is torn",))
        with blocking.connect(tmp_path, version="9.9") as opened:
            assert opened.call(Check()) == Checked(problems=("a page is torn",))
            assert opened.hello == a_hello()
        assert door.asked(SayHello) == [SayHello(version="9.9", client="python")]

    def test_an_error_is_raised_as_what_it_was(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[ShowJob] = NotFound("no job #5", field="id")
        with blocking.connect(tmp_path) as opened:
            with pytest.raises(NotFound, match="no job #5") as caught:
                opened.call(ShowJob(id=5))
            assert caught.value.field == "id"

    def test_a_stream_ends_with_the_daemon(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[FollowEvents] = [an_event(1), an_event(2)]
        with blocking.connect(tmp_path) as opened:
            assert [e.seq for e in opened.stream(FollowEvents())] == [1, 2]
        assert door.drops == []

    def test_leaving_a_stream_drops_it_there(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[FollowEvents] = Open([an_event(1), an_event(2)])
        door.answers[ListQueues] = QueuesView(queues=())
        with blocking.connect(tmp_path) as opened:
            for event in opened.stream(FollowEvents()):
                assert event.seq == 1
                break
            door.wait_until(lambda: door.drops == [2])
            assert opened.call(ListQueues()) == QueuesView(queues=())

    def test_calls_go_between_items(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[FollowEvents] = [an_event(1), an_event(2)]
        door.answers[ListQueues] = QueuesView(queues=(), seq=8)
        with blocking.connect(tmp_path) as opened:
            for number, event in enumerate(opened.stream(FollowEvents()), 1):
                assert opened.call(ListQueues()).seq == 8
                assert event.seq == number
            assert number == 2

    def test_bytes_of_a_log_arrive_as_bytes(self, door: FakeDoor, tmp_path: Path) -> None:
        chunk = LogChunk(
            data=b"\xff\x00\n", offset=0, size=3, dropped=0, attempt="1-1-1", final=True
        )
        door.answers[FollowLog] = [chunk]
        with blocking.connect(tmp_path) as opened:
            assert list(opened.stream(FollowLog(id=1))) == [chunk]

    def test_a_daemon_that_dies_is_no_daemon(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[Stop] = hang_up
        with blocking.connect(tmp_path) as opened, pytest.raises(NoDaemon, match="went away"):
            opened.call(Stop())

    def test_nobody_there(self, tmp_path: Path) -> None:
        with pytest.raises(NoDaemon, match=str(tmp_path)):
            blocking.connect(tmp_path)

    def test_a_stale_socket_is_nobody(self, tmp_path: Path) -> None:
        (tmp_path / "run").mkdir()
        left = socket.socket(socket.AF_UNIX)
        left.bind(str(tmp_path / "run" / "door"))
        left.close()
        with pytest.raises(NoDaemon):
            blocking.connect(tmp_path)

    def test_a_silent_daemon_is_given_up(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[SayHello] = stay_silent
        with pytest.raises(NoDaemon, match="said nothing"):
            blocking.connect(tmp_path, hello_s=0.05)

    def test_another_protocol_says_what_to_do(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[SayHello] = a_hello(protocol=99)
        door.answers[Stop] = Done()
        with pytest.raises(VersionMismatch, match="crabtui restart"):
            blocking.connect(tmp_path)
        with blocking.connect(tmp_path, any_protocol=True) as opened:
            assert opened.call(Stop()) == Done()

    def test_a_path_too_long_names_limit_and_path(self, tmp_path: Path) -> None:
        deep = tmp_path / ("x" * 100)
        with pytest.raises(UnusableState, match=r"100 is the most") as caught:
            blocking.connect(deep)
        assert str(deep) in caught.value.message


def serve_raw(state: Path, answer: bytes) -> "contextlib.AbstractAsyncContextManager[object]":
    @contextlib.asynccontextmanager
    async def serving():  # type: ignore[no-untyped-def]
        async def once(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(answer)
            writer.close()

        (state / "run").mkdir()
        async with await asyncio.start_unix_server(once, str(state / "run" / "door")):
            yield

    return serving()


class TestAsync:
    async def test_many_in_flight(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[ShowJob] = lambda ask: NotFound(f"no job #{ask.id}")
        async with await client.connect(tmp_path) as opened:
            calls = (opened.call(ShowJob(id=n)) for n in range(1, 51))
            answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [str(e) for e in answers] == [f"no job #{n}" for n in range(1, 51)]

    async def test_a_stream_beside_calls(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[FollowEvents] = Open()
        door.answers[ListQueues] = QueuesView(queues=(), seq=3)
        async with await client.connect(tmp_path) as opened:
            stream = opened.stream(FollowEvents())
            first = asyncio.ensure_future(anext(stream))
            assert (await opened.call(ListQueues())).seq == 3
            door.push(FollowEvents, an_event(11))
            assert (await first).seq == 11
            await stream.aclose()
            await opened.call(ListQueues())
            assert door.drops == [3]

    async def test_a_break_out_of_a_stream_drops_it(
        self, door: FakeDoor, tmp_path: Path
    ) -> None:
        door.answers[FollowEvents] = Open([an_event(1)])
        async with await client.connect(tmp_path) as opened:
            async with contextlib.aclosing(opened.stream(FollowEvents())) as stream:
                async for _ in stream:
                    break
            await asyncio.to_thread(door.wait_until, lambda: door.drops == [2])

    async def test_a_canceled_call_is_dropped(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[Check] = stay_silent
        async with await client.connect(tmp_path) as opened:
            call = asyncio.ensure_future(opened.call(Check()))
            await asyncio.to_thread(door.wait_until, lambda: len(door.asks) == 2)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await asyncio.to_thread(door.wait_until, lambda: door.drops == [2])

    async def test_all_in_flight_learn_of_the_death(
        self, door: FakeDoor, tmp_path: Path
    ) -> None:
        door.answers[Check] = stay_silent
        door.answers[Watch] = Open()
        async with await client.connect(tmp_path) as opened:
            stream = opened.stream(Watch())
            waiting = [
                asyncio.ensure_future(opened.call(Check())),
                asyncio.ensure_future(anext(stream)),
            ]
            await asyncio.to_thread(door.wait_until, lambda: len(door.asks) == 3)
            door.hang_up()
            found = await asyncio.gather(*waiting, return_exceptions=True)
            assert [type(error) for error in found] == [NoDaemon, NoDaemon]
            assert not opened.is_connected
            with pytest.raises(NoDaemon):
                await opened.call(GetStats())

    async def test_a_reader_far_behind_still_gets_answers(
        self, door: FakeDoor, tmp_path: Path
    ) -> None:
        many = 3 * client.BACKLOG
        door.answers[FollowEvents] = [an_event(n) for n in range(1, many + 1)]
        door.answers[ListQueues] = QueuesView(queues=(), seq=3)
        async with await client.connect(tmp_path) as opened:
            stream = opened.stream(FollowEvents())
            assert (await anext(stream)).seq == 1
            assert (await opened.call(ListQueues())).seq == 3
            assert [e.seq async for e in stream] == list(range(2, many + 1))

    async def test_nobody_there(self, tmp_path: Path) -> None:
        with pytest.raises(NoDaemon, match=str(tmp_path)):
            await client.connect(tmp_path)

    async def test_another_protocol(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[SayHello] = a_hello(protocol=99)
        with pytest.raises(VersionMismatch, match="crabtui restart"):
            await client.connect(tmp_path)

    async def test_a_silent_daemon_is_given_up(self, door: FakeDoor, tmp_path: Path) -> None:
        door.answers[SayHello] = stay_silent
        clock = ManualClock()
        connecting = asyncio.ensure_future(client.connect(tmp_path, clock=clock))
        await asyncio.to_thread(door.wait_until, lambda: len(door.asks) == 1)
        clock.advance(10)
        with pytest.raises(NoDaemon, match="said nothing"):
            await connecting

    async def test_nonsense_is_malformed(self, tmp_path: Path) -> None:
        async with serve_raw(tmp_path, b"\x00\x00\x00\x02no"):
            with pytest.raises(FrameMalformed):
                await client.connect(tmp_path)

    async def test_half_a_frame_is_truncated(self, tmp_path: Path) -> None:
        async with serve_raw(tmp_path, b"\x00\x00\x00\x09{"):
            with pytest.raises(FrameTruncated):
                await client.connect(tmp_path)
