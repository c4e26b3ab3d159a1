"""A worker that takes work ahead of its places, but for what somebody has set."""

from msgspec.structs import replace

from engine.model.resources import Resources
from engine.model.worker import Worker, widened

PLACES = Resources(custom=(("tool_cpu", 2), ("tool_io", 8)))
POOL = Worker(name="tools", capacity=PLACES, slots=10)
AHEAD = {"tool_io": (8, 24)}


def test_it_has_room_and_slots_for_what_it_takes_ahead() -> None:
    wide = widened(POOL, AHEAD)
    assert wide.capacity.custom == (("tool_cpu", 2), ("tool_io", 32))
    assert wide.slots == 34
    assert replace(wide, capacity=PLACES, slots=10) == POOL


def test_places_that_somebody_has_set_stay() -> None:
    few = replace(POOL, capacity=Resources(custom=(("tool_cpu", 2), ("tool_io", 1))), slots=3)
    assert widened(few, AHEAD) == few


def test_slots_that_somebody_has_set_stay() -> None:
    assert widened(replace(POOL, slots=3), AHEAD).slots == 3
