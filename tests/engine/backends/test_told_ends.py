"""An end that a host has told of once is heard of, whatever goes wrong meanwhile."""

import asyncio
from collections.abc import Sequence

import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.hosting import Abode
from engine.backends.protocol import HostState, Order
from engine.backends.shell import Launch
from engine.backends.stream_shell import StreamShell
from engine.clock import ManualClock
from engine.errors import EngineError
from engine.model.ids import AttemptId
from engine.runner.faults import BadRequestError
from tests.engine.backends.test_talk import EPOCH, ONE, connected, saying
from tests.kit.played_host import PlayedHost

TWO = AttemptId("2-1-1")
ENDED = b" exited 5 7 h/b/1 3 - - 0 9 - - \n"
ORPHAN = b" orphan 5 7 h/b/1 - - - 0 9 - - \n"


def over(number: bytes, words: Sequence[bytes]) -> bytes:
    """Each has exited, with 3."""
    return b"".join(number + b" is " + one + ENDED for one in words) + number + b" ok\n"


async def watching(host: PlayedHost, *attempts: AttemptId) -> DetachedBackend:
    clock = ManualClock()
    backend = DetachedBackend(StreamShell(host, clock, Abode()), clock)
    await backend.hello(EPOCH)
    await backend.start(
        [Order(attempt=one, epoch=EPOCH, argv=("true",), env=()) for one in attempts]
    )
    return backend


@pytest.mark.parametrize(
    "trouble",
    [b" error failed the disk\n", b" error denied this key may not status\n",
     b" error bad what\n"],
)  # fmt: skip
async def test_one_that_cannot_be_asked_about_is_asked_about_again(trouble: bytes) -> None:
    host = PlayedHost()
    shell = await connected(host)
    host.plays["status"] = saying(trouble)
    await shell.start([Launch(attempt=ONE, epoch=EPOCH, spec=b"true")])
    host.wires[0].say(b"+ ended 1-1-1\n")
    with pytest.raises((EngineError, BadRequestError)):
        await shell.ended()
    host.plays["status"] = over
    async with asyncio.timeout(60):
        [status] = await shell.ended()
    assert (status.attempt, status.state, status.code) == (ONE, "exited", 3)


async def test_an_orphan_that_cannot_be_watched_hides_no_end() -> None:
    host = PlayedHost()
    backend = await watching(host, ONE, TWO)
    host.plays["watch"] = saying(b" error bad what\n")
    host.wires[0].say(b"+ ended 2-1-1" + ORPHAN + b"+ ended 1-1-1" + ENDED)
    ends = backend.ends()
    async with asyncio.timeout(60):
        report = await anext(ends)
        assert (report.attempt, report.state) == (ONE, HostState.EXITED)
        with pytest.raises(EngineError, match="what"):
            await anext(ends)
