"""Acts on all that match: which jobs they mean, and taking all of it back."""

import pytest

from engine.control import messages as m
from engine.control import views as v
from engine.errors import NotAllowed
from tests.crabtui.seat import a_world, seat
from tests.kit.fake_world import World


@pytest.fixture
def world() -> World:
    world = a_world()
    for n in range(60):
        world.add(f"job {n}")
    return world


def sent(world: World, kind: type) -> list:
    return [ask for ask in world.asked if isinstance(ask, kind)]


async def test_all_jobs_are_those_that_were_seen(world: World) -> None:
    async with seat(world) as here:
        await here.press("asterisk", "H")
        await here.reads("Hold all 60 jobs")
        await here.press("6", "0", "y")
        await here.until(lambda: sent(world, m.Hold))
        [hold] = sent(world, m.Hold)
        assert (hold.targets.where, hold.targets.seq) == ("id>0", world.events[60].seq)
        assert hold.targets.key


async def test_u_takes_all_of_it_back_and_not_only_what_is_in_sight(world: World) -> None:
    async with seat(world) as here:
        await here.press("asterisk", "x")
        await here.reads("Cancel all 60 jobs")
        await here.press("6", "0", "y")
        await here.says("u undoes")
        await here.press("u")
        await here.says("undone")
        [back] = sent(world, m.Uncancel)
        assert set(back.targets.ids) == set(range(1, 61))


async def test_what_an_answer_leaves_out_is_read_from_the_receipt(world: World) -> None:
    done = [v.Result(id=n, ok=True, was="queued", now="queued, held") for n in range(1, 51)]
    bad = [v.Result(id=n, ok=False, error=f"#{n} has changed") for n in range(51, 61)]

    def page(ask: m.ReadReceipt) -> v.ReceiptPage:
        some = (*bad, *done)[ask.offset : ask.offset + ask.limit]
        progress = v.ActProgress(
            key=ask.key, verb="hold", total=60, changed=50, unchanged=0, refused=10, ended=True
        )
        return v.ReceiptPage(progress=progress, results=tuple(some), offset=0, total=60)

    world.answers[m.Hold] = lambda _: v.Acted(results=tuple(bad), matched=60)
    world.answers[m.ReadReceipt] = page
    async with seat(world, (160, 48)) as here:
        await here.press("asterisk", "H")
        await here.reads("Hold all 60 jobs")
        await here.press("6", "0", "y")
        await here.says("50 (#1, #2, #3…) held", "10 (#51, #52, #53…) skipped: has changed")
        await here.press("u")
        await here.says("undone")
        [release] = sent(world, m.Release)
        assert release.targets.ids == tuple(range(1, 51))


async def test_a_refused_act_is_said_and_nothing_is_to_be_undone(world: World) -> None:
    def refuse(ask: object) -> None:
        if isinstance(ask, m.Hold):
            raise NotAllowed("not today")

    world.refuse = refuse
    async with seat(world) as here:
        await here.press("asterisk", "H")
        await here.reads("Hold all 60 jobs")
        await here.press("6", "0", "y")
        await here.says("not held: not today")
        await here.press("u")
        await here.says("nothing to undo")
