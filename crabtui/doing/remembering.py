"""From one start to the next: where the last session ended, and where this one does."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textual.widget import Widget

from crabtui.addresses import Address
from crabtui.options import BY_NAME
from crabtui.places import NAMES
from crabtui.session import Session, load, save
from crabtui.views.keeping import Keeps, Placed

if TYPE_CHECKING:
    from crabtui.desk import Desk

KEPT: Final = ("bell",)
"""Options that are kept, beside the theme and UTC."""

USUAL: Final = "jobs"
SOME: Final = 10
"""From so many jobs on the first look is at how it goes."""


class Remembering:
    """The session of the start before, and this one's."""

    def __init__(
        self, app: "Desk", path: Path | None, address: Address | None, *, is_fresh: bool
    ) -> None:
        self._app = app
        self._path = path
        self.before = Session() if path is None or is_fresh else load(path)
        self._address = address
        kept = self.before.view
        self.first = address or Address(view=kept if kept in NAMES else USUAL)
        """Where this one begins."""
        self._is_usual = address is None and not kept

    def take_up(self) -> None:
        """Set the options that were kept, as far as they still mean something."""
        for name in KEPT:
            value = self.before.options.get(name, "")
            if value in BY_NAME[name].values:
                BY_NAME[name].change(self._app, value)

    def settle(self, jobs: int) -> None:
        """It is known how many jobs there are: with a few of them, begin where all is seen."""
        if self._is_usual and jobs >= SOME and self._app.main.shown == USUAL:
            self._app.travel.go("pulse")

    def maker(self, name: str, make: Callable[[], Widget]) -> Callable[[], Widget]:
        """What makes the view `name` as it was left, or as the address wants it."""

        def made() -> Widget:
            view = make()
            if isinstance(view, Keeps):
                view.recall(self.before.views.get(name, {}))
            address = self._address
            if isinstance(view, Placed) and address is not None and address.view == name:
                view.look_at(address)
                self._address = None
            return view

        return made

    def keep(self) -> None:
        """Keep the look for the next start; a folder that takes no file loses only that.

        Who only looks, perhaps from a browser, leaves no trace.
        """
        if self._path is None or self._app.never_acts:
            return
        try:
            save(self._path, self.now())
        except OSError:
            self._app.log.warning("the session could not be kept")

    def now(self) -> Session:
        """What to come back to; of views that were not visited, what was kept before."""
        app = self._app
        kept: dict[str, dict[str, Any]] = {}
        for name in NAMES:
            view = app.main.view(name)
            if isinstance(view, Keeps):
                kept[name] = dict(view.kept)
        return Session(
            view=app.main.shown,
            views={**self.before.views, **kept},
            utc=app.utc,
            theme=app.theme,
            options={name: BY_NAME[name].now(app) for name in KEPT},
            filters=tuple(app.filters),
            lines=tuple(app.lines),
        )
