"""What every screen looks like, as text, at the two sizes of the wireframes."""

import pytest

from tests.crabtui.fleet import fleet_world
from tests.crabtui.scenes import busy_world, waiting_world
from tests.crabtui.seat import NARROW, WIDE, seat
from tests.kit.still_clock import StillClock

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x48"])


@pytest.fixture
def world():
    return busy_world(StillClock())


async def check(here, name, size):
    await here.looks_like(f"console/{name}.{size[0]}x{size[1]}.txt")


@SIZES
async def test_jobs(world, size):
    async with seat(world, size) as here:
        await here.go_to(5)
        await here.press("space", "k")
        await here.until(lambda: size == NARROW or "queue gpu runs 2 of 2" in here.text)
        await check(here, "jobs", size)


@SIZES
async def test_nothing_matches(world, size):
    async with seat(world, size) as here:
        await here.type(":jobs queue:gpu state:failed")
        await here.press("enter")
        await here.reads("closest")
        await check(here, "no-match", size)


@SIZES
async def test_a_filter_with_an_error(world, size):
    async with seat(world, size) as here:
        await here.press("slash")
        await here.type("queue:gpu foo:bar")
        await here.reads("unknown field")
        await check(here, "filter-error", size)


@SIZES
async def test_detail(world, size):
    async with seat(world, size) as here:
        await here.go_to(1)
        await here.press("enter")
        await here.reads("exit 137", "now")
        await here.until(lambda: size == NARROW or "step 399" in here.text)
        here.tick(0)
        await check(here, "detail", size)


@SIZES
async def test_why(world, size):
    async with seat(world, size) as here:
        await here.go_to(5)
        await here.press("w")
        await here.reads("queue gpu runs 2 of 2", "held by #2 #1")
        here.tick(0)
        await check(here, "why", size)


@SIZES
async def test_why_with_all_that_is_known(size):
    async with seat(waiting_world(StillClock()), size) as here:
        await here.go_to(5)
        await here.press("w")
        await here.reads("what if", "node-7")
        here.tick(0)
        await check(here, "what-ifs", size)


@SIZES
async def test_what_if(size):
    async with seat(waiting_world(StillClock()), size) as here:
        await here.go_to(5)
        await here.press("w")
        await here.reads("what if")
        await here.press("enter")
        await here.reads("254 as before")
        await check(here, "what-if", size)


@SIZES
async def test_confirm(world, size):
    async with seat(world, size) as here:
        for job in (1, 5):
            await here.go_to(job)
            await here.press("space")
        await here.press("x")
        await here.reads("Cancel 2 jobs")
        await check(here, "confirm", size)


@SIZES
async def test_help(world, size):
    async with seat(world, size) as here:
        await here.press("question_mark")
        await here.reads("type to search")
        await check(here, "help", size)


@SIZES
async def test_queues(size):
    async with seat(waiting_world(StillClock()), size) as here:
        await here.press("2")
        await here.reads("paused by ana")
        await here.press("j")
        await here.reads("queue gpu runs 2 of 2 jobs")
        await check(here, "queues", size)


@SIZES
async def test_stuck(size):
    async with seat(waiting_world(StillClock()), size) as here:
        await here.press("7")
        await here.reads("queue limit", "crabtui queues limit gpu 3")
        await here.reads("held by #2")
        await check(here, "stuck", size)


@SIZES
async def test_workers(size):
    async with seat(waiting_world(StillClock()), size) as here:
        await here.press("4")
        await here.reads("node-7", "no room in /scratch")
        await here.press("j", "j")
        await here.reads("still there: #1 #2")
        here.tick(0)
        await check(here, "workers", size)


@SIZES
@pytest.mark.parametrize(("name", "down"), [("lost", 1), ("refused", 0), ("reached", 7)])
async def test_workers_elsewhere(size, name, down):
    async with seat(fleet_world(StillClock()), size) as here:
        await here.press("4")
        await here.reads("gpu-07")
        await here.press(*["j"] * down)
        here.tick(0)
        await check(here, f"workers-{name}", size)


@SIZES
async def test_jobs_in_doubt(size):
    async with seat(fleet_world(StillClock()), size) as here:
        await here.reads("no contact 41s")
        await check(here, "jobs-in-doubt", size)


@SIZES
async def test_attempts(size):
    async with seat(waiting_world(StillClock()), size) as here:
        await here.go_to(1)
        await here.press("enter", "tab", "tab")
        await here.reads("limits", "gpu 0, 1")
        here.tick(0)
        await check(here, "attempts", size)


async def test_ascii(world):
    async with seat(world, NARROW, ascii_only=True) as here:
        await here.go_to(5)
        assert here.text.isascii(), here.text
        await check(here, "jobs-ascii", NARROW)
