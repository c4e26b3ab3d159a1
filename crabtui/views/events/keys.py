"""The keys of the list of events: what is shown of it, folds, errors, marks."""

from dataclasses import replace

from crabtui.data.events.book import EventBook
from crabtui.messages import Aimed, Said, Wanted
from crabtui.topics.events import NEXT_EVENT, NextAim
from crabtui.views.events.look import EventLook
from crabtui.views.events.scrubbing import Scrubbing
from crabtui.views.telling import tell
from crabtui.widgets.table.event_table import EventTable
from engine.model.events import Event
from engine.model.levels import LEVELS, Level


class EventKeys(Scrubbing):
    """Actions of a view that has a list of events below an axis of time."""

    look = EventLook()
    book = EventBook()
    unfolded: frozenset[int] = frozenset()
    """Folds of which every event is shown."""
    is_at_list = False
    """The hand was last in the list, and not on the axis: arrows fold there."""
    next_aim: NextAim | None = None
    """The error that is looked for beyond the list."""

    def turn(self, look: EventLook) -> None:
        """Look at the list through another filter."""
        raise NotImplementedError

    def lay(self) -> None:
        """Put the rows of the book into the list."""
        raise NotImplementedError

    @property
    def table(self) -> EventTable:
        """The list."""
        return self.query_one(EventTable)

    @property
    def event(self) -> Event | None:
        """What is under the cursor."""
        return self.table.row.event if self.table.row else None

    def do_event_open(self) -> None:
        """Where this happened: its job, worker or queue."""
        tell(self, Wanted("open_event"))

    def do_only_problems(self) -> None:
        """Warnings and errors alone, or all again."""
        self.turn(replace(self.look, problems=not self.look.problems))

    def do_scrub_back(self) -> None:
        row = self.table.row
        if self.is_at_list and row is not None and (row.is_open or row.is_part):
            return self._fold()
        return super().do_scrub_back()

    def do_scrub_on(self) -> None:
        row = self.table.row
        if self.is_at_list and row is not None and row.can_unfold:
            self.unfolded |= {row.key}
            return self.lay()
        return super().do_scrub_on()

    def _fold(self) -> None:
        place = self.table.place
        while self.table.rows[place].is_part:
            place -= 1
        key = self.table.rows[place].key
        self.unfolded -= {key}
        self.table.action_move(place - self.table.place)
        self.lay()

    def do_next_problem(self) -> None:
        """The next error down the list: an older one."""
        self._go_to_error(older=True)

    def do_previous_problem(self) -> None:
        """The next error up the list: a newer one."""
        self._go_to_error(older=False)

    def _go_to_error(self, *, older: bool) -> None:
        table = self.table
        ahead = range(table.place + 1, len(table.rows)) if older else range(table.place)[::-1]
        for place in ahead:
            if LEVELS[table.rows[place].event.type] is Level.ERR:
                return table.action_move(place - table.place)
        edge = self.book.looked_down_to if older else self.book.looked_up_to
        if not older and self.scrub.is_live and not self.book.has_newer:
            return tell(self, Said("no newer error"))
        self.next_aim = NextAim(where=self.look.errors, seq=edge, is_older=older)
        return tell(self, Aimed(NEXT_EVENT, self.next_aim))

    def do_mark_event(self) -> None:
        """Mark the event, or take its mark away."""
        event = self.event
        if event is not None:
            self.table.show_marks(self.table.marks ^ {event.seq})

    def do_to_mark(self) -> None:
        """Go to the next mark down the list, and from the last to the first."""
        table, here = self.table, self.event
        if not table.marks or here is None:
            return tell(self, Said("no event is marked: m marks one"))
        below = [seq for seq in table.marks if seq < here.seq]
        seq = max(below or table.marks)
        if not table.go_to(seq):
            tell(self, Said(f"#{seq:,} is not in this list now"))
        return None
