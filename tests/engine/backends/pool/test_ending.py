"""How calls are made to end: stops, timeouts, kills, changes of modules, new daemons."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from engine.backends.protocol import HostState
from engine.model.ids import AttemptId, Epoch
from tests.engine.backends.pool.conftest import MakePool, PoolHands, wait_file


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "mark"


@pytest.mark.parametrize("tool", ["spin", "spin_alone", "heed", "block"])
async def test_a_stop_stops(pool: PoolHands, mark: Path, tool: str) -> None:
    report = await pool.begin(tool, {"path": str(mark)})
    await wait_file(mark)
    await pool.stop(report, grace_ms=300)
    end = await pool.end(report)
    assert (end.state, end.why) == (HostState.EXITED, "stop")
    assert await pool.value("add", {"a": 1}) == 2


async def test_a_stop_ends_what_is_awaited(pool: PoolHands) -> None:
    report = await pool.begin("later", {"text": "x", "seconds": 60.0})
    await pool.stop(report)
    assert (await pool.end(report)).why == "stop"


@pytest.mark.parametrize("tool", ["spin", "spin_alone", "block"])
async def test_a_hard_timeout_is_hard(pool: PoolHands, mark: Path, tool: str) -> None:
    end = await pool.call(tool, {"path": str(mark)}, hard_ms=200)
    assert (end.state, end.why) == (HostState.EXITED, "timeout")


async def test_others_in_a_process_that_is_retired_go_on(
    pool: PoolHands, tmp_path: Path
) -> None:
    stuck = await pool.begin("block", {"path": str(tmp_path / "a")})
    other = await pool.begin("block", {"path": str(tmp_path / "b"), "seconds": 1.5})
    await wait_file(tmp_path / "a")
    await wait_file(tmp_path / "b")
    old = await pool.value("pid_shared")
    await pool.stop(stuck, grace_ms=50)
    async with asyncio.timeout(60):
        while await pool.value("pid_shared") == old:
            continue
    end = await pool.end(other)
    assert (end.code, end.result) == (0, b'"slept"')
    assert (await pool.end(stuck)).why == "stop"


async def test_a_call_that_waits_is_void_when_stopped(
    make_pool_hands: MakePool, tmp_path: Path
) -> None:
    pool = await make_pool_hands(cpu=1)
    first = await pool.begin("spin_alone", {"path": str(tmp_path / "a")})
    waits = await pool.begin("spin_alone", {"path": str(tmp_path / "b")})
    await wait_file(tmp_path / "a")
    assert (await pool.stop(waits)).state is HostState.VOID
    await pool.stop(first)
    await pool.end(first)
    assert not (tmp_path / "b").exists()


async def test_a_killed_process_fails_the_call_in_it(pool: PoolHands, mark: Path) -> None:
    report = await pool.begin("spin_alone", {"path": str(mark)})
    await wait_file(mark)
    [adopted] = await pool.backend.adopt([report.attempt])
    assert adopted.pid
    os.kill(adopted.pid, signal.SIGKILL)
    end = await pool.end(report)
    assert (end.state, end.signal) == (HostState.EXITED, 9)
    assert await pool.value("pid_alone") != adopted.pid


async def test_a_new_daemon_finds_nothing_alive_and_says_so(
    make_pool_hands: MakePool, mark: Path
) -> None:
    old = await make_pool_hands()
    report = await old.begin("spin_alone", {"path": str(mark)})
    await wait_file(mark)
    [running] = await old.backend.adopt([report.attempt])
    new = await make_pool_hands(epoch=Epoch(8))
    [lost, never] = await new.backend.adopt([report.attempt, AttemptId("99-1-8")])
    assert lost.state is HostState.LOST
    assert never.state is HostState.VOID
    assert running.pid
    end = await old.end(report)
    assert (end.signal, psutil.pid_exists(running.pid)) == (9, False)


async def test_a_void_attempt_never_runs(pool: PoolHands) -> None:
    await pool.backend.adopt([AttemptId("99-1-7")])
    [report] = await pool.backend.start(
        [pool.called("add", {"a": 1}, attempt=AttemptId("99-1-7"))]
    )
    assert report.state is HostState.VOID


async def test_a_module_that_fails_hurts_no_other(
    make_pool_hands: MakePool, tmp_path: Path
) -> None:
    (tmp_path / "broken_tools.py").write_text("import my_tools\n1 / 0\n")
    pool = await make_pool_hands(
        modules=["broken_tools", "my_tools", "not_there"],
        path=[str(tmp_path), str(Path(__file__).parent)],
    )
    assert await pool.value("add", {"a": 1}) == 2
    [broken, _, missing] = pool.toolbox.modules()["tools"]
    assert "ZeroDivisionError" in broken.error
    assert "not_there" in missing.error
    assert len(pool.facts.warnings) == 2


async def test_a_module_that_changes_is_imported_anew(
    make_pool_hands: MakePool, tmp_path: Path
) -> None:
    source = tmp_path / "changing.py"
    text = "from engine.tools import tool\n@tool\ndef which() -> int:\n    return {}\n"
    source.write_text(text.format(1))
    pool = await make_pool_hands(modules=["changing"], path=[str(tmp_path)])
    assert await pool.value("which") == 1
    source.write_text(text.format(22))
    os.utime(source, ns=(1, 1))
    await pool.backend.look()
    assert await pool.value("which") == 22


async def test_a_call_alone_stands_still_and_goes_on(pool: PoolHands, mark: Path) -> None:
    report = await pool.begin("spin_alone", {"path": str(mark)}, hard_ms=60_000)
    await wait_file(mark)
    paused = await pool.backend.hold_still(report.attempt, pool.epoch, clocks_too=True)
    assert paused.paused
    assert paused.pid
    process = psutil.Process(paused.pid)
    async with asyncio.timeout(60):
        while process.status() != psutil.STATUS_STOPPED:
            await asyncio.sleep(0)
    going = await pool.backend.go_on(report.attempt, pool.epoch)
    assert not going.paused
    await pool.stop(report)
    assert (await pool.end(report)).why == "stop"


async def test_a_log_over_its_cap_ends_the_call(pool: PoolHands, mark: Path) -> None:
    report = await pool.begin("chatter", {"path": str(mark)}, log_stop_bytes=5_000)
    await wait_file(mark)
    await pool.backend.look()
    assert (await pool.end(report)).why == "logcap"
