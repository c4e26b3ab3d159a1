"""The table of what recurs: when next, and how the last run went."""

from crabtui.data.admin.cron_lines import matter_text, next_text
from crabtui.data.fitting import cells, fit
from crabtui.data.glyphs import Cell, Token
from crabtui.data.wording import age
from crabtui.views.line_table import LineTable
from engine.control.views import CronView

WIDE = 120
NEXT = 14
LAST = 22
BAD = frozenset({"failed", "timeout"})


class CronTable(LineTable[CronView]):
    """The cursor holds the name of a schedule."""

    def key_of(self, row: CronView) -> str:
        return row.name

    def head(self, width: int) -> str:
        zone = f" {'ZONE':<20}" if width >= WIDE else ""
        name, spec = _widths(width)
        return f" {'CRON':<{name}} {'SCHEDULE':<{spec}}{zone} {'NEXT':<{NEXT}} LAST RUN"

    def line(self, row: CronView, width: int, *, here: bool) -> list[Cell]:
        name, spec = _widths(width)
        line: list[Cell] = [
            ("▌" if here else " ", "accent"),
            (f"{fit(row.name, name)} ", "accent" if here else "text"),
            (fit(row.spec, spec), "text"),
        ]
        if width >= WIDE:
            line.append((f" {fit(row.zone, 20)}", "muted"))
        next_ = fit(next_text(row, self.now_at), NEXT)
        line.append((f" {next_} ", "muted" if row.paused_by else "link"))
        line += self._last(row)
        room = width - sum(cells(text) for text, _ in line) - 1
        return [*line, (fit(f"  {matter_text(row)}", max(room, 0)).rstrip(), "warn")]

    def _last(self, row: CronView) -> list[Cell]:
        """`#12 4m ago failed`; a fresh one has none."""
        if row.last_job is None:
            return [(fit("-", LAST), "muted")]
        state = row.last_state or "gone"
        token: Token = "bad" if state in BAD else "run" if state == "running" else "muted"
        ago = f"#{row.last_job} {age(row.last_at, self.now_at)} ago "
        return [(ago, "text"), (fit(state, max(LAST - cells(ago), 9)), token)]


def _widths(width: int) -> tuple[int, int]:
    """Of the name and of the schedule."""
    return (24, 22) if width >= WIDE else (14, 12)
