"""The band that says that what is shown is not now."""

import pytest

from crabtui.data.past import band_lines
from crabtui.data.wording import UTC_ZONE
from tests.crabtui.data.rows import NOW
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import seat
from tests.kit.still_clock import StillClock


@pytest.mark.parametrize(
    ("newest", "text"),
    [
        (88_214, "FROZEN at #88214 22:13:20Z"),
        (88_215, "FROZEN at #88214 22:13:20Z  +1 event since"),
        (90_214, "FROZEN at #88214 22:13:20Z  +2,000 events since"),
    ],
)
def test_what_a_frozen_picture_says(newest, text):
    assert band_lines.frozen(88_214, NOW, newest, UTC_ZONE) == text


async def test_while_frozen_it_counts_what_is_not_shown():
    world = busy_world(StillClock())
    async with seat(world) as here:
        before = world.seq
        await here.press("Z")
        await here.reads(f"FROZEN at #{before}", "Z resumes")
        world.add("another", "queued")
        await here.until(lambda: here.app.pulse.seq > before)
        here.tick()
        await here.reads(f"FROZEN at #{before}", "since")
        await here.press("Z")
        await here.until(lambda: "FROZEN" not in here.text)
