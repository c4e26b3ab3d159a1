"""All keys in a dialog; typing narrows them, enter runs the one under the cursor."""

from collections.abc import Iterator
from textwrap import wrap

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from crabtui.acts.situation import Situation
from crabtui.data.glyphs import to_ascii
from crabtui.data.sanitize import sanitize
from crabtui.dialogs.dialog import Dialog
from crabtui.dialogs.key_rows import KeyRow, key_rows
from crabtui.keymap import Keymap

MOVES = {
    "down": "cursor_down",
    "up": "cursor_up",
    "pagedown": "page_down",
    "pageup": "page_up",
}
KEYS = 17
"""Cells for the keys, before what they do."""


class Help(Dialog[str]):
    """Keys that work here, then the rest; answers the id of the action to run."""

    AUTO_FOCUS = "Input"
    DEFAULT_CSS = """
    Help > #frame { width: 84; max-width: 96%; height: 92%; padding: 0 1; }
    Help Input { width: 100%; margin-bottom: 1; background: $crab-surface; }
    Help OptionList {
        height: 1fr; width: 100%; padding: 0; border: none; background: $crab-surface;
        scrollbar-size-vertical: 1;
    }
    Help OptionList > .option-list--option-highlighted {
        background: $crab-raised; color: $crab-text; text-style: $crab-cursor-style;
    }
    Help OptionList > .option-list--option-disabled { color: $crab-text; }
    """

    def __init__(self, keymap: Keymap, now: Situation, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._keymap = keymap
        self._now = now
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        with Vertical(id="frame") as frame:
            frame.border_title = Content(self._plain(self._title))
            frame.border_subtitle = Content("enter runs   esc closes")
            yield Input(placeholder="type to search", select_on_focus=False, compact=True)
            yield OptionList(markup=False)

    @property
    def _title(self) -> str:
        """Which keys these are, and where they can be changed."""
        path = self._keymap.path
        return f"keys: {self._keymap.preset}" + (f"  {path}" if path else "")

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self.query_one(OptionList).can_focus = False
        self.call_after_refresh(self._fill, "")

    def on_resize(self) -> None:
        """Lines are wrapped anew."""
        self._fill(self.query_one(Input).value)

    @on(Input.Changed)
    def _narrowed(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._list.action_select()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option.id is not None:
            self.dismiss(event.option.id)

    def on_key(self, event: Key) -> None:
        """Arrows and pages move in the list; the search keeps the focus."""
        if event.key in MOVES:
            event.stop()
            event.prevent_default()
            getattr(self._list, f"action_{MOVES[event.key]}")()

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    def _fill(self, wanted: str) -> None:
        rows = key_rows(self._keymap, self._now, wanted)
        self._list.set_options(self._option(row) for row in rows)
        self._list.action_first()

    def _option(self, row: KeyRow) -> Option:
        parts = list(self._parts(row))
        return Option(Content.assemble(*parts), id=row.action or None, disabled=row.is_title)

    def _parts(self, row: KeyRow) -> Iterator[tuple[str, str]]:
        if row.is_title:
            yield row.text, "bold"
            return
        keys = "$crab-muted" if row.why_not else "$crab-accent"
        tone = "$crab-warn" if row.is_fault else "$crab-muted" if row.why_not else ""
        indent = KEYS if row.keys or row.action else 2
        yield f"{f'  {self._plain(row.keys)}':<{indent}}", keys
        yield self._wrapped(row.text, indent), tone
        if row.why_not:
            yield f"\n{' ' * indent}{self._wrapped(f'not now: {row.why_not}', indent)}", keys

    def _wrapped(self, text: str, indent: int) -> str:
        """The text in lines, all but the first of them indented."""
        room = max(self._list.size.width - indent - 2, 20)
        return f"\n{' ' * indent}".join(wrap(self._plain(text), room))

    def _plain(self, text: str) -> str:
        harmless = sanitize(text)
        return to_ascii(harmless) if self._ascii else harmless
