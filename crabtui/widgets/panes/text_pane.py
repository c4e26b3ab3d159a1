"""A titled pane of coloured lines that scrolls and can be selected: base of the panes."""

from collections.abc import Sequence
from traceback import format_exception
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from crabtui import theme
from crabtui.data.fitting import fit
from crabtui.data.glyphs import Cell, Token, to_ascii
from crabtui.data.sanitize import sanitize


class TextPane(ScrollView, can_focus=True):
    """Shows the lines that `compose_lines` gives for its width, under a title."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"pane--raised", *theme.TOKEN_CLASSES}
    DEFAULT_CSS = """
    TextPane {
        background: $crab-background;
        color: $crab-text;
        overflow: hidden hidden;
        scrollbar-size: 0 0;
        height: 1fr;
    }
    TextPane > .pane--raised { background: $crab-raised; text-style: $crab-cursor-style; }
    """ + theme.token_css("TextPane")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "roll(1)", "down", id="text.down", show=False),
        Binding("k,up", "roll(-1)", "up", id="text.up", show=False),
        Binding("g,home", "roll_to(0)", "first", id="text.first", show=False),
        Binding("G,end", "roll_to(-1)", "last", id="text.last", show=False),
        Binding("ctrl+d", "roll_page(0.5)", "half down", id="text.half_down", show=False),
        Binding("ctrl+u", "roll_page(-0.5)", "half up", id="text.half_up", show=False),
        Binding("pagedown", "roll_page(1)", "page down", id="text.page_down", show=False),
        Binding("pageup", "roll_page(-1)", "page up", id="text.page_up", show=False),
        Binding("y", "copy_report", "copy report", id="text.copy_report", show=False),
        Binding("r", "try_again", "retry", id="text.try_again", show=False),
    ]
    counts_hidden: ClassVar[bool] = False
    """Whether its title says how many lines are below the edge."""
    fixed: int = 0
    """Lines at the top that stay where they are while the others scroll."""
    ascii_only: reactive[bool] = reactive(False)
    title: reactive[str] = reactive("")

    class ReportWanted(Message):
        """The traceback of a pane that failed should go to the clipboard."""

        def __init__(self, report: str) -> None:
            self.report = report
            super().__init__()

    def __init__(
        self,
        *,
        title: str = "",
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(TextPane.ascii_only, ascii_only)
        self.set_reactive(TextPane.title, title)
        self._lines: Sequence[list[Cell]] = []
        self._failure: Exception | None = None
        self._styles: dict[Token, Style] | None = None

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        """The pane's content for a width, in sanitised cells."""
        raise NotImplementedError

    def is_raised(self, place: int) -> bool:  # noqa: ARG002 - for those that have a cursor
        """Whether a line stands on the ground of the cursor."""
        return False

    def relay(self) -> None:
        """Make the lines anew: what they show, or the width, has changed."""
        lines = self._composed(max(self.size.width, 1))
        if lines == self._lines:
            return
        if len(lines) + self._top != self.virtual_size.height:
            self.virtual_size = Size(0, len(lines) + self._top)
        self._lines = lines
        self.refresh()

    def _composed(self, width: int) -> list[list[Cell]]:
        """The lines; of a pane that fails, what went wrong, and the rest lives on."""
        try:
            lines = [list(line) for line in self.compose_lines(width)]
        except Exception as error:
            self._failure = error
            return [
                [(sanitize(f"This pane failed: {error!r}")[: width - 1], "bad")],
                [("[y] copy report  [r] retry", "muted")],
            ]
        self._failure = None
        return lines

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of a failure are free where nothing has failed."""
        if action in ("copy_report", "try_again"):
            return self._failure is not None
        return super().check_action(action, parameters)

    def action_copy_report(self) -> None:
        """Hand out the traceback."""
        if self._failure is not None:
            self.post_message(self.ReportWanted("".join(format_exception(self._failure))))

    def action_try_again(self) -> None:
        """Compose the pane once more."""
        self.relay()

    def action_roll(self, by: int) -> None:
        """Scroll by some lines."""
        self.scroll_to(y=max(self.scroll_offset.y + by, 0), animate=False, force=True)

    def action_roll_page(self, pages: float) -> None:
        self.action_roll(int(pages * self.size.height) or (1 if pages > 0 else -1))

    def action_roll_to(self, line: int) -> None:
        """Scroll to a line from the top; -1 is the end."""
        y = self.max_scroll_y if line < 0 else line
        self.scroll_to(y=y, animate=False, force=True)

    def on_mouse_scroll_down(self) -> None:
        self.action_roll(3)

    def on_mouse_scroll_up(self) -> None:
        self.action_roll(-3)

    @property
    def _top(self) -> int:
        return 1 if self.title else 0

    def render_line(self, y: int) -> Strip:
        styles = self._styles or self._load_styles()
        if y < self._top:
            return self._title_strip(styles)
        place = y - self._top
        if place >= self.fixed:
            place += self.scroll_offset.y
        cells = self._lines[place] if place < len(self._lines) else ()
        base = self._raised() if self.is_raised(place) else self._base()
        is_old = self.has_class("-stale")
        segments = [
            Segment(self._shown(text), base + styles["muted" if is_old else token])
            for text, token in cells
        ]
        strip = Strip(segments).adjust_cell_length(self.size.width, base)
        return self._selected(strip, place).apply_offsets(0, place)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, as it is read."""
        text = "\n".join("".join(text for text, _ in line) for line in self._lines)
        return selection.extract(text), "\n"

    def _selected(self, strip: Strip, place: int) -> Strip:
        selection = self.text_selection
        span = None if selection is None else selection.get_span(place)
        if span is None:
            return strip
        start, end = span[0], strip.cell_length if span[1] == -1 else span[1]
        style = self.screen.get_component_rich_style("screen--selection")
        parts = list(strip.divide([start, end, strip.cell_length]))
        parts[1:2] = [part.apply_style(style) for part in parts[1:2]]
        return Strip.join(parts)

    def _title_strip(self, styles: dict[Token, Style]) -> Strip:
        base, width = self._base(), self.size.width
        name = fit(f" {self._shown(self.title)} ", min(len(self.title) + 2, width))
        more = f" {self._hidden} more lines " if self.counts_hidden and self._hidden > 0 else ""
        rule = ("-" if self.ascii_only else "─") * max(width - len(name) - len(more), 0) + more
        lit = self.has_focus
        name_style = base + styles["accent" if lit else "muted"] + Style(bold=lit)
        return Strip([Segment(name, name_style), Segment(rule, base + styles["line"])], width)

    @property
    def _hidden(self) -> int:
        """How many lines are below the edge."""
        return len(self._lines) + self._top - self.scroll_offset.y - self.size.height

    def _shown(self, text: str) -> str:
        return to_ascii(text) if self.ascii_only else text

    def _base(self) -> Style:
        ground = self.rich_style
        return Style(color=ground.color, bgcolor=ground.bgcolor)

    def _raised(self) -> Style:
        style = self.get_component_rich_style("pane--raised")
        return self._base() + Style(bgcolor=style.bgcolor, reverse=style.reverse)

    def _load_styles(self) -> dict[Token, Style]:
        self._styles = theme.token_styles(self)
        return self._styles

    def notify_style_update(self) -> None:
        """The theme or the focus changed."""
        super().notify_style_update()
        self._styles = None

    def watch_title(self) -> None:
        self.refresh()

    def watch_ascii_only(self) -> None:
        self.refresh()

    def on_resize(self) -> None:
        self.relay()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()
