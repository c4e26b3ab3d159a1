"""A list of jobs that is counted by a field instead: what it asks for and shows then."""

from dataclasses import replace

from textual import on

from crabtui.data.table.group_lines import values_text
from crabtui.messages import Aimed, Said, SituationChanged
from crabtui.topics.groups import GROUPS, GroupsAim
from crabtui.views.jobs.group_table import GroupTable
from crabtui.views.jobs.turning import Turning
from crabtui.views.line_table import LineTable
from crabtui.views.telling import tell
from engine.control.views import GroupsView, GroupView


class Grouping(Turning):
    """What the Jobs view does with groups; it has a `GroupTable` beside its list."""

    _counted: GroupsView | None = None
    """The newest counts."""

    @property
    def groups(self) -> GroupTable:
        """The counted values."""
        return self.query_one(GroupTable)

    @property
    def group(self) -> GroupView | None:
        """The group under the cursor, if jobs are counted now."""
        return self.groups.row if self.look.group else None

    @property
    def counted_groups(self) -> str:
        """How many values there are, in words; empty while jobs are listed."""
        view = self._counted
        is_of = view is not None and view.by == self.look.group
        return values_text(view) if view is not None and is_of else ""

    def aim_groups(self) -> None:
        """Ask for the groups of the present look, or for none."""
        look = self.look
        aim = GroupsAim(by=look.group, where=look.query, fold=look.folds)
        tell(self, Aimed(GROUPS, aim if look.group else None))

    def place_groups(self) -> None:
        """Show either the list or the groups, and put the keys where they belong."""
        grouped = bool(self.look.group)
        self.set_class(grouped, "-grouped")
        self.groups.by = self.look.group
        if self.has_focus_within:
            (self.groups if grouped else self.table).focus()

    def show_groups(self, aim: GroupsAim, view: GroupsView) -> None:
        """Take the counts, unless the view looks elsewhere by now."""
        look = self.look
        if (aim.by, aim.where, aim.fold) != (look.group, look.query, look.folds):
            return
        self.groups.show(view.groups)
        self._counted = view
        self._show_bar()
        tell(self, SituationChanged())

    def open_group(self) -> None:
        """List the jobs of the group under the cursor."""
        group = self.group
        if group is None or not group.where:
            return tell(self, Said("no filter lists these jobs alone"))
        return self.turn(replace(self.look.with_term(group.where), group=""))

    def _show_bar(self) -> None:
        raise NotImplementedError

    @on(LineTable.CursorMoved)
    def _group_moved(self, event: LineTable.CursorMoved) -> None:
        event.stop()
        tell(self, SituationChanged())
