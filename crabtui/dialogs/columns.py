"""Choosing columns: which are shown, in which order, and how wide."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from crabtui.data.glyphs import to_ascii
from crabtui.data.table.arranging import ALL, AUTOMATIC, WIDEST, Arrangement, format_arrangement
from crabtui.data.table.columns import NAME, Column
from crabtui.dialogs.dialog import Dialog

LEAST = 2
HELP = (
    "space shows or hides   < > move   + - width\na as usual   enter takes them   esc goes back"
)


class ColumnsDialog(Dialog[str]):
    """Answers the columns as `parse_arrangement` reads them."""

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "step(1)", show=False),
        Binding("k", "step(-1)", show=False),
        Binding("space", "switch", show=False),
        Binding("less_than_sign", "shift(-1)", show=False),
        Binding("greater_than_sign", "shift(1)", show=False),
        Binding("plus,equals_sign", "widen(1)", show=False),
        Binding("minus,underscore", "widen(-1)", show=False),
        Binding("a", "usual", show=False),
        Binding("q", "walk_away", show=False),
    ]
    DEFAULT_CSS = """
    ColumnsDialog > #frame { padding: 1 2; min-width: 40; }
    ColumnsDialog OptionList {
        width: auto; max-width: 100%; height: auto; max-height: 50vh; margin: 1 0;
        padding: 0; border: none; background: $crab-surface;
        scrollbar-size-vertical: 1;
    }
    ColumnsDialog OptionList:focus { border: none; }
    ColumnsDialog OptionList > .option-list--option-highlighted {
        background: $crab-raised; color: $crab-text; text-style: $crab-cursor-style;
    }
    ColumnsDialog #help { color: $crab-muted; }
    """

    def __init__(
        self, wish: Arrangement, shown: Sequence[Column], *, ascii_only: bool = False
    ) -> None:
        super().__init__()
        self._ascii = ascii_only
        self._shown = list(wish.keys or (column.key for column in shown))
        self._widths = dict(wish.widths)
        self._order = [*self._shown, *(key for key in ALL if key not in self._shown)]

    @property
    def arrangement(self) -> Arrangement:
        """What is chosen now."""
        keys = [key for key in self._order if key in self._shown]
        widths = {key: width for key, width in self._widths.items() if key in keys}
        return Arrangement(keys=tuple(keys), widths=tuple(widths.items()))

    def compose(self) -> ComposeResult:
        with Vertical(id="frame"):
            yield Static(Content.styled("columns", "bold"))
            yield OptionList(markup=False)
            yield Static(Content(HELP), id="help")

    def on_mount(self) -> None:
        self._draw(0)

    def action_step(self, by: int) -> None:
        """Move the highlight."""
        options = self._options
        options.action_cursor_down() if by > 0 else options.action_cursor_up()

    def action_switch(self) -> None:
        """Show this column, or hide it; names always stay."""
        key = self._key
        if key in self._shown and key != NAME.key:
            self._shown.remove(key)
        elif key not in self._shown:
            self._shown.append(key)
        self._draw(self._place)

    def action_shift(self, by: int) -> None:
        """Move this column to the left or right of its neighbour."""
        here, there = self._place, self._place + by
        if 0 <= there < len(self._order):
            order = self._order
            order[here], order[there] = order[there], order[here]
            self._draw(there)

    def action_widen(self, by: int) -> None:
        """Make this column wider or narrower; names take what is left."""
        key = self._key
        if key != NAME.key:
            now = self._widths.get(key, ALL[key].width)
            self._widths[key] = min(max(now + by, LEAST), WIDEST)
            self._draw(self._place)

    def action_usual(self) -> None:
        """The columns that go with the width of the table."""
        self.dismiss(format_arrangement(AUTOMATIC))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(format_arrangement(self.arrangement))

    def _draw(self, place: int) -> None:
        options = self._options
        options.clear_options()
        options.add_options([Option(self._line(key), id=key) for key in self._order])
        options.highlighted = place

    def _line(self, key: str) -> Content:
        is_shown = key in self._shown
        width = "rest" if key == NAME.key else str(self._widths.get(key, ALL[key].width))
        sign = ("●" if is_shown else "○") if not self._ascii else ("x" if is_shown else ".")
        title = to_ascii(ALL[key].title) if self._ascii else ALL[key].title
        return Content.assemble(
            (f" {sign} ", "$crab-accent" if is_shown else "$crab-muted"),
            (f"{title:<10}", "$crab-text" if is_shown else "$crab-muted"),
            (f"{width:>5}", "$crab-muted"),
        )

    @property
    def _options(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def _place(self) -> int:
        return self._options.highlighted or 0

    @property
    def _key(self) -> str:
        return self._order[self._place]
