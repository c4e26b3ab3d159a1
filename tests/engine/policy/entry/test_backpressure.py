"""Modes: where they begin and end, and that they do not flap."""

from hypothesis import example, given
from hypothesis import strategies as some

from engine.model.rules import HYSTERESIS_PERCENT, PRESETS, Mode, Pressure
from engine.policy.entry.backpressure import leaves_at, next_mode

HUNDRED = Pressure(max_depth=100)

modes = some.sampled_from(Mode)
depths = some.integers(0, 3_000)


@some.composite
def pressures(draw: some.DrawFn) -> Pressure:
    at = sorted(draw(some.sets(some.integers(1, 99), min_size=3, max_size=3)))
    most = draw(some.integers(1, 2_000))
    return Pressure(max_depth=most, at_percent=(at[0], at[1], at[2]))


def test_each_mode_begins_at_its_percent_inclusive() -> None:
    rising = [next_mode(Mode.NORMAL, depth, HUNDRED) for depth in (49, 50, 79, 80, 94, 95, 99)]
    assert rising == [
        Mode.NORMAL,
        Mode.MODERATE,
        Mode.MODERATE,
        Mode.HIGH,
        Mode.HIGH,
        Mode.CRITICAL,
        Mode.CRITICAL,
    ]
    assert next_mode(Mode.NORMAL, 100, HUNDRED) is Mode.FULL


def test_a_mode_is_left_five_points_below() -> None:
    assert next_mode(Mode.CRITICAL, 91, HUNDRED) is Mode.CRITICAL
    assert next_mode(Mode.CRITICAL, 90, HUNDRED) is Mode.HIGH
    assert next_mode(Mode.HIGH, 76, HUNDRED) is Mode.HIGH
    assert next_mode(Mode.HIGH, 75, HUNDRED) is Mode.MODERATE
    assert next_mode(Mode.MODERATE, 45, HUNDRED) is Mode.NORMAL
    assert next_mode(Mode.FULL, 0, HUNDRED) is Mode.NORMAL


def test_the_presets() -> None:
    assert next_mode(Mode.NORMAL, 9_499, PRESETS["standard"]) is Mode.HIGH
    assert next_mode(Mode.NORMAL, 850, PRESETS["strict"]) is Mode.CRITICAL
    assert next_mode(Mode.NORMAL, 34_999, PRESETS["permissive"]) is Mode.NORMAL


@given(modes, depths)
def test_without_a_maximum_there_is_no_pressure(was: Mode, depth: int) -> None:
    assert next_mode(was, depth, Pressure()) is Mode.NORMAL


@given(modes, depths, depths, pressures())
def test_deeper_is_never_a_lighter_mode(
    was: Mode, depth: int, more: int, pressure: Pressure
) -> None:
    assert next_mode(was, depth, pressure) <= next_mode(was, depth + more, pressure)


@given(modes, depths, pressures())
def test_the_same_depth_again_changes_nothing(
    was: Mode, depth: int, pressure: Pressure
) -> None:
    once = next_mode(was, depth, pressure)
    assert next_mode(once, depth, pressure) is once


@example([59, 0], Pressure(max_depth=241, at_percent=(1, 2, 54)))
@given(some.lists(depths), pressures())
def test_small_waves_do_not_flap(waves: list[int], pressure: Pressure) -> None:
    """Depths that differ by less than the hysteresis never change a mode twice."""
    most = pressure.max_depth or 0
    band = max(0, HYSTERESIS_PERCENT * most // 100 - 1)
    mode, seen = Mode.NORMAL, []
    for wave in waves:
        now = next_mode(mode, most // 2 + wave % (band + 1), pressure)
        if now is not mode:
            seen.append(now)
        mode = now
    assert seen == sorted(set(seen))


@given(some.sampled_from(list(Mode)[1:]), pressures())
def test_where_a_mode_is_left(mode: Mode, pressure: Pressure) -> None:
    edge = leaves_at(mode, pressure)
    assert next_mode(mode, edge, pressure) < mode
    assert next_mode(mode, edge + 1, pressure) >= mode
