"""The preview beside a table: how the job under the cursor stands, and its timeline."""

from textual.app import ComposeResult
from textual.containers import Vertical

from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.topics.jobs import JobStory
from crabtui.views import job_facts
from crabtui.views.rows import row_of
from crabtui.widgets.facts_pane import FactsPane
from crabtui.widgets.gates_pane import GatesPane
from crabtui.widgets.timeline_pane import TimelinePane
from engine.model.states import FINAL, State


class Preview(Vertical):
    """Shows the story that it was given last."""

    DEFAULT_CSS = """
    Preview { padding-left: 1; }
    PreviewSplit.-below Preview { padding-left: 0; layout: horizontal; }
    Preview > FactsPane { height: auto; min-height: 8; max-height: 14; }
    Preview > TimelinePane { height: 1fr; }
    Preview > GatesPane { height: 1fr; }
    Preview.-runs > GatesPane { display: none; }
    PreviewSplit.-below Preview > FactsPane { height: 1fr; width: 1fr; max-height: 100%; }
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

    def on_mount(self) -> None:
        for pane in self.query(FactsPane):
            pane.can_focus = False

    def show_story(self, story: JobStory, now_at: int) -> None:
        """Show this job."""
        self._story = story
        job = story.detail.job
        facts = self.query_one(FactsPane)
        facts.title = f"#{job.id} {row_of(job).name[:40]}"
        waits = job.state not in FINAL and job.state != State.RUNNING
        self.set_class(not waits, "-runs")
        self.tick(now_at)

    def tick(self, now_at: int) -> None:
        """Let time pass."""
        if self._story is None:
            return
        job = self._story.detail.job
        head = [("state", job_facts.state(job, now_at), "text")]
        facts = job_facts.standing(job, self._zone)
        command = ("command", job_facts.command(job.payload)[:300], "muted")
        self.query_one(FactsPane).show([*head, *facts, command])  # type: ignore[list-item]
        self.query_one(TimelinePane).show(self._story.detail, now_at, self._zone)
        self.query_one(GatesPane).show(self._story.why, now_at)

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._zone = zone
