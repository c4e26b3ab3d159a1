"""A line that is cut, stalled, halved or slow: every hearer is told, in time and once."""

import asyncio
import time
from collections.abc import Iterator

import pytest

from engine.backends.ssh.line import SshLine
from engine.backends.ssh.options import Patience, Places
from engine.errors import Unreachable
from engine.model.address import parse
from tests.engine.backends.ssh.conftest import QUICK, MakeLine, know
from tests.engine.backends.ssh.hearing import Heard
from tests.kit.proxy import DOWN, UP, Proxy
from tests.kit.sshd import USER, Sshd

NOTICED_WITHIN_S = 60.0
"""Keepalive of 0.25 s, three times, on a machine that has other things to do."""


@pytest.fixture
def proxy(server: Sshd, places: Places) -> Iterator[Proxy]:
    with Proxy(server.port) as proxy:
        know(places, server.known_hosts.replace(f":{server.port}", f":{proxy.port}"))
        yield proxy


@pytest.fixture
def line(server: Sshd, proxy: Proxy, make_line: MakeLine) -> SshLine:
    return make_line(server, address=parse(f"{USER}@127.0.0.1:{proxy.port}"))


async def two(line: SshLine) -> tuple[Heard, Heard]:
    """Two commands that say what they hear, as verbs and logs have them."""
    first, second = Heard(), Heard()
    for heard in (first, second):
        wire = await line.open("exec cat", heard)
        wire.write(b"up\n")
        await heard.until(lambda heard: heard.data == b"up\n")
    return first, second


async def test_a_cut_is_heard_at_once(line: SshLine, proxy: Proxy) -> None:
    first, second = await two(line)
    proxy.cut()
    assert "lost" in await first.lost()
    assert "lost" in await second.lost()
    assert len(first.losses) == len(second.losses) == 1
    again = await two(line)
    assert not again[0].losses


@pytest.mark.parametrize("directions", [(), (UP,), (DOWN,)], ids=["both", "up", "down"])
async def test_a_silent_line_is_noticed(
    line: SshLine, proxy: Proxy, directions: tuple[str, ...]
) -> None:
    first, second = await two(line)
    proxy.stall(*directions)
    began_s = time.monotonic()
    await first.lost()
    await second.lost()
    assert time.monotonic() - began_s < NOTICED_WITHIN_S
    proxy.mend()
    again = await two(line)
    assert len(first.losses) == 1
    assert not again[0].losses


async def test_a_host_that_takes_the_connection_and_says_nothing(
    server: Sshd, proxy: Proxy, make_line: MakeLine
) -> None:
    impatient = Patience(connect_s=0.3)
    address = parse(f"{USER}@127.0.0.1:{proxy.port}")
    line = make_line(server, address=address, patience=impatient)
    proxy.stall()
    with pytest.raises(Unreachable, match=r"did not let us in within 0\.3 s"):
        await line.open("exec cat", Heard())


async def test_a_line_that_stalls_while_a_command_is_started(
    server: Sshd, proxy: Proxy, make_line: MakeLine
) -> None:
    address = parse(f"{USER}@127.0.0.1:{proxy.port}")
    calm = Patience(connect_s=3, keepalive_s=60)
    line = make_line(server, address=address, patience=calm)
    first = Heard()
    await line.open("exec cat", first)
    proxy.stall()
    with pytest.raises(Unreachable, match="no command could be started within 3 s"):
        await line.open("exec cat", Heard())
    assert first.losses == ["it does not answer"]


async def test_drop_of_a_stalled_line_does_not_wait(line: SshLine, proxy: Proxy) -> None:
    first, _ = await two(line)
    proxy.stall()
    async with asyncio.timeout(30):
        await line.drop()
    assert first.losses == ["the connection was given up"]


async def test_a_reset_while_connecting_is_unreachable(line: SshLine, proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises(Unreachable):
        await line.open("exec cat", Heard())
    proxy.mend()
    await two(line)


@pytest.mark.parametrize("count", [10, 500, 1500, 2500])
async def test_a_cut_in_any_phase_of_connecting(
    line: SshLine, proxy: Proxy, count: int
) -> None:
    proxy.cut_after(count, DOWN)
    heard = Heard()
    try:
        await line.open("exec cat", heard)
    except Unreachable:
        pass
    else:
        await heard.lost()
    proxy.mend()
    await two(line)


async def test_latency_costs_a_round_trip_per_open_only(line: SshLine, proxy: Proxy) -> None:
    proxy.delay(0.1)
    heard = Heard()
    wire = await line.open("exec cat", heard)
    began_s = time.monotonic()
    for number in range(50):
        wire.write(b"%d\n" % number)
    await heard.until(lambda heard: heard.data.endswith(b"49\n"))
    took_s = time.monotonic() - began_s
    assert 0.2 <= took_s < 5 * 0.2 + 2
    assert QUICK.keepalive_s * QUICK.keepalive_count > 0.2
    assert not heard.losses
