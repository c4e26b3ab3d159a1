"""A host that makes no sense, or no sound, harms nobody but itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.hosting import Abode
from engine.backends.shell import Launch
from engine.backends.stream_shell import StreamShell
from engine.backends.talk import LOGS_REST_S, SILENCE_S, SLOWEST_S
from engine.clock import ManualClock
from engine.errors import LinkRefused, Unreachable
from engine.model.ids import AttemptId, Epoch
from tests.kit.played_host import PlayedHost, running

ONE = AttemptId("1-1-1")
EPOCH = Epoch(1)
Asking = Callable[[StreamShell], Awaitable[object]]

ASKING: dict[str, Asking] = {
    "start": lambda shell: shell.start([Launch(attempt=ONE, epoch=EPOCH, spec=b"true")]),
    "status": lambda shell: shell.status([ONE]),
    "void": lambda shell: shell.void([ONE], EPOCH),
    "list": lambda shell: shell.statuses(),
    "stop": lambda shell: shell.stop(ONE, EPOCH, 0, "TERM"),
    "tail": lambda shell: shell.tail(ONE, "out", 0, 10),
    "trim": lambda shell: shell.trim(ONE, 10),
    "look": lambda shell: shell.look(),
    "usage": lambda shell: shell.usage([ONE]),
    "pause": lambda shell: shell.pause(ONE, EPOCH, clocks_too=False),
    "feed": lambda shell: shell.feed(ONE, EPOCH, b"x", end=False),
}

NONSENSE = (
    b" ok\n",
    b" \xff\n",
    b" 1-1-1 dancing 5 7 h/b/1 - - - 0 9 - - \n",
    b" 1-1-1 running 99999999999999999999999 7 h/b/1 - - - 0 9 - - \n",
    b" is 1-1-1 running\n%d ok\n",
    b" use 1-1-1 x y z w\n%d ok\n",
    b" data 0 0 0 -5\n",
    b" data 0 0 0 99999999999\n",
    b" ok load=!!! gpu=eA==\n",
    b" ok 99999999999999999999999\n",
    b" " + b"x" * (1 << 21),
    b"\n",
    b"7777 ok\n",
)


async def connected(host: PlayedHost, clock: ManualClock | None = None) -> StreamShell:
    shell = StreamShell(host, clock or ManualClock(), Abode())
    await shell.hello(EPOCH)
    return shell


def saying(text: bytes) -> Callable[[bytes, Sequence[bytes]], bytes]:
    def say(number: bytes, words: Sequence[bytes]) -> bytes:
        return number + text.replace(b"%d", number) if text != b"7777 ok\n" else text

    return say


@pytest.mark.parametrize("verb", ASKING)
@pytest.mark.parametrize("text", NONSENSE, ids=range(len(NONSENSE)))
async def test_nonsense_is_silence(verb: str, text: bytes) -> None:
    host = PlayedHost()
    shell = await connected(host)
    host.plays[verb] = saying(text)
    try:
        await ASKING[verb](shell)
    except Unreachable:
        assert verb == "tail" or await shell.lost()
        assert not host.open_wires or verb == "tail"
        await shell.hello(EPOCH)
    del host.plays[verb]
    assert await shell.statuses() == []


@pytest.mark.parametrize("verb", sorted(set(ASKING) - {"tail"}))
async def test_nothing_is_dialed_while_the_link_is_lost(verb: str) -> None:
    host = PlayedHost()
    shell = await connected(host)
    await host.drop()
    for asking in (ASKING[verb], ASKING["tail"]):
        with pytest.raises(Unreachable, match="dropped"):
            await asking(shell)
    assert len(host.wires) == 1
    await shell.close()
    with pytest.raises(Unreachable, match="let go"):
        await ASKING["tail"](shell)
    assert len(host.wires) == 1


@pytest.mark.parametrize("verb", ["watch", "status"])
async def test_a_key_that_may_not_is_told_so_by_name(verb: str) -> None:
    host = PlayedHost()
    backend = DetachedBackend(StreamShell(host, ManualClock(), Abode()), ManualClock())
    await backend.hello(EPOCH)
    host.plays["status"] = _alive
    host.plays[verb] = saying(b" error denied this key may not " + verb.encode() + b"\n")
    with pytest.raises(LinkRefused, match=f"may not {verb}"):
        await backend.adopt([ONE])


async def test_who_is_silent_is_hung_up_on() -> None:
    host, clock = PlayedHost(), ManualClock()
    shell = await connected(host, clock)
    host.plays["list"] = lambda number, words: None
    asked = asyncio.ensure_future(shell.statuses())
    await _until(lambda: clock.sleeping == 1)
    clock.advance(SILENCE_S)
    with pytest.raises(Unreachable, match="no sound"):
        await asked
    assert host.open_wires == []


async def test_who_works_on_something_else_is_waited_for() -> None:
    host, clock = PlayedHost(), ManualClock()
    shell = await connected(host, clock)
    host.plays["stop"] = lambda number, words: None
    asked = asyncio.ensure_future(shell.stop(ONE, EPOCH, 0, "TERM"))
    for _ in range(4):
        await _until(lambda: clock.sleeping == 1)
        host.wires[0].say(b"+ ended 9-9-9\n")
        clock.advance(SILENCE_S)
        await _until(lambda: clock.sleeping == 1)
    host.wires[0].say(running(b"2", [ONE.encode()]))
    assert (await asked).state == "running"


async def test_who_only_chatters_is_not_waited_for_for_ever() -> None:
    host, clock = PlayedHost(), ManualClock()
    shell = await connected(host, clock)
    host.plays["stop"] = lambda number, words: None
    asked = asyncio.ensure_future(shell.stop(ONE, EPOCH, 0, "TERM"))
    waited_s = 0.0
    while not asked.done():
        await _until(lambda: clock.sleeping == 1 or asked.done())
        host.wires[0].say(b"+ ended 9-9-9\n")
        clock.advance(SILENCE_S)
        waited_s += SILENCE_S
        assert waited_s < 3 * SLOWEST_S
        await _until(lambda: clock.sleeping == 1 or asked.done())
    with pytest.raises(Unreachable, match="no answer within"):
        await asked


async def test_an_end_that_was_told_outlives_the_link() -> None:
    host = PlayedHost()
    shell = await connected(host)
    await shell.start([Launch(attempt=ONE, epoch=EPOCH, spec=b"true")])
    host.plays["status"] = saying(b" nonsense\n")
    host.wires[0].say(b"+ ended 1-1-1\n")
    with pytest.raises(Unreachable):
        await shell.ended()
    host.plays["status"] = _over
    await shell.hello(EPOCH)
    [status] = await shell.ended()
    assert (status.attempt, status.state, status.code) == (ONE, "exited", 3)


async def test_ends_of_strangers_are_not_kept() -> None:
    host = PlayedHost()
    shell = await connected(host)
    for number in range(1000):
        host.wires[0].say(b"+ ended %d-1-1\n" % number)
    assert len(shell._told) == 0


async def test_who_leaves_amid_the_greeting_leaves_nothing_behind() -> None:
    host = PlayedHost()
    shell = await connected(host)
    host.greeting = b""
    asked = asyncio.ensure_future(shell.tail(ONE, "out", 0, 1))
    await _until(lambda: len(host.wires) == 2)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert host.open_wires == host.wires[:1]


@pytest.mark.parametrize("greeting", [b"crab-1 boot\n" * 100, b"x" * (2 << 20)])
async def test_who_greets_without_end_is_hung_up_on(greeting: bytes) -> None:
    host = PlayedHost()
    host.greeting = greeting
    with pytest.raises(Unreachable):
        await connected(host)
    assert host.open_wires == []


def _alive(number: bytes, words: Sequence[bytes]) -> bytes:
    of_each = (
        number + b" is " + word + b" running 5 7 h/b/1 - - - 0 9 - - \n" for word in words
    )
    return b"".join(of_each) + number + b" ok\n"


def _over(number: bytes, words: Sequence[bytes]) -> bytes:
    of_each = (
        number + b" is " + word + b" exited 5 7 h/b/1 3 - - 0 9 - - \n" for word in words
    )
    return b"".join(of_each) + number + b" ok\n"


async def _until(look: Callable[[], bool]) -> None:
    while not look():
        await asyncio.sleep(0)


async def test_the_conversation_for_logs_ends_when_none_is_read_for_a_while() -> None:
    host, clock = PlayedHost(), ManualClock()
    host.plays["tail"] = lambda number, _: number + b" data 0 2 0 2\nhi"
    shell = await connected(host, clock)
    assert (await shell.tail(ONE, "out", 0, 10)).data == b"hi"
    clock.advance(LOGS_REST_S - 1)
    assert (await shell.tail(ONE, "out", 0, 10)).data == b"hi"
    clock.advance(LOGS_REST_S - 1)
    await shell.tidy([ONE])
    assert len(host.open_wires) == 2
    clock.advance(2)
    await shell.tidy([ONE])
    assert len(host.open_wires) == 1
    assert (await shell.tail(ONE, "out", 0, 10)).data == b"hi"
    assert (len(host.open_wires), len(host.wires)) == (2, 3)
