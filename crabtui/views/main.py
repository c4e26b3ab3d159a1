"""The main screen: the views, one of them in sight."""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from textual.widget import Widget
from textual.widgets import ContentSwitcher

from crabtui.views.body import Body
from crabtui.views.console_screen import ConsoleScreen
from crabtui.views.jobs.jobs import JobsView
from crabtui.widgets.bars.view_tabs import ViewTabs


class MainScreen(ConsoleScreen):
    """Views are made at their first visit; hidden ones look at nothing."""

    DEFAULT_CSS = """
    MainScreen > ContentSwitcher { height: 1fr; }
    """

    def __init__(
        self, makers: Mapping[str, Callable[[], Widget]], first: str, *, ascii_only: bool
    ) -> None:
        super().__init__(first, ascii_only=ascii_only)
        self._makers = makers
        self._first = makers[first]()

    def compose_body(self) -> Iterable[Widget]:
        with ContentSwitcher(initial=self._first.id):
            yield self._first

    @property
    def body(self) -> Body:
        return cast(Body, self._switcher.visible_content or self._first)

    @property
    def _switcher(self) -> ContentSwitcher:
        return self.query_one(ContentSwitcher)

    @property
    def jobs(self) -> JobsView | None:
        """The Jobs view, if it was visited."""
        found = self.query(JobsView)
        return found.first() if found else None

    @property
    def visited(self) -> list[Body]:
        """Every view that has all of its widgets, in sight or not."""
        views = self._switcher.children
        return [cast(Body, view) for view in views if view.is_mounted]

    @property
    def shown(self) -> str:
        """The name of the view in sight."""
        return self._switcher.current or "jobs"

    def view(self, name: str) -> Widget | None:
        """A view by its name, if it was visited."""
        found = self._switcher.query_children(f"#{name}")
        return found.first() if found else None

    async def go(self, name: str) -> None:
        """Show a view, making it at its first visit."""
        if self._switcher.current == name:
            return
        self.body.leave()
        if self.view(name) is None:
            await self._switcher.add_content(self._makers[name](), id=name)
        self._switcher.current = name
        self.query_one("#views", ViewTabs).choose(name)
        self.body.enter()
