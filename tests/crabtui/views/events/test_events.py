"""Events at the keyboard: going through time, narrowing, folding, marking, and leaving."""

import json

import msgspec
import pytest

from crabtui.addresses import Address, format_address, parse_address
from crabtui.data.events import book as event_book
from crabtui.data.wording import Zone
from crabtui.dialogs.picker import Picker
from crabtui.views.events.events import EventsView
from crabtui.views.job.job import JobScreen
from engine.control import messages as m
from engine.errors import InvalidSpec, NotAllowed
from engine.model.events import Event, EventType
from tests.crabtui.events_scene import eventful_world, with_a_past
from tests.crabtui.seat import NARROW, WIDE, a_world, seat
from tests.kit import fake_events
from tests.kit.fake_world import S
from tests.kit.golden import check_golden
from tests.kit.past_world import Remembered
from tests.kit.still_clock import StillClock

MEDIUM = (100, 30)
PROBLEMS = {"job.failed", "job.retry", "worker.disconnected"}
SIZES = pytest.mark.parametrize(
    "size", [NARROW, MEDIUM, WIDE], ids=["80x24", "100x30", "160x48"]
)


@pytest.fixture
def world():
    return with_a_past(eventful_world(StillClock()))


def view(here) -> EventsView:
    body = here.app.front.body
    assert isinstance(body, EventsView)
    return body


def list_of(here):
    return [(row.event.type.value, row.event.job) for row in view(here).table.rows]


def kinds(here):
    return {row.event.type.value for row in view(here).table.rows}


async def look(here):
    await here.press("5")
    await here.until(lambda: isinstance(here.app.front.body, EventsView))
    await here.until(lambda: view(here).table.rows and view(here).counts)
    here.tick(0)


async def come_to_rest(here):
    """Until what is aimed at has come."""
    await here.until(lambda: view(here).table.rows and not here.app.past.is_going)
    await here.pilot.pause(0.05)
    here.tick(0)
    await here.pilot.pause(0.05)


# What it looks like


async def check(here, name, size):
    await come_to_rest(here)
    check_golden(f"console/{name}.{size[0]}x{size[1]}.txt", here.text)


@SIZES
async def test_live(world, size):
    async with seat(world, size) as here:
        await look(here)
        await here.press("j", "j")
        await check(here, "events", size)


@SIZES
async def test_a_moment_of_the_past(world, size):
    async with seat(world, size) as here:
        await look(here)
        await here.press("exclamation_mark", "shift+left", "left")
        await here.until(lambda: here.app.past.moment)
        await here.press("j", "j", "right")
        await check(here, "events-past", size)


@SIZES
async def test_nothing_yet(size):
    world = a_world()
    world.events.clear()
    async with seat(world, size) as here:
        await here.press("5")
        await here.reads("nothing has happened yet")
        here.tick(0)
        await here.pilot.pause(0.05)
        check_golden(f"console/events-empty.{size[0]}x{size[1]}.txt", here.text)


@SIZES
async def test_a_list_that_cannot_be_had_says_why(world, size):
    def refuse(ask):
        if isinstance(ask, m.ListEvents):
            raise NotAllowed("events are [b]not[/b] told")

    world.answers.pop(m.ListEvents)
    world.refuse = refuse
    async with seat(world, size) as here:
        await here.press("5")
        await here.reads("events are [b]not[/b] told")
        here.tick(0)
        await here.pilot.pause(0.05)
        check_golden(f"console/events-error.{size[0]}x{size[1]}.txt", here.text)


@SIZES
async def test_offline(world, size):
    async with seat(world, size) as here:
        await look(here)
        world.cut()
        await here.until(lambda: "OFFLINE" in here.header)
        here.tick(12)
        await here.pilot.pause(0.05)
        check_golden(f"console/events-offline.{size[0]}x{size[1]}.txt", here.text)


async def test_what_an_event_says_never_is_markup_nor_an_escape():
    world = a_world()
    hostile = "[red]\x1b]0;owned\x07[@click=app.quit]x[/]\u202e\x9b2J"
    world.events.append(
        Event(seq=2, at=world.clock.now(), type=EventType.JOB_FAILED, job=1, cause=hostile)
    )
    async with seat(world, WIDE) as here:
        await here.press("5")
        await here.reads("[red]", "[@click=app.quit]x[/]")
        assert not any(bad in here.text for bad in "\x1b\x07\u202e\x9b")


# Time


async def test_new_events_come_on_top_while_one_stands_there(world):
    async with seat(world) as here:
        await look(here)
        world.tell(77, EventType.JOB_FAILED, "exit 9")
        await here.until(lambda: list_of(here)[0] == ("job.failed", 77))
        assert view(here).table.place == 0


async def test_who_reads_further_down_keeps_the_row_and_is_told_of_new_ones(world):
    async with seat(world) as here:
        await look(here)
        await here.press(*"jjjjjjjjjjjjjj")
        row = view(here).table.row
        place = here.text.splitlines().index(
            next(line for line in here.text.splitlines() if line.startswith("▌"))
        )
        for job in (77, 78):
            world.tell(job, EventType.JOB_HELD)
        await here.reads("+2 new")
        assert view(here).table.row.key == row.key
        assert here.text.splitlines()[place].startswith("▌")
        await here.press("g")
        await here.until(lambda: "+2 new" not in here.text)


async def test_a_list_that_is_too_long_to_keep_begins_anew_at_its_top(world, monkeypatch):
    monkeypatch.setattr(event_book, "MOST", 250)
    async with seat(world) as here:
        await look(here)
        await here.press("G")
        await here.until(lambda: view(here).book.has_newer)
        world.tell(77, EventType.JOB_HELD)
        await here.reads("+1 new")
        row = view(here).table.row
        await here.pilot.pause(0.05)
        assert view(here).table.row.key == row.key
        await here.press("g")
        await here.until(lambda: list_of(here)[0] == ("job.held", 77))
        assert not view(here).book.has_newer


async def test_arrows_scrub_all_views_and_0_comes_back(world):
    async with seat(world) as here:
        await look(here)
        await here.press("left")
        await here.until(lambda: here.app.past.moment)
        first = view(here).scrub.at
        assert (first + 1) % (30 * S) == 0
        await here.press("shift+left")
        assert first - view(here).scrub.at == 300 * S
        await here.press("right")
        assert first - view(here).scrub.at == 270 * S
        await come_to_rest(here)
        assert "◄ AT" in here.header
        assert all(row.event.at <= view(here).scrub.at for row in view(here).table.rows)
        await here.press("0")
        await here.until(lambda: here.app.past.moment is None)
        assert view(here).scrub.is_live
        assert "LIVE" in here.header


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (99_999, " 99,999"),
        (100_000, "   100k"),
        (9_999_999, " 9,999k"),
        (12_000_000, "    12M"),
    ],
)
async def test_a_large_sum_does_not_touch_the_picture(world, number, text):
    async with seat(world) as here:
        await look(here)
        counts = view(here).counts
        times = [0] * (len(counts.info) - 1)
        view(here).pane.show_counts(msgspec.structs.replace(counts, info=(*times, number)))
        [line] = [line for line in here.text.splitlines() if line.startswith(" info")]
        assert line.rstrip().endswith(f"█{text}")


async def test_scrubbing_stops_where_the_past_begins(world):
    async with seat(world) as here:
        past = Remembered(world)
        past._at[past.keep()] = first = world.clock.now() - 400 * S
        await look(here)
        await here.press("shift+left", "shift+left")
        await here.says("the past begins here, with #")
        await come_to_rest(here)
        assert here.app.past.at == view(here).scrub.at == first


async def test_to_the_right_of_now_there_is_nothing(world):
    async with seat(world) as here:
        await look(here)
        await here.press("right")
        await here.says("this is now: ← goes back in time")
        await here.press("left", "right")
        assert view(here).scrub.is_live


async def test_zooming_keeps_the_moment_and_asks_for_other_buckets(world):
    async with seat(world) as here:
        await look(here)
        await here.press("left")
        at = view(here).scrub.at
        await here.press("minus", "underscore")
        await here.reads("bucket 5m")
        await here.press("plus")
        await here.reads("bucket 1m")
        assert view(here).scrub.at == at
        asked = [ask for ask in world.asked if isinstance(ask, m.CountEvents)]
        await here.until(lambda: asked and asked[-1].bucket_s in (60, 300))


async def test_a_range_is_picked(world):
    async with seat(world) as here:
        await look(here)
        await here.press("t")
        assert isinstance(here.app.screen, Picker)
        await here.press("6")
        await here.reads("bucket 15m")


async def test_a_click_on_a_bucket_goes_there(world):
    async with seat(world) as here:
        await look(here)
        await here.pilot.click("DensityPane", offset=(30, 1))
        await here.until(lambda: here.app.past.moment)
        scrub = view(here).scrub
        assert scrub.bucket_of(world.clock.now()) - scrub.bucket_of(scrub.at) == 65 - 24


# What is shown


async def test_problems_alone_and_all_again(world):
    async with seat(world) as here:
        await look(here)
        await here.press("exclamation_mark")
        await here.reads("level>=warn")
        await here.until(
            lambda: (
                {t for t, _ in list_of(here)}
                <= {"job.failed", "job.retry", "worker.disconnected"}
            )
        )
        await here.press("exclamation_mark")
        await here.until(lambda: "job.started" in kinds(here))


async def test_a_filter_narrows_while_it_is_typed_and_escape_takes_it_back(world):
    async with seat(world) as here:
        await look(here)
        await here.press("slash")
        await here.type("worker:gpu-05")
        await here.until(
            lambda: {t for t, _ in list_of(here)} == {"job.failed", "worker.disconnected"}
        )
        await here.press("enter")
        await here.reads("worker:gpu-05")
        await here.press("escape")
        await here.until(lambda: "job.started" in kinds(here))


async def test_a_filter_that_is_none_is_told_where(world):
    async with seat(world) as here:
        await look(here)
        await here.press("slash")
        await here.type("levl:err")
        await here.reads("events have no field 'levl': did you mean 'level'?")
        await here.press("enter")
        await here.reads("did you mean 'level'?")


async def test_words_of_a_filter_are_offered(world):
    async with seat(world, WIDE) as here:
        await look(here)
        await here.press("slash")
        await here.reads("level:", "type:", "worker:")
        await here.type("worker:")
        await here.reads("gpu-01", "gpu-02")


async def test_nothing_matches(world):
    async with seat(world) as here:
        await look(here)
        await here.press("slash")
        await here.type("cause:zebra")
        await here.press("enter")
        await here.reads("no event matches", "cause:zebra", "esc shows all")


async def test_repeats_are_one_row_that_unfolds(world):
    async with seat(world, WIDE) as here:
        await look(here)
        await here.press("exclamation_mark", "n")
        await here.until(lambda: len(list_of(here)) < 20)
        await here.press("g", "n", "n")
        await here.until(lambda: "5 alike: → unfolds" in here.text)
        before = len(list_of(here))
        await here.press("right")
        await here.until(lambda: len(list_of(here)) == before + 4)
        assert view(here).scrub.is_live
        await here.press("j", "left")
        await here.until(lambda: len(list_of(here)) == before)
        assert view(here).table.row.repeats == 4


async def test_errors_one_after_the_other_up_and_down(world):
    async with seat(world) as here:
        await look(here)
        await here.press("n")
        assert view(here).event.job == 208
        await here.press("n")
        await here.until(lambda: view(here).event.job != 208)
        assert view(here).event.type is EventType.JOB_FAILED
        await here.press("N")
        await here.until(lambda: view(here).event.job == 208)
        await here.press("N")
        await here.says("no newer error")


async def test_an_error_that_is_not_in_the_list_is_gone_to(world):
    world.events[:] = [
        Event(seq=n, at=e.at, type=EventType.JOB_HELD, job=n, cause=str(n)) if n > 20 else e
        for n, e in enumerate(world.events, 1)
    ]
    old = world.events[9]
    world.events[9] = Event(seq=10, at=old.at, type=EventType.JOB_FAILED, job=5, cause="x")
    async with seat(world) as here:
        await look(here)
        await here.press("n")
        await here.until(lambda: view(here).scrub.at == old.at)
        await here.until(lambda: view(here).event and view(here).event.seq == 10)


async def test_marks_are_gone_to_in_turn(world):
    async with seat(world) as here:
        await look(here)
        await here.press("m", "j", "j", "m", "j")
        first, second = sorted(view(here).table.marks, reverse=True)
        await here.press("apostrophe")
        assert view(here).event.seq == first
        await here.press("apostrophe")
        assert view(here).event.seq == second
        await here.press("escape")
        assert not view(here).table.marks


async def test_older_events_come_as_one_reads_down(world):
    async with seat(world) as here:
        await look(here)
        await here.press("G")
        await here.until(lambda: len(view(here).book.events) > 200)
        await here.press("G")
        await here.until(lambda: not view(here).book.has_older)
        await here.press("G")
        assert view(here).event.seq == 1


async def test_times_are_those_of_here_of_utc_and_ages_in_turn(world):
    async with seat(world) as here:
        here.app.local_zone = Zone("CET", 3_600)
        here.app.front.body.show_zone(here.app.local_zone)
        await look(here)
        await here.reads("23:12:45.000")
        await here.press("T")
        await here.reads("22:12:45.000")
        await here.press("T")
        await here.reads("35s ago")
        await here.press("T")
        await here.reads("23:12:45.000")
        assert "ago" not in "".join(here.text.splitlines()[9:-3])


async def test_the_number_of_the_job_is_copied(world):
    async with seat(world) as here:
        await look(here)
        await here.press("y")
        await here.says(": 209")


async def test_a_look_that_finds_little_goes_on_to_the_end_of_the_log(world):
    steps = []

    def in_steps(ask):
        """As a daemon that looks at a hundred events at a time."""
        if not ask.last or not ask.where:
            return fake_events.find(world.events, ask, world.clock.now())
        before = min(ask.before or 2**62, len(world.events) + 1)
        after = max(before - 101, 0)
        narrow = msgspec.structs.replace(ask, after=after, before=before)
        page = fake_events.find(world.events, narrow, world.clock.now())
        steps.append(before)
        return msgspec.structs.replace(page, reached=after + 1, is_whole=after == 0)

    world.answers[m.ListEvents] = in_steps
    async with seat(world) as here:
        await look(here)
        await here.press("slash")
        await here.type("worker:gpu-05")
        await here.press("enter")
        await here.until(lambda: steps and steps[-1] <= 101)
        await here.until(lambda: kinds(here) == {"job.failed", "worker.disconnected"})
        assert not view(here).book.has_older


async def test_enter_opens_the_job_and_escape_comes_back(world):
    async with seat(world) as here:
        world.tell(1, EventType.JOB_HELD)
        await look(here)
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.front, JobScreen))
        await here.press("escape")
        await here.until(lambda: isinstance(here.app.front.body, EventsView))


async def test_an_address_has_the_filter_and_comes_back():
    text = format_address(Address(view="events", where="level:err,warn worker:gpu-05"))
    assert text == "events?level=err,warn&worker=gpu-05"
    assert parse_address(text).where == "level:err,warn worker:gpu-05"
    with pytest.raises(InvalidSpec) as refused:
        parse_address("events?state=failed")
    assert "events have no field 'state'" in refused.value.message


async def test_the_command_bar_opens_a_filter_of_events(world):
    async with seat(world) as here:
        await here.type(":events lev")
        await here.reads("level:")
        await here.press(*["backspace"] * 3)
        await here.type("worker:gpu-05")
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.front.body, EventsView))
        await here.until(lambda: kinds(here) == {"job.failed", "worker.disconnected"})
        assert view(here).address.where == "worker:gpu-05"
        await here.press("Y")
        await here.says("events?worker=gpu-05")


async def test_times_that_are_typed_are_in_the_zone_that_is_shown(world):
    async with seat(world) as here:
        here.app.local_zone = Zone("CET", 3_600)
        await look(here)
        await here.press("slash")
        await here.type("since:23:00 level:err")
        await here.press("enter")
        await here.until(lambda: [job for _, job in list_of(here)] == [208])
        assert view(here).look.where == "since:22:00:00Z level:err"


async def test_the_look_is_kept_from_one_start_to_the_next(world):
    async with seat(world) as here:
        await look(here)
        await here.press("exclamation_mark", "minus")
        kept = view(here).kept
    again = EventsView(ascii_only=False)
    again.recall(kept)
    assert (again.look.problems, again.scrub.bucket_s) == (True, 60)
    again.recall({"where": "state:failed", "bucket_s": 7})
    assert (again.look.where, again.scrub.bucket_s) == ("", 60)


async def test_the_events_of_a_queue(world):
    async with seat(world) as here:
        await here.press("2")
        await here.until(lambda: "gpu" in here.text and here.app.situation().queue)
        name = here.app.situation().queue.name
        await here.press("e")
        await here.until(lambda: isinstance(here.app.front.body, EventsView))
        assert view(here).look.where == f"queue:{name}"


async def test_a_connection_that_breaks_leaves_what_was_and_comes_back(world):
    async with seat(world) as here:
        await look(here)
        shown = list_of(here)
        world.cut()
        await here.until(lambda: "OFFLINE" in here.header)
        await here.press("left", "minus", "exclamation_mark")
        assert list_of(here) == shown
        world.mend()
        await here.press("R")
        await here.until(lambda: kinds(here) == PROBLEMS)


async def test_the_events_on_the_axis_are_exported(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with seat(world) as here:
        await look(here)
        await here.press("exclamation_mark", "E")
        await here.press("enter")
        await here.says("15 events written")
    [path] = tmp_path.iterdir()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(lines) == 15
    assert {line["type"] for line in lines} == {
        "job.failed",
        "job.retry",
        "worker.disconnected",
    }
    assert path.stat().st_mode & 0o777 == 0o600
