"""Backpressure: how deep a backlog is against its maximum, without flapping."""

from typing import Final

from engine.model.rules import HYSTERESIS_PERCENT, Mode, Pressure

RISEN: Final = (Mode.MODERATE, Mode.HIGH, Mode.CRITICAL, Mode.FULL)


def next_mode(was: Mode, depth: int, pressure: Pressure) -> Mode:
    """The mode at this depth, coming from `was`.

    A mode begins where it is configured to, inclusive, `FULL` at the maximum itself. It is
    left `HYSTERESIS_PERCENT` points below that, inclusive. Whether there is room for one
    more job is not asked here: see `admission`.
    """
    most = pressure.max_depth
    if most is None:
        return Mode.NORMAL
    if depth >= most:
        return Mode.FULL
    share = depth * 100  # of most * 100: nothing is rounded
    begins = zip(RISEN, (*pressure.at_percent, 100), strict=True)
    return max(
        (
            mode
            for mode, at in begins
            if share >= at * most or (mode <= was and share > _end(at) * most)
        ),
        default=Mode.NORMAL,
    )


def leaves_at(mode: Mode, pressure: Pressure) -> int:
    """The largest depth at which a mode has been left; 0 if there is no maximum."""
    if mode is Mode.NORMAL or pressure.max_depth is None:
        return 0
    at = (*pressure.at_percent, 100)[mode - 1]
    return _end(at) * pressure.max_depth // 100


def _end(at: int) -> int:
    return max(at - HYSTERESIS_PERCENT, 0)
