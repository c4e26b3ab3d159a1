"""What wants attention, one line to a matter, and where enter leads from it."""

from crabtui.data.attention_lines import all_clear, glyph_of, standing, text_of
from crabtui.data.fitting import cells, fit
from crabtui.data.glyphs import Cell, Token
from crabtui.data.wording import UTC_ZONE, Zone, age
from crabtui.views.pulse.table import PulseTable
from engine.control.views import AttentionView
from engine.model.attention import Matter

SUBJECT = 12
AGE = 6
WIDE_SUBJECT = 18
WIDE = 90


class MatterTable(PulseTable[Matter]):
    """The cursor holds the key of a matter."""

    has_head = False
    fixed = 0
    _zone: Zone = UTC_ZONE
    _clear = ""

    def key_of(self, row: Matter) -> str:
        return row.key

    def head(self, width: int) -> str:
        return " " * width

    def nothing(self) -> Cell:
        return f" {self._clear}", "ok"

    def show_view(self, view: AttentionView, zone: Zone) -> None:
        """Draw what wants attention now; if nothing does, since when."""
        self._clear = all_clear(view, zone)
        told = standing(view)
        self.title = f"Attention  {told}" if told else "Attention"
        if self._clear and view.matters:
            self.title = f"Attention  {self._clear}, {told}"
        self.show(view.matters)

    def line(self, row: Matter, width: int, *, here: bool) -> list[Cell]:
        glyph = glyph_of(row)
        is_known = bool(row.acknowledged_by)
        subject = WIDE_SUBJECT if width >= WIDE else SUBJECT
        jump = row.jump if width - cells(row.jump) > 56 else ""
        room = width - 4 - subject - 1 - AGE - (cells(jump) + 3 if jump else 1)
        text = fit(text_of(row, self.now_at), max(room, 0))
        return [
            ("▌" if here else " ", "accent"),
            (f" {glyph.sign} ", glyph.token),
            (fit(row.subject, subject), _tone(here=here, is_known=is_known)),
            (f" {_age(row, self.now_at):>{AGE}}", "muted"),
            (f" {text}", "muted" if is_known else "text"),
            (f"  {jump} " if jump else "", "muted" if is_known else "link"),
        ]


def _age(matter: Matter, now_at: int) -> str:
    return "" if matter.since_at is None else age(matter.since_at, now_at)


def _tone(*, here: bool, is_known: bool) -> Token:
    if here:
        return "accent"
    return "muted" if is_known else "text"
