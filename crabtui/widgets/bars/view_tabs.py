"""The second line: the views with their keys, or the tabs of a detail."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.message import Message

from crabtui.widgets.line import Line, Part

ROOMY = 100
"""From this width on there are two spaces between tabs."""


class ViewTabs(Line):
    """Names to choose from; the chosen one stands in brackets."""

    DEFAULT_CSS = """
    ViewTabs { background: $crab-background; }
    """

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, tab: str) -> None:
            self.tab = tab
            super().__init__()

    def __init__(
        self,
        tabs: Sequence[tuple[str, str]],
        active: str = "",
        *,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        """`tabs` are (id, title) in order."""
        super().__init__(ascii_only=ascii_only, id=id, classes=classes)
        self._tabs = tuple(tabs)
        self._active = active or (self._tabs[0][0] if self._tabs else "")

    @property
    def active(self) -> str:
        """Id of the chosen tab."""
        return self._active

    def choose(self, tab: str) -> None:
        """Show this tab as the chosen one."""
        if tab != self._active:
            self._active = tab
            self.refresh()

    def parts(self, width: int) -> Sequence[Part]:
        gap, titles = self._fitted(width)
        parts = [Part(" ")]
        for (tab, _), title in zip(self._tabs, titles, strict=True):
            is_active = tab == self._active
            text = f"[{title}]" if is_active else title
            parts.append(Part(text, "accent" if is_active else "muted", is_active, tab))
            parts.append(Part(gap))
        return parts

    def _fitted(self, width: int) -> tuple[str, list[str]]:
        """The gap and the titles: as they are, else closer, else of the others their keys."""
        full = [title for _, title in self._tabs]
        close = [title.replace(" ", "", 1) for title in full]
        forms = [("  ", full)] if width >= ROOMY else []
        for gap, titles in (*forms, (" ", full), (" ", close)):
            if sum(map(cell_len, titles)) + len(gap) * (len(titles) - 1) + 4 <= width:
                return gap, titles
        return " ", [
            close[place] if tab == self._active else title[:1]
            for place, (tab, title) in enumerate(self._tabs)
        ]

    def clicked(self, link: str) -> None:
        self.post_message(self.Chosen(link))
