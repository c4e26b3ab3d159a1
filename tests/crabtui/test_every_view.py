"""What every view looks like, as text: at three sizes, and whatever the world is like."""

import pytest

from crabtui.places import NAMES
from tests.crabtui.views_scene import SIZES, STATES, VIEWS, looking
from tests.kit.golden import GOLDEN, check_golden

LOOKED_AT = ("queues", "jobs", "detail", "workers", "stuck", "admin-engine", "admin-audit")
TOLD = ("pulse", "events")
HELD = {
    **{(view, "live"): view for view in (*TOLD, *LOOKED_AT)},
    **{
        (view, state): f"{view}-{state}" for view in ("pulse", "events") for state in STATES[1:]
    },
    ("admin-engine", "error"): "admin-error",
    ("admin-engine", "offline"): "admin-offline",
    ("admin-audit", "empty"): "admin-empty",
}
"""Goldens that tests of the views themselves hold."""

ALL = [(view, state, size) for view in VIEWS for state in STATES for size in SIZES]
CASES = [case for case in ALL if (case[0].name, case[1]) not in HELD]


def golden(view, state, size):
    name = HELD.get((view.name, state), f"{view.name}-{state}")
    return f"console/{name}.{size[0]}x{size[1]}.txt"


def ids(cases):
    return [f"{view.name}-{state}-{size[0]}x{size[1]}" for view, state, size in cases]


@pytest.mark.parametrize(("view", "state", "size"), CASES, ids=ids(CASES))
async def test_it_looks_so(view, state, size):
    async with looking(view, state, size) as here:
        lines = here.text.splitlines()
        assert len(lines) == size[1]
        assert all(len(line) <= size[0] for line in lines)
        check_golden(golden(view, state, size), here.text)


@pytest.mark.parametrize(("view", "state", "size"), ALL, ids=ids(ALL))
def test_it_has_a_golden(view, state, size):
    found = (GOLDEN / golden(view, state, size)).read_text().splitlines()
    assert len(found) == size[1]
    told = {"offline": "OFFLINE", "past": "◄ AT"}.get(state, "LIVE")
    assert told in found[0]


def test_no_view_is_forgotten():
    assert set(NAMES) <= {view.name.partition("-")[0] for view in VIEWS}
