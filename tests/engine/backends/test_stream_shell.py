"""What the driver of a host elsewhere asks, and what it need not ask."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from engine.backends.hosting import Abode
from engine.backends.protocol import Chunk
from engine.backends.shell import Launch
from engine.backends.stream_shell import LOOK_S, StreamShell
from engine.backends.wire import Hearer
from engine.clock import ManualClock
from engine.model.ids import AttemptId, Epoch
from engine.runner.log_search import Wanted
from engine.runner.records import Status

RUNNING = b"1-1-1 running 7 8 h/b/1 - - - 0 6 - -"
ENDED = b"1-1-1 exited 7 8 h/b/1 0 - - 0 6 9 9"
HELLO = {
    "python": b"ident=eA== epoch=MQ== cpu_milli=MQ== memory_mb=MQ== storage_mb=MQ==",
    "sh": b"ident=x epoch=1 cpu_milli=1 memory_mb=1 storage_mb=1",
}
LAUNCH = Launch(attempt=AttemptId("1-1-1"), epoch=Epoch(1), spec=b"true", lease=False)


class Host:
    """A line to a host that answers what it is told to."""

    def __init__(self, speaks: str = "python") -> None:
        self.asked: list[bytes] = []
        self.answers: dict[bytes, bytes] = {b"hello": b"ok " + HELLO[speaks]}
        self.warnings: Sequence[str] = ()
        self._speaks = speaks

    async def open(self, command: str, hearer: Hearer) -> "Host":
        self._hearer = hearer
        self.say(f"crab-1 ready {self._speaks}".encode())
        return self

    async def drop(self) -> None: ...

    def close(self) -> None: ...

    def write(self, data: bytes) -> None:
        for line in data.splitlines():
            number, verb, *_ = line.split(b" ")
            self.asked.append(line.partition(b" ")[2])
            if verb in self.answers:
                said = self.answers[verb].splitlines()
                self.say(*(number + b" " + one for one in said))

    def say(self, *lines: bytes) -> None:
        for line in lines:
            self._hearer.data_received(line + b"\n")


async def turns(true: Callable[[], object] = lambda: False) -> None:
    """Let everybody go on who can."""
    for _ in range(20):
        if true():
            return
        await asyncio.sleep(0)


async def shell_of(host: Host, clock: ManualClock) -> StreamShell:
    shell = StreamShell(host, clock, Abode())
    await shell.hello(Epoch(1))
    host.asked.clear()
    return shell


async def test_an_end_that_is_told_whole_is_not_asked_for() -> None:
    host = Host()
    shell = await shell_of(host, ManualClock())
    host.answers[b"start"] = RUNNING
    [begun] = await shell.start([LAUNCH])
    host.say(b"+ ended " + ENDED)
    [ended] = await shell.ended()
    assert (begun.state, ended.state, ended.code) == ("running", "exited", 0)  # type: ignore[union-attr]
    assert [line.split(b" ")[0] for line in host.asked] == [b"start"]


async def test_an_end_without_a_status_is_asked_for_by_itself() -> None:
    host = Host()
    shell = await shell_of(host, ManualClock())
    host.answers |= {
        b"watch": b"ok",
        b"status": b"is 2-1-1 exited 7 8 h/b/1 3 - - 0 6 9 9\nok",
    }
    await shell.watch([Status(attempt=one, state="running") for one in ("1-1-1", "2-1-1")])
    host.asked.clear()
    host.say(b"+ ended 2-1-1", b"+ ended " + ENDED)
    first = await shell.ended()
    second = await shell.ended()
    assert [status.code for status in (*first, *second)] == [0, 3]
    assert host.asked == [b"status 2-1-1"]


@pytest.mark.parametrize("speaks", ["python", "sh"])
async def test_nobody_is_told_twice_of_an_end_that_overtakes_its_batch(speaks: str) -> None:
    clock, host = ManualClock(), Host(speaks)
    shell = await shell_of(host, clock)
    starting = asyncio.ensure_future(shell.start([LAUNCH]))
    await turns(lambda: host.asked)
    host.say(b"+ ended " + ENDED)  # the answers of others in the batch are still missing
    assert [status.state for status in await shell.ended()] == ["exited"]
    host.say(b"2 " + RUNNING)
    assert [status.state for status in await starting] == ["running"]  # type: ignore[union-attr]
    listening = asyncio.ensure_future(shell.ended())
    await turns()
    clock.advance(LOOK_S + 1)
    await turns()
    listening.cancel()
    assert [line.split(b" ")[0] for line in host.asked] == [b"start"]


async def test_what_sh_may_have_missed_is_asked_for_now_and_then() -> None:
    clock, host = ManualClock(), Host("sh")
    shell = await shell_of(host, clock)
    host.answers |= {b"start": RUNNING, b"status": b"is " + ENDED + b"\nok"}
    await shell.start([LAUNCH])
    listening = asyncio.ensure_future(shell.ended())
    await turns()
    assert host.asked[1:] == []
    clock.advance(LOOK_S + 1)
    await turns(listening.done)
    assert [status.code for status in await listening] == [0]
    assert host.asked[1:] == [b"status 1-1-1"]


class Reading(StreamShell):
    """Of which logs can be read."""

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        data = b"needle 1\nhay\nneedle 2\n"
        return Chunk(data=data[offset : offset + limit], offset=offset, size=len(data))


@pytest.mark.parametrize("why", [b"denied this key may not find", b"bad 'find' is no verb"])
async def test_a_door_that_is_older_than_find_has_its_logs_read(why: bytes) -> None:
    host = Host()
    shell = Reading(host, ManualClock(), Abode())
    await shell.hello(Epoch(1))
    host.answers[b"find"] = b"error " + why
    for _ in range(2):
        found = await shell.find(AttemptId("1-1-1"), "out", 0, 100, Wanted(b"needle"))
        assert [line.data for line in found.lines] == [b"needle 1", b"needle 2"]
    assert [line.split(b" ")[0] for line in host.asked].count(b"find") == 1
