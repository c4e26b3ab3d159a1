"""Arrays that unfold, jobs that are edited and cloned, workers that drain: at the keyboard."""

import pytest

from crabtui.acts.actions import BY_ID
from crabtui.acts.changes import parse_changes
from crabtui.cli.options.job import changes
from engine.control import messages as m
from engine.errors import InvalidSpec
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import a_world, seat
from tests.kit.answers import some_stats
from tests.kit.fake_door import a_daemon
from tests.kit.still_clock import StillClock


@pytest.fixture
def world():
    return busy_world(StillClock())


@pytest.fixture
def sweep():
    world = a_world()
    world.add(
        "sweep", "running", kind="array", members={"running": 1, "failed": 1, "queued": 1}
    )
    for index, state in enumerate(("running", "failed", "queued")):
        world.add(f"sweep lr={index}", state, array=1, array_index=index)
    world.add("other")
    return world


async def command(here, line):
    await here.press("colon")
    for letter in line:
        await here.press({"=": "equals_sign", " ": "space"}.get(letter, letter))
    await here.press("enter")


async def test_an_array_is_one_row_that_unfolds_and_folds(sweep):
    async with seat(sweep) as here:
        await here.reads("▸ sweep", "1/3, 1 failed", "1-2 of 2")
        await here.go_to(1)
        await here.press("right")
        await here.reads("▾ sweep", "  sweep lr=0", "1-5 of 5")
        assert here.cursor == 1
        await here.go_to(2)
        await here.press("left")
        await here.reads("▸ sweep", "1-2 of 2")
        assert here.cursor == 1


async def test_a_waiting_array_is_canceled_after_a_question_even_if_it_starts_meanwhile():
    world = a_world()
    world.add("sweep", "queued", kind="composite", members={"queued": 3})
    async with seat(world) as here:
        await here.go_to(1)
        await here.press("x")
        await here.reads("Cancel #1 sweep, 3 members?", "3 waiting: gone after 5 s")
        world.change(1, state="running", members={"running": 1, "queued": 2})
        await here.press("y")
        await here.until(lambda: world.acts())
        assert world.acts()[-1].targets.ids == (1,)


async def test_what_is_no_array_does_not_unfold(sweep):
    async with seat(sweep) as here:
        await here.go_to(5)
        await here.press("right")
        await here.says("only arrays unfold")
        await here.press("left")
        await here.says("no array is unfolded here")


async def test_problems_are_looked_for_in_arrays_too(sweep):
    async with seat(sweep) as here:
        await here.press("exclamation_mark")
        await here.reads("sweep lr=1")


async def test_a_job_is_edited_after_a_question(world):
    async with seat(world) as here:
        await here.go_to(5)
        await command(here, "edit priority=low cpus=2")
        await here.reads("Edit #5", "priority = low, cpus = 2")
        await here.press("y")
        await here.says("#5 edited")
        changes = {"priority": "low", "cpus": "2"}
        assert world.acts() == [m.Edit(targets=m.Targets(ids=(5,)), changes=changes)]


async def test_what_runs_is_not_edited(world):
    async with seat(world) as here:
        await here.go_to(1)
        await command(here, "edit priority=low")
        await here.says("only jobs that have not started can be edited")


async def test_a_clone_can_be_taken_back(world):
    async with seat(world) as here:
        await here.go_to(5)
        await command(here, "clone")
        await here.says("#17 submitted, a clone of #5", "u undoes")
        await here.press("u")
        await here.until(lambda: world.jobs[17].state == "canceled")


async def test_a_clone_from_the_menu_asks_what_is_different(world):
    async with seat(world) as here:
        await here.go_to(5)
        here.app.handler("clone")()
        await here.reads("Clone #5")
        for letter in "priority=high":
            await here.press({"=": "equals_sign"}.get(letter, letter))
        await here.press("enter")
        await here.says("a clone of #5")
        assert world.acts()[-1].changes == {"priority": "high"}


async def test_a_worker_drains_after_a_question_and_takes_work_again(world):
    world.workers = list(some_stats(a_daemon()).workers)
    async with seat(world) as here:
        await command(here, "drain local")
        await here.reads("Drain worker local?", "2 running there")
        await here.press("y")
        await here.until(lambda: world.workers[0].draining)
        await command(here, "undrain local")
        await here.until(lambda: not world.workers[0].draining)
        await command(here, "drain lokal")
        await here.says("lokal", "local")


async def test_the_weight_of_a_queue_goes_back(world):
    async with seat(world) as here:
        await command(here, "weight gpu 5")
        await here.until(lambda: world.queues["gpu"].weight == 5)
        await here.press("u")
        await here.until(lambda: world.queues["gpu"].weight == 1)


async def test_undo_leaves_to_the_configuration_what_was_its_own(world):
    world.configured["gpu"] = {"limit": 4, "weight": 3}
    world.queue("gpu", limit=4, limit_from="config", weight=3)
    async with seat(world) as here:
        for line, changed in (("limit gpu 9", (9, 3)), ("weight gpu 5", (4, 5))):
            await command(here, line)
            await here.until(lambda to=changed: held(world) == to)
            await here.press("u")
            await here.until(lambda: held(world) == (4, 3))
            assert world.queues["gpu"].own == ()


async def test_undo_of_a_reset_sets_only_what_was_set_by_hand(world):
    world.queue("gpu", limit=7, weight=3, own=("limit",))
    async with seat(world) as here:
        await here.press("2", "j")
        await here.reads("limit 7")
        here.app.start(BY_ID["reset_queue"])
        await here.reads("Reset queue gpu?")
        await here.press("y")
        await here.says("gpu reset")
        await here.press("u")
        back = m.SetQueue(name="gpu", limit=7, unset=("weight",))
        await here.until(lambda: world.acts()[-1] == back)


def held(world):
    return world.queues["gpu"].limit, world.queues["gpu"].weight


async def test_a_reset_asks_first(world):
    async with seat(world) as here:
        await here.press("2", "j")
        await here.reads("limit 2")
        await here.press("a")
        await here.reads("reset", "weight")
        await here.press("escape")
        here.app.start(BY_ID["reset_queue"])
        await here.reads("Reset queue gpu?")
        await here.press("y")
        await here.until(lambda: m.SetQueue(name="gpu", reset=True) in world.acts())


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("priority=high cpus=2", {"priority": "high", "cpus": "2"}),
        ("need=license=2,tape=1", {"resources": {"custom": {"license": 2, "tape": 1}}}),
        ("label=a,b estimate=5m", {"labels": ["a", "b"], "estimated_duration": "5m"}),
        ("labels=a not-before=5m", {"labels": ["a"], "not_before": "5m"}),
        ("preemptible=no retries=2", {"preemptible": False, "retries": 2}),
        ("tags=a,b name='two words'", {"tags": ["a", "b"], "name": "two words"}),
        ("timeout=none", {"timeout": None}),
        ("command='echo a=b'", {"argv": ["echo", "a=b"]}),
    ],
)
def test_changes(text, changes):
    assert parse_changes(text) == changes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "say what to change"),
        ("high", "no KEY=VALUE"),
        ("=x", "no KEY=VALUE"),
        ("name='x", "quotes come in pairs"),
        ("priority=hgh", "did you mean 'high'"),
        ("prioritty=high", "did you mean 'priority'"),
        ("gpus=many", "no whole number"),
        ("preemptible=maybe", "true or false"),
    ],
)
def test_wrong_changes_say_what_is_wrong(text, why):
    with pytest.raises(InvalidSpec, match=why):
        parse_changes(text)


@pytest.mark.parametrize(
    ("typed", "flags"),
    [
        ("cpus=2 memory=4G tag=x,y", {"cpus": "2", "memory": "4G", "tag": ("x", "y")}),
        ("worker=a need=tape=1", {"worker": ("a",), "need": ("tape=1",)}),
        ("timeout=none", {"clear": ("timeout",)}),
        ("label=none", {"clear": ("labels",)}),
    ],
)
def test_what_is_typed_here_means_what_the_flags_mean(typed, flags):
    assert parse_changes(typed) == changes(**{"clear": (), **flags})


async def test_a_wrong_change_is_told_before_the_question(world):
    async with seat(world) as here:
        await here.go_to(5)
        await command(here, "edit priority=hgh")
        await here.reads("did you mean 'high'", ":edit priority=hgh")
        assert world.acts() == []


@pytest.mark.parametrize("line", ["pause gp", "limit gp 3", "resume gp", "weight gp 2"])
async def test_a_slip_of_the_finger_makes_no_queue(world, line):
    async with seat(world) as here:
        await command(here, line)
        await here.reads("unknown queue 'gp'", "did you mean 'gpu'")
        assert world.acts() == []
        assert "gp" not in world.queues
