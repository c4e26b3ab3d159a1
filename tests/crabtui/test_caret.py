"""A caret stands under the character that is wrong, also behind a verb."""

import pytest

from tests.crabtui.seat import a_world, seat


@pytest.mark.parametrize("line", ["cancel state:runing", "jobs state:runing"])
async def test_the_caret_of_a_filter_behind_a_verb(line: str) -> None:
    async with seat(a_world()) as here:
        await here.type(f":{line}")
        await here.press("enter")
        await here.reads("unknown state 'runing'")
        rows = here.text.splitlines()
        typed = next(row for row in rows if line in row)
        told = next(row for row in rows if "unknown state" in row)
        assert told.index("^") == typed.index("runing")
