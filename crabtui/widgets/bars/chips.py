"""What narrows a list, one chip for each part; a click takes one away."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.message import Message

from crabtui.data.fitting import fit
from crabtui.data.sanitize import sanitize
from crabtui.widgets.line import Line, Part

LONGEST = 40
"""Cells of one chip."""
SHORTEST = 12
"""Cells of one that is cut for want of room."""
MORE = 8
"""Cells that say how many chips there is no room for."""


class Chips(Line):
    """A title, the chips, and what is in view at the right end."""

    DEFAULT_CSS = """
    Chips { background: $crab-background; }
    """

    _title = ""
    _chips: tuple[str, ...] = ()
    _right = ""
    _pill = ""

    class Removed(Message):
        """The chip at this place was clicked."""

        def __init__(self, chip: int) -> None:
            self.chip = chip
            super().__init__()

    class PillPressed(Message):
        """The pill that tells of new rows was clicked."""

    def show(self, title: str, chips: Sequence[str], right: str = "", *, new: int = 0) -> None:
        """Draw these; `new` rows wait behind the pill."""
        pill = f"+{new} new" if new else ""
        now = (title, tuple(map(sanitize, chips)), right, pill)
        if now != (self._title, self._chips, self._right, self._pill):
            self._title, self._chips, self._right, self._pill = now
            self.refresh()

    def parts(self, width: int) -> Sequence[Part]:
        parts = [Part(f" {self._title} ", "muted")]
        ends = (self._right, self._pill)
        room = width - sum(cell_len(part.text) for part in parts)
        parts += self._drawn(room - sum(cell_len(end) + 2 for end in ends if end) - 1)
        if self._pill:
            parts += [Part("  "), Part(self._pill, "accent", bold=True, link="new")]
        left = sum(cell_len(part.text) for part in parts)
        gap = width - left - cell_len(self._right) - 1
        if gap < 1:
            return parts
        return [*parts, Part(" " * gap), Part(self._right, "muted"), Part(" ")]

    def _drawn(self, room: int) -> list[Part]:
        """As many chips as there is room for, the last one cut; the others are counted."""
        parts: list[Part] = []
        for place, chip in enumerate(self._chips):
            left = len(self._chips) - place
            most = min(room - 3 - (MORE if left > 1 else 0), LONGEST)
            if most < min(cell_len(chip), SHORTEST):
                return [*parts, Part(f" +{left} more", "link")]
            text = f"⟨{fit(chip, min(cell_len(chip), most))}⟩"
            parts += [Part(" "), Part(text, "link", link=str(place))]
            room -= cell_len(text) + 1
        return parts

    def clicked(self, link: str) -> None:
        if link == "new":
            self.post_message(self.PillPressed())
        else:
            self.post_message(self.Removed(int(link)))
