"""Below the jobs: what the usual acts would do to what is marked."""

from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import NARROW, WIDE, seat
from tests.kit.still_clock import StillClock


async def test_marks_bring_the_effects_of_acts_and_the_reasons_against_them():
    async with seat(busy_world(StillClock()), WIDE) as here:
        assert "marked: " not in here.text
        await here.go_to(1)
        await here.press("space")
        await here.reads("marked: #1 train_v2", "x  cancel", "1 running: TERM, then KILL")
        await here.reads("priority counts until a job starts; this one has")
        await here.go_to(5)
        await here.press("space")
        await here.reads("marked: 2 jobs (#1, #5)", "normal → high")
        await here.press("escape")
        await here.until(lambda: "marked: " not in here.text)


async def test_where_there_is_little_room_the_list_has_it():
    async with seat(busy_world(StillClock()), NARROW) as here:
        await here.press("space")
        await here.reads("1 marked")
        assert "marked: " not in here.text


async def test_all_that_match_are_told_of_by_their_number():
    async with seat(busy_world(StillClock()), WIDE) as here:
        await here.press("asterisk")
        await here.reads("marked: all 16 jobs", "x  cancel")
