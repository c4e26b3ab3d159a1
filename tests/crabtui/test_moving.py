"""Moving about: history back and forth, zoom, and what comes back at the next start."""

import json

import pytest

from crabtui.addresses import parse_address
from crabtui.dialogs.dialog import Dialog
from crabtui.messages import Aimed
from crabtui.topics.jobs import STORY
from crabtui.views.telling import tell
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import WIDE, a_world, seat
from tests.kit.still_clock import StillClock


async def test_history_goes_back_and_forth():
    async with seat(busy_world(StillClock())) as here:
        await here.type(":jobs queue:gpu")
        await here.press("enter")
        await here.until(lambda: here.jobs.look.where == "queue:gpu")
        await here.press("2")
        await here.until(lambda: here.app.main.shown == "queues")
        await here.press("left_square_bracket")
        await here.until(lambda: here.app.main.shown == "jobs")
        await here.press("alt+left")
        await here.until(lambda: here.jobs.look.where == "")
        await here.press("left_square_bracket")
        await here.says("this is where you began")
        await here.press("right_square_bracket")
        await here.until(lambda: here.jobs.look.where == "queue:gpu")
        await here.press("alt+right")
        await here.until(lambda: here.app.main.shown == "queues")
        await here.press("right_square_bracket")
        await here.says("nothing lies ahead")


@pytest.mark.parametrize("key", ["x", "n", "E", "a"])
async def test_ctrl_q_quits_from_a_dialog_too(key):
    async with seat(busy_world(StillClock())) as here:
        await here.press("g", key)
        await here.until(lambda: isinstance(here.app.screen, Dialog))
        await here.press("ctrl+q")
        assert here.app.return_value == 0


async def test_a_job_that_was_left_is_come_forward_to():
    async with seat(busy_world(StillClock())) as here:
        await here.go_to(1)
        await here.press("enter")
        await here.until(lambda: here.app.front is not here.app.main)
        await here.press("left_square_bracket")
        await here.until(lambda: here.app.front is here.app.main)
        await here.press("right_square_bracket")
        await here.until(lambda: here.app.front is not here.app.main)
        assert here.app.front.body.address.job == 1


async def test_a_new_way_forgets_the_one_ahead():
    async with seat(busy_world(StillClock())) as here:
        await here.press("2")
        await here.until(lambda: here.app.main.shown == "queues")
        await here.press("left_square_bracket")
        await here.until(lambda: here.app.main.shown == "jobs")
        await here.press("4")
        await here.until(lambda: here.app.main.shown == "workers")
        await here.press("right_square_bracket")
        await here.says("nothing lies ahead")


async def test_zoom_gives_a_pane_all_the_room_and_takes_it_back():
    async with seat(busy_world(StillClock()), size=WIDE) as here:
        await here.reads("timeline")
        width = here.jobs.table.size.width
        await here.press("z")
        await here.says("z shows the other panes again")
        await here.until(lambda: here.jobs.table.size.width > width)
        assert here.app.zooming.is_on
        await here.press("escape")
        await here.until(lambda: here.jobs.table.size.width == width)
        assert not here.app.zooming.is_on


async def test_going_to_another_view_ends_the_zoom():
    async with seat(busy_world(StillClock()), size=WIDE) as here:
        await here.press("z")
        assert here.app.zooming.is_on
        await here.press("2")
        await here.until(lambda: here.app.main.shown == "queues")
        assert not here.app.zooming.is_on


async def test_each_view_comes_back_as_it_was_left(tmp_path):
    path = tmp_path / "console" / "session.json"
    world = busy_world(StillClock())
    async with seat(world, session_path=path) as here:
        await here.type(":jobs queue:gpu")
        await here.press("enter")
        await here.until(lambda: here.jobs.look.where == "queue:gpu")
        await here.press("space", "exclamation_mark", "2")
        await here.until(lambda: here.app.main.shown == "queues")
        here.app.theme = "crab-light"
        here.app.notes.bell = "all"
        await here.press("q")
    kept = json.loads(path.read_bytes())
    assert kept["view"] == "queues"
    assert kept["theme"] == "crab-light"
    assert "marks" not in str(kept)
    async with seat(world, session_path=path) as here:
        assert here.app.main.shown == "queues"
        assert here.app.notes.bell == "all"
        await here.press("3")
        await here.until(lambda: here.app.main.shown == "jobs")
        assert here.jobs.look.where == "queue:gpu"
        assert here.jobs.look.problems
        assert not here.jobs.table.marks
        await here.press("colon", "up")
        assert here.app.front.prompt.value == "jobs queue:gpu"


async def test_a_session_that_makes_no_sense_harms_nothing(tmp_path):
    path = tmp_path / "session.json"
    jobs = {"where": "stte:((", "sort": "nonsense", "preview": 7, "descending": "x"}
    told = {"version": 2, "view": "nowhere", "views": {"jobs": jobs}}
    path.write_text(json.dumps(told))
    async with seat(busy_world(StillClock()), session_path=path) as here:
        assert here.app.main.shown == "jobs"
        assert here.jobs.look.where == ""
        assert here.jobs.look.sort == "activity"


async def test_fresh_and_an_address_go_before_the_session(tmp_path):
    path = tmp_path / "session.json"
    told = {"version": 2, "view": "queues", "views": {"jobs": {"where": "queue:gpu"}}}
    path.write_text(json.dumps(told))
    world = busy_world(StillClock())
    async with seat(world, session_path=path, is_fresh=True) as here:
        await here.until(lambda: here.app.main.shown == "pulse")
    address = parse_address("jobs?state=failed")
    async with seat(world, session_path=path, address=address) as here:
        assert here.app.main.shown == "jobs"
        assert here.jobs.look.where == "state:failed"


async def test_lines_told_at_the_start_are_carried_out():
    world = busy_world(StillClock())
    async with seat(world, first_lines=("limit gpo 3", "jobs state:failed")) as here:
        await here.until(lambda: here.jobs.look.where == "state:failed")


async def test_armed_from_the_start_for_a_while():
    world = busy_world(StillClock())
    async with seat(world, read_only=True, arm_s=600) as here:
        assert "RW 10m" in here.header
        assert not here.app.feed.read_only
        here.tick(601)
        await here.until(lambda: here.app.feed.read_only)
        await here.until(lambda: "RO" in here.header)


async def test_an_address_leads_to_a_pane_of_a_job():
    world = busy_world(StillClock())
    async with seat(world, address=parse_address("jobs/5?pane=why")) as here:
        await here.reads("[Why]")
        assert here.app.front.body.address == parse_address("jobs/5?pane=why")
        await here.press("q")
        await here.type(":go jobs/1")
        here.app.front.prompt.write("go jobs/1?pane=events")
        await here.press("enter")
        await here.reads("[Events]", "#1")


async def test_an_address_of_a_job_shows_it_from_the_start():
    """The list below it, which loads meanwhile, has no say in what is fetched."""
    world = a_world()
    for number in range(30):
        world.add(f"job {number}")
    async with seat(world, address=parse_address("jobs/7")) as here:
        await here.reads("#7 job 6", "submitted")
        jobs = here.jobs
        tell(jobs, Aimed(STORY, None))
        await here.pilot.pause()
        world.change(7, state="running", started_at=world.clock.now())
        await here.reads("RUNNING")
