"""The driver over a real sshd: any login shell, any home, few sessions, a slow line."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.hosting import Abode
from engine.backends.ssh.line import SshLine
from engine.backends.ssh.options import Patience, Places
from engine.backends.stream_shell import StreamShell
from engine.clock import SystemClock
from engine.errors import Unreachable
from engine.model.address import parse
from engine.model.ids import Epoch
from tests.engine.backends.hands import EPOCH, Hands
from tests.engine.backends.ssh.conftest import MakeLine, MakeServer, know
from tests.kit.processes import end_all
from tests.kit.proxy import Proxy
from tests.kit.sshd import USER, Sshd, login_shells

CALM = Patience(connect_s=30, keepalive_s=5, keepalive_count=3)
PROFILE = "Welcome!\r\nLast login: never\ncrab-9 is not what you want\n\x1b[2J"
MakeHands = Callable[[SshLine, str], Hands]


@pytest.fixture
async def make_hands(tmp_path: Path) -> AsyncIterator[MakeHands]:
    made: list[DetachedBackend] = []

    def make(line: SshLine, python: str) -> Hands:
        shell = StreamShell(line, SystemClock(), Abode(controller="it's", python=python))
        made.append(DetachedBackend(shell, SystemClock()))
        return Hands(made[-1])

    yield make
    for backend in made:
        await backend.close()
    for spool in tmp_path.glob("*/**/crabtui/it's"):
        end_all(spool.parent)


async def works(hands: Hands) -> None:
    """Everything that a worker must be able to do, once."""
    facts = await hands.backend.hello(EPOCH)
    assert facts.epoch == EPOCH
    ended = await hands.run("/bin/sh", "-c", "echo hi; echo $0 >&2; exit 3", 'it\'s "me"')
    assert (ended.state, ended.code) == ("exited", 3)
    assert await hands.log(ended) == b"hi\n"
    assert await hands.log(ended, "err") == b'it\'s "me"\n'
    sleeper = await hands.start("/bin/sleep", "300")
    assert await hands.backend.renew([sleeper.attempt], EPOCH) == [sleeper.attempt]
    await hands.stop(sleeper)
    assert (await hands.end(sleeper)).why == "stop"


@pytest.mark.parametrize("shell", login_shells(), ids=lambda words: Path(words[0]).name)
async def test_any_login_shell(
    make_server: MakeServer,
    make_line: MakeLine,
    make_hands: MakeHands,
    tmp_path: Path,
    shell: list[str],
) -> None:
    home = tmp_path / "a 'home' \"with\" $(it)"
    server = make_server(shell=shell, home=home, banner=PROFILE)
    await works(make_hands(make_line(server, patience=CALM), "no"))
    assert (home / ".local" / "state" / "crabtui" / "it's" / "fence").is_dir()


@pytest.mark.parametrize("python", ["auto", "no"])
@pytest.mark.parametrize("most", [1, 2])
async def test_few_sessions(
    make_server: MakeServer, make_line: MakeLine, make_hands: MakeHands, most: int, python: str
) -> None:
    server = make_server(max_sessions=most)
    await works(make_hands(make_line(server, patience=CALM), python))


async def test_a_slow_line(
    server: Sshd, make_line: MakeLine, make_hands: MakeHands, places: Places
) -> None:
    with Proxy(server.port) as proxy:
        know(places, server.known_hosts.replace(f":{server.port}", f":{proxy.port}"))
        proxy.delay(0.1)
        address = parse(f"{USER}@127.0.0.1:{proxy.port}")
        hands = make_hands(make_line(server, address=address, patience=CALM), "auto")
        await works(hands)
        sight = await hands.backend.look()
        assert sight.round_trip_ms is not None
        assert sight.round_trip_ms >= 200
        await hands.backend.close()


@pytest.mark.parametrize("python", ["auto", "no"])
async def test_a_killed_session_is_told_and_the_job_is_found_again(
    server: Sshd, make_line: MakeLine, make_hands: MakeHands, python: str
) -> None:
    hands = make_hands(make_line(server, patience=CALM), python)
    await hands.backend.hello(EPOCH)
    job = await hands.sh("echo before; sleep 300; exit 7")
    await hands.wait_log(job, b"before")
    losing = asyncio.ensure_future(hands.backend.lost())
    await asyncio.to_thread(server.kill_children)
    async with asyncio.timeout(60):
        await losing
    with pytest.raises(Unreachable):
        await hands.backend.foreign()
    await hands.backend.hello(Epoch(EPOCH + 1))
    [found] = await hands.backend.adopt([job.attempt])
    assert (found.state, found.pid) == ("running", job.pid)
    await hands.backend.stop(job.attempt, Epoch(EPOCH + 1), 5_000, "KILL")
    assert (await hands.end(job)).why == "stop"
