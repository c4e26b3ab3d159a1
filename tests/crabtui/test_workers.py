"""The Workers view and backpressure at the keyboard: gauges, limits, draining, modes."""

import pytest
from msgspec.structs import replace

from crabtui.dialogs.confirm import Confirm
from engine.control import messages as m
from tests.crabtui.scenes import waiting_world
from tests.crabtui.seat import WIDE, seat
from tests.kit.still_clock import StillClock


@pytest.fixture
def world():
    return waiting_world(StillClock())


async def test_what_is_taken_and_what_holds_jobs_is_shown(world):
    async with seat(world) as here:
        await here.press("4")
        await here.reads("3 workers, 7 of 16 slots taken, 1 draining")
        await here.reads("5/8", "4.5/8", "18/32G", "1/2", "scope: memory of all its processes")
        await here.press("j")
        await here.reads("license 1/3", "rlimit: memory of each process", "still there: #1 #2")


async def test_d_drains_after_a_question_and_u_takes_it_back(world):
    async with seat(world) as here:
        await here.press("4")
        await here.reads("node-7")
        await here.press("D")
        await here.reads("Drain worker local?", "5 running there")
        assert isinstance(here.app.screen, Confirm)
        await here.press("enter")
        await here.says("nothing was done")
        assert world.acts() == []
        await here.press("D", "y")
        await here.says("local drains", "u undoes")
        assert world.workers[0].draining
        await here.press("u")
        await here.until(lambda: not world.workers[0].draining)


async def test_d_lets_a_drained_worker_take_work_again(world):
    async with seat(world) as here:
        await here.press("4")
        await here.reads("node-7")
        await here.press("j", "D")
        await here.says("node-7 takes work again")
        assert world.acts() == [m.SetWorker(name="node-7", drain=False)]


async def test_a_worker_opens_the_jobs_that_run_there(world):
    async with seat(world) as here:
        await here.press("4")
        await here.reads("node-7")
        await here.press("enter")
        await here.reads("⟨worker:local⟩", "⟨state:running⟩", "1-3 of 3")
        await here.press("left_square_bracket")
        await here.reads("[4 Workers]")


async def test_who_only_looks_is_told_why_nothing_drains(world):
    async with seat(world, read_only=True) as here:
        await here.press("4")
        await here.reads("node-7")
        await here.press("D")
        await here.says("drain: read-only: :arm 10m")
        assert world.acts() == []


async def test_there_is_nothing_to_drain_where_there_is_no_worker(world):
    world.workers = []
    async with seat(world) as here:
        await here.press("4")
        await here.reads("0 workers", "jobs wait until there is one")
        await here.press("D")
        await here.says("no worker here")


async def test_hostile_names_are_text(world):
    warning = "[red]hot[/] \x1b]0;x\x07"
    name = "[@click=app.quit]n[/]\u202e"
    world.workers = [replace(world.workers[2], name=name, warnings=(warning,))]
    async with seat(world, WIDE) as here:
        await here.press("4")
        await here.reads("[@click=", "[red]hot[/]")
        assert "\x1b" not in here.text
        assert "\u202e" not in here.text


async def test_the_mode_of_the_backlog_is_in_the_header_and_goes_again(world):
    async with seat(world) as here:
        await here.until(lambda: "high backlog" in here.header)
        await here.press("2")
        await here.reads("depth 8,120 of 10,000, high backlog")
        world.backlog = ("normal", 100, 10_000)
        await here.press("ctrl+r")
        await here.until(lambda: "high backlog" not in here.header)


async def test_a_queue_under_pressure_says_what_that_means(world):
    async with seat(world, WIDE) as here:
        await here.press("2", "j")
        await here.reads("moderate backlog, 3 of 1,000: fewer may run at once")
