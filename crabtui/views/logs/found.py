"""A search over the logs of many jobs, on the whole screen."""

from collections.abc import Iterable

from textual.message import Message
from textual.widget import Widget

from crabtui.acts.situation import Scope
from crabtui.addresses import Address
from crabtui.data.logs.found_lines import Hit, in_words
from crabtui.data.wording import Zone, plural
from crabtui.messages import Came, SituationChanged
from crabtui.views.body import Body
from crabtui.views.console_screen import ConsoleScreen
from crabtui.views.telling import tell
from crabtui.widgets.bars.status_line import StatusLine
from crabtui.widgets.panes.found_pane import FoundPane
from engine.control.views import JobRow, LogsFound
from engine.model.log_pattern import LogPattern


class FoundScreen(ConsoleScreen):
    """Asks once to be fed with what is found; enter goes to the line in its log."""

    all_matching: str | None = None
    total: int | None = None
    hidden = 0
    queue: None = None

    class Opened(Message):
        """The search should begin."""

        def __init__(self, screen: "FoundScreen") -> None:
            self.screen = screen
            super().__init__()

    def __init__(
        self, pattern: str, search: LogPattern, where: str, *, ascii_only: bool
    ) -> None:
        """For `pattern`, which means `search`, in the logs of the jobs that match `where`."""
        super().__init__("jobs", ascii_only=ascii_only)
        self.pattern = pattern
        self.where = where
        self._pane = FoundPane(search, ascii_only=ascii_only, id="found")
        self._lines = self._logs = 0

    def compose_body(self) -> Iterable[Widget]:
        yield StatusLine(ascii_only=self.ascii_only, id="title")
        yield self._pane

    def on_mount(self) -> None:
        where = self.where or "all jobs"
        self.query_one("#title", StatusLine).show(f"jobs › {where} › grep {self.pattern}")
        self._pane.title = "searching …"
        self._pane.focus()
        tell(self, self.Opened(self))

    def take(self, found: LogsFound) -> None:
        """One more log, or the total."""
        if found.total is not None:
            self._pane.title = in_words(found.total)
            return
        self._lines, self._logs = self._lines + len(found.hits), self._logs + 1
        lines, logs = plural(self._lines, "line"), plural(self._logs, "log")
        self._pane.title = f"searching … {lines} in {logs}"
        self._pane.take(found)

    def trouble(self, text: str) -> None:
        """Say why nothing more comes."""
        self._pane.title = f"the search ended: {text}"

    @property
    def chosen(self) -> Hit | None:
        """The line under the cursor."""
        return self._pane.chosen

    @property
    def body(self) -> Body:
        return self

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """A list of lines."""
        return (Scope.FOUND, Scope.GLOBAL)

    @property
    def targets(self) -> tuple[JobRow, ...]:
        """Nothing here is acted on."""
        return ()

    @property
    def address(self) -> Address:
        """The jobs whose logs are searched."""
        return Address(where=self.where)

    def came(self, event: Came) -> None:
        """What is found comes by another way."""

    def enter(self) -> None:
        """It is looked at again."""
        tell(self, SituationChanged())

    def leave(self) -> None:
        """It is not looked at any more."""

    def step_back(self) -> bool:
        """Nothing here is undone."""
        return False

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""

    def show_zone(self, zone: Zone) -> None:
        """There are no times here."""

    def freeze(self, *, frozen: bool) -> None:
        """What was found does not change."""
