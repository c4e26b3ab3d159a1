"""What every full screen of the console has: header, tabs, body, status line, keys."""

from collections.abc import Iterable, Sequence
from typing import Final

from textual import events, on
from textual.app import ComposeResult
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

from crabtui.data.toasts import Toast
from crabtui.places import PLACES
from crabtui.views.body import Body
from crabtui.views.prompting.mode import Mode
from crabtui.widgets.bars.band import Band
from crabtui.widgets.bars.footer_keys import Entry, FooterKeys
from crabtui.widgets.bars.header_bar import HeaderBar, HeaderFacts
from crabtui.widgets.bars.status_line import StatusLine
from crabtui.widgets.bars.view_tabs import ViewTabs
from crabtui.widgets.note_corner import NoteCorner
from crabtui.widgets.notice import Notice
from crabtui.widgets.prompt import Prompt

LEAST: Final = Size(60, 16)
"""Below this there is only a notice; `q` still works."""

TABS: Final = tuple((place.name, f"{place.key} {place.title}") for place in PLACES)


class ConsoleScreen(Screen[None]):
    """A body between the bars; the app tells it what to show."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    ConsoleScreen {
        background: $crab-background; color: $crab-text; layers: default toasts;
    }
    ConsoleScreen > #small { display: none; }
    ConsoleScreen.-small > * { display: none; }
    ConsoleScreen.-small > #small { display: block; }
    """

    def __init__(self, view: str, *, ascii_only: bool) -> None:
        super().__init__()
        self._view = view
        self._mode: Mode | None = None
        self._focused_before: Widget | None = None
        self._focused_when_large: Widget | None = None
        self.ascii_only = ascii_only

    @property
    def body(self) -> Body:
        """What is between the bars now."""
        raise NotImplementedError

    def compose_body(self) -> Iterable[Widget]:
        """The widgets between the bars."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield HeaderBar(ascii_only=self.ascii_only)
        yield ViewTabs(TABS, self._view, ascii_only=self.ascii_only, id="views")
        yield Band(ascii_only=self.ascii_only)
        yield from self.compose_body()
        yield Prompt(ascii_only=self.ascii_only)
        yield StatusLine(ascii_only=self.ascii_only, id="status")
        yield FooterKeys(ascii_only=self.ascii_only)
        yield NoteCorner(ascii_only=self.ascii_only)
        yield Notice(ascii_only=self.ascii_only, id="small")

    def on_resize(self, event: events.Resize) -> None:
        """Below the least size, say so."""
        size = event.size
        small = size.width < LEAST.width or size.height < LEAST.height
        if small and not self.has_class("-small"):
            self._focused_when_large = self.focused
        elif not small and self.has_class("-small") and self._focused_when_large is not None:
            self.call_after_refresh(self._focused_when_large.focus)
        self.set_class(small, "-small")
        if small:
            needed = f"{LEAST.width}x{LEAST.height} needed, {size.width}x{size.height} here"
            self.query_one("#small", Notice).show(((needed, "text"), ("q quits", "muted")))

    @property
    def prompt(self) -> Prompt:
        """Where filters, commands and searches are typed."""
        return self.query_one(Prompt)

    def ask_line(self, mode: Mode) -> None:
        """Open the prompt; `mode` gets what is typed."""
        self._mode = mode
        self._focused_before = self.focused
        self.prompt.open(mode.sign, mode.start, mode.history)

    def end_prompt(self) -> None:
        """Close the prompt and give the focus back."""
        self.prompt.close()
        self._mode = None
        if self._focused_before is not None:
            self._focused_before.focus()

    @on(Prompt.Edited)
    def _prompt_edited(self, event: Prompt.Edited) -> None:
        event.stop()
        if self._mode is not None:
            self._mode.edited(event.text, event.cursor)

    @on(Prompt.Submitted)
    def _prompt_submitted(self, event: Prompt.Submitted) -> None:
        event.stop()
        if self._mode is not None:
            self._mode.submitted(event.text)

    @on(Prompt.Closed)
    def _prompt_closed(self, event: Prompt.Closed) -> None:
        event.stop()
        if self._mode is not None:
            self._mode.closed()

    @on(Prompt.BackedOut)
    def _prompt_backed_out(self, event: Prompt.BackedOut) -> None:
        event.stop()
        if self._mode is not None:
            self._mode.backed_out()

    def show_head(self, facts: HeaderFacts) -> None:
        """Fill the header."""
        self.query_one(HeaderBar).show(facts)

    def show_band(self, text: str, remedy: str = "") -> None:
        """Say that what is shown is not now, and how to come back; empty: it is."""
        self.query_one(Band).show(text, remedy)

    def say(self, text: str, *, bad: bool = False) -> None:
        """Say something in the status line until something else is said."""
        self.query_one("#status", StatusLine).show(text, "bad" if bad else "text")

    def unsay(self, text: str) -> None:
        """Take this out of the status line, if it is still there."""
        self.query_one("#status", StatusLine).unsay(text)

    def show_right(self, text: str) -> None:
        """Facts at the right end of the status line."""
        self.query_one("#status", StatusLine).show_right(text)

    def show_toasts(self, toasts: Sequence[Toast]) -> None:
        """Show these notes in the corner."""
        self.query_one(NoteCorner).show(toasts)

    def show_keys(self, entries: Sequence[Entry]) -> None:
        """Teach these keys."""
        self.query_one(FooterKeys).show(entries)
