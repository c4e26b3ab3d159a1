"""The line to a real sshd: commands, their ends, and the end of the connection."""

import asyncio
import gc
import logging
from contextlib import suppress
from pathlib import Path

import asyncssh
import pytest

from engine.backends.ssh.line import SshLine
from engine.backends.wire import NoMoreWires
from engine.errors import LinkRefused, Unreachable
from tests.engine.backends.ssh.conftest import MakeLine, MakeServer, open_files
from tests.engine.backends.ssh.hearing import Heard
from tests.kit.sshd import Sshd
from tests.kit.waiting import wait_until


async def test_bytes_go_through_unchanged(server: Sshd, make_line: MakeLine) -> None:
    heard = Heard()
    wire = await make_line(server).open("exec cat", heard)
    every = bytes(range(256)) * 2000
    wire.write(every)
    await heard.until(lambda heard: len(heard.data) == len(every))
    assert heard.data == every
    wire.close()
    assert await heard.lost() == "its command has ended with exit code 0"
    wire.write(b"nobody hears this")
    wire.close()
    assert len(heard.losses) == 1


async def test_what_is_written_in_one_turn_goes_in_one_packet(
    server: Sshd, make_line: MakeLine, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    wire = await make_line(server).open("exec cat", heard)
    asyncssh.set_debug_level(3)
    with caplog.at_level(logging.DEBUG, "asyncssh"):
        for number in range(100):
            wire.write(b"%02d\n" % number)
        await heard.until(lambda heard: len(heard.data) == 300)
    asyncssh.set_debug_level(1)
    sent = [line for line in caplog.messages if "Sent MSG_CHANNEL_DATA" in line]
    assert len(sent) == 1, caplog.messages
    assert heard.data.splitlines()[::99] == [b"00", b"99"]


async def test_what_was_written_arrives_before_the_end(
    server: Sshd, make_line: MakeLine
) -> None:
    heard, kept = Heard(), server.home / "kept"
    wire = await make_line(server).open("cat >kept; echo done >>kept", heard)
    wire.write(b"x" * 5_000_000)
    wire.close()
    await heard.lost()
    assert await asyncio.to_thread(_grown, kept, 5_000_005)


def _grown(path: Path, size: int) -> bool:
    return wait_until(lambda: path.stat().st_size == size)


async def test_how_a_command_ended_is_told(server: Sshd, make_line: MakeLine) -> None:
    line = make_line(server)
    failed, killed = Heard(), Heard()
    await line.open("echo oops >&2; exit 7", failed)
    await line.open("kill -9 $$", killed)
    assert await failed.lost() == "its command has ended with exit code 7"
    assert (failed.data, failed.errors) == (b"", b"oops\n")
    assert "ended" in await killed.lost()


async def test_a_banner_comes_first(make_server: MakeServer, make_line: MakeLine) -> None:
    heard = Heard()
    await make_line(make_server(banner="Welcome!\r\n")).open("echo hi", heard)
    await heard.lost()
    assert heard.data == b"Welcome!\r\nhi\n"


async def test_nothing_is_said_before_open_returns(server: Sshd, make_line: MakeLine) -> None:
    heard = Heard()
    await make_line(server).open("echo early", heard)
    assert (heard.data, heard.losses) == (b"", [])
    await heard.lost()
    assert heard.data == b"early\n"


async def test_one_connection_for_all(server: Sshd, make_line: MakeLine) -> None:
    line = make_line(server)
    first, second = Heard(), Heard()
    await asyncio.gather(line.open("exec cat", first), line.open("exec cat", second))
    assert server.log.read_text().count("Accepted publickey") == 1


async def test_drop_tells_every_hearer_once(server: Sshd, make_line: MakeLine) -> None:
    line = make_line(server)
    first, second = Heard(), Heard()
    wire = await line.open("exec cat", first)
    await line.open("exec cat", second)
    await line.drop()
    assert first.losses == second.losses == ["the connection was given up"]
    wire.write(b"nobody hears this")
    await line.drop()
    again = Heard()
    await line.open("echo again", again)
    await again.lost()
    assert again.data == b"again\n"
    assert first.losses == second.losses == ["the connection was given up"]


async def test_killed_sessions_are_heard_and_a_new_one_is_made(
    server: Sshd, make_line: MakeLine
) -> None:
    line = make_line(server)
    first, second = Heard(), Heard()
    await line.open("echo up; exec cat", first)
    await line.open("echo up; exec cat", second)
    for heard in (first, second):
        await heard.until(lambda heard: heard.data == b"up\n")
    await asyncio.to_thread(server.kill_children)
    why = await first.lost()
    assert why in ("the host hung up", "the connection was lost: Connection reset by peer")
    assert await second.lost() == why
    again = Heard()
    await line.open("echo again", again)
    await again.lost()
    assert again.data == b"again\n"


@pytest.mark.parametrize("most", [1, 2])
async def test_no_more_commands_than_the_host_lets(
    make_server: MakeServer, make_line: MakeLine, most: int
) -> None:
    line = make_line(make_server(max_sessions=most))
    heard = [Heard() for _ in range(most)]
    wires = [await line.open("exec cat", one) for one in heard]
    with pytest.raises(NoMoreWires):
        await line.open("exec cat", Heard())
    wires[0].write(b"still there\n")
    await heard[0].until(lambda heard: heard.data == b"still there\n")
    wires[-1].close()
    await heard[-1].lost()
    await line.open("exec cat", Heard())


async def test_no_command_at_all_is_a_refusal(
    make_server: MakeServer, make_line: MakeLine
) -> None:
    with pytest.raises(LinkRefused, match="no command"):
        await make_line(make_server(max_sessions=0)).open("exec cat", Heard())


async def test_a_canceled_open_leaves_no_channel(
    make_server: MakeServer, make_line: MakeLine
) -> None:
    line = make_line(make_server(max_sessions=2))
    first = Heard()
    await line.open("exec cat", first)
    for turns in range(12):
        opening = asyncio.ensure_future(line.open("exec cat", Heard()))
        for _ in range(turns):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    heard = Heard()
    await _opened_at_last(line, heard)
    assert not first.losses


async def _opened_at_last(line: SshLine, heard: Heard) -> None:
    """Open as soon as the host has seen the end of those that were given up."""
    async with asyncio.timeout(60):
        while True:
            with suppress(NoMoreWires):  # each answer of the host takes a round trip
                await line.open("exec cat", heard)
                return


async def test_commands_leave_nothing_behind(server: Sshd, make_line: MakeLine) -> None:
    line = make_line(server)
    await line.open("exec cat", Heard())
    await _come_and_go(line)
    files, tasks = open_files(), len(asyncio.all_tasks())
    for _ in range(12):
        await _come_and_go(line)
    assert (open_files(), len(asyncio.all_tasks())) == (files, tasks)


async def test_connections_leave_nothing_behind(server: Sshd, make_line: MakeLine) -> None:
    line = make_line(server)
    await line.drop()
    gc.collect()
    files, tasks = open_files(), len(asyncio.all_tasks())
    for _ in range(5):
        await _come_and_go(line)
        await line.drop()
    gc.collect()
    assert (open_files(), len(asyncio.all_tasks())) == (files, tasks)


async def _come_and_go(line: SshLine) -> None:
    heard = Heard()
    wire = await line.open("exec cat", heard)
    wire.write(b"x")
    await heard.until(lambda heard: heard.data)
    wire.close()
    await heard.lost()
    assert len(heard.losses) == 1


async def test_a_stopped_server_is_unreachable_until_it_is_back(
    server: Sshd, make_line: MakeLine
) -> None:
    line = make_line(server)
    server.stop()
    with pytest.raises(Unreachable, match=f"127.0.0.1:{server.port}.*refused"):
        await line.open("exec cat", Heard())
    server.start()
    await line.open("exec cat", Heard())
