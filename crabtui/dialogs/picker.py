"""Picking one of a few things: a priority, a sort column, an action."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from crabtui.data.glyphs import to_ascii
from crabtui.dialogs.dialog import Dialog

FRAME: Final = 18
"""Cells at both sides of a hint: border, padding, scroll bar, and some of what is below."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to pick."""

    id: str
    label: str
    hint: str = ""
    key: str = ""
    """The key that picks it at once, as people read it."""
    disabled: bool = False


class Picker(Dialog[str]):
    """Answers the id of the choice that was picked with Enter, or with its own key."""

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "step(1)", show=False),
        Binding("k", "step(-1)", show=False),
        Binding("q", "walk_away", show=False),
    ]
    DEFAULT_CSS = """
    Picker > #frame { padding: 1 2; width: auto; min-width: 30; }
    Picker OptionList {
        width: auto; max-width: 100%; height: auto; max-height: 24; margin-top: 1;
        padding: 0; border: none; background: $crab-surface;
        scrollbar-size-vertical: 1;
    }
    Picker OptionList:focus { border: none; }
    Picker OptionList > .option-list--option-highlighted {
        background: $crab-raised; color: $crab-text; text-style: $crab-cursor-style;
    }
    Picker OptionList > .option-list--option-disabled { color: $crab-muted; }
    """

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        chosen: str = "",
        ascii_only: bool = False,
    ) -> None:
        super().__init__()
        self._title = title
        self.choices = tuple(choices)
        self._chosen = chosen
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        with Vertical(id="frame"):
            yield Static(Content.styled(self._plain(self._title), "bold"))
            yield OptionList(*(self._option(each) for each in self.choices), markup=False)

    def on_mount(self) -> None:
        ids = [choice.id for choice in self.choices]
        if self._chosen in ids:
            self.query_one(OptionList).highlighted = ids.index(self._chosen)

    def action_step(self, by: int) -> None:
        """Move the highlight."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if by > 0 else options.action_cursor_up()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option.id)

    def on_key(self, event: Key) -> None:
        """A choice's own key picks it."""
        for choice in self.choices:
            if choice.key and event.character == choice.key and not choice.disabled:
                event.stop()
                self.dismiss(choice.id)
                return

    def _option(self, choice: Choice) -> Option:
        width = max(len(each.label) for each in self.choices)
        keys = max(3, *(len(each.key) for each in self.choices)) + 1
        content = Content.assemble(
            (f"{choice.key:<{keys}}", "$crab-accent" if not choice.disabled else "$crab-muted"),
            f"{self._plain(choice.label):<{width}}",
            (self._hint(choice.hint, width + keys + 3), "$crab-muted"),
        )
        return Option(content, id=choice.id, disabled=choice.disabled)

    def _hint(self, hint: str, indent: int) -> str:
        """The hint beside the label; where it is long, line below line."""
        room = max(self.app.size.width - indent - FRAME, 16)
        lines = wrap(self._plain(hint), room)
        return "   " + f"\n{' ' * indent}".join(lines) if lines else ""

    def _plain(self, text: str) -> str:
        return to_ascii(text) if self._ascii else text
