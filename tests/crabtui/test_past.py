"""Time travel at the keyboard: everything as it was, nothing that acts, and back."""

import pytest

from crabtui.addresses import Address, format_address, parse_address
from crabtui.dialogs.confirm import Confirm
from crabtui.messages import Came
from crabtui.topics.jobs import JOBS, JobsAim
from engine.control import messages as m
from engine.errors import InvalidSpec
from tests.crabtui.seat import WIDE, a_world, seat
from tests.kit.answers import a_page
from tests.kit.past_world import Remembered

BACK = "this is the past: :live comes back"


@pytest.fixture
def world():
    """Job 1 ran and 2 waited when it was remembered; now 1 has ended and there is a third."""
    world = a_world()
    world.add("train", "running", worker_id="local", started_at=world.clock.now())
    world.add("eval", "queued", queue="gpu")
    world.queue("gpu", limit=1, queued=1)
    world.past = Remembered(world)
    world.then = world.past.keep()
    world.clock.advance(900)
    world.change(1, state="succeeded", completed_at=world.clock.now())
    world.change(2, state="running")
    world.add("late", "queued")
    world.queue("gpu", limit=7, running=1)
    return world


async def go_back(here, line=":at -15m"):
    await here.type(line)
    await here.press("enter")
    await here.says("as of #", "nothing can be changed here")


async def test_every_view_shows_the_moment(world):
    async with seat(world, WIDE) as here:
        await here.reads("late")
        await go_back(here)
        await here.until(lambda: here.jobs.total == 2)
        assert (here.row(1).state, here.row(2).state) == ("running", "queued")
        assert "late" not in here.text
        assert "◄ AT 22:13:20Z (-15m00s)" in here.header
        assert "LIVE" not in here.header
        assert "run 1" in here.header
        await here.press("2")
        await here.until(lambda: here.app.queues[-1].limit == 1)
        assert all(ask.as_of == world.then for ask in world.asked[-1:] if hasattr(ask, "as_of"))


async def test_nothing_can_be_done_there_and_the_reason_is_said(world):
    async with seat(world) as here:
        await go_back(here)
        await here.until(lambda: here.jobs.total == 2)
        for key in "xXrHP":
            await here.press(key)
            await here.says(BACK)
        await here.press("n")
        await here.type(":cancel name:eval")
        await here.press("enter")
        await here.says(BACK)
        assert not isinstance(here.app.screen, Confirm)
        assert [ask for ask in world.acts() if not isinstance(ask, m.FindMoment)] == []


@pytest.mark.parametrize("way", [":live", "Z", "esc"])
async def test_there_are_three_ways_back(world, way):
    async with seat(world) as here:
        await go_back(here)
        await here.until(lambda: here.jobs.total == 2)
        await here.press(*{"esc": ["escape"], "Z": ["Z"]}.get(way, ["colon", *"live", "enter"]))
        await here.says("live again")
        await here.until(lambda: here.jobs.total == 3)
        assert here.row(1).state == "succeeded"
        assert "LIVE" in here.header
        await here.press("x")
        await here.until(lambda: BACK not in here.status)


async def test_what_happens_now_moves_nothing_there(world):
    async with seat(world) as here:
        await go_back(here)
        await here.until(lambda: here.jobs.total == 2)
        asked = len(world.asked)
        world.add("later still")
        await here.until(lambda: here.app.pulse.seq == world.seq)
        assert len(world.asked) == asked
        here.tick(60)
        assert "(-16m00s)" in here.header
        assert here.jobs.total == 2


async def test_ages_are_counted_to_the_moment(world):
    async with seat(world, WIDE) as here:
        await go_back(here)
        await here.until(lambda: here.jobs.total == 2)
        here.tick(5)
        assert here.app.now_at == world.past._at[world.then]


async def test_a_job_that_was_not_there_yet_says_so(world):
    async with seat(world) as here:
        await go_back(here, f":at #{world.then}")
        await here.until(lambda: here.jobs.total == 2)
        await here.go_to(1)
        await here.press("enter")
        await here.reads("train", "RUNNING")
        assert "◄ AT" in here.header


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (":at soon", "'soon' is no moment: write 13:46:58"),
        (":at", "use it so: at TIME"),
    ],
)
async def test_a_line_that_names_no_moment_stays_in_the_bar(world, line, words):
    async with seat(world, WIDE) as here:
        await here.type(line)
        await here.press("enter")
        await here.reads(words)
        assert here.app.past.moment is None


async def test_a_moment_before_the_log_is_refused_and_nothing_turns(world):
    async with seat(world) as here:
        await here.type(":at 3d")
        await here.press("enter")
        await here.says("the past begins with #")
        assert "LIVE" in here.header
        assert here.jobs.total == 3


async def test_an_address_carries_the_moment_in_utc(world):
    async with seat(world) as here:
        await go_back(here)
        await here.until(lambda: here.jobs.total == 2)
        await here.press("Y")
        await here.says("jobs?at=2023-11-14T22:13:20Z")


async def test_the_console_can_begin_there(world):
    place = parse_address("jobs?state=queued&at=2023-11-14T22:13:20Z")
    async with seat(world, address=place) as here:
        await here.until(lambda: here.app.past.moment is not None and here.jobs.total == 1)
        assert here.row(2).state == "queued"


async def test_a_later_jump_wins(world):
    async with seat(world) as here:
        here.app.past.go("#99999")
        here.app.past.go(world.then)
        await here.until(lambda: here.app.past.moment is not None)
        assert here.app.past.moment.seq == world.then
        assert not here.app.past.is_going


def test_addresses_keep_moments():
    place = Address(where="state:failed", at="#88214")
    assert parse_address(format_address(place)) == place
    exact = parse_address("jobs?at=2023-11-14T22:13:20.000009Z")
    assert parse_address(format_address(exact)) == exact
    with pytest.raises(InvalidSpec, match="is no moment"):
        parse_address("jobs?at=whenever")


async def test_answers_of_another_moment_are_dropped(world):
    async with seat(world) as here:
        live = here.jobs.table.board
        await go_back(here)
        await here.until(lambda: here.jobs.total == 2)
        late = a_page(*live.rows.values(), seq=99)
        here.app.post_message(Came(JOBS, JobsAim(where="", count=60), late))
        await here.pilot.pause()
        assert here.jobs.total == 2


async def test_what_acts_asks_is_about_now(world):
    async with seat(world) as here:
        await go_back(here)
        await here.until(lambda: here.jobs.total == 2)
        now = await here.app.feed.call(m.ListJobs())
        then = await here.app.feed.at_moment.call(m.ListJobs())
        assert (now.total, then.total) == (3, 2)


async def test_what_was_answered_of_another_moment_is_no_answer():
    world = a_world()
    world.add()
    then = Remembered(world).keep()
    async with seat(world) as here:
        await here.until(lambda: here.app.feed.is_answered)
        here.app.feed.show_moment(then)
        assert not here.app.feed.is_answered
        await here.until(lambda: here.app.feed.is_answered)
