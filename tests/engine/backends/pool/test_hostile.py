"""What hostile tools do to the process that they share, and to those who come after them."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from engine.backends.pool.leftovers import MARK, Book
from engine.backends.pool.logs import STRAY_BYTES
from engine.backends.pool.timers import SWEEP, Timers
from engine.backends.protocol import HostState
from engine.errors import Category
from tests.engine.backends.pool.conftest import MakePool, PoolHands, wait_file


@pytest.fixture
async def hostile(make_pool_hands: MakePool) -> PoolHands:
    return await make_pool_hands(modules=["hostile_tools"], cpu=1, **{"async": 400})


@pytest.mark.parametrize(
    ("tool", "args", "said"),
    [
        ("picky", {"it": {"x": 1}}, "KeyError: 'picky'"),
        ("surrogate", {}, "ValueError: \\ud800 is half a character"),
        ("when", {"seconds": 0}, "later"),
        ("when", {"seconds": 1e30}, "later"),
        ("bare", {}, "Bare"),
    ],
)
async def test_an_error_that_cannot_be_told_as_it_is_harms_nobody(
    hostile: PoolHands, tool: str, args: dict[str, Any], said: str
) -> None:
    async with asyncio.timeout(60):
        end = await hostile.call(tool, args)
        assert end.trouble
        assert (end.state, end.code) == (HostState.EXITED, 1)
        assert said in end.trouble.message
        assert await hostile.value("well") == "well"


@pytest.mark.parametrize(
    ("tool", "value"), [("stray_exit", "still here"), ("stop_loop", "stopped")]
)
async def test_a_loop_that_is_stopped_goes_on(
    hostile: PoolHands, tool: str, value: str
) -> None:
    async with asyncio.timeout(60):
        assert await hostile.value(tool) == value
        assert await hostile.value("well_async") == "well"


async def test_bytes_and_a_closed_stream_are_as_elsewhere(hostile: PoolHands) -> None:
    report = await hostile.begin("to_buffer")
    assert (await hostile.end(report)).code == 0
    assert await hostile.log(report) == b"\xff\x00bytes"
    assert await hostile.value("close_stdout") is None
    assert await hostile.value("well") == "well"


async def test_a_call_finds_nothing_of_the_one_before_it(
    hostile: PoolHands, tmp_path: Path
) -> None:
    before = await hostile.value("surroundings")
    await hostile.value("disturb", {"folder": str(tmp_path)})
    assert await hostile.value("surroundings") == before
    assert await hostile.value("close_alone") == "closed"
    assert await hostile.value("surroundings") == before


async def test_a_stop_after_a_soft_timeout_stops(hostile: PoolHands, tmp_path: Path) -> None:
    report = await hostile.begin("stubborn", {"path": str(tmp_path / "a")}, soft_ms=1)
    await wait_file(tmp_path / "a")
    ending = asyncio.ensure_future(hostile.end(report))
    async with asyncio.timeout(60):
        while not (await hostile.backend.adopt([report.attempt]))[0].softened:
            await asyncio.sleep(0)
        await hostile.stop(report, grace_ms=50)
        assert (await ending).signal == signal.SIGKILL


async def test_a_second_stop_may_be_less_patient(hostile: PoolHands, tmp_path: Path) -> None:
    report = await hostile.begin("stubborn", {"path": str(tmp_path / "a")})
    await wait_file(tmp_path / "a")
    await hostile.stop(report, grace_ms=3_600_000)
    await hostile.stop(report, grace_ms=10)
    async with asyncio.timeout(60):
        assert (await hostile.end(report)).why == "stop"


async def test_calls_go_on_while_modules_are_imported_anew(
    make_pool_hands: MakePool, tmp_path: Path
) -> None:
    source = tmp_path / "slow_tools.py"
    text = (
        "import os, time\nfrom engine.tools import tool\n"
        f"while os.path.exists({str(tmp_path / 'hold')!r}): time.sleep(0.01)\n"
        "@tool\ndef which() -> int:\n    return {}\n"
    )
    source.write_text(text.format(1))
    pool = await make_pool_hands(modules=["slow_tools"], path=[str(tmp_path)])
    (tmp_path / "hold").touch()
    source.write_text(text.format(22))
    os.utime(source, ns=(1, 1))
    looking = asyncio.ensure_future(pool.backend.look())
    while not pool.backend._pool._shared or pool.backend._pool._shared.is_ready:  # type: ignore[attr-defined]
        await asyncio.sleep(0)
    report = await pool.begin("which")
    assert report.state is HostState.RUNNING
    (tmp_path / "hold").unlink()
    assert (await pool.end(report)).result == b"22"
    await looking


async def test_a_tool_of_a_module_that_cannot_be_imported_says_why(
    make_pool_hands: MakePool, tmp_path: Path
) -> None:
    (tmp_path / "torn_tools.py").write_text("def torn(:\n")
    pool = await make_pool_hands(
        modules=["torn_tools", "hostile_tools"],
        path=[str(tmp_path), str(Path(__file__).parent)],
    )
    end = await pool.begin("torn")
    assert end.trouble
    assert end.trouble.category is Category.VALIDATION
    assert "torn_tools" in end.trouble.message
    assert "SyntaxError" in end.trouble.message


async def test_a_module_with_half_a_character_harms_no_other(
    make_pool_hands: MakePool, tmp_path: Path
) -> None:
    (tmp_path / "half_tools.py").write_text(
        "from engine.tools import tool\n@tool\ndef half() -> None:\n    '''\\ud800'''\n"
    )
    pool = await make_pool_hands(
        modules=["half_tools", "hostile_tools"],
        path=[str(tmp_path), str(Path(__file__).parent)],
    )
    assert await pool.value("well") == "well"
    assert pool.toolbox.modules()["tools"][0].error


@pytest.mark.parametrize("others", [False, True])
def test_what_a_call_started_ends_although_its_process_is_gone(
    tmp_path: Path, others: bool
) -> None:
    env = {**os.environ, MARK: str(tmp_path / "other" if others else tmp_path)}
    script = ["sh", "-c", "sleep 600 & echo $!; read line; kill -9 $$"]
    book = Book(tmp_path / "processes")
    with subprocess.Popen(
        script, env=env, stdin=-1, stdout=-1, text=True, start_new_session=True
    ) as leader:
        assert leader.stdout
        child = psutil.Process(int(leader.stdout.readline()))
        book.add(leader.pid)
        assert leader.stdin
        leader.stdin.close()
        leader.wait()
    book.end_all()
    if others:
        assert child.is_running()
        child.kill()
    child.wait(90)


async def test_a_context_may_be_optional(hostile: PoolHands) -> None:
    assert str(await hostile.value("maybe")).endswith("-1-7")


async def test_what_belongs_to_no_call_is_bounded(hostile: PoolHands, tmp_path: Path) -> None:
    stray = tmp_path / "pool" / "stray"
    with stray.open("ab") as file:
        file.truncate(STRAY_BYTES + 1)
    await hostile.backend.look()
    assert stray.stat().st_size == 0


def test_timers_that_are_called_off_are_let_go() -> None:
    timers, happened = Timers(), []
    for due_s in range(3 * SWEEP):
        timers.at(due_s + 10.0, lambda: happened.append("off")).call_off()
    timers.at(1.0, lambda: happened.append("on"))
    assert len(timers) <= SWEEP
    timers.run(1e9)
    assert happened == ["on"]


async def test_many_large_results_at_once_are_told(hostile: PoolHands) -> None:
    begun = await hostile.backend.start([hostile.called("large") for _ in range(300)])
    for report in begun:
        assert not isinstance(report, Exception)
        assert len((await hostile.end(report, 60)).result or b"") > 240_000
