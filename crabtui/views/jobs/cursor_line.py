"""The job under the cursor in one line, where there is no room for its preview."""

from textual.content import Content
from textual.widgets import Static

from crabtui.data.glyphs import to_ascii
from crabtui.data.wording import state_text
from engine.control.views import JobRow

LONGEST_NAME = 60


class CursorLine(Static):
    """Says what a narrow table had to cut."""

    DEFAULT_CSS = """
    CursorLine {
        height: 2; padding: 0 1; color: $crab-muted;
        border-top: solid $crab-line;
    }
    """

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(Content(""), id="line")
        self._ascii = ascii_only

    def show(self, row: JobRow | None, now_at: int) -> None:
        """Say how this job stands as of `now_at`; nothing for None."""
        text = "" if row is None else _said(row, now_at)
        self.update(Content(to_ascii(text) if self._ascii else text))


def _said(row: JobRow, now_at: int) -> str:
    place = f" on {row.worker_id}" if row.worker_id else ""
    why = f": {row.note}" if row.note else ""
    return f"#{row.id} {row.name[:LONGEST_NAME]}  {state_text(row, now_at)}{place}{why}"
