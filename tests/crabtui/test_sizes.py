"""What screens look like, as text, at the least size and at one of medium width."""

import pytest

from tests.crabtui.fleet import fleet_world
from tests.crabtui.scenes import busy_world, waiting_world
from tests.crabtui.seat import NARROW, WIDE, seat
from tests.kit.still_clock import StillClock

LEAST, MEDIUM = (60, 16), (100, 30)
SIZES = pytest.mark.parametrize("size", [LEAST, MEDIUM], ids=["60x16", "100x30"])
ALL = pytest.mark.parametrize("size", [LEAST, NARROW, MEDIUM, WIDE])


async def check(here, name, size):
    width, height = size
    await here.looks_like(f"console/{name}.{width}x{height}.txt")
    lines = here.text.splitlines()
    assert len(lines) == height
    assert all(len(line) <= width for line in lines)


@SIZES
async def test_jobs(size):
    async with seat(busy_world(StillClock()), size) as here:
        await here.press("j", "space")
        await check(here, "jobs", size)


@SIZES
async def test_detail(size):
    async with seat(busy_world(StillClock()), size) as here:
        await here.press("j", "enter")
        await here.reads("jobs › #1 ", "backoff")
        await check(here, "detail", size)


@ALL
async def test_graph(size):
    async with seat(busy_world(StillClock()), size) as here:
        await here.go_to(10)
        await here.press("enter")
        await here.reads("jobs › #10 ")
        await here.press("tab", "tab", "tab")
        await here.reads("needs 4 jobs, 0 succeeded")
        await check(here, "graph", size)


@ALL
async def test_why_of_a_failure(size):
    world = busy_world(StillClock())
    world.logs[13, "err"] = b"main.c:3: warning: unused\nmain.c:9: error: expected ';'\n"
    async with seat(world, size) as here:
        await here.go_to(13)
        await here.press("w")
        await here.reads("expected ';'")
        await check(here, "why-failed", size)


@SIZES
async def test_queues(size):
    async with seat(waiting_world(StillClock()), size) as here:
        await here.press("2", "j")
        await here.reads("queue gpu ─", "412" if size == MEDIUM else "limit 2")
        await check(here, "queues", size)


@SIZES
async def test_workers(size):
    async with seat(fleet_world(StillClock()), size) as here:
        await here.press("4", "j")
        await here.reads("worker gpu-07")
        await check(here, "workers", size)


@SIZES
async def test_stuck(size):
    async with seat(waiting_world(StillClock()), size) as here:
        await here.press("7")
        await here.reads("412", "held by" if size == MEDIUM else "first #5")
        await check(here, "stuck", size)


@pytest.mark.parametrize("size", [LEAST, WIDE])
async def test_no_size_leaves_signs_without_a_stand_in(size):
    async with seat(busy_world(StillClock()), size, ascii_only=True) as here:
        await here.press("j", "enter")
        await here.reads("jobs > #1 ", "backoff")
        assert here.text.isascii()
        assert "?" not in here.text.replace("? help", "")


async def test_below_the_least_size_there_is_one_sentence_and_q_works():
    async with seat(busy_world(StillClock()), (59, 16)) as here:
        await here.reads("60x16 needed, 59x16 here", "q quits")
        assert "train" not in here.text
        await here.pilot.resize_terminal(60, 16)
        await here.reads("train_v2")
        await here.pilot.resize_terminal(60, 15)
        await here.reads("60x16 needed, 60x15 here")
        await here.press("q")
        assert not here.app.is_running or here.app.return_code == 0
