"""The tables of the Admin view: tenants, limits, settings, and the command log."""

from crabtui.data.admin.audit_lines import AuditRow
from crabtui.data.admin.limit_rows import LimitRow
from crabtui.data.fitting import cells, fit
from crabtui.data.gauges import bar
from crabtui.data.glyphs import Cell, Token
from crabtui.data.wording import UTC_ZONE, Zone, clock, count
from crabtui.views.line_table import LineTable
from engine.control.views import SettingView, TenantView

GAUGE = 10
WIDE = 120


def _mark(*, here: bool) -> Cell:
    return ("▌" if here else " ", "accent")


def _fill(line: list[Cell], text: str, width: int, token: Token) -> list[Cell]:
    """The line with `text` in what is left of the width."""
    room = width - sum(cells(each) for each, _ in line) - 1
    return [*line, (fit(text, max(room, 0)).rstrip(), token)]


def _name(*, here: bool) -> Token:
    return "accent" if here else "text"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


class TenantTable(LineTable[TenantView]):
    """The cursor holds a tenant and namespace."""

    def key_of(self, row: TenantView) -> str:
        return f"{row.tenant}/{row.namespace or ''}"

    def head(self, width: int) -> str:  # noqa: ARG002
        return f" {'TENANT':<22} {'WEIGHT':>6} {'SHARE':>6} {'RUNNING':>8} {'QUEUED':>8}  TAKES"

    def line(self, row: TenantView, width: int, *, here: bool) -> list[Cell]:
        space = f"  {row.namespace}" if row.namespace is not None else ""
        line: list[Cell] = [
            _mark(here=here),
            (fit(space or row.tenant, 22), _name(here=here)),
            (f" {row.weight:>6}", "muted" if row.weight == 1 else "text"),
            (f" {row.share:>6.0%}", "text" if row.share else "muted"),
            (f" {count(row.running):>8}", "run" if row.running else "muted"),
            (f" {count(row.queued):>8}", "text" if row.queued else "muted"),
        ]
        takes = ", ".join(_takes(name, amount) for name, amount in row.taken.items() if amount)
        return _fill(line, f"  {takes or '-'}", width, "muted")


def _takes(name: str, amount: int) -> str:
    return f"{amount / 1_000:g} cpus" if name == "cpu_milli" else f"{amount:,} {name}"


class LimitTable(LineTable[LimitRow]):
    """The cursor holds whose limit it is, and of what."""

    def key_of(self, row: LimitRow) -> str:
        return f"{row.of} {row.what}"

    def head(self, width: int) -> str:  # noqa: ARG002
        taken = f"{'TAKEN':<{GAUGE}} {'NOW':>9} {'MOST':>9}"
        return f" {'LIMIT OF':<24} {'WHAT':<9} {taken}  {'BY':<7} NOTE"

    def line(self, row: LimitRow, width: int, *, here: bool) -> list[Cell]:
        is_full = row.now >= row.most
        line: list[Cell] = [
            _mark(here=here),
            (fit(row.of, 24), _name(here=here)),
            (f" {fit(row.what, 9)} ", "muted"),
            *bar(round(min(row.part, 1.0) * 1_000), 1_000, GAUGE, "warn" if is_full else "run"),
            (f" {_amount(row.now):>9}", "warn" if is_full else "text"),
            (f" {_amount(row.most):>9}", "text"),
            (f"  {fit(row.source, 7)} ", "muted"),
        ]
        return _fill(line, row.note, width, "block")


class SettingTable(LineTable[SettingView]):
    """The cursor holds the key of a setting; those that somebody set stand out."""

    def key_of(self, row: SettingView) -> str:
        return row.key

    def head(self, width: int) -> str:
        key, value, source = _setting_widths(width)
        more = "  MEANING" if width >= WIDE else ""
        return f" {'SETTING':<{key}} {'VALUE':<{value}} {'FROM':<{source}}{more}"

    def line(self, row: SettingView, width: int, *, here: bool) -> list[Cell]:
        key, value, source = _setting_widths(width)
        is_given = row.source != "default"
        line: list[Cell] = [
            _mark(here=here),
            (fit(row.key, key), _name(here=here)),
            (f" {fit(row.value, value)}", "text" if is_given else "muted"),
            (f" {_end_of(row.source, source)}", "link" if is_given else "muted"),
        ]
        return _fill(line, f"  {row.about}", width, "muted") if width >= WIDE else line


def _end_of(text: str, width: int) -> str:
    """In `width` cells; of a long path the end, where its line is."""
    return fit(text if cells(text) <= width else f"…{text[1 - width :]}", width)


def _setting_widths(width: int) -> tuple[int, int, int]:
    if width >= WIDE:
        return 34, 18, 30
    return 32, 14, max(width - 32 - 14 - 4, 8)


class AuditTable(LineTable[AuditRow]):
    """The cursor holds an act."""

    zone: Zone = UTC_ZONE

    def key_of(self, row: AuditRow) -> str:
        return row.key

    def head(self, width: int) -> str:
        by, what = _audit_widths(width)
        return f" {'WHEN':<8} {'BY':<{by}} {'ACT':<{what}}   OUTCOME"

    def line(self, row: AuditRow, width: int, *, here: bool) -> list[Cell]:
        by, what = _audit_widths(width)
        token: Token = "warn" if row.is_bad else "text"
        line: list[Cell] = [
            _mark(here=here),
            (clock(row.at, self.zone), "muted"),
            (f" {fit(row.by, by)} ", "muted"),
            (fit(row.what, what), _name(here=here)),
            (" u " if row.has_undo else "   ", "accent"),
        ]
        why = f"  {row.why}" if row.why else ""
        return _fill(line, f"{row.outcome}{why}", width, token)


def _audit_widths(width: int) -> tuple[int, int]:
    """Of who, and of what."""
    return (18, 56) if width >= WIDE else (14, max(width - 56, 16))
