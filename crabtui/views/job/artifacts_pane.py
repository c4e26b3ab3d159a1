"""What a job's attempts left: a list to read from."""

from collections.abc import Sequence

from msgspec.structs import replace
from textual import events

from crabtui.data.glyphs import Cell
from crabtui.data.job import artifact_lines
from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.views.line_table import LineTable
from engine.control.views import ArtifactsView, ArtifactView


class ArtifactsPane(LineTable[ArtifactView]):
    """One line a file; below them what is still to come."""

    _found: ArtifactsView | None = None
    _error = ""
    _zone: Zone = UTC_ZONE

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self.id = self.title = "artifacts"

    def key_of(self, row: ArtifactView) -> str:
        return str(row.id)

    def head(self, width: int) -> str:
        return artifact_lines.head(width)

    def line(self, row: ArtifactView, width: int, *, here: bool) -> list[Cell]:
        return artifact_lines.line(row, width, self.now_at, self._zone, here=here)

    def take(
        self, found: ArtifactsView | None, error: str, until_at: int | None = None
    ) -> None:
        """Draw these, or those that had come by then; `error`: why there are none to draw."""
        if found is not None and until_at is not None:
            had = tuple(one for one in found.artifacts if one.at <= until_at)
            found = replace(found, artifacts=had, collections=())
        self._found, self._error = found, error
        self.show(found.artifacts if found is not None else ())

    def show_times(self, now_at: int, zone: Zone) -> None:
        """Show times in this zone, seen from now."""
        self.now_at, self._zone = now_at, zone
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._found is None:
            return [[(f" {self._error}", "bad")]] if self._error else ()
        rest = list(artifact_lines.below(self._found, width))
        if not self.rows:
            return [[(" no file was kept of it (--output PATH)", "muted")], *rest]
        return [*super().compose_lines(width), *rest]

    def on_click(self, event: events.Click) -> None:
        """The first two lines are the title and the header."""
        place = event.y - 1 - self._top + self.scroll_offset.y
        if 0 <= place < len(self.rows):
            self._go(place)
