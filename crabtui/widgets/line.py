"""One line of coloured text with parts that can be clicked: base of bars and strips."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from crabtui import theme
from crabtui.data.glyphs import Token, to_ascii


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line. `link` is handed back when it is clicked."""

    text: str
    token: Token = "text"  # noqa: S105 - a colour's meaning
    bold: bool = False
    link: str | None = None
    raised: bool = False
    """On the raised ground; in brackets where grounds cannot be seen."""


def part_strip(
    parts: Sequence[Part],
    width: int,
    styles: dict[Token, Style],
    ground: Style,
    raised: Style,
    *,
    ascii_only: bool = False,
) -> Strip:
    """The parts one after the other in exactly `width` cells."""
    segments = []
    for part in parts:
        text = to_ascii(part.text) if ascii_only else part.text
        style = ground + (raised if part.raised else Style.null()) + styles[part.token]
        segments.append(Segment(text, style + Style(bold=True) if part.bold else style))
    return Strip(segments).adjust_cell_length(width, ground)


class Line(Widget):
    """Draws `parts()`; a click on a part with a link calls `clicked`."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line--raised", *theme.TOKEN_CLASSES}
    DEFAULT_CSS = """
    Line { height: 1; width: 1fr; background: $crab-background; color: $crab-text; }
    Line > .line--raised { background: $crab-raised; text-style: $crab-cursor-style; }
    """ + theme.token_css("Line")

    ascii_only: reactive[bool] = reactive(False)

    def __init__(
        self,
        *,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(Line.ascii_only, ascii_only)
        self._styles: dict[Token, Style] | None = None
        self._grounds = (Style.null(), Style.null())

    def parts(self, width: int) -> Sequence[Part]:
        """What the line shows in `width` cells."""
        raise NotImplementedError

    def clicked(self, link: str) -> None:
        """A part with this link was clicked."""

    def render_line(self, y: int) -> Strip:
        styles = self._styles or self._load_styles()
        ground, raised = self._grounds
        parts = self.parts(self.size.width) if y == 0 else ()
        width = self.size.width
        return part_strip(parts, width, styles, ground, raised, ascii_only=self.ascii_only)

    def on_click(self, event: events.Click) -> None:
        x = 0
        for part in self.parts(self.size.width) if event.y == 0 else ():
            x += cell_len(part.text)
            if event.x < x:
                if part.link is not None:
                    event.stop()
                    self.clicked(part.link)
                return

    def notify_style_update(self) -> None:
        """The theme changed."""
        super().notify_style_update()
        self._styles = None

    def _load_styles(self) -> dict[Token, Style]:
        self._styles = theme.token_styles(self)
        ground = self.rich_style
        raised = self.get_component_rich_style("line--raised")
        self._grounds = (
            Style(color=ground.color, bgcolor=ground.bgcolor),
            Style(bgcolor=raised.bgcolor, reverse=raised.reverse),
        )
        return self._styles
