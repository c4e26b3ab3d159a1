"""The Workers view and backpressure at the keyboard: gauges, limits, draining, modes."""

import pytest
from msgspec.structs import replace
from textual.widgets import OptionList

from crabtui.dialogs.confirm import Confirm
from crabtui.dialogs.picker import Picker
from engine.control import messages as m
from tests.crabtui.fleet import fleet_world
from tests.crabtui.scenes import waiting_world
from tests.crabtui.seat import WIDE, seat
from tests.kit.still_clock import StillClock


@pytest.fixture
def world():
    return waiting_world(StillClock())


async def test_what_is_taken_and_what_holds_jobs_is_shown(world):
    async with seat(world) as here:
        await here.press("4")
        await here.reads("3 workers, 7 of 16 slots taken, 1 down, 1 draining")
        await go_to(here, "local")
        await here.reads("5/8", "4.5/8", "18/32G", "1/2", "scope: memory of all its processes")
        await here.press("j")
        await here.reads("license 1/3", "rlimit: memory of each process", "still there: #1 #2")


async def test_d_drains_after_a_question_and_u_takes_it_back(world):
    async with seat(world) as here:
        await here.press("4")
        await go_to(here, "local")
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
        await go_to(here, "node-7")
        await here.press("D")
        await here.says("node-7 takes work again")
        assert world.acts() == [m.SetWorker(name="node-7", drain=False)]


async def test_a_worker_opens_the_jobs_that_run_there(world):
    async with seat(world) as here:
        await here.press("4")
        await go_to(here, "local")
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


async def test_what_is_said_of_all_follows_the_room(world):
    async with seat(world, WIDE) as here:
        await here.press("4")
        await here.reads("slots taken")
        await here.pilot.resize_terminal(64, 24)
        await here.until(lambda: "slots taken" not in here.text)
        await here.pilot.resize_terminal(160, 48)
        await here.reads("slots taken")


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


@pytest.fixture
def fleet():
    return fleet_world(StillClock())


async def test_the_worst_stand_first_and_their_numbers_are_not_shown(fleet):
    async with seat(fleet) as here:
        await here.press("4")
        await here.reads("9 workers", "2 not reached, 3 held back", "✗ gpu-05", "? gpu-07")
        row = next(line for line in here.text.splitlines() if "gpu-07" in line)
        assert row.count("--") >= 4
        assert "41s!" in row
        assert "no contact 41s, 2" in row


async def test_a_lost_worker_says_what_is_at_risk_and_counts_down(fleet):
    async with seat(fleet, WIDE) as here:
        await here.press("4")
        await here.reads("gpu-07")
        await here.press("j")
        await here.reads("no answer for 15 s", "at risk: #1 #2", "try 4 in 8s")
        here.tick(3)
        await here.reads("try 4 in 5s", "no contact 44s")


async def test_a_refused_one_shows_the_error_in_full_and_the_command_that_mends_it(fleet):
    async with seat(fleet, WIDE) as here:
        await here.press("4")
        await here.reads("THE HOST KEY OF gpu-05:22 HAS CHANGED", "--trust")
        assert "SHA256:AAAAztksCsDhcc0u9e8BgrJXVGDkEYlsr2jbHgKMQYk" in here.text


async def test_devices_and_who_uses_them(fleet):
    async with seat(fleet, WIDE) as here:
        await here.press("4")
        await go_to(here, "gpu-01")
        await here.reads("gpu 0 a100   taken   37.1/40G used   99% busy")
        await here.reads("8G of it by somebody else", "labels a100, fast-disk", "clock -12ms")


async def test_r_reconnects_after_a_question(fleet):
    async with seat(fleet) as here:
        await here.press("4")
        await go_to(here, "gpu-07")
        await here.press("R")
        await here.reads("Reconnect worker gpu-07?", "what runs goes on")
        await here.press("y")
        await here.says("gpu-07 reconnects")
        assert fleet.acts() == [m.ActOnWorker(name="gpu-07", act="reconnect")]


async def test_r_means_nothing_to_this_machine_and_the_daemon_when_that_is_away(fleet):
    async with seat(fleet) as here:
        await here.press("4")
        await go_to(here, "local")
        await here.press("R")
        await here.says("this machine needs no link")
        fleet.cut()
        await here.until(lambda: "OFFLINE" in here.header)
        await here.says("the daemon went away")
        await here.press("R")
        await here.says("nobody answers")  # what the try came to, though no time has passed


async def test_a_quarantine_wants_a_reason_and_is_taken_back(fleet):
    async with seat(fleet) as here:
        await here.press("4")
        await go_to(here, "gpu-01")
        await choose(here, "quarantine")
        await here.reads("no new job starts there until somebody releases it")
        await here.press("enter")
        await here.reads("say why")
        await here.type("fan")
        await here.press("enter")
        await here.says("gpu-01 quarantined", "u undoes")
        assert fleet.acts() == [m.ActOnWorker(name="gpu-01", act="quarantine", why="fan")]
        await here.press("u")
        await here.says("undone")
        assert fleet.acts()[-1] == m.ActOnWorker(name="gpu-01", act="release")


@pytest.mark.parametrize(
    ("worker", "action", "act"),
    [("cpu-04", "release_worker", "release"), ("cpu-05", "reset_breaker", "reset")],
)
async def test_what_holds_it_back_is_ended_after_a_question(fleet, worker, action, act):
    async with seat(fleet) as here:
        await here.press("4")
        await go_to(here, worker)
        await choose(here, action)
        await here.until(lambda: isinstance(here.app.screen, Confirm))
        await here.press("y")
        await here.until(lambda: fleet.acts())
        assert fleet.acts() == [m.ActOnWorker(name=worker, act=act)]


@pytest.mark.parametrize(
    ("worker", "action", "act"),
    [("gpu-07", "declare_dead", "declare_dead"), ("cpu-06", "remove_worker", "remove")],
)
async def test_what_nothing_takes_back_wants_the_name(fleet, worker, action, act):
    async with seat(fleet) as here:
        await here.press("4")
        await go_to(here, worker)
        await choose(here, action)
        await here.reads(f"type {worker} and then enter")
        await here.type("gpu-99")
        await here.press("enter")
        await here.reads("that is not its name")
        assert fleet.acts() == []
        await here.press("ctrl+u")
        await here.type(worker)
        await here.press("enter")
        await here.until(lambda: fleet.acts())
        assert fleet.acts() == [m.ActOnWorker(name=worker, act=act)]


async def test_one_that_is_reached_is_not_dead_and_one_of_the_file_is_not_removed(fleet):
    async with seat(fleet) as here:
        await here.press("4")
        await go_to(here, "local")
        await here.press("a")
        await here.reads("it is reached", "it stands in the configuration")


async def test_columns_sort_and_the_cursor_stays_on_its_worker(fleet):
    async with seat(fleet, WIDE) as here:
        await here.press("4")
        await go_to(here, "cpu-03")
        await here.press("greater_than_sign")
        await here.reads("sort worker▲", "WORKER▲")
        order = [worker.name for worker in pane(here).table.rows]
        assert order == sorted(order)
        await here.press("I")
        await here.reads("WORKER▼")
        assert [worker.name for worker in pane(here).table.rows] == sorted(order, reverse=True)
        assert pane(here).worker.name == "cpu-03"
        await here.press("less_than_sign", "less_than_sign")
        await here.reads("sort drift▲")


async def test_jobs_on_a_silent_worker_are_in_doubt(fleet):
    async with seat(fleet, WIDE) as here:
        await here.reads("no contact 41s")
        rows = [line for line in here.text.splitlines() if "no contact 41s" in line]
        assert len(rows) == 2
        assert all(" ? " in row and "gpu-07" in row for row in rows)


async def test_no_shell_from_another_machine(fleet):
    async with seat(fleet) as here:
        await here.press("4")
        await here.reads("gpu-07")
        await here.press("S")
        await here.says("on another machine than its daemon")


def pane(here):
    return here.app.main.view("workers")


async def go_to(here, name):
    """Put the cursor on a worker by its keys."""
    await here.until(lambda: pane(here) is not None and pane(here).table.rows)
    await here.press("g")
    for _ in range(20):
        if pane(here).worker.name == name:
            return
        await here.press("j")
    raise AssertionError(f"{name} was not reached:\n{here.text}")


async def choose(here, action):
    """Pick an action in the menu."""
    await here.press("a")
    await here.until(lambda: isinstance(here.app.screen, Picker))
    picker = here.app.screen
    ids = [choice.id for choice in picker.choices]
    picker.query_one(OptionList).highlighted = ids.index(action)
    await here.press("enter")
