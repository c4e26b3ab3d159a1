"""How it goes, as lines: a name, a sparkline, what it is now, and its peak."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from crabtui.data.gauges import STEPS
from crabtui.data.glyphs import Token
from crabtui.data.wording import count, duration
from engine.control.views import TrendsView

Values = Sequence[float | None]

ROUND_BUDGET_MS: Final = 100.0
"""A round of dispatch that takes longer is late."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One line."""

    name: str
    values: Values
    """Oldest first; None: nothing is known of it."""
    now: str
    peak: str
    token: Token
    note: str = ""
    """What its peak is to be held against; empty: nothing."""


def trends(view: TrendsView) -> tuple[Trend, ...]:
    """The lines of the Pulse view, in their order."""
    now, seconds = view.recent, view.width_ms / 1000
    done, failed, retried = (
        _known(view, one) for one in (view.done, view.failed, view.retried)
    )
    done, failed = _rates(done, seconds), _rates(failed, seconds)
    return (
        Trend("done/s", done, rate(now.done_per_s), _peak(done, rate), "ok"),
        Trend("fail/s", failed, rate(now.failed_per_s), _peak(failed, rate), "bad"),
        _timed("run p50", view.run_ms_p50, now.run_ms_p50, "run"),
        _timed("run p95", view.run_ms_p95, now.run_ms_p95, "run"),
        _timed("wait p95", view.wait_ms_p95, now.wait_ms_p95, "wait"),
        Trend("depth", view.depth, count(now.depth), _peak(view.depth, _whole), "wait"),
        Trend("retries", retried, count(now.retried), _peak(retried, _whole), "warn"),
        _rounds(view),
    )


def _timed(name: str, values: Values, now: float | None, token: Token) -> Trend:
    return Trend(name, values, milliseconds(now), _peak(values, milliseconds), token)


def _rounds(view: TrendsView) -> Trend:
    now = view.recent.round_ms_p95
    is_late = now is not None and now > ROUND_BUDGET_MS
    budget = f"budget {milliseconds(ROUND_BUDGET_MS)}"
    peak = _peak(view.round_ms_p95, milliseconds)
    token: Token = "bad" if is_late else "muted"
    return Trend("round p95", view.round_ms_p95, milliseconds(now), peak, token, budget)


def rate(per_s: float | None) -> str:
    """`0.1`, `4.1`, `120`: a number of things a second."""
    if per_s is None:
        return "-"
    if per_s >= 100:
        return count(round(per_s))
    return f"{per_s:.1f}" if per_s >= 0.05 or per_s <= 0 else f"{per_s:.2f}"


def per_s(number_per_min: int) -> str:
    """What happened in a minute as a rate; `-` if nothing did."""
    return rate(number_per_min / 60) if number_per_min else "-"


def milliseconds(ms: float | None) -> str:
    """`0.4ms`, `210ms`, `1.9s`, `6m12s`; `-` if it is not known."""
    if ms is None:
        return "-"
    if ms < 9.95:
        return f"{ms:.1f}ms"
    if ms < 1_000:
        return f"{ms:.0f}ms"
    return f"{ms / 1000:.1f}s" if ms < 9_950 else duration(round(ms / 1000) * 1_000_000)


def sparkline(values: Values, width: int) -> str:
    """The whole width, the newest at the right end; the highest of what a cell stands for.

    What is not known is blank; the highest of all is a full cell.
    """
    if not values or width <= 0:
        return " " * max(width, 0)
    cells = [_most(_share(values, place, width)) for place in range(width)]
    top = _most(cells) or 0.0
    return "".join(_step(cell, top) for cell in cells)


def _share(values: Values, place: int, width: int) -> Values:
    """The values that one of `width` cells stands for, at least one."""
    begin, end = place * len(values) // width, (place + 1) * len(values) // width
    return values[begin : max(end, begin + 1)]


def _most(values: Values) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _step(value: float | None, top: float) -> str:
    if value is None:
        return " "
    if value <= 0 or top <= 0:
        return STEPS[0]
    return STEPS[max(1, min(len(STEPS) - 1, round(value / top * (len(STEPS) - 1))))]


def _known(view: TrendsView, counts: Values) -> Values:
    """The counts; what was before anything was counted is not known."""
    if view.since_at is None:
        return (None,) * len(counts)
    before = (view.since_at - view.begin_at) // (view.width_ms * 1000)
    unknown = min(max(before, 0), len(counts))
    return [*(None,) * unknown, *counts[unknown:]]


def _rates(counts: Values, seconds: float) -> list[float | None]:
    return [None if number is None else number / seconds for number in counts]


def _peak(values: Values, text: Callable[[float | None], str]) -> str:
    return text(_most(values))


def _whole(number: float | None) -> str:
    return "-" if number is None else count(int(number))
