"""The Pulse view under a person's hands."""

import pytest
from msgspec.structs import replace

from crabtui.addresses import Address, format_address, parse_address
from crabtui.topics.pulse import TrendsAim
from crabtui.views.pulse.pulse import PulseView
from crabtui.views.pulse.queues import PulseQueues
from engine.control.messages import Acknowledge, GetTrends, ListEvents, ListMatters
from engine.errors import EngineError
from tests.crabtui.scenes import waiting_world
from tests.crabtui.seat import NARROW, WIDE, a_world, seat
from tests.kit.past_world import Remembered
from tests.kit.pulse import (
    a_quiet_trends_view,
    a_trends_view,
    an_attention_view,
    some_matters,
)
from tests.kit.still_clock import StillClock

MIDDLE = (100, 30)
SIZES = pytest.mark.parametrize(
    "size", [NARROW, MIDDLE, WIDE], ids=["80x24", "100x30", "160x48"]
)


def a_busy_world():
    world = waiting_world(StillClock())
    world.matters = list(some_matters(world.clock.now()))
    return world


async def check(here, name, size):
    here.tick(0)
    await here.looks_like(f"console/{name}.{size[0]}x{size[1]}.txt")


def pulse(here) -> PulseView:
    return here.app.main.view("pulse")


@SIZES
async def test_how_it_looks(size):
    async with seat(a_busy_world(), size) as here:
        await here.press("1")
        await here.reads("done/s", "gpu-07", "train_v2", "nightly")
        await check(here, "pulse", size)


@SIZES
async def test_when_nothing_has_happened(size):
    async with seat(a_world(), size) as here:
        await here.press("1")
        await here.reads("all clear since")
        await check(here, "pulse-empty", size)


@SIZES
async def test_when_the_daemon_is_away(size):
    async with seat(a_busy_world(), size) as here:
        await here.press("1")
        await here.reads("done/s", "gpu-07", "train_v2", "nightly")
        here.world.cut()
        await here.reads("OFFLINE")
        await check(here, "pulse-offline", size)


@SIZES
async def test_when_the_engine_cannot_tell(size):
    world = a_world()

    def refuse(ask):
        if isinstance(ask, GetTrends | ListMatters | ListEvents):
            raise EngineError("it broke inside the daemon")

    world.refuse = refuse
    async with seat(world, size) as here:
        await here.press("1")
        await here.reads("it broke inside the daemon")
        await check(here, "pulse-error", size)


async def test_ascii():
    async with seat(a_busy_world(), WIDE, ascii_only=True) as here:
        await here.press("1")
        await here.reads("done/s", "gpu-07")
        assert here.text.isascii(), here.text


async def test_the_hand_begins_at_what_wants_attention_and_goes_where_it_leads():
    async with seat(a_busy_world(), WIDE) as here:
        await here.press("1")
        await here.reads("gpu-07")
        view = pulse(here)
        assert view.matters.has_focus
        assert view.matter is not None
        assert view.matter.key == "worker:gpu-07"
        await here.press("j", "enter")
        await here.until(lambda: here.app.main.shown == "queues")
        await here.press("left_square_bracket")
        await here.until(lambda: here.app.main.shown == "pulse")
        assert view.matter.key == "queue:etl"


async def test_a_worker_that_is_out_of_reach_is_found_under_the_cursor():
    world = a_busy_world()
    world.matters = [replace(world.matters[0], jump="workers/node-9")]
    async with seat(world, WIDE) as here:
        await here.press("1")
        await here.reads("gpu-07")
        await here.press("enter")
        await here.until(lambda: here.app.main.shown == "workers")
        await here.until(lambda: here.app.front.body.table.chosen == "node-9")


async def test_failures_that_are_alike_are_listed():
    async with seat(a_busy_world(), WIDE) as here:
        await here.press("1")
        await here.reads("train_v2")
        await here.press("j", "j", "enter")
        await here.until(lambda: here.app.main.shown == "jobs")
        assert here.app.front.body.address.where == "fp:9ac1e002"


async def test_acknowledging_is_an_act_that_can_be_taken_back():
    async with seat(a_busy_world(), WIDE) as here:
        await here.press("1")
        await here.reads("gpu-07")
        await here.press("A")
        await here.reads("known to ana")
        await here.press("A")
        await here.until(lambda: "known to ana" not in here.text)
        await here.press("A")
        await here.reads("known to ana")
        await here.press("u")
        await here.until(lambda: "known to ana" not in here.text)
        assert [ask for ask in here.world.acts() if isinstance(ask, Acknowledge)] == [
            Acknowledge(key="worker:gpu-07", undo=undo) for undo in (False, True, False, True)
        ]


async def test_read_only_says_why_nothing_is_acknowledged():
    async with seat(a_busy_world(), WIDE, read_only=True) as here:
        await here.press("1")
        await here.reads("gpu-07")
        await here.press("A")
        await here.says("read-only")
        assert not here.world.acts()


async def test_the_range_is_picked():
    async with seat(a_busy_world(), NARROW) as here:
        await here.press("1")
        await here.reads("last 1h")
        await here.press("t")
        await here.reads("How far back?")
        await here.press("4")
        aim = TrendsAim(range_ms=86_400_000, buckets=60)
        await here.until(lambda: here.app.feed._lookouts["trends"].aim == aim)


async def test_tab_goes_from_list_to_list_and_acts_are_those_of_the_list():
    async with seat(a_busy_world(), WIDE) as here:
        await here.press("1")
        await here.reads("nightly", "node-7")
        await here.press("shift+tab")
        assert pulse(here).queue is not None
        assert "P pause" in here.footer
        await here.press("escape")
        assert pulse(here).matters.has_focus
        await here.press("tab")
        assert pulse(here).worker is not None
        assert "D drain" in here.footer
        await here.press("enter")
        await here.until(lambda: here.app.main.shown == "jobs")
        assert "worker:" in here.app.front.body.address.where


async def test_a_hidden_view_looks_at_nothing():
    async with seat(a_busy_world(), NARROW) as here:
        await here.press("1")
        await here.reads("done/s")
        await here.press("3")
        await here.until(lambda: here.app.main.shown == "jobs")
        lookouts = here.app.feed._lookouts
        await here.until(lambda: lookouts["trends"].aim is None)
        assert lookouts["event tail"].aim is None
        assert lookouts["attention"].aim is True


async def test_the_header_counts_what_wants_attention_everywhere():
    async with seat(a_busy_world(), WIDE) as here:
        await here.until(lambda: "!3" in here.header)
        assert "workers 2/3" in here.header


async def test_with_ten_jobs_it_begins_here_and_with_few_at_the_jobs(tmp_path):
    async with seat(a_busy_world(), NARROW, session_path=tmp_path / "s") as here:
        await here.until(lambda: here.app.main.shown == "pulse")
    async with seat(a_world(), NARROW, session_path=tmp_path / "t") as here:
        await here.reads("no jobs yet")
        assert here.app.main.shown == "jobs"


async def test_an_address_goes_before(tmp_path):
    world, place = a_busy_world(), Address(view="stuck")
    async with seat(world, NARROW, session_path=tmp_path / "s", address=place) as here:
        await here.until(lambda: here.app.main.shown == "stuck")
        await here.pilot.pause()
        assert here.app.main.shown == "stuck"


async def test_a_pane_of_its_own_failure_leaves_the_others(monkeypatch):
    world = a_busy_world()
    world.answers[GetTrends] = lambda _: a_trends_view(done=("x",))
    async with seat(world, WIDE) as here:
        await here.press("1")
        await here.reads("This pane failed", "gpu-07")


async def test_what_is_old_is_muted():
    async with seat(a_busy_world(), WIDE) as here:
        await here.press("1")
        await here.reads("done/s", "gpu-07")

        def colours() -> set[object]:
            lines = [pulse(here).matters.render_line(y) for y in range(1, 4)]
            return {part.style.color for line in lines for part in line if part.text.strip()}

        assert len(colours()) > 1
        here.world.cut()
        await here.reads("OFFLINE")
        here.tick(30)
        assert len(colours()) == 1


async def test_queues_do_not_change_places_under_a_hand():
    async with seat(a_busy_world(), WIDE) as here:
        await here.press("1")
        await here.reads("nightly")
        table = here.app.front.body.query_one(PulseQueues)
        assert [queue.name for queue in table.rows] == ["default", "gpu", "nightly"]
        table.focus()
        for _ in range(3):
            here.world.add(queue="nightly")
        await here.until(lambda: table.rows[-1].queued == 3)
        assert [queue.name for queue in table.rows] == ["default", "gpu", "nightly"]
        await here.press("escape")
        here.world.add(queue="nightly")
        await here.until(lambda: table.rows[-1].name != "nightly")


@SIZES
async def test_at_a_moment_of_the_past(size):
    world = a_busy_world()
    past = Remembered(world)
    past.keep()
    world.clock.advance(900)
    world.add("late")
    world.answers[GetTrends] = lambda ask: (
        a_trends_view() if ask.as_of is None else a_quiet_trends_view()
    )
    now = tuple(world.matters)
    world.answers[ListMatters] = lambda ask: an_attention_view(
        *(now if ask.as_of is None else now[1:2])
    )
    async with seat(world, size) as here:
        await here.press("1")
        await here.reads("done/s", "gpu-07")
        await here.type(":at -15m")
        await here.press("enter")
        await here.says("nothing can be changed here")
        await here.until(lambda: "gpu-07" not in here.text)
        await here.press("A")
        await here.says("this is the past")
        await check(here, "pulse-past", size)


async def test_a_click_chooses_and_two_go_there():
    async with seat(a_busy_world(), WIDE) as here:
        await here.press("1")
        await here.reads("train_v2")
        table = pulse(here).matters
        await here.pilot.click(table, offset=(5, 3))
        assert table.row is not None
        assert table.row.key == "failures:9ac1e002"
        await here.pilot.click(table, offset=(5, 2), times=2)
        await here.until(lambda: here.app.main.shown == "queues")


async def test_hostile_words_never_reach_the_terminal():
    world = a_busy_world()
    bad = "\x1b]0;owned\x07[red]x[/] \x9b2J"
    world.matters = [
        replace(world.matters[0], subject=f"s{bad}", text=f"t{bad}", jump=f"jobs?q={bad}")
    ]
    async with seat(world, WIDE) as here:
        await here.press("1")
        await here.reads("[red]x[/]")
        assert not {"\x1b", "\x9b", "\x07"} & set(here.text)
        await here.press("enter")
        await here.until(lambda: here.app.main.shown == "jobs")


async def test_a_pane_gets_all_the_room_and_gives_it_back():
    async with seat(a_busy_world(), WIDE) as here:
        await here.press("1")
        await here.reads("nightly")
        queues = here.app.front.body.query_one(PulseQueues)
        before = queues.size
        queues.focus()
        await here.press("z")
        await here.until(lambda: queues.size.height > 40 and queues.size.width > 150)
        await here.press("z")
        await here.until(lambda: queues.size == before)
        await here.press("escape", "z")
        await here.until(lambda: pulse(here).matters.size.height > 40)


async def test_the_narrowest_screen_cuts_nothing_off():
    async with seat(a_busy_world(), (60, 16)) as here:
        await here.press("1")
        await here.reads("done/s", "gpu-07", "QUEUED")
        assert "OLDES" not in here.text
        lines = here.text.splitlines()
        assert all(len(line) <= 60 for line in lines)


@pytest.mark.parametrize(
    ("jump", "place"),
    [
        ("admin", Address(view="admin")),
        ("queues", Address(view="queues")),
        ("queues/etl", Address(view="queues", name="etl")),
        ("workers/gpu-07", Address(view="workers", name="gpu-07")),
        ("jobs/7", Address(view="jobs", job=7)),
        ("jobs?fp=9ac1e002", Address(where="fp:9ac1e002")),
        ("jobs?held=yes&queue=gpu", Address(where="held:yes queue:gpu")),
        ("jobs?state=failed&queue=gpu", Address(where="state:failed queue:gpu")),
        ("stuck?queue=gpu", Address(view="stuck", where="queue:gpu")),
    ],
)
def test_every_jump_of_the_engine_is_an_address(jump, place):
    assert parse_address(jump) == place
    assert parse_address(format_address(place)) == place


async def test_in_the_menu_a_long_key_stands_apart_from_its_words():
    async with seat(a_busy_world()) as here:
        await here.press("1")
        await here.reads("done/s", "gpu-07")
        await here.press("a")
        await here.reads("actions", "enter open", "A     ack 1h")
