"""Queues, Stuck and Why at the keyboard: what waits, why, and what can be done about it."""

import pytest

from crabtui.dialogs.confirm import Confirm
from crabtui.views.job.job import JobScreen
from crabtui.views.job.why_pane import WhyPane
from engine.control import messages as m
from engine.control.views import Explanation
from engine.errors import NoDaemon, NotAllowed, StaleLease
from engine.model.reasons import Gate, GateKind, Remedy
from tests.crabtui.scenes import waiting_world
from tests.crabtui.seat import WIDE, a_world, seat
from tests.kit.still_clock import StillClock


@pytest.fixture
def world():
    return waiting_world(StillClock())


async def why_of_five(here):
    await here.go_to(5)
    await here.press("w")
    await here.reads("what if")


async def test_the_histogram_follows_the_cursor(world):
    async with seat(world) as here:
        await here.press("2")
        await here.reads("dependencies", "4 of 4 jobs")
        await here.press("j")
        await here.reads("queue limit", "412", "limit 2 (by hand)", "weight 3")
        assert "4 of 4 jobs" not in here.text


async def test_a_gauge_counts_what_the_most_counts():
    world = a_world()
    world.queue("slow", max_depth=5, mode="full")
    for _ in range(5):
        world.add("later", "pending", queue="slow", wake_at=world.clock.now() + 60_000_000)
    async with seat(world) as here:
        await here.press("2", "j")
        await here.reads("5/5", "full backlog", "depth 5 of 5")


async def test_a_pause_says_how_many_wait():
    world = a_world()
    world.add("alone", "queued")
    async with seat(world) as here:
        await here.press("P")
        await here.reads("why?  1 job waits; what runs goes on")


async def test_reasons_that_cannot_be_told_say_why(world):
    def refuse(ask):
        if isinstance(ask, m.ListReasons):
            raise NotAllowed("reasons are [b]not[/b] known")

    world.refuse = refuse
    async with seat(world) as here:
        await here.press("2")
        await here.reads("reasons are [b]not[/b] known")
        await here.press("7")
        await here.reads("reasons are [b]not[/b] known")


async def test_a_group_opens_the_gates_of_its_first_job(world):
    async with seat(world) as here:
        await here.press("7")
        await here.reads("queue limit")
        await here.press("enter")
        await here.reads("#5", "what if")
        assert isinstance(here.app.front, JobScreen)
        await here.press("escape")
        await here.reads("[7 Stuck]")


async def test_a_group_shows_its_jobs_and_comes_back(world):
    async with seat(world) as here:
        await here.press("7")
        await here.reads("queue limit")
        await here.press("slash")
        await here.reads("⟨queue:gpu⟩", "⟨state:queued⟩", "⟨prio:normal⟩", "1-3 of 3")
        await here.press("left_square_bracket")
        await here.reads("[7 Stuck]")


async def test_a_group_that_cannot_be_listed_shows_the_waiting_jobs_of_its_queue(world):
    async with seat(world) as here:
        await here.press("7")
        await here.reads("dependencies")
        await here.press("G", "slash")
        await here.reads("⟨queue:default⟩", "⟨state:pending,queued")


async def test_the_cursor_stays_on_its_group_when_the_order_changes(world):
    async with seat(world) as here:
        await here.press("7")
        await here.reads("queue limit")
        await here.press("j")
        await here.reads("crabtui priority 5 high")
        world.reasons.reverse()
        await here.press("ctrl+r")
        await here.reads("crabtui priority 5 high")
        assert here.app.front.body.table.row.kind == "fit"


async def test_the_queue_of_a_group_is_paused_from_there(world):
    async with seat(world) as here:
        await here.press("7")
        await here.reads("queue limit")
        await here.press("P")
        await here.type("disk")
        await here.press("enter")
        await here.until(lambda: world.queues["gpu"].paused_why == "disk")


async def test_holders_and_workers_are_named_with_what_is_known(world):
    async with seat(world, WIDE) as here:
        await why_of_five(here)
        await here.reads("#2 train_v2", "~10m00s left by history", "end unknown")
        await here.reads("2 cpu short", "draining", "opens by itself in 1m30s")


async def test_a_what_if_is_shown_and_does_nothing_by_enter_alone(world):
    async with seat(world) as here:
        await why_of_five(here)
        await here.press("enter")
        await here.reads("Limit of queue gpu 2 → 3?", "1 earlier, 1 later, 254 as before")
        assert isinstance(here.app.screen, Confirm)
        await here.press("enter")
        await here.says("nothing was done")
        assert world.acts() == []
        assert world.thought == m.WhatIf(act="limit", name="gpu", limit=3)


async def test_y_applies_the_token_and_u_takes_it_back(world):
    async with seat(world) as here:
        await why_of_five(here)
        await here.press("enter")
        await here.reads("254 as before")
        await here.press("y")
        await here.says("gpu limited to 3", "u undoes")
        assert world.acts() == [m.Apply(token="t-1")]
        assert world.queues["gpu"].limit == 3
        await here.press("u")
        await here.until(lambda: world.queues["gpu"].limit == 2)


async def test_the_cursor_goes_through_the_what_ifs(world):
    async with seat(world) as here:
        await why_of_five(here)
        await here.press("j", "j")
        pane = here.app.front.query_one(WhyPane)
        assert pane.option.label == "priority normal → high"
        await here.press("enter")
        await here.reads("Priority normal → high?")
        await here.press("y")
        await here.says("#5 set to high", "u undoes")
        assert world.jobs[5].priority == "high"
        await here.press("u")
        await here.until(lambda: world.jobs[5].priority == "normal")


async def test_a_state_that_moved_is_refused_in_words(world):
    def refuse(ask):
        if isinstance(ask, m.Apply):
            raise StaleLease("#5 moved since; look again")

    world.refuse = refuse
    async with seat(world) as here:
        await why_of_five(here)
        await here.press("enter")
        await here.reads("254 as before")
        await here.press("y")
        await here.says("not limited to 3: #5 moved since; look again")


async def test_a_preview_that_fails_says_so(world):
    def refuse(ask):
        if isinstance(ask, m.WhatIf):
            raise NoDaemon("gone")

    world.refuse = refuse
    async with seat(world) as here:
        await why_of_five(here)
        await here.press("enter")
        await here.says("no preview: gone")


async def test_what_would_fit_is_offered_as_an_edit(world):
    changes = {"cpus": "2"}
    remedy = Remedy(act="edit", jobs=(5,), changes=changes)
    gate = Gate(kind=GateKind.UNSATISFIABLE, ok=False, text="asks 64 cpu", act=remedy)
    world.explanations[5] = Explanation(job=5, state="queued", gates=(gate,), place=1)
    async with seat(world) as here:
        await why_of_five(here)
        await here.reads("edit #5: cpus = 2")
        await here.press("enter")
        await here.reads("Edit #5: cpus = 2?", "u does not undo this")
        assert world.thought == m.WhatIf(
            act="edit", targets=m.Targets(ids=(5,)), changes=changes
        )


async def test_nothing_is_offered_for_what_runs(world):
    async with seat(world) as here:
        await here.go_to(1)
        await here.press("w")
        await here.reads("[Why]", "it is running")
        assert here.app.front.query_one(WhyPane).options == ()
        await here.press("enter")
        await here.says("works in")


async def test_the_stuck_view_has_an_address():
    async with seat(a_world()) as here:
        await here.type(":stuck")
        await here.press("enter")
        await here.reads("nothing is stuck")
        assert here.app.remembering.now().view == "stuck"
