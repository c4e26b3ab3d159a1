"""Names and values, one pair to a line."""

from collections.abc import Sequence
from textwrap import wrap

from rich.cells import cell_len

from crabtui.data.glyphs import Cell, Token
from crabtui.data.sanitize import sanitize
from crabtui.widgets.panes.text_pane import TextPane

Fact = tuple[str, str, Token]
"""Name, value, and the colour of the value."""


class FactsPane(TextPane):
    """Values in a column of their own, wrapped."""

    _facts: tuple[Fact, ...] = ()

    def show(self, facts: Sequence[Fact]) -> None:
        """Draw these pairs."""
        self._facts = tuple(facts)
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        indent = max((cell_len(name) for name, _, _ in self._facts), default=0) + 3
        room = max(width - indent - 1, 10)
        return [line for fact in self._facts for line in _lines(fact, indent, room)]


def _lines(fact: Fact, indent: int, room: int) -> list[list[Cell]]:
    name, value, token = fact
    texts = wrap(sanitize(value), room) or ["-"]
    head = f" {sanitize(name)}"
    return [
        [(head + " " * (indent - cell_len(head)), "muted"), (texts[0], token)],
        *([(" " * indent + text, token)] for text in texts[1:]),
    ]
