"""A list and the preview of what its cursor is on, beside it or below it."""

from typing import Final

from textual.app import ComposeResult
from textual.containers import Container

from crabtui.data.wording import Zone
from crabtui.messages import Came
from crabtui.topics.jobs import JobStory
from crabtui.topics.tails import TAIL
from crabtui.views.jobs.preview import Preview
from crabtui.widgets.panes.facts_pane import FactsPane

PLACES: Final = ("off", "right", "below")
ROOMY: Final = 160
"""From this width on there is a preview unasked."""
TALL: Final = 36
"""From this height on there is room for more than the list and the preview."""
BESIDE: Final = 140
LEAST: Final = 100
"""Below this width there is none, whatever is wished."""


class PreviewSplit(Container):
    """Holds a list that is given, and places its own preview as there is room."""

    DEFAULT_CSS = """
    PreviewSplit { height: 1fr; layout: horizontal; }
    PreviewSplit.-below { layout: vertical; }
    PreviewSplit.-off Preview { display: none; }
    PreviewSplit.-right Preview { width: 57; }
    PreviewSplit.-below Preview { height: 14; }
    """

    def __init__(self, wish: str, *, ascii_only: bool) -> None:
        super().__init__(classes="-off")
        self.wish = wish
        """One of PLACES, or anything else to decide by the width."""
        self._ascii = ascii_only
        self._width = 0

    def compose(self) -> ComposeResult:
        yield Preview(ascii_only=self._ascii)

    @property
    def has_preview(self) -> bool:
        """Whether one is in sight."""
        return self._wished != "off" and self._width >= LEAST

    @property
    def title(self) -> str:
        """The job that the preview shows."""
        return self._preview.query_one(FactsPane).title

    def place(self, width: int) -> None:
        """Put the preview where it fits within `width` cells."""
        self._width = width
        place = self._wished if self.has_preview else "off"
        if place == "right" and width < BESIDE:
            place = "below"
        for name in PLACES:
            self.set_class(name == place, f"-{name}")

    def turn(self) -> None:
        """Off, right, below, in turn."""
        self.wish = PLACES[(PLACES.index(self._wished) + 1) % len(PLACES)]
        self.place(self._width)

    def show_story(self, story: JobStory, now_at: int) -> None:
        """Fill the preview."""
        self._preview.show_story(story, now_at)

    def came(self, event: Came) -> None:
        """Take the end of a job's log, or why it cannot be read."""
        if event.topic is TAIL:
            tail = event.of(TAIL)
            data = tail.data if tail is not None else b""
            self._preview.show_tail(event.aim.job, data, event.refusal(TAIL))

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._preview.show_zone(zone)

    def tick(self, now_at: int) -> None:
        """Let time pass."""
        if self.has_preview:
            self._preview.tick(now_at)

    @property
    def _preview(self) -> Preview:
        return self.query_one(Preview)

    @property
    def _wished(self) -> str:
        if self.wish in PLACES:
            return self.wish
        return "right" if self._width >= ROOMY else "off"
