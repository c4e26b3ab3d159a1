"""The Stuck view: jobs that wait, grouped by what stands in their way."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from crabtui.acts.situation import Scope
from crabtui.addresses import Address
from crabtui.data.wording import Zone, count, plural
from crabtui.messages import Aimed, Came, SituationChanged, Wanted
from crabtui.topics.jobs import STORY, JobStory
from crabtui.topics.places import REASONS, ReasonsAim
from crabtui.views.reason_table import ReasonTable
from crabtui.views.telling import tell
from crabtui.widgets.bars.chips import Chips
from crabtui.widgets.notice import Notice
from crabtui.widgets.panes.gates_pane import GatesPane
from crabtui.widgets.panes.reason_pane import ReasonPane
from engine.control.views import JobRow, ReasonsView

ROOMY = 140
"""From this width on the gates of a group's first job are beside the list."""


class StuckView(Vertical):
    """Posts what it wants to know; is given reasons, and the story of a group's first job."""

    DEFAULT_CSS = """
    StuckView { height: 1fr; }
    StuckView > Horizontal { height: auto; max-height: 55%; }
    StuckView.-roomy > Horizontal { height: 1fr; max-height: 100%; }
    StuckView ReasonTable { width: 1fr; height: auto; }
    StuckView GatesPane { width: 70; margin-left: 1; display: none; }
    StuckView.-roomy GatesPane { display: block; }
    StuckView > ReasonPane { height: 1fr; margin-top: 1; }
    StuckView.-roomy > ReasonPane { height: 6; }
    StuckView > Notice { display: none; height: 1fr; }
    StuckView.-empty > Notice { display: block; }
    StuckView.-empty > Horizontal { display: none; }
    StuckView.-empty > ReasonPane { display: none; }
    """

    all_matching: str | None = None
    total: int | None = None
    hidden = 0
    targets: tuple[JobRow, ...] = ()
    scopes = (Scope.STUCK, Scope.GLOBAL)

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(id="stuck")
        self._ascii = ascii_only
        self._now_at = 0

    def compose(self) -> ComposeResult:
        yield Chips(ascii_only=self._ascii)
        with Horizontal():
            yield ReasonTable(ascii_only=self._ascii)
            yield GatesPane(title="its first job", ascii_only=self._ascii)
        yield Notice(ascii_only=self._ascii)
        yield ReasonPane(title="what stands in the way", ascii_only=self._ascii)

    def on_mount(self) -> None:
        self.query_one(Chips).show("stuck", ())
        for pane in (self.query_one(GatesPane), self.query_one(ReasonPane)):
            pane.can_focus = False

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= ROOMY, "-roomy")
        self._aim_job()

    @property
    def table(self) -> ReasonTable:
        return self.query_one(ReasonTable)

    @property
    def job(self) -> int | None:
        """The first job of the group under the cursor."""
        return self.table.row.first if self.table.row else None

    @property
    def queue(self) -> str | None:
        """The queue of the group under the cursor."""
        return self.table.row.queue if self.table.row else None

    @property
    def address(self) -> Address:
        """This view has one address."""
        return Address(view="stuck")

    def enter(self) -> None:
        """It is looked at."""
        self.table.focus()
        tell(self, Aimed(REASONS, ReasonsAim()))
        self._aim_job()

    def leave(self) -> None:
        """It is not looked at any more."""
        tell(self, Aimed(REASONS, None))
        tell(self, Aimed(STORY, None))

    def came(self, event: Came) -> None:
        """Take what was asked for."""
        if event.topic is REASONS:
            self.show_reasons(event.aim, event.of(REASONS), event.refusal(REASONS))
        elif (story := event.of(STORY)) is not None:
            self.show_story(story)

    def show_reasons(
        self, aim: ReasonsAim, reasons: ReasonsView | None, error: str = ""
    ) -> None:
        """Draw the groups; `error` says why there are none to draw."""
        if aim.queue is not None:
            return
        groups = reasons.reasons if reasons is not None else ()
        self.set_class(not groups, "-empty")
        if not groups:
            text = error or "nothing is stuck: no job waits for anything"
            self.query_one(Notice).show(((text, "bad" if error else "text"),))
        self.table.show(groups)
        standing = ""
        if reasons is not None:
            standing = f"{plural(len(groups), 'reason')}, {count(reasons.waiting)} waiting"
        self.query_one(Chips).show("stuck", (), standing)
        self._draw()
        self._aim_job()
        tell(self, SituationChanged())

    def show_story(self, story: JobStory) -> None:
        """Fill the preview."""
        if story.detail.job.id == self.job:
            pane = self.query_one(GatesPane)
            pane.title = f"#{story.detail.job.id} {story.detail.job.name[:40]}"
            pane.show(story.why, self._now_at)
            if not self.has_class("-roomy"):
                self.query_one(ReasonPane).explain(story.why)

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        self._now_at = self.table.now_at = now_at
        self.table.set_class(stale, "-stale")
        self.table.relay()
        self.query_one(GatesPane).tick(now_at)
        self._draw()

    def show_zone(self, zone: Zone) -> None:
        """No times of day here."""

    def freeze(self, *, frozen: bool) -> None:
        """The feed holds still; nothing to do here."""

    def step_back(self) -> bool:
        """Nothing to undo here."""
        return False

    def on_line_table_cursor_moved(self, event: ReasonTable.CursorMoved) -> None:
        event.stop()
        self._draw()
        self._aim_job()
        tell(self, SituationChanged())

    def do_open(self) -> None:
        """All gates of the group's first job."""
        tell(self, Wanted("show_why"))

    def do_show_group(self) -> None:
        """The jobs of the group."""
        tell(self, Wanted("open_group"))

    def _draw(self) -> None:
        self.query_one(ReasonPane).show(self.table.row, self._now_at)

    def _aim_job(self) -> None:
        tell(self, Aimed(STORY, self.job))
