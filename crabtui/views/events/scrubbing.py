"""The keys that move through time: along the axis, nearer and further, and back to now."""

from typing import Final

from textual.containers import Vertical
from textual.message import Message

from crabtui.data.events.density import ZOOMS, width_text
from crabtui.data.past.scrub import Scrub
from crabtui.data.wording import SECOND
from crabtui.messages import Said
from crabtui.views.telling import tell

FAR: Final = 10
"""Buckets that a long step goes."""


class MomentChosen(Message):
    """All views should show this moment, UTC microseconds; None: now."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        super().__init__()


class Scrubbing(Vertical):
    """Actions of a view that has a `Scrub`."""

    scrub = Scrub()
    now_at = 0

    def turn_scrub(self, scrub: Scrub) -> None:
        """Look at another stretch of time."""
        raise NotImplementedError

    def show_moment(self, at: int | None) -> None:
        """Somebody chose a moment elsewhere, UTC microseconds; None: now."""
        raise NotImplementedError

    def go_to_moment(self, scrub: Scrub) -> None:
        """Look at another moment, and tell everybody."""
        if scrub != self.scrub:
            moved = scrub.at != self.scrub.at
            self.turn_scrub(scrub)
            if moved:
                tell(self, MomentChosen(scrub.at))

    def do_scrub_back(self) -> None:
        """One bucket earlier."""
        self._step(-1)

    def do_scrub_on(self) -> None:
        """One bucket later."""
        self._step(1)

    def do_scrub_far_back(self) -> None:
        """Ten buckets earlier."""
        self._step(-FAR)

    def do_scrub_far_on(self) -> None:
        """Ten buckets later."""
        self._step(FAR)

    def do_go_live(self) -> None:
        """Now, and everything moves again."""
        if self.scrub.is_live:
            tell(self, Said("this is now"))
        self.go_to_moment(self.scrub.live())

    def do_zoom_near(self) -> None:
        """Buckets that are less wide."""
        self._zoom(1)

    def do_zoom_far(self) -> None:
        """Buckets that are wider."""
        self._zoom(-1)

    def show_range(self, seconds: int) -> None:
        """Zoom so that about this much time is on the screen."""
        wide = [zoom for zoom in ZOOMS if zoom * self.scrub.count >= seconds]
        wanted = wide[0] if wide else ZOOMS[-1]
        place = ZOOMS.index(min(ZOOMS, key=lambda zoom: abs(zoom - self.scrub.bucket_s)))
        self._zoom(place - ZOOMS.index(wanted))

    def _step(self, buckets: int) -> None:
        if buckets > 0 and self.scrub.is_live:
            return tell(self, Said("this is now: ← goes back in time"))
        return self.go_to_moment(self.scrub.moved(buckets, self.now_at))

    def _zoom(self, steps: int) -> None:
        zoomed = self.scrub.zoomed(steps, self.now_at) if steps else self.scrub
        if zoomed.bucket_s == self.scrub.bucket_s and steps:
            ends = f"{width_text(ZOOMS[0])} to {width_text(ZOOMS[-1])}"
            return tell(self, Said(f"buckets are {ends} wide"))
        return self.turn_scrub(zoomed)

    def oldest_at(self) -> int:
        """Where the screen begins, UTC microseconds."""
        scrub = self.scrub
        last = scrub.bucket_of(self.now_at) if scrub.last is None else scrub.last
        return (last - scrub.count + 1) * scrub.bucket_s * SECOND
