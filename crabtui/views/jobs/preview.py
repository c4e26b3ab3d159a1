"""The preview beside a table: how the job under the cursor stands, and its timeline."""

from textual.app import ComposeResult
from textual.containers import Vertical

from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.topics.jobs import JobStory
from crabtui.views.job import facts as job_facts
from crabtui.views.jobs.rows import row_of
from crabtui.widgets.panes.facts_pane import FactsPane
from crabtui.widgets.panes.gates_pane import GatesPane
from crabtui.widgets.panes.glance_pane import GlancePane
from crabtui.widgets.panes.text_pane import TextPane
from crabtui.widgets.panes.timeline_pane import TimelinePane
from engine.model.states import FINAL, State


class Preview(Vertical):
    """Shows the story that it was given last, and of what runs or ran the end of its log."""

    DEFAULT_CSS = """
    Preview { padding-left: 1; }
    PreviewSplit.-below Preview { padding-left: 0; layout: horizontal; }
    Preview > FactsPane { height: auto; max-height: 50%; }
    Preview > TimelinePane { height: auto; max-height: 14; margin-top: 1; }
    Preview > GatesPane { height: 1fr; margin-top: 1; }
    Preview > GlancePane { height: 1fr; margin-top: 1; }
    Preview.-runs > GatesPane { display: none; }
    Preview.-waits > GlancePane { display: none; }
    PreviewSplit.-below Preview > * { margin: 0 1 0 0; height: 1fr; max-height: 100%; }
    PreviewSplit.-below Preview > TimelinePane { display: none; }
    """

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__()
        self._ascii = ascii_only
        self._story: JobStory | None = None
        self._zone: Zone = UTC_ZONE

    def compose(self) -> ComposeResult:
        yield FactsPane(title="job", ascii_only=self._ascii)
        yield TimelinePane(title="timeline", ascii_only=self._ascii)
        yield GatesPane(title="why it waits", ascii_only=self._ascii)
        yield GlancePane(title="log", ascii_only=self._ascii)

    def on_mount(self) -> None:
        for pane in self.query(TextPane):
            pane.can_focus = False

    def show_story(self, story: JobStory, now_at: int) -> None:
        """Show this job."""
        if self._story is None or story.detail.job.id != self._story.detail.job.id:
            self.query_one(GlancePane).show(b"", " ")
        self._story = story
        job = story.detail.job
        facts = self.query_one(FactsPane)
        facts.title = f"#{job.id} {row_of(job).name[:40]}"
        waits = job.state not in FINAL and job.state != State.RUNNING
        self.set_class(not waits, "-runs")
        self.set_class(waits, "-waits")
        self.tick(now_at)

    def show_tail(self, job: int, data: bytes, trouble: str) -> None:
        """Show the end of this job's log, or why it cannot be read."""
        if self._story is not None and job == self._story.detail.job.id:
            self.query_one(GlancePane).show(data, trouble)

    def tick(self, now_at: int) -> None:
        """Let time pass."""
        if self._story is None:
            return
        detail = self._story.detail
        facts = job_facts.glance(detail, now_at, self._zone)
        self.query_one(FactsPane).show(facts)
        self.query_one(TimelinePane).show(detail, now_at, self._zone)
        self.query_one(GatesPane).show(self._story.why, now_at)

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._zone = zone
