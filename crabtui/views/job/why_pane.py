"""Why a job waits, gate by gate, and what could be done about it: a list to choose from."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from crabtui.acts.what_ifs import Option
from crabtui.data.glyphs import Cell
from crabtui.data.job import failure_lines
from crabtui.data.sanitize import sanitize
from crabtui.topics.failures import Failure
from crabtui.widgets.panes.gates_pane import GatesPane
from engine.control.views import Explanation

HEAD = 2
"""Lines above the what-ifs: however many gates follow, those are in sight."""


class WhyPane(GatesPane):
    """What-ifs, then gates; the cursor is on one of those and nothing is done by it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "choose(1)", show=False),
        Binding("k,up", "choose(-1)", show=False),
    ]

    options: tuple[Option, ...] = ()
    _chosen = ""
    _story: Failure | None = None

    def tell_of(self, failure: Failure | None) -> None:
        """What is known of how the job failed goes before its gates."""
        self._story = failure
        self.relay()

    def offer(self, why: Explanation | None, options: Sequence[Option], now_at: int) -> None:
        """Draw this explanation and these acts; the cursor stays on its act."""
        self.options = tuple(options)
        labels = [option.label for option in options]
        if self._chosen not in labels:
            self._chosen = labels[0] if labels else ""
        self.show(why, now_at)

    @property
    def option(self) -> Option | None:
        """The act under the cursor."""
        return next((each for each in self.options if each.label == self._chosen), None)

    def action_choose(self, by: int) -> None:
        """Move the cursor among the acts; at their ends, scroll."""
        labels = [option.label for option in self.options]
        place = labels.index(self._chosen) + by if self._chosen in labels else -1
        if not 0 <= place < len(labels):
            return self.action_roll(by)
        self._chosen = labels[place]
        self.relay()
        return self._reveal(HEAD + 1 + place)

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        gates = [*self._failed(width), *map(list, super().compose_lines(width))]
        if not self.options:
            return gates
        title: list[Cell] = [(" what if ", "text"), ("enter looks; nothing is done", "muted")]
        offers = [self._line(option) for option in self.options]
        return [*gates[:HEAD], title, *offers, [], *gates[HEAD:]]

    def _failed(self, width: int) -> list[list[Cell]]:
        known = self._story
        if known is None:
            return []
        alike = [row.id for row in known.alike]
        return list(failure_lines.lines(known.stderr, known.fp, alike, known.total, width))

    def _line(self, option: Option) -> list[Cell]:
        here = option.label == self._chosen
        sign = "▌" if here else " "
        return [(f" {sign} ", "accent"), (sanitize(option.label), "accent" if here else "text")]

    def _reveal(self, line: int) -> None:
        line = 0 if line == HEAD + 1 else line
        room = self.size.height - self._top
        if line >= self.scroll_offset.y + room:
            self.action_roll(line - self.scroll_offset.y - room + 1)
        elif line < self.scroll_offset.y:
            self.action_roll(line - self.scroll_offset.y)
