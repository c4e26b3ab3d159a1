"""Every action of the registry is taken by its key, and does what it says."""

import pytest
from textual.screen import ModalScreen

from crabtui.acts.actions import ACTIONS, BY_ID
from crabtui.addresses import parse_address
from tests.crabtui.acts.deeds import DEEDS
from tests.crabtui.events_scene import eventful_world, with_a_past
from tests.crabtui.fleet import fleet_world
from tests.crabtui.offices import administered
from tests.crabtui.seat import seat
from tests.crabtui.test_logs import a_search
from tests.crabtui.views_scene import BY_NAME, world_of
from tests.kit.still_clock import StillClock

ALONE = {"quit"}
"""What is tested below: it leaves nothing to look at."""

NEITHER = {
    "undo": "it is the undo",
    "cancel_now": "what it ends was asked for, and is taken back until then",
    "probe": "it only looks",
    "release_worker": "a quarantine is put back by its own action",
    "reset_breaker": "it opens again by itself if jobs go on failing",
    "retry": "what runs again can be canceled",
}
"""Acts without a question and without an undo, and why that is right."""

NAMES = {"[": "left_square_bracket"}


def test_no_action_is_left_out():
    assert {deed.action for deed in DEEDS} | ALONE == BY_ID.keys()


def test_what_changes_something_sends_it():
    looks = {"session", "shell", "open_here", "new_job"}
    acting = {action.id for action in ACTIONS if action.acts} - looks
    assert acting <= {deed.action for deed in DEEDS if deed.sends is not None}


def a_world(place):
    if place.startswith("workers"):
        return administered(fleet_world(StillClock()))
    if place == "events":
        return with_a_past(eventful_world(StillClock()))
    world = world_of(BY_NAME["flow" if place.startswith("flows") else "jobs"], "live")
    world.write_log(1, b"a warning\n", "err")
    world.inputs[2] = 1_000
    a_search(world)
    return world


async def play(here, steps):
    """Do these; true if a dialog stood in front at any time."""
    asked = False
    for step in steps:
        asked = asked or isinstance(here.app.screen, ModalScreen)
        if step[0] == "?":
            await here.reads(step[1:])
        elif step[0] == "=":
            await here.type(step[1:])
        else:
            await here.press(NAMES.get(step, step))
    return asked


async def take(here, action):
    if action.keys:
        await here.press(action.keys[0])
    else:
        here.app.start(action)  # as the menu does
        await here.pilot.pause()


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.action)
async def test_it_does_what_it_says(deed):
    world, place = a_world(deed.at), parse_address(deed.at)
    async with seat(world, (120, 36), live=False, address=place) as here:
        await here.until(lambda: here.app.pulse is not None)
        await settle(here)
        await play(here, deed.before)
        done = len(world.acts())
        await take(here, BY_ID[deed.action])
        asked = await play(here, deed.then)
        await here.reads(*deed.reads)
        await here.until(lambda: not deed.gone or deed.gone not in here.text)
        if deed.sends is not None:
            await here.until(lambda: any(type(a) is deed.sends for a in world.acts()[done:]))
            assert {type(ask) for ask in world.acts()[done:]} == {deed.sends}
            if not asked and deed.action not in NEITHER:
                await here.says("u undoes")


async def settle(here):
    """Until what the view looks at has come."""
    before = ""
    for _ in range(100):
        if before == here.text:
            return
        before = here.text
        await here.pilot.pause(0.05)


async def test_quitting_leaves_the_jobs_alone():
    world = a_world("jobs")
    async with seat(world) as here:
        await here.press(BY_ID["quit"].keys[0])
        await here.until(lambda: not here.app.is_running)
    assert world.acts() == []
