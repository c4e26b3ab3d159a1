"""The mock: behaviours, delays by a manual clock, history; and never by default."""

import asyncio
from pathlib import Path

import pytest

from engine.backends import registry
from engine.backends.making import MOCK_ALLOWED, Making
from engine.backends.mock import MockBackend
from engine.backends.mock_host import MockHost, Script, script_of
from engine.backends.protocol import HostState
from engine.clock import ManualClock, SystemClock
from engine.config import Settings, read_worker
from engine.errors import InvalidSpec, LinkRefused, StartFailed, Unreachable
from engine.model.ids import Epoch
from engine.testing.hands import EPOCH, Hands


async def at_work(clock: ManualClock, script: Script | None = None) -> Hands:
    backend = MockBackend(clock, script)
    await backend.hello(EPOCH)
    return Hands(backend)


async def test_time_is_its_clocks() -> None:
    clock = ManualClock()
    hands = await at_work(clock)
    report = await hands.start("fail", "3", "after", "3600")
    assert report.state == HostState.RUNNING
    ending = asyncio.ensure_future(hands.end(report))
    while not clock.sleeping:
        await asyncio.sleep(0)
    assert not ending.done()
    clock.advance(3600)
    assert (await ending).code == 3


async def test_behaviours() -> None:
    hands = await at_work(ManualClock())
    assert (await hands.run("succeed")).code == 0
    assert (await hands.run("fail")).code == 1
    assert (await hands.run("anything", "else")).code == 0
    assert (await hands.run("lose")).state == HostState.LOST
    assert (await hands.run("nospawn")).why == "nospawn"
    assert (await hands.start("hang")).state == HostState.RUNNING
    with pytest.raises(StartFailed):
        await hands.start("refuse")


async def test_history_says_what_was_asked() -> None:
    hands = await at_work(ManualClock())
    report = await hands.start("hang")
    await hands.stop(report)
    assert isinstance(hands.backend, MockBackend)
    history = hands.backend.host.history
    assert history == [
        ("hello", None),
        ("start", None),
        ("started", report.attempt),
        ("stop", report.attempt),
    ]


async def test_a_host_that_is_cut_off_answers_nobody_until_it_is_greeted_again() -> None:
    backend = MockBackend(ManualClock())
    await backend.hello(EPOCH)
    losing = asyncio.ensure_future(backend.lost())
    await asyncio.sleep(0)
    backend.host.cut()
    assert "cut" in await losing
    with pytest.raises(Unreachable):
        await backend.look()
    backend.host.mend()
    with pytest.raises(Unreachable):
        await backend.look()
    await backend.hello(EPOCH)
    assert (await backend.look()).at > 0


async def test_an_unreachable_host_and_a_slow_start() -> None:
    with pytest.raises(Unreachable):
        await MockBackend(ManualClock(), Script(unreachable=True)).hello(EPOCH)
    clock = ManualClock()
    hands = await at_work(clock, Script(start_s=5))
    starting = asyncio.ensure_future(hands.start("hang"))
    while not clock.sleeping:
        await asyncio.sleep(0)
    clock.advance(5)
    assert (await starting).state == HostState.RUNNING


def test_options_are_checked() -> None:
    assert script_of({"cpus": 2}) == Script(cpus=2)
    with pytest.raises(InvalidSpec, match="cpu"):
        script_of({"cpuz": 2})


@pytest.mark.parametrize("environ", [{}, {MOCK_ALLOWED: "0"}, {MOCK_ALLOWED: ""}])
async def test_nobody_has_it_without_saying_so_twice(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    rules = read_worker("m", {"backend": "mock"}, "test")
    making = Making(Settings(state_dir=tmp_path), SystemClock(), "main", environ)
    with pytest.raises(LinkRefused, match=MOCK_ALLOWED):
        await making.make("m", rules).backend.hello(Epoch(1))


async def test_with_both_it_is_there(tmp_path: Path) -> None:
    rules = read_worker("m", {"backend": "mock", "options": {"cpus": 3}}, "test")
    settings = Settings(state_dir=tmp_path)
    making = Making(settings, SystemClock(), "main", {MOCK_ALLOWED: "1"})
    facts = await making.make("m", rules).backend.hello(Epoch(1))
    assert facts.capacity.cpu_milli == 3_000


def test_a_typo_is_never_corrected_to_it() -> None:
    assert read_worker("m", {"backend": "mok"}, "test").backend == "mok"
    with pytest.raises(LinkRefused, match="NO_BACKEND") as refused:
        registry.load("mok")
    assert "mock" not in refused.value.message
    assert refused.value.nearest is None


def test_hosts_do_not_share_what_they_have() -> None:
    assert MockHost().plays is not MockHost().plays
