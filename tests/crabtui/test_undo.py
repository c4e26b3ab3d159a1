"""Taking acts back: only what we did, all of it, and nothing that somebody else set."""

import pytest

from engine.control import messages as m
from engine.control import views as v
from engine.errors import NoDaemon, StoreFull
from tests.crabtui.seat import a_world, seat
from tests.kit.fake_world import World

MANY = 450


@pytest.fixture
def world() -> World:
    world = a_world()
    world.add("waits", queue="gpu")
    world.add("waits too", queue="gpu")
    world.add("runs", state="running", queue="gpu")
    world.add("runs too", state="running", queue="gpu")
    world.queue("gpu", limit=2)
    world.answers[m.ListActs] = lambda _: v.ActsPage(acts=(), head=0)
    return world


async def test_what_runs_is_told_to_stop_and_cannot_be_had_back(world: World) -> None:
    async with seat(world) as here:
        await here.go_to(3)
        await here.press("x")
        await here.reads("Cancel #3 runs")
        await here.press("y")
        await here.says("#3 told to stop")
        assert "u undoes" not in here.status
        await here.press("u")
        await here.says("nothing to undo")


async def test_of_mixed_jobs_those_that_run_are_told_apart(world: World) -> None:
    async with seat(world, (160, 48)) as here:
        for job in (1, 3):
            await here.go_to(job)
            await here.press("space")
        await here.press("x", "y")
        await here.says("canceled (1 told to stop)", "u undoes")
        await here.press("escape", "u")
        await here.says("undone")
        assert world.acts()[-1] == m.Uncancel(targets=m.Targets(ids=(1,)))


async def test_what_was_held_before_stays_held(world: World) -> None:
    world.change(2, held_by="bob")
    async with seat(world) as here:
        for job in (1, 2):
            await here.go_to(job)
            await here.press("space")
        await here.press("H", "y")
        await here.says("held", "u undoes")
        world.change(2, held_by="ana")  # the fake signs it anew
        await here.press("u")
        await here.says("undone")
        assert world.acts()[-1] == m.Release(targets=m.Targets(ids=(1,)))


async def test_what_stood_still_before_goes_on_standing_still(world: World) -> None:
    world.change(4, paused_at=1)
    async with seat(world) as here:
        for job in (3, 4):
            await here.go_to(job)
            await here.press("space")
        await here.press("K", "y")
        await here.says("paused", "u undoes")
        await here.press("u")
        await here.says("undone")
        assert world.acts()[-1] == m.Resume(targets=m.Targets(ids=(3,)))


async def test_all_of_very_many_priorities_go_back() -> None:
    world = a_world()
    for n in range(MANY):
        world.add(f"job {n}")
    async with seat(world) as here:
        await here.press("asterisk", "plus")
        await here.reads(f"Priority up for all {MANY} jobs")
        await here.press(*str(MANY), "y")
        await here.says("u undoes")
        await here.press("u")
        await here.says("undone")
        assert {job.priority for job in world.jobs.values()} == {"normal"}


async def test_a_limit_that_somebody_else_has_set_stays_and_they_are_named(
    world: World,
) -> None:
    theirs = v.ActView(
        seq=99, at=1, by="bob", verb="set_queue", client="cli", asked={"name": "gpu"}, changed=1
    )
    world.answers[m.ListActs] = lambda _: v.ActsPage(acts=(theirs,), head=99)
    async with seat(world, (160, 48)) as here:
        await here.press("2", "j", "plus")
        await here.says("gpu limited to 3")
        await here.until(lambda: world.queues["gpu"].limit == 3)
        world.queue("gpu", limit=9, own=("limit",))
        await here.press("u")
        await here.says("not undone; left alone: gpu has limit 9 now, by bob (cli)")
        assert world.queues["gpu"].limit == 9


async def test_each_press_moves_a_limit_however_fast_they_come(world: World) -> None:
    async with seat(world) as here:
        await here.press("2", "j", "plus", "plus", "plus", "minus", "plus")
        await here.until(lambda: world.queues["gpu"].limit == 5)


async def test_an_act_that_changes_nothing_leaves_the_one_before_to_be_undone(
    world: World,
) -> None:
    world.change(2, held_by="ana")
    async with seat(world) as here:
        await here.go_to(1)
        await here.press("plus")
        await here.says("#1 is now high", "u undoes")
        for _ in range(2):
            await here.press("plus")
            await here.says("#1 is now critical")
        assert "u undoes" not in here.status
        await here.press("u")
        await here.says("undone")
        assert world.jobs[1].priority == "high"


async def test_a_pause_that_is_over_is_not_made_again(world: World) -> None:
    async with seat(world) as here:
        await here.press("2", "j", "P", "enter")
        await here.says("gpu paused", "u undoes")
        world.queue("gpu", limit=2)
        await here.press("u")
        await here.says("not undone", "gpu is not paused now")
        assert [ask.pause for ask in world.asked if isinstance(ask, m.SetQueue)] == [True]


async def test_an_undo_that_did_not_get_through_can_be_tried_again(world: World) -> None:
    async with seat(world) as here:
        await here.go_to(1)
        await here.press("H")
        await here.says("held", "u undoes")
        world.refuse = _full
        await here.press("u")
        await here.says("not undone: the disk is full")
        world.refuse = lambda _: None
        await here.press("u")
        await here.until(lambda: world.jobs[1].held_by is None)


def _full(ask: object) -> None:
    if isinstance(ask, m.Release):
        raise StoreFull("the disk is full; nothing was written")


@pytest.mark.parametrize("keys", [("a", "x"), ("ctrl+p", "c", "a", "n", "c", "e", "l")])
async def test_a_menu_acts_on_what_it_was_opened_on_or_on_nothing(
    world: World, keys: tuple[str, ...]
) -> None:
    async with seat(world, (160, 48)) as here:
        await here.go_to(1)
        opens, *chooses = keys
        await here.press(opens)
        await here.until(lambda: here.app.screen is not here.app.front)
        world.drop(1)
        here.tick(3)
        await here.until(lambda: here.cursor == 2)
        await here.press(*chooses)
        if opens == "ctrl+p":
            await here.reads("cancel")
            await here.pilot.pause(0.3)
            await here.press("enter")
        await here.says("the list has moved meanwhile; nothing was done")
        assert world.acts() == []


async def test_an_act_whose_answer_was_lost_is_not_said_to_be_refused(world: World) -> None:
    def cut(ask: object) -> None:
        if isinstance(ask, m.Hold):
            raise NoDaemon("the daemon closed the connection")

    world.refuse = cut
    async with seat(world, (160, 48)) as here:
        await here.go_to(1)
        await here.press("H")
        await here.says("perhaps held: the connection broke before the answer; @@ has what")


async def test_what_runs_cannot_be_held_and_the_key_that_stops_it_is_named(
    world: World,
) -> None:
    async with seat(world) as here:
        await here.go_to(3)
        await here.press("H")
        await here.says("hold: only what waits can be held; K makes what runs stand still")
        assert world.acts() == []
