"""Colours, cursors and grounds, as pictures: what a text golden cannot show."""

import time

import pytest

from crabtui.addresses import Address
from crabtui.app import CrabApp
from crabtui.data.wording import UTC_ZONE
from crabtui.dialogs.confirm import Confirm
from crabtui.theme import THEMES
from tests.crabtui.events_scene import eventful_world, with_a_past
from tests.crabtui.fleet import fleet_world
from tests.crabtui.flows_scene import with_runs
from tests.crabtui.scenes import busy_world, waiting_world
from tests.crabtui.views_scene import BY_NAME, world_of
from tests.kit.still_clock import StillClock
from tests.kit.waiting import PATIENCE_S

NARROW, MEDIUM, WIDE = (80, 24), (100, 30), (160, 48)
BOTH = pytest.mark.parametrize("theme", ["crab-dark", "crab-light"])


def console(theme="crab-dark", world=busy_world, **options):
    here = world(StillClock())
    return CrabApp(
        here.connect,
        clock=here.clock,
        zone=UTC_ZONE,
        context="atlas",
        theme_name=theme,
        address=Address(view="jobs"),
        **options,
    )


def words(app):
    """Everything on the screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def until(pilot, *wanted):
    """Wait until all of this is on the screen, and what hangs on it is drawn."""
    await come_true(pilot, lambda: all(word in words(pilot.app) for word in wanted))


async def come_true(pilot, condition):
    ends_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends_s, f"it never came:\n{words(pilot.app)}"
        await pilot.pause(0.005)
    await pilot.pause()


def doing(*steps):
    """Keys, and what to wait for: a tuple."""

    async def run(pilot):
        for step in steps:
            if isinstance(step, tuple):
                await until(pilot, *step)
            else:
                await pilot.press(step)
                await pilot.pause()

    return run


FILLED = ("#16", "#2 train_v2", "1-16 of 16")
ON_FIVE = (FILLED, "j", "space", "j", "j", ("#5 train_v2", "queue gpu runs 2 of 2"))


@pytest.mark.parametrize("theme", THEMES)
def test_jobs(snap_compare, theme):
    assert snap_compare(console(theme), run_before=doing(*ON_FIVE), terminal_size=WIDE)


@BOTH
def test_a_job(snap_compare, theme):
    steps = doing(FILLED, "j", "enter", ("jobs › #1", "step 399", "9ac1f00d"))
    assert snap_compare(console(theme), run_before=steps, terminal_size=WIDE)


def running_world(clock):
    world = waiting_world(clock)
    with_runs(world)
    return world


@BOTH
def test_a_run(snap_compare, theme):
    steps = (
        ("LIVE", "#24"),
        "6",
        ("[6 Flows]", "prep_data › train b"),
        "enter",
        ("22:35",),
        "j",
        "j",
        "j",
        "right",
        ("embed[3]",),
    )
    here = console(theme, world=running_world)
    assert snap_compare(here, run_before=doing(*steps), terminal_size=WIDE)


def test_a_graph(snap_compare):
    steps = (
        ("LIVE", "#24"),
        "6",
        ("[6 Flows]", "prep_data › train b"),
        "enter",
        ("22:30",),
        "tab",
        "tab",
        ("├─",),
        "j",
        "j",
    )
    here = console(world=running_world)
    assert snap_compare(here, run_before=doing(*steps), terminal_size=NARROW)


@pytest.mark.parametrize("theme", ["crab-dark", "ansi"])
def test_attempts(snap_compare, theme):
    steps = doing(FILLED, "j", "enter", ("jobs › #1",), "tab", "tab", ("9ac1f00d",), "j")
    assert snap_compare(console(theme), run_before=steps, terminal_size=NARROW)


@BOTH
def test_queues(snap_compare, theme):
    steps = doing(FILLED, "2", ("nightly", "15 MIN"), "j", ("queue gpu ─", "412  queue"))
    app = console(theme, waiting_world)
    assert snap_compare(app, run_before=steps, terminal_size=MEDIUM)


@BOTH
def test_workers(snap_compare, theme):
    steps = doing(FILLED, "4", ("gpu-07", "NOTE"), "j", ("worker gpu-07",))
    assert snap_compare(console(theme, fleet_world), run_before=steps, terminal_size=MEDIUM)


@BOTH
def test_stuck(snap_compare, theme):
    steps = doing(FILLED, "7", ("412", "✓ hold"))
    assert snap_compare(console(theme, waiting_world), run_before=steps, terminal_size=WIDE)


def test_confirm(snap_compare):
    async def asked(pilot):
        await doing(FILLED, "x")(pilot)
        await come_true(pilot, lambda: isinstance(pilot.app.screen, Confirm))

    assert snap_compare(console(), run_before=asked, terminal_size=NARROW)


def test_signs_of_ascii_alone(snap_compare):
    steps = doing(FILLED, "j", "space")
    app = console(ascii_only=True)
    assert snap_compare(app, run_before=steps, terminal_size=NARROW)


def test_a_frozen_picture(snap_compare):
    steps = doing(FILLED, "Z", ("Z resumes",))
    assert snap_compare(console(), run_before=steps, terminal_size=NARROW)


def eventful(clock):
    return with_a_past(eventful_world(clock))


@BOTH
def test_pulse(snap_compare, theme):
    steps = doing(FILLED, "1", ("done/s", "gpu-07", "train_v2", "nightly"))
    app = console(theme, lambda _: world_of(BY_NAME["pulse"], "live"))
    assert snap_compare(app, run_before=steps, terminal_size=WIDE)


def test_events_of_a_past_moment(snap_compare):
    steps = doing(FILLED, "5", ("submitted",), "shift+left", ("◄ AT", "nothing can be changed"))
    app = console(world=eventful)
    assert snap_compare(app, run_before=steps, terminal_size=MEDIUM)


def test_matches_in_a_log(snap_compare):
    found = ("slash", "3", "9", "9", "enter", ("1 found",))
    steps = doing(FILLED, "j", "l", ("step 399",), *found, "n", ("1/1 found",))
    app = console("high-contrast")
    assert snap_compare(app, run_before=steps, terminal_size=NARROW)


def test_acts_of_operators(snap_compare):
    steps = doing(FILLED, "8", ("commit p95",), "shift+tab", ("bob (console)",))
    app = console("crab-light", lambda _: world_of(BY_NAME["admin-audit"], "live"))
    assert snap_compare(app, run_before=steps, terminal_size=MEDIUM)
