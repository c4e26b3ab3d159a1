"""Logs on the whole screen: of one job, or of several at once."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from crabtui.acts.situation import Scope
from crabtui.addresses import Address
from crabtui.data.wording import Zone
from crabtui.messages import Came, SituationChanged
from crabtui.views.body import Body
from crabtui.views.console_screen import ConsoleScreen
from crabtui.views.logs.keys import LogKeys
from crabtui.views.logs.log_pane import LogPane
from crabtui.views.logs.merged_pane import MergedPane
from crabtui.views.telling import tell
from crabtui.widgets.bars.status_line import StatusLine
from engine.control.views import JobRow

MOST = 32
"""Logs that are shown at once."""


class LogsScreen(LogKeys, ConsoleScreen):
    """One pane with everything that a log can do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.press('tab')", show=False),
    ]
    all_matching: str | None = None
    total: int | None = None
    hidden = 0
    queue: None = None

    def __init__(
        self,
        jobs: Sequence[int],
        *,
        ascii_only: bool,
        stream: str = "out",
        number: int | None = None,
        at: int | None = None,
        wanted: str = "",
    ) -> None:
        """The logs of `jobs`; of a single one, of its attempt `number`, at an offset.

        Raises:
            InvalidSpec: `wanted` cannot be searched for.
        """
        super().__init__("jobs", ascii_only=ascii_only)
        self.jobs = tuple(dict.fromkeys(jobs))[:MOST]
        plain = ascii_only
        if len(self.jobs) == 1:
            job = self.jobs[0]
            self._pane = LogPane(
                job, stream=stream, number=number, at=at, ascii_only=plain, id="log"
            )
        else:
            self._pane = MergedPane(self.jobs, ascii_only=plain, id="log")
        self._pane.search(wanted)

    def compose_body(self) -> Iterable[Widget]:
        yield StatusLine(ascii_only=self.ascii_only, id="title")
        yield self._pane

    def on_mount(self) -> None:
        title = self.query_one("#title", StatusLine)
        title.show(f"jobs › {', '.join(f'#{job}' for job in self.jobs)} › logs")
        self._pane.focus()

    @property
    def body(self) -> Body:
        return self

    @property
    def log_pane(self) -> LogPane:
        return self._pane

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """A log's keys."""
        return (Scope.LOG, Scope.GLOBAL)

    @property
    def targets(self) -> tuple[JobRow, ...]:
        """Nothing here is acted on."""
        return ()

    @property
    def address(self) -> Address:
        """These logs."""
        return Address(logs=self.jobs)

    def came(self, event: Came) -> None:
        """Logs come by another way."""

    def enter(self) -> None:
        """It is looked at again."""
        tell(self, SituationChanged())

    def leave(self) -> None:
        """It is not looked at any more."""

    def step_back(self) -> bool:
        """End a search."""
        return self._pane.step_back()

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._pane.show_zone(zone)

    def freeze(self, *, frozen: bool) -> None:
        """Take nothing, or read on."""
        self._pane.freeze(frozen=frozen)
