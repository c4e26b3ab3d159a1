"""However much there is to tell, what is typed and the buttons are in sight."""

import pytest

from tests.crabtui.seat import a_world, seat

MARKED = 25


@pytest.mark.parametrize("size", [(80, 24), (60, 16)])
async def test_what_is_typed_and_the_buttons_stay_in_sight(size: tuple[int, int]) -> None:
    world = a_world()
    for n in range(MARKED):
        world.add(f"job {n}", state="running" if n % 2 else "queued")
    async with seat(world, size) as here:
        await here.press("g", *["space"] * MARKED, "x")
        await here.reads(
            f"Cancel {MARKED} jobs", f"type {MARKED} and then y", "Go back", "Do it"
        )
        assert "its own grace)" in here.text  # whole, on the next line where it is long
        await here.press(*["down"] * 20)
        await here.reads("and 17 more", "Do it")
        await here.press("y")
        assert world.acts() == []
        await here.press(*str(MARKED), "y")
        await here.until(world.acts)
