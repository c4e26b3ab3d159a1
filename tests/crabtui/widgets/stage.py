"""An app that holds one widget and remembers what it posts."""

from typing import Any, Generic, TypeVar

from textual.app import App, ComposeResult
from textual.message import Message
from textual.widget import Widget

from crabtui import theme

W = TypeVar("W", bound=Widget)


class Stage(App[None], Generic[W]):
    """Shows `widget`; its own messages are in `heard`."""

    def __init__(self, widget: W, *, theme_name: str = theme.DEFAULT, **options: Any):
        super().__init__(**options)
        self.widget = widget
        self.heard: list[Message] = []
        for each in theme.THEMES.values():
            self.register_theme(each)
        self.theme = theme_name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.variables(theme.DEFAULT)

    def compose(self) -> ComposeResult:
        yield self.widget

    async def _on_message(self, message: Message) -> None:
        self.heard.append(message)
        await super()._on_message(message)

    def on_mount(self) -> None:
        self.widget.focus()

    def of(self, kind: type[Message]) -> list[Any]:
        return [message for message in self.heard if isinstance(message, kind)]


def lines(widget: Widget) -> list[str]:
    """What the widget draws now, as plain text."""
    return [widget.render_line(y).text for y in range(widget.size.height)]
