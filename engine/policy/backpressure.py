"""Backpressure: how deep a backlog is against its maximum, without flapping."""

from typing import Final

from engine.model.rules import HYSTERESIS_PERCENT, Mode, Pressure

RISEN: Final = (Mode.MODERATE, Mode.HIGH, Mode.CRITICAL, Mode.FULL)


def next_mode(was: Mode, depth: int, pressure: Pressure) -> Mode:
    """The mode at this depth, coming from `was`.

    A mode begins where it is configured to, inclusive, `FULL` at the maximum itself. It is
    left `HYSTERESIS_PERCENT` points below that. Percents are whole, the rest cut off.
    Whether there is room for one more job is not asked here: see `admission`.
    """
    most = pressure.max_depth
    if most is None:
        return Mode.NORMAL
    if depth >= most:
        return Mode.FULL
    percent = depth * 100 // most
    begins = zip(RISEN, (*pressure.at_percent, 100), strict=True)
    return max(
        (mode for mode, at in begins if percent >= at or (mode <= was and percent > _end(at))),
        default=Mode.NORMAL,
    )


def leaves_at(mode: Mode, pressure: Pressure) -> int:
    """The largest depth at which a mode has been left; 0 if there is no maximum."""
    if mode is Mode.NORMAL or pressure.max_depth is None:
        return 0
    at = (*pressure.at_percent, 100)[mode - 1]
    return ((_end(at) + 1) * pressure.max_depth - 1) // 100


def _end(at: int) -> int:
    return max(at - HYSTERESIS_PERCENT, 0)
