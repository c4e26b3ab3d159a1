"""Where filters and commands are typed: suggestions below, a caret under what is wrong."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from crabtui.data.sanitize import sanitize
from crabtui.data.suggest import Suggestion
from crabtui.widgets.line import Line, Part


class _Entry(Input):
    """One line of text whose special keys go to the prompt around it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "say('complete')", show=False, priority=True),
        Binding("up", "say('older')", show=False),
        Binding("down", "say('newer')", show=False),
        Binding("escape", "say('close')", show=False),
        Binding("ctrl+u", "say('clear')", show=False),
    ]

    class Said(Message):
        """A key that means something to the prompt."""

        def __init__(self, word: str) -> None:
            self.word = word
            super().__init__()

    def action_say(self, word: str) -> None:
        self.post_message(self.Said(word))

    def action_cursor_right(self, select: bool = False) -> None:
        if self.cursor_position == len(self.value) and not select:
            self.action_say("complete")
        else:
            super().action_cursor_right(select)

    def action_delete_left(self) -> None:
        if self.value:
            super().action_delete_left()
        else:
            self.action_say("back")


class _Below(Line):
    """Suggestions, or what is wrong."""

    DEFAULT_CSS = """
    _Below { background: $crab-surface; display: none; }
    _Below.-shown { display: block; }
    """
    shown_parts: tuple[Part, ...] = ()

    class Picked(Message):
        """A suggestion was clicked."""

        def __init__(self, place: int) -> None:
            self.place = place
            super().__init__()

    def show(self, parts: Sequence[Part]) -> None:
        self.shown_parts = tuple(parts)
        self.set_class(bool(parts), "-shown")
        self.refresh()

    def parts(self, width: int) -> Sequence[Part]:  # noqa: ARG002 - it is cut to it anyway
        return self.shown_parts

    def clicked(self, link: str) -> None:
        self.post_message(self.Picked(int(link)))


class Prompt(Vertical):
    """Hidden until it is opened. Posts every edit; is told what to suggest or refuse."""

    DEFAULT_CSS = """
    Prompt { height: auto; display: none; background: $crab-surface; }
    Prompt.-open { display: block; }
    Prompt > Horizontal { height: 1; }
    Prompt #sign { width: auto; height: 1; padding: 0 0 0 1; color: $crab-accent; }
    Prompt _Entry, Prompt _Entry:focus {
        border: none; height: 1; padding: 0; width: 1fr;
        background: $crab-surface; color: $crab-text;
    }
    """

    class Edited(Message):
        """The text or the place of the caret in it changed."""

        def __init__(self, text: str, cursor: int) -> None:
            self.text, self.cursor = text, cursor
            super().__init__()

    class Submitted(Message):
        """Enter."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    class Closed(Message):
        """Escape: the prompt has gone, nothing was submitted."""

    class BackedOut(Message):
        """Backspace in an empty prompt."""

    def __init__(
        self,
        *,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii = ascii_only
        self._history: tuple[str, ...] = ()
        self._turned = 0
        self._draft = ""
        self._suggestions: tuple[Suggestion, ...] = ()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(Content("/"), id="sign")
            entry = _Entry(compact=True)
            entry.cursor_blink = False
            yield entry
        yield _Below(ascii_only=self._ascii)

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    @property
    def value(self) -> str:
        """What is typed now."""
        return self._entry.value

    def open(self, sign: str, text: str = "", history: Sequence[str] = ()) -> None:
        """Show the prompt with `text` in it and take the focus; `history` newest last."""
        self._history, self._turned, self._draft = tuple(history), 0, text
        self.query_one("#sign", Static).update(Content(sign))
        self.add_class("-open")
        self._write(text)
        self._below.show(())
        self._entry.focus()
        self.post_message(self.Edited(text, len(text)))

    def ask_again(self) -> None:
        """Have what is typed looked at once more: more is known by now."""
        if self.is_open:
            self.post_message(self.Edited(self.value, self._entry.cursor_position))

    def close(self) -> None:
        """Hide the prompt; who opened it takes the focus back."""
        self.remove_class("-open")
        self._suggestions = ()
        self._below.show(())

    def write(self, text: str) -> None:
        """Put this text in, the caret at its end."""
        self._write(text)

    def show_suggestions(self, suggestions: Sequence[Suggestion]) -> None:
        """Offer these, the likeliest first; they replace what was offered or refused."""
        self._suggestions = tuple(suggestions)
        self._below.show(self._offered())

    def show_error(self, text: str, at: int | None = None) -> None:
        """Say what is wrong, with a caret under the character `at`."""
        self._suggestions = ()
        self._below.show((Part(self._under(sanitize(text), at), "bad"),))

    def _offered(self) -> list[Part]:
        parts = [Part("   ")] if self._suggestions else []
        for place, each in enumerate(self._suggestions):
            is_first = place == 0
            text = sanitize(each.text)
            parts.append(Part(text, "accent" if is_first else "text", is_first, str(place)))
            parts.append(Part(_told(each, is_first), "muted"))
            parts.append(Part("  "))
        return parts

    def _under(self, text: str, at: int | None) -> str:
        if at is None:
            return f"   {text}"
        entry = self._entry
        before = entry.value[: min(at, len(entry.value))]
        column = max(2 + cell_len(before) - round(entry.scroll_x), 2)
        if column + 2 + cell_len(text) > self.size.width and cell_len(text) + 2 < column:
            return " " * (column - cell_len(text) - 1) + f"{text} ^"
        return " " * column + f"^ {text}"

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Edited(event.value, self._entry.cursor_position))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted(event.value))

    @on(_Below.Picked)
    def _picked(self, event: _Below.Picked) -> None:
        event.stop()
        self._take(event.place)

    @on(_Entry.Said)
    def _said(self, event: _Entry.Said) -> None:
        event.stop()
        match event.word:
            case "complete":
                self._take(0)
            case "older":
                self._turn(1)
            case "newer":
                self._turn(-1)
            case "clear":
                self._write("")
            case "back":
                self.post_message(self.BackedOut())
            case "close":
                self.close()
                self.post_message(self.Closed())

    def _take(self, place: int) -> None:
        if place >= len(self._suggestions):
            return
        chosen = self._suggestions[place]
        value = self._entry.value
        self._entry.value = value[: chosen.start] + chosen.text + value[chosen.end :]
        self._entry.cursor_position = chosen.start + len(chosen.text)
        self._entry.focus()

    def _turn(self, by: int) -> None:
        """Go back or forth in the history; before its newest entry lies the draft."""
        if self._turned == 0:
            self._draft = self._entry.value
        self._turned = min(max(self._turned + by, 0), len(self._history))
        self._write(self._history[-self._turned] if self._turned else self._draft)

    def _write(self, text: str) -> None:
        self._entry.value = text
        self._entry.cursor_position = len(text)

    @property
    def _entry(self) -> _Entry:
        return self.query_one(_Entry)

    @property
    def _below(self) -> _Below:
        return self.query_one(_Below)


def _told(each: Suggestion, is_first: bool) -> str:
    """How many jobs have it, or what it means."""
    if each.count is not None:
        return f" {each.count:,}"
    return f" {sanitize(each.hint)}" if is_first else ""
