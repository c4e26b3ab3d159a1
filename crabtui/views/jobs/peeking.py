"""A list with a preview beside it: what it asks for then, and where that is placed."""

from crabtui.messages import Aimed
from crabtui.topics.jobs import STORY
from crabtui.topics.tails import TAIL, TailAim
from crabtui.views.jobs.turning import Turning
from crabtui.views.split import PreviewSplit
from crabtui.views.telling import tell


class Peeking(Turning):
    """What the Jobs view does with its preview."""

    split: PreviewSplit

    @property
    def preview_wish(self) -> str:
        """Where a preview is wished, to be remembered."""
        return self.split.wish

    def do_preview(self) -> None:
        """Off, right, below, in turn."""
        self.split.turn()
        self.set_class(self.split.has_preview, "-has-preview")
        self.aim_preview()

    def aim_preview(self) -> None:
        """Ask for the job under the cursor, and for the end of its log if it ever started."""
        seen = self.split.has_preview and not self.look.group
        row = self.table.cursor_row if seen else None
        tell(self, Aimed(STORY, self.table.cursor_id if seen else None))
        tell(self, Aimed(TAIL, TailAim(job=row.id) if row and row.started_at else None))

    def end_preview(self) -> None:
        """Ask for nothing any more."""
        tell(self, Aimed(STORY, None))
        tell(self, Aimed(TAIL, None))
