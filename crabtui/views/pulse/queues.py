"""Queues in a few lines: how full each is, what waits in it, and how that goes."""

from collections.abc import Sequence

from crabtui.data import pressure
from crabtui.data.fitting import fit
from crabtui.data.gauges import bar
from crabtui.data.glyphs import Cell
from crabtui.data.trends import per_s, sparkline
from crabtui.data.wording import age, count
from crabtui.views.pulse.table import PulseTable
from engine.control.views import QueueView

WIDE = 64
ROOMY = 91
"""From this width on it is told how many are pending: they wait for other jobs or a time."""
LEAST = 37
"""Below this width it is not told how long the first has waited."""
BUSY = ("running", "queued", "pending", "retrying")


def busiest(queues: Sequence[QueueView], before: Sequence[str] = ()) -> list[QueueView]:
    """Those with something in them first, most jobs that wait first; then by name.

    Args:
        queues: In any order.
        before: Names of those that stay at the top, in this order.
    """
    places = {name: place for place, name in enumerate(before)}
    ranked = sorted(queues, key=_place)
    return sorted(ranked, key=lambda queue: places.get(queue.name, len(before)))


def _place(queue: QueueView) -> tuple[bool, int, int, str]:
    waiting = queue.queued + queue.pending + queue.retrying
    is_idle = not waiting and not queue.running and queue.paused_at is None
    return is_idle, -waiting, -queue.running, queue.name


class PulseQueues(PulseTable[QueueView]):
    """The cursor holds a queue's name."""

    def key_of(self, row: QueueView) -> str:
        return row.name

    def head(self, width: int) -> str:
        name, gauge, running = _widths(width)
        begin = f"   {'QUEUE':<{name}} {'RUNNING':<{gauge + 1 + running}}"
        begin += f"{'QUEUED':>7}" + (f" {'PENDING':>7}" if width >= ROOMY else "")
        begin += f" {'OLDEST':>6}" if width >= LEAST else ""
        return f"{begin} {'IN/s':>5} {'OUT/s':>5}  15m depth" if width >= WIDE else begin

    def line(self, row: QueueView, width: int, *, here: bool) -> list[Cell]:
        name, gauge, running = _widths(width)
        limit = "-" if row.limit is None else str(row.limit)
        oldest = age(row.oldest_queued_at, self.now_at) if row.queued else "-"
        line: list[Cell] = [
            ("▌" if here else " ", "accent"),
            _sign(row),
            (f" {fit(row.name, name)} ", "accent" if here else "text"),
            *_gauge(row, gauge),
            (f" {fit(f'{row.running}/{limit}', running)}", "text"),
            (f"{count(row.queued):>7}", "text" if row.queued else "muted"),
            (f" {count(row.pending):>7}" if width >= ROOMY else "", "muted"),
            (f" {oldest:>6}" if width >= LEAST else "", "muted"),
        ]
        taken = 3 + name + 1 + gauge + 1 + running + _waiting(width)
        return [*line, *_rates(row, width - taken - 12)] if width >= WIDE else line


def _widths(width: int) -> tuple[int, int, int]:
    """Of a name, which gets what the others leave, up to 20; of the gauge; of its words."""
    gauge, running, rates = (8, 7, 12 + 17) if width >= WIDE else (6, 5, 0)
    name = width - 3 - 1 - gauge - 1 - running - _waiting(width) - rates
    return max(6, min(20, name)), gauge, running


def _waiting(width: int) -> int:
    """Of how many are queued and pending, and of how long the first has waited."""
    return 7 + (8 if width >= ROOMY else 0) + (7 if width >= LEAST else 0)


def _sign(queue: QueueView) -> Cell:
    if queue.paused_at is not None:
        return "‖", "block"
    return ("●", "run") if queue.running else ("○", "wait" if queue.queued else "muted")


def _gauge(queue: QueueView, width: int) -> list[Cell]:
    if queue.paused_at is not None and not queue.running:
        return [(fit("paused", width), "block")]
    return bar(queue.running, queue.limit, width)


def _rates(queue: QueueView, room: int) -> list[Cell]:
    """Per second, over the last minute; and the depth of the last 15 minutes."""
    width = max(min(room - 3, 15), 8)
    return [
        (f" {per_s(queue.came_per_min):>5} {per_s(queue.ends_per_min):>5}", "muted"),
        (f"  {sparkline(queue.depths[-15:], width)}", pressure.token(queue.mode)),
    ]
