"""Meters and tracks: what they remember, and for how long."""

from engine.ledger.memory.activity import MINUTES, US, Meter, Track

MINUTE = 60 * US
AT = 1_000 * MINUTE


def test_a_meter_forgets_after_a_minute() -> None:
    meter = Meter()
    for second in range(100):
        meter.add(AT + second * US, 2)
    assert meter.per_min(AT + 99 * US) == 120
    assert meter.per_min(AT + 99 * US + 30 * US) == 60
    assert meter.per_min(AT + 99 * US + MINUTE) == 0


def test_a_clock_that_went_back_loses_nothing() -> None:
    meter = Meter()
    meter.add(AT)
    meter.add(AT - MINUTE)
    assert meter.per_min(AT) == 2


def test_a_track_has_the_last_depth_of_each_minute() -> None:
    track = Track()
    track.note(AT, 3)
    track.note(AT + US, 5)
    track.note(AT + 2 * MINUTE, 1)
    assert track.depths(AT + 3 * MINUTE)[-5:] == (0, 5, 5, 1, 1)


def test_a_track_is_bounded_and_remembers_what_has_not_changed() -> None:
    track = Track()
    for minute in range(40):
        track.note(AT + minute * MINUTE, minute)
    assert track.depths(AT + 39 * MINUTE) == tuple(range(25, 40))
    assert track.depths(AT + 99 * MINUTE) == (39,) * MINUTES


def test_a_track_that_began_before_the_clock_was_set_looks_at_its_last_minutes_alone() -> None:
    track = Track()
    track.note(0, 7)
    assert track.depths(10**12 * MINUTE) == (7,) * MINUTES
