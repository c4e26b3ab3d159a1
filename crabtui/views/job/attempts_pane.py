"""The attempts of a job, newest first: a list to choose a log from."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from crabtui.data.glyphs import Cell
from crabtui.data.job import attempt_lines
from crabtui.data.job.attempt_lines import Moment
from crabtui.data.wording import Zone
from crabtui.views.telling import tell
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import AttemptView


class AttemptsPane(TextPane):
    """One line for each attempt, and more where there is more to say of it."""

    fixed = 1
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "choose(1)", show=False),
        Binding("k,up", "choose(-1)", show=False),
    ]

    class Opened(Message):
        """The log of this attempt is to be shown."""

        def __init__(self, attempt: int) -> None:
            self.attempt = attempt
            super().__init__()

    _attempts: tuple[AttemptView, ...] = ()
    _now = Moment(0, Zone())
    _chosen: int | None = None
    """The number of an attempt; None: the newest, whichever that is."""
    _places: tuple[int, ...] = ()
    """Of each line below the titles, the number of its attempt."""

    def show(self, attempts: Sequence[AttemptView], now_at: int, zone: Zone) -> None:
        """Draw these attempts, given oldest first; also to let time pass."""
        self._attempts, self._now = tuple(attempts), Moment(now_at, zone)
        self.relay()

    @property
    def chosen(self) -> int | None:
        """The number of the attempt under the cursor."""
        numbers = self._numbers
        if self._chosen in numbers:
            return self._chosen
        return numbers[0] if numbers else None

    def action_choose(self, by: int) -> None:
        """Move the cursor to the next attempt, or the one before."""
        numbers, chosen = self._numbers, self.chosen
        if chosen is None:
            return
        place = min(max(numbers.index(chosen) + by, 0), len(numbers) - 1)
        self._chosen = numbers[place]
        self.relay()
        self._reveal()

    def action_open(self) -> None:
        """Show the log of the attempt under the cursor."""
        if self.chosen is not None:
            tell(self, self.Opened(self.chosen))

    def is_raised(self, place: int) -> bool:
        """The first line of the attempt under the cursor, while there is a choice."""
        if len(self._attempts) < 2 or self.chosen is None:
            return False
        return place == 1 + self._places.index(self.chosen)

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if not self._attempts:
            return [[(" no attempt yet", "muted")]]
        lines: list[list[Cell]] = [[(attempt_lines.head(width), "muted")]]
        places: list[int] = []
        for attempt in reversed(self._attempts):
            told = list(attempt_lines.remarks(attempt, width))
            lines += [self._line(attempt, width), *told]
            places += [attempt.number] * (1 + len(told))
        self._places = tuple(places)
        return lines

    def _line(self, attempt: AttemptView, width: int) -> list[Cell]:
        here = len(self._attempts) > 1 and attempt.number == self.chosen
        cells = attempt_lines.line(attempt, width, self._now)
        return [("▌" if here else " ", "accent"), (" ", "muted"), *cells]

    @property
    def _numbers(self) -> list[int]:
        return [attempt.number for attempt in reversed(self._attempts)]

    def _reveal(self) -> None:
        if self.chosen is None:
            return
        line = 1 + self._places.index(self.chosen)
        room = self.size.height - 1
        last = line + self._places.count(self.chosen) - 1
        if last >= self.scroll_offset.y + room:
            self.action_roll(last - self.scroll_offset.y - room + 1)
        elif line <= self.scroll_offset.y:
            self.action_roll(line - self.scroll_offset.y - 1)
