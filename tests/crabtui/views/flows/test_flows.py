"""Runs of workflows from the keyboard: unfolding, looking, acting, and how little is asked."""

from crabtui.addresses import parse_address
from engine.control import messages as m
from tests.crabtui.flows_scene import Runs, with_runs
from tests.crabtui.scenes import waiting_world
from tests.crabtui.seat import WIDE, a_world, seat
from tests.kit.past_world import Remembered
from tests.kit.still_clock import StillClock

SWEEP = 24


def a_scene():
    world = waiting_world(StillClock())
    return world, with_runs(world)


def at(address):
    return {"live": False, "address": parse_address(address)}


async def test_a_run_opens_and_its_tasks_open_and_back_again():
    world, _ = a_scene()
    async with seat(world, WIDE, **at("flows")) as here:
        await here.reads("#24", "prep_data")
        await here.press("enter")
        await here.reads("flows › #24 sweep", "train b")
        await here.press("j", "enter")
        await here.reads("jobs › #25 ", "timeline")
        await here.press("escape")
        await here.reads("flows › #24 sweep", "#25 prep_data")
        await here.press("escape")
        await here.reads("nightly", "3 runs")
        assert here.app.front.body.address == parse_address("flows")


async def test_a_fan_out_unfolds_and_folds_and_the_cursor_stays_on_its_task():
    world, runs = a_scene()
    async with seat(world, WIDE, **at(f"flows/{SWEEP}")) as here:
        await here.reads("▸ embed")
        await here.press("j", "j", "j", "right")
        await here.reads("▾ embed", "embed[3]")
        await here.press("j", "j", "j", "j")
        await here.reads("#31 embed[3]")
        runs.task(SWEEP, "late", "pending", "clean")
        await here.reads("late", "#31 embed[3]")
        await here.press("left", "left")
        await here.reads("▸ embed", "#27 embed")
        assert "embed[3]" not in here.text


async def test_what_changes_is_drawn_as_it_changes():
    world, runs = a_scene()
    async with seat(world, WIDE, **at(f"flows/{SWEEP}?pane=tree")) as here:
        await here.reads("queue gpu is full")
        runs.change(33, state="running", started_at=world.clock.now(), note="", worker_id="w-9")
        await here.reads("w-9")
        assert "queue gpu is full" not in here.text


async def test_acts_are_for_the_run_or_for_the_task_under_the_cursor():
    world, _ = a_scene()
    async with seat(world, WIDE, **at(f"flows/{SWEEP}")) as here:
        await here.reads("train b")
        await here.press("x")
        await here.reads("Cancel #24 sweep, 8 members?")
        await here.press("escape", "j", "j", "j", "j")
        await here.reads("#32 train a")
        await here.press("x")
        await here.reads("Cancel #32 train a?", "1 running")
        await here.press("y")
        await here.until(lambda: any(isinstance(a, m.Cancel) for a in world.acts()))
        [cancel] = world.acts()
        assert cancel.targets.ids == (32,)


async def test_a_paused_run_says_who_and_goes_on_again():
    world, _ = a_scene()
    async with seat(world, WIDE, **at(f"flows/{SWEEP}")) as here:
        await here.reads("train b")
        await here.press("j", "P")  # wherever the cursor is
        await here.type("disk")
        await here.press("enter")
        await here.reads("paused by ana")
        await here.press("P")
        await here.until(lambda: isinstance(world.acts()[-1], m.Release))
        assert world.acts()[0] == m.Hold(targets=m.Targets(ids=(SWEEP,)), why="disk")


async def test_the_critical_path_alone_is_asked_for_and_escape_shows_all():
    world, _ = a_scene()
    async with seat(world, WIDE, **at(f"flows/{SWEEP}")) as here:
        await here.reads("train a")
        await here.press("c")
        await here.until(lambda: "train a" not in here.text and "eval" in here.text)
        await here.press("escape")
        await here.reads("train a")
        assert here.app.front.body.address.job == SWEEP


async def test_the_axis_is_looked_at_nearer_moved_and_shown_whole_again():
    world, _ = a_scene()
    async with seat(world, WIDE, **at(f"flows/{SWEEP}")) as here:
        await here.reads("22:35")
        await here.press("plus", "plus")
        await here.until(lambda: "22:35" not in here.text and "┤now" in here.text)
        await here.press("shift+left", "shift+left", "shift+left")
        await here.until(lambda: "┤now" not in here.text)
        await here.press("escape")
        await here.reads("22:35", "┤now")


async def test_of_ten_thousand_tasks_only_windows_are_asked_for():
    world = a_world()
    runs = Runs(world)
    run = runs.run("large")
    for number in range(10_000):
        runs.task(run, f"t{number}", "queued")
    async with seat(world, WIDE, **at(f"flows/{run}")) as here:
        await here.reads("t20")
        world.asked.clear()
        await here.press("G")
        await here.reads("t9999")
        await here.press("g")
        await here.reads("t20")
        asked = [ask for ask in world.asked if isinstance(ask, m.ShowWorkflow)]
        assert asked
        assert max(ask.limit for ask in asked) <= 200


async def test_a_graph_of_too_many_tasks_says_so():
    world = a_world()
    runs = Runs(world)
    run = runs.run("large")
    for number in range(501):
        runs.task(run, f"t{number}", "queued")
    async with seat(world, **at(f"flows/{run}?pane=graph")) as here:
        await here.reads("a graph of 501 tasks would be too large to read")


async def test_in_the_past_tasks_stand_as_they_stood():
    world, runs = a_scene()
    Remembered(world).keep()
    world.clock.advance(600)
    runs.change(33, state="failed", completed_at=world.clock.now(), exit_code=9)
    runs.task(SWEEP, "late", "pending", "clean")
    async with seat(world, WIDE, **at(f"flows/{SWEEP}?pane=tree")) as here:
        await here.reads("exit 9", "late")
        await here.type(":at -10m")
        await here.press("enter")
        await here.until(lambda: "exit 9" not in here.text and "not yet" in here.text)
        await here.press("j", "j", "j", "j", "j", "P")
        await here.says("this is the past")


async def test_one_workflow_of_many_by_name_and_by_address():
    world, _ = a_scene()
    async with seat(world, WIDE, **at("flows?name=nightly")) as here:
        await here.reads("⟨nightly⟩", "1 run")
        assert "#24" not in here.text
        await here.press("escape")
        await here.reads("3 runs", "#24")


async def test_the_command_bar_leads_to_runs_by_number_and_by_name():
    world, _ = a_scene()
    async with seat(world, WIDE) as here:
        await here.type(":flows 24")
        await here.press("enter")
        await here.reads("flows › #24 sweep", "train b")
        await here.type(":flows import")
        await here.press("enter")
        await here.reads("⟨import⟩", "1 run")
        await here.press("left_square_bracket")
        await here.reads("flows › #24 sweep", "train b")


async def test_tab_leads_from_look_to_look_and_the_cursor_stays_on_its_task():
    world, _ = a_scene()
    async with seat(world, WIDE, **at(f"flows/{SWEEP}")) as here:
        await here.reads("[Gantt]", "train b")
        await here.press("j", "j", "tab")
        await here.reads("[Tree]", "ATT", "#26 split")
        await here.press("tab")
        await here.reads("[Graph]", "├─", "#26 split")
        await here.press("j", "shift+tab")
        await here.reads("[Tree]", "ATT")
        assert here.app.front.body.address == parse_address(f"flows/{SWEEP}?pane=tree")
