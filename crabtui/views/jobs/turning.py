"""The keys that look at a list in another way: what they narrow, and how they sort."""

from dataclasses import replace

from textual import on
from textual.widget import Widget

from crabtui.messages import Said, Wanted
from crabtui.views.jobs.look import Look
from crabtui.views.telling import tell
from crabtui.widgets.bars.chips import Chips
from crabtui.widgets.table.virtual_table import VirtualTable


class Turning(Widget):
    """Actions of a view that has a `Look`."""

    look: Look

    def turn(self, look: Look) -> None:
        """Look at the list in another way."""
        raise NotImplementedError

    def do_problems(self) -> None:
        """Show only what went wrong, or all again."""
        self.turn(replace(self.look, problems=not self.look.problems))

    def do_sort_before(self) -> None:
        """Sort by the column before."""
        self.turn(self.look.stepped(-1))

    def do_sort_after(self) -> None:
        """Sort by the next column."""
        self.turn(self.look.stepped(1))

    def do_invert(self) -> None:
        """Turn the order round."""
        self.turn(replace(self.look, descending=not self.look.descending))

    @property
    def table(self) -> VirtualTable:
        """The list."""
        return self.query_one(VirtualTable)

    def do_unfold(self) -> None:
        """Show the members of the array under the cursor."""
        row = self.table.cursor_row
        if row is None or not row.members:
            return tell(self, Said("only arrays unfold: rows with a sign before the name"))
        if not self.look.folds:
            return tell(self, Said("the filter looks for single jobs: nothing is folded"))
        return self.turn(self.look.with_array(row.id, unfolded=True))

    def do_fold(self) -> None:
        """Fold the members of the array under the cursor, or around it, away."""
        row = self.table.cursor_row
        array = None if row is None else row.id if row.members else row.array
        if array not in self.look.unfolded or array is None:
            return tell(self, Said("no array is unfolded here"))
        self.table.go_to(array)
        return self.turn(self.look.with_array(array, unfolded=False))

    @on(Chips.Removed)
    def _chip_removed(self, event: Chips.Removed) -> None:
        event.stop()
        self.turn(self.look.without(event.chip))

    @on(VirtualTable.SortWanted)
    def _sort_wanted(self, event: VirtualTable.SortWanted) -> None:
        event.stop()
        self.turn(self.look.sorted_by(event.column))

    @on(VirtualTable.MenuWanted)
    def _menu_wanted(self, event: VirtualTable.MenuWanted) -> None:
        event.stop()
        tell(self, Wanted("menu"))

    @on(VirtualTable.Refused)
    def _refused(self, event: VirtualTable.Refused) -> None:
        event.stop()
        tell(self, Said(event.why, bad=True))
