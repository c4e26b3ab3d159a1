"""The keys that choose jobs: one, a range, all that match, and what is chosen alone."""

from dataclasses import replace

from crabtui.messages import Said, SituationChanged
from crabtui.views.jobs.look import MOST_MARKED
from crabtui.views.jobs.turning import Turning
from crabtui.views.telling import tell


class Marking(Turning):
    """Actions of a list of jobs that can be marked."""

    all_matching: str | None = None
    """The query of `*`: every job that matches it is a target."""

    @property
    def matched(self) -> str:
        """How many jobs match, in words."""
        raise NotImplementedError

    def mark_loaded(self) -> None:
        """Show every job that is loaded as marked."""
        raise NotImplementedError

    def do_mark(self) -> None:
        """Mark and move down."""
        self.table.action_mark()

    def do_mark_range(self) -> None:
        """Begin or end a range."""
        self.table.action_range()

    def do_mark_all(self) -> None:
        """Target everything that matches, loaded or not."""
        self.all_matching = self.look.query
        self.mark_loaded()
        tell(self, Said(f"all {self.matched} that match are marked; esc unmarks"))
        tell(self, SituationChanged())

    def do_only_marked(self) -> None:
        """Show only marked jobs, or all again."""
        if self.look.only is not None:
            return self.turn(replace(self.look, only=None))
        marks = tuple(sorted(self.table.marks))
        if not marks or self.all_matching is not None:
            return tell(self, Said("nothing is marked one by one: space marks"))
        if len(marks) > MOST_MARKED:
            return tell(self, Said(f"at most {MOST_MARKED} marked jobs can be shown alone"))
        return self.turn(replace(self.look, only=marks))
