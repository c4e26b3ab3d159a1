"""Colours and cursor, as pictures: what a text golden cannot show."""

import pytest

from crabtui.app import CrabApp
from crabtui.data.wording import UTC_ZONE
from crabtui.dialogs.confirm import Confirm
from tests.crabtui.scenes import busy_world
from tests.kit.still_clock import StillClock


def console(theme="crab-dark"):
    world = busy_world(StillClock())
    return CrabApp(
        world.connect, clock=world.clock, zone=UTC_ZONE, context="atlas", theme_name=theme
    )


async def filled(pilot):
    for _ in range(400):
        if is_filled(pilot.app):
            break
        await pilot.pause(0.005)
    await pilot.pause(0.05)


def is_filled(app):
    view = app.jobs_view
    if view is None or not view.total:
        return False
    return app.size.width < 160 or "#2" in view.split.title


@pytest.mark.parametrize("theme", ["crab-dark", "crab-light"])
def test_jobs(snap_compare, theme):
    async def marked(pilot):
        await filled(pilot)
        await pilot.press("j", "space", "j", "j")
        for _ in range(400):
            if "#5" in pilot.app.jobs_view.split.title:
                break
            await pilot.pause(0.005)

    assert snap_compare(console(theme), run_before=marked, terminal_size=(160, 48))


def test_confirm(snap_compare):
    async def asked(pilot):
        await filled(pilot)
        await pilot.press("x")
        for _ in range(400):
            if isinstance(pilot.app.screen, Confirm):
                break
            await pilot.pause(0.005)
        await pilot.pause(0.05)

    assert snap_compare(console(), run_before=asked, terminal_size=(80, 24))
