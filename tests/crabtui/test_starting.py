"""The first start: what an empty console offers, and the form for a new job."""

import sys

import pytest
from textual.widgets import Input

from crabtui.dialogs.new_job import NewJob
from engine.control.messages import Submit
from engine.control.views import Submitted
from engine.errors import InvalidSpec, StoreFull
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import a_world, seat
from tests.kit.still_clock import StillClock


async def test_an_empty_console_offers_three_things():
    async with seat(a_world()) as here:
        await here.reads(
            "n      new job", "y      copy: crabtui submit -- echo hi", ":demo  see it work"
        )
        await here.press("n")
        await here.reads("new job", "crabtui submit --", "tab next")


async def test_a_job_is_submitted_and_the_line_that_does_the_same_is_shown(tmp_path):
    world = a_world()
    asked = []

    def submit(request):
        asked.append(request)
        return Submitted(count=1, ids=((1, 1),), jobs=())

    world.answers[Submit] = submit
    async with seat(world, state_dir=tmp_path) as here:
        await here.press("n")
        form = here.app.screen
        assert isinstance(form, NewJob)
        form.query_one("#command", Input).value = "make -j8"
        form.query_one("#cpus", Input).value = "2"
        await here.reads("crabtui submit --cpus 2 -- make -j8")
        await here.press("enter")
        await here.says("#1 is submitted")
        [request] = asked
        assert request.jobs == ({"argv": ["make", "-j8"], "cpus": "2"},)
        assert request.cwd
        assert len(request.request_key) > 32


async def test_one_form_that_is_sent_twice_is_one_job():
    world = a_world()
    asked = []

    def submit(request):
        asked.append(request)
        if len(asked) == 1:
            raise StoreFull("the answer was lost, say")
        return Submitted(count=1, ids=((1, 1),), jobs=())

    world.answers[Submit] = submit
    async with seat(world) as here:
        for name in ("make", "make", "other"):
            await here.press("n")
            form = here.app.screen
            assert isinstance(form, NewJob)
            form.query_one("#command", Input).value = name
            await here.press("enter")
            if len(asked) == 1:
                await here.reads("the answer was lost")
                await here.press("enter")
            await here.says("#1 is submitted")
    first, again, anew, other = (request.request_key for request in asked)
    assert first == again
    assert len({first, anew, other}) == 3


async def test_a_low_screen_shows_why_a_form_was_refused():
    world = a_world()

    def refuse(_):
        raise InvalidSpec("no priority 'q': did you mean 'high'?", field="jobs[0].priority")

    world.answers[Submit] = refuse
    async with seat(world, (60, 16)) as here:
        await here.press("n")
        form = here.app.screen
        assert isinstance(form, NewJob)
        form.query_one("#command", Input).value = "echo 'a very long command'; " * 8
        await here.press("tab", "tab", "tab", "q", "enter")
        assert form.query_one("#priority", Input).value == "q"
        await here.reads("no priority 'q': did you mean")


async def test_what_the_engine_refuses_keeps_the_form_and_leads_to_the_field():
    world = a_world()

    def refuse(_):
        raise InvalidSpec("jobs[0].cpus: 'many' is no number", field="jobs[0].cpus")

    world.answers[Submit] = refuse
    async with seat(world) as here:
        await here.press("n", "enter")
        await here.reads("what is to be run?")
        form = here.app.screen
        form.query_one("#command", Input).value = "true"
        await here.press("enter")
        await here.reads("'many' is no number")
        assert form.focused is form.query_one("#cpus", Input)
        await here.press("escape")
        assert here.app.screen is here.app.main


async def test_in_a_read_only_console_there_is_no_form():
    async with seat(a_world(), read_only=True) as here:
        await here.press("n")
        await here.says("read-only")
        assert here.app.screen is here.app.main


async def test_the_form_begins_with_the_queue_under_the_cursor():
    async with seat(busy_world(StillClock())) as here:
        await here.until(lambda: here.app.queues)
        await here.go_to(1)
        await here.press("n")
        await here.reads("crabtui submit --queue gpu --")


async def test_the_demo_borrows_the_terminal():
    lent = []

    async def lend(_, argv, greeting):
        lent.append((argv, greeting))
        return 0

    async with seat(a_world(), lend=lend) as here:
        await here.type(":demo")
        await here.press("enter")
        await here.says("back from the demo")
        [(argv, greeting)] = lent
        assert list(argv) == [sys.executable, "-P", "-m", "crabtui", "demo"]
        assert "demo" in greeting


@pytest.mark.parametrize(("name", "begins"), [("a.svg", "<svg"), ("b.txt", " atlas")])
async def test_a_picture_of_the_screen_is_written(tmp_path, name, begins):
    async with seat(busy_world(StillClock())) as here:
        path = tmp_path / name
        await here.type(":shot")
        await here.press("space")
        here.app.front.prompt.write(f"shot {path}")
        await here.press("enter")
        await here.says("the picture is in")
        text = path.read_text()
        assert text.startswith(begins)
        assert "train_v2" in text
        here.app.starting.shoot(tmp_path)
        await here.says("Is a directory")


async def test_a_picture_is_not_written_over_a_file_that_is_there(tmp_path):
    path = tmp_path / "mine.svg"
    path.write_text("mine")
    async with seat(busy_world(StillClock())) as here:
        await here.press("colon")
        here.app.front.prompt.write(f"shot {path}")
        await here.press("enter")
        await here.reads("is there already")
        await here.press("escape", "colon")
        here.app.front.prompt.write("shot ~nobody-we-know/a.svg")
        await here.press("enter")
        await here.reads("nobody's home is ~nobody-we-know")
    assert path.read_text() == "mine"
