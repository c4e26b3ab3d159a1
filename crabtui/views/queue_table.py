"""One line for each queue: its gauge, its backlog, how that went, and who paused it."""

from rich.cells import cell_len

from crabtui.data import pressure
from crabtui.data.fitting import fit
from crabtui.data.gauges import bar
from crabtui.data.glyphs import Cell
from crabtui.data.trends import per_s, sparkline
from crabtui.data.wording import age, count
from crabtui.views.line_table import LineTable
from engine.control.views import QueueView

WIDE = 120


class QueueTable(LineTable[QueueView]):
    """The cursor holds a queue's name."""

    def key_of(self, row: QueueView) -> str:
        return row.name

    def head(self, width: int) -> str:
        name, gauge, depth = _widths(width)
        more = f" {'PENDING':>8} {'RETRY':>6} {'IN/s':>5}" if width >= WIDE else ""
        return (
            f"     {'QUEUE':<{name}} {'RUNNING':<{gauge + 7}} {'QUEUED':>8} {'OLDEST':>6}"
            f"{more} {'OUT/s':>5}  {'15 MIN':<{depth}}  NOTE"
        )

    def line(self, row: QueueView, width: int, *, here: bool) -> list[Cell]:
        name, gauge, depth = _widths(width)
        paused = row.paused_at is not None
        line: list[Cell] = [
            ("▌" if here else " ", "accent"),
            (" ", "muted"),
            ("‖" if paused else " ", "block"),
            ("●" if row.running else "○", "run" if row.running else "wait"),
            (f" {fit(row.name, name)} ", "accent" if here else "text"),
            *bar(row.running, row.limit, gauge),
            (f" {fit(f'{row.running}/{_limit(row)}', 6)}", "text"),
            (f" {_queued(row):>8}", "text" if _counted(row) else "muted"),
            (f" {age(row.oldest_queued_at, self.now_at) if row.queued else '-':>6}", "muted"),
            *(_more(row) if width >= WIDE else ()),
            (f" {per_s(row.ends_per_min):>5}", "muted"),
            (f"  {sparkline(row.depths[-15:], depth)}", pressure.token(row.mode)),
        ]
        room = width - sum(cell_len(text) for text, _ in line) - 2
        note, token = _note(row)
        return [*line, (f"  {fit(note, max(room, 0)).rstrip()}", token)]


def _widths(width: int) -> tuple[int, int, int]:
    """Of name, gauge and sparkline."""
    return (20, 16, 15) if width >= WIDE else (10, 6, 8)


def _limit(queue: QueueView) -> str:
    return "-" if queue.limit is None else str(queue.limit)


def _queued(queue: QueueView) -> str:
    """`412`; where there is a most, what it counts, pending ones too: `412/1000`, `9k/10k`."""
    depth = _counted(queue)
    if queue.max_depth is None:
        return count(depth)
    both = f"{depth}/{queue.max_depth}"
    return both if len(both) <= 8 else f"{_short(depth)}/{_short(queue.max_depth)}"


def _counted(queue: QueueView) -> int:
    """The jobs that are shown as queued."""
    return queue.queued + (queue.pending if queue.max_depth is not None else 0)


def _short(number: int) -> str:
    if number < 1_000:
        return str(number)
    return f"{number // 1_000}k" if number < 1_000_000 else f"{number // 1_000_000}M"


def _more(queue: QueueView) -> list[Cell]:
    return [
        (f" {count(queue.pending):>8}", "text" if queue.pending else "muted"),
        (f" {count(queue.retrying):>6}", "warn" if queue.retrying else "muted"),
        (f" {per_s(queue.came_per_min):>5}", "muted"),
    ]


def _note(queue: QueueView) -> Cell:
    if queue.paused_at is not None:
        why = f": {queue.paused_why}" if queue.paused_why else ""
        return f"paused by {queue.paused_by}{why}", "block"
    if queue.mode != "normal":
        return pressure.short(queue.mode), pressure.token(queue.mode)
    return (f"limit by {queue.limit_from}" if queue.limit_from == "hand" else ""), "muted"
