"""What a failed attempt wrote last is known with its end, and never holds one up for long."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.backends.last_words import (
    LONGEST,
    PATIENCE_S,
    last_line,
    last_words,
    may_have_said_why,
)
from engine.backends.protocol import Chunk, HostState, Report
from engine.clock import ManualClock
from engine.errors import Unreachable
from engine.model.ids import AttemptId
from engine.model.states import State
from tests.engine.loops.test_dispatch import turns
from tests.kit.engine import Engine, FakeBackend, an_engine

FAILS: dict[str, Any] = {"argv": ["false"], "name": "train", "max_attempts": 1}


def report(**facts: Any) -> Report:
    return Report(**{"attempt": AttemptId("1-1-1"), "state": HostState.EXITED, **facts})


@pytest.mark.parametrize(
    ("facts", "may"),
    [
        ({"code": 3}, True),
        ({"signal": 9}, True),
        ({"code": 1, "why": "oom"}, True),
        ({"code": 0}, False),
        ({"code": 143, "why": "stop"}, False),
        ({"why": "nospawn"}, False),
        ({"state": HostState.LOST}, False),
        ({"state": HostState.RUNNING}, False),
    ],
)
def test_who_may_have_said_why(facts: dict[str, Any], may: bool) -> None:
    assert may_have_said_why(report(**facts)) is may


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", ""),
        (b"\n \n", ""),
        (b"a\nValueError: x\n\n", "ValueError: x"),
        (b"10%\r100%\r\n", "100%"),
        (b"\xff\xfe no text", "\ufffd\ufffd no text"),
        (b"x" * 1_000, "x" * LONGEST),
    ],
)
def test_the_last_line(data: bytes, line: str) -> None:
    assert last_line(data) == line


class Mute(FakeBackend):
    """A host whose logs cannot be read."""

    hangs = False

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        if self.hangs:
            await asyncio.Event().wait()
        raise Unreachable("no route")


async def test_a_log_that_cannot_be_read_says_nothing() -> None:
    assert await last_words(Mute(), report(code=3), ManualClock()) == ""


async def test_a_host_that_hangs_is_waited_for_a_moment() -> None:
    host, clock = Mute(), ManualClock()
    host.hangs = True
    async with asyncio.TaskGroup() as tasks:
        said = tasks.create_task(last_words(host, report(code=3), clock))
        await turns()
        assert not said.done()
        clock.advance(PATIENCE_S)
    assert said.result() == ""


async def failed(engine: Engine, stderr: bytes, code: int = 3) -> tuple[str, str]:
    """The fingerprint of a job that wrote this and failed, and what it said."""
    [job] = await engine.submit(FAILS)
    attempt = await engine.running(job)
    if isinstance(engine.host, FakeBackend):
        engine.host.errors[attempt] = stderr
    engine.host.end(attempt, code)
    trouble = (await engine.until_state(job, State.FAILED)).now.trouble
    assert trouble is not None
    return trouble.fp, str(trouble.details.get("stderr", ""))


async def test_failures_are_alike_if_their_last_words_are(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        one = await failed(engine, b"step 7\nCUDA error at 0x7f1c\n")
        other = await failed(engine, b"step 9\nCUDA error at 0x9a2b\n")
        third = await failed(engine, b"No space left on device\n")
        silent = await failed(engine, b"")
        assert one[1] == "CUDA error at 0x7f1c"
        assert silent[1] == ""
        assert one[0] == other[0]
        assert len({one[0], third[0], silent[0]}) == 3


async def test_an_end_is_heard_though_nothing_can_be_read(tmp_path: Path) -> None:
    async with an_engine(tmp_path, Mute()) as engine:
        assert (await failed(engine, b"never read"))[1] == ""


async def test_a_failure_that_is_looked_at_holds_up_no_other_end(tmp_path: Path) -> None:
    host = Mute()
    host.hangs = True
    async with an_engine(tmp_path, host) as engine:
        slow, quick = await engine.submit(FAILS, {"argv": ["true"]})
        await engine.running(slow)
        host.end(await engine.running(slow), 3)
        host.end(await engine.running(quick), 0)
        await engine.until_state(quick, State.SUCCEEDED)
        assert (await engine.job(slow)).now.state is State.RUNNING
        host.hangs = False
    async with an_engine(tmp_path, host) as engine:
        assert (await engine.job(slow)).now.state is State.FAILED
