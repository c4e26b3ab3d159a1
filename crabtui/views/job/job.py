"""The detail of one job: timeline, log, attempts, why it waits, what was asked, events."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from crabtui.acts.situation import Scope
from crabtui.acts.what_ifs import Option, what_ifs
from crabtui.addresses import Address
from crabtui.data.glyphs import state_glyph
from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.messages import Aimed, Came, SituationChanged
from crabtui.topics.failures import FAILURE
from crabtui.topics.jobs import STORY, JobStory
from crabtui.topics.outcomes import ARTIFACTS, CONTEXT
from crabtui.topics.places import QUEUES
from crabtui.views.body import Body
from crabtui.views.console_screen import ConsoleScreen
from crabtui.views.job import facts as job_facts
from crabtui.views.job.artifacts_pane import ArtifactsPane
from crabtui.views.job.attempts_pane import AttemptsPane
from crabtui.views.job.why_pane import WhyPane
from crabtui.views.jobs.rows import row_of_detail
from crabtui.views.logs.keys import LogKeys
from crabtui.views.logs.log_pane import LogPane
from crabtui.views.telling import tell
from crabtui.widgets.bars.job_title import JobTitle
from crabtui.widgets.bars.view_tabs import ViewTabs
from crabtui.widgets.panes.context_pane import ContextPane
from crabtui.widgets.panes.events_pane import EventsPane
from crabtui.widgets.panes.facts_pane import FactsPane
from crabtui.widgets.panes.kin_pane import KinPane
from crabtui.widgets.panes.timeline_pane import TimelinePane
from crabtui.widgets.table.virtual_table import VirtualTable
from engine.control.views import ArtifactView, JobRow, QueueView
from engine.model.states import State

PANES: Final = (
    ("timeline", "Timeline"),
    ("log", "Log"),
    ("attempts", "Attempts"),
    ("graph", "Graph"),
    ("why", "Why"),
    ("args", "Args"),
    ("events", "Events"),
    ("artifacts", "Artifacts"),
    ("context", "Context"),
)
PLACES: Final = (("graph", "why"), ("args", "events", "artifacts", "context"))
"""Where there is much room these share a place each: one of them is in sight."""
WIDE: Final = 140
TALL: Final = 40
WAITS: Final = frozenset({State.PENDING, State.QUEUED, State.RETRYING})
FAILED: Final = frozenset({State.FAILED, State.TIMEOUT})


class JobScreen(LogKeys, ConsoleScreen):
    """Tabs where there is little room, panes side by side where there is much."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.press('tab')", show=False),
        Binding("shift+tab", "app.press('shift+tab')", show=False),
    ]
    DEFAULT_CSS = """
    JobScreen > #panes { height: 1fr; }
    JobScreen.-stale TextPane { color: $crab-muted; }
    JobScreen #panes > * { display: none; }
    JobScreen #panes > .-here { display: block; }
    JobScreen.-tabs #panes > #timeline.-here { height: auto; max-height: 70%; }
    JobScreen.-panes #panes {
        layout: grid; grid-size: 16 3; grid-rows: 7 1fr 12; grid-gutter: 0 1;
    }
    JobScreen.-panes > #tabs { display: none; }
    JobScreen.-panes #timeline { column-span: 10; height: 100%; }
    JobScreen.-panes #graph { column-span: 6; height: 100%; }
    JobScreen.-panes #why { column-span: 6; height: 100%; }
    JobScreen.-panes #log { column-span: 16; }
    JobScreen.-panes #attempts { column-span: 8; }
    JobScreen.-panes #args { column-span: 8; }
    JobScreen.-panes #events { column-span: 8; }
    JobScreen.-panes #artifacts { column-span: 8; }
    JobScreen.-panes #context { column-span: 8; }
    """

    all_matching: str | None = None
    total: int | None = None
    hidden = 0

    def __init__(self, job: int, *, pane: str = "timeline", ascii_only: bool) -> None:
        super().__init__("jobs", ascii_only=ascii_only)
        self.job = job
        self.pane = pane
        self._story: JobStory | None = None
        self._queues: dict[str, QueueView] = {}
        self._now_at = 0
        self._top_height: int | None = None
        self._newest = ""
        self._asides: dict[str, str] = {}
        """Of a shared place, named by its first pane, which pane was chosen."""
        self._has_left = False
        self._zone: Zone = UTC_ZONE

    def compose_body(self) -> Iterable[Widget]:
        yield JobTitle(ascii_only=self.ascii_only, id="title")
        yield ViewTabs(PANES, self.pane, ascii_only=self.ascii_only, id="tabs")
        with Container(id="panes"):
            yield from self._panes()

    def _panes(self) -> ComposeResult:
        plain = self.ascii_only
        yield TimelinePane(title="timeline", ascii_only=plain, id="timeline")
        yield KinPane(title="graph", ascii_only=plain, id="graph")
        yield WhyPane(title="why", ascii_only=plain, id="why")
        yield LogPane(self.job, ascii_only=plain, id="log")
        yield AttemptsPane(title="attempts", ascii_only=plain, id="attempts")
        yield FactsPane(title="args", ascii_only=plain, id="args")
        yield EventsPane(title="events", ascii_only=plain, id="events")
        yield ArtifactsPane(ascii_only=plain)
        yield ContextPane(title="context", ascii_only=plain, id="context")

    def on_mount(self) -> None:
        self._lay_out()

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._lay_out()

    # What the app asks and tells

    @property
    def body(self) -> Body:
        return self

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The keys of the log or of the what-ifs first, while those have the focus."""
        here = (Scope.DETAIL, Scope.GLOBAL)
        match self.focused:
            case LogPane():
                return (Scope.LOG, *here)
            case AttemptsPane(chosen=int()):
                return (Scope.ATTEMPTS, *here)
            case KinPane(chosen=int()):
                return (Scope.KIN, *here)
            case ArtifactsPane(row=ArtifactView()):
                return (Scope.ARTIFACTS, *here)
        return (Scope.WHY, *here) if self.what_if is not None else here

    @property
    def what_if(self) -> Option | None:
        """The act that is chosen in the Why pane, while that has the focus."""
        return self.focused.option if isinstance(self.focused, WhyPane) else None

    @property
    def targets(self) -> tuple[JobRow, ...]:
        """This job."""
        if self._story is None:
            return ()
        return (row_of_detail(self._story.detail),)

    @property
    def queue(self) -> None:
        """No act on queues here."""
        return None

    @property
    def address(self) -> Address:
        """This job's address."""
        return Address(job=self.job, pane=self.pane)

    def enter(self) -> None:
        """Look at the job again."""
        tell(self, Aimed(STORY, self.job))
        self._aim_outcomes()
        if self._has_left:
            self.log_pane.reopen()

    def leave(self) -> None:
        """It is not looked at any more."""
        self._has_left = True
        for topic in (STORY, FAILURE, ARTIFACTS, CONTEXT):
            tell(self, Aimed(topic, None))

    def step_back(self) -> bool:
        """A search of the log is all that escape can undo here."""
        return self.log_pane.step_back()

    def freeze(self, *, frozen: bool) -> None:
        """The log holds still too."""
        self.log_pane.freeze(frozen=frozen)

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._zone = zone
        self.log_pane.show_zone(zone)
        self._draw()

    def came(self, event: Came) -> None:
        """Take what was asked for."""
        if (queues := event.of(QUEUES)) is not None:
            self.know_queues(queues.queues)
        elif (failure := event.of(FAILURE)) is not None:
            self.query_one(WhyPane).tell_of(failure if failure.job == self.job else None)
            self.call_after_refresh(self._shrink)
        elif event.topic is ARTIFACTS and event.aim == self.job:
            found, why_not = event.of(ARTIFACTS), event.refusal(ARTIFACTS)
            until = None if event.as_of is None else self._now_at
            self.query_one(ArtifactsPane).take(found, why_not, until)
            tell(self, SituationChanged())
        elif event.topic is CONTEXT and event.aim == self.job:
            known, why_not = event.of(CONTEXT), event.refusal(CONTEXT)
            self.query_one(ContextPane).take(known, why_not, is_past=event.as_of is not None)
        elif event.topic is STORY and event.aim == self.job:
            story = event.of(STORY)
            self.show_error(event.refusal(STORY)) if story is None else self.show_story(story)

    def show_story(self, story: JobStory) -> None:
        """Take the job as it is now."""
        self._story = story
        self._draw()
        self._place()
        self._reopen_log(story)
        if story.detail.job.state in FAILED:
            tell(self, Aimed(FAILURE, self.job))
        tell(self, SituationChanged())

    def know_queues(self, queues: Sequence[QueueView]) -> None:
        """What could be done about a queue depends on how it is set."""
        self._queues = {queue.name: queue for queue in queues}
        self._draw()

    def show_error(self, text: str) -> None:
        """The job cannot be shown, or not any more."""
        self.query_one(JobTitle).show_error(text)

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        self._now_at = now_at
        self.set_class(stale, "-stale")
        self._draw()

    # Actions

    def do_next_pane(self) -> None:
        """Go to the next pane."""
        self._step(1)

    def do_previous_pane(self) -> None:
        """Go to the pane before."""
        self._step(-1)

    def do_show_log(self) -> None:
        """Go to the log."""
        self.go("log")

    def do_show_why(self) -> None:
        """Go to the gates."""
        self.go("why")

    def do_show_events(self) -> None:
        """Go to the events."""
        self.go("events")

    def do_open_attempt(self) -> None:
        """Show the log of the attempt under the cursor."""
        chosen = self.query_one(AttemptsPane).chosen
        if chosen is not None:
            self.log_pane.show_attempt(chosen)
            self.go("log")

    def do_open_kin(self) -> None:
        """Go to the job under the cursor."""
        chosen = self.query_one(KinPane).chosen
        if chosen is not None:
            tell(self, VirtualTable.Opened(chosen))

    def go(self, pane: str) -> None:
        """Bring a pane to the front and focus it."""
        self.pane = pane
        self.query_one("#tabs", ViewTabs).choose(pane)
        for place in PLACES:
            if pane in place:
                self._asides[place[0]] = pane
        self._place()
        self._draw()
        self._aim_outcomes()
        self.query_one(f"#{pane}").focus()
        self.call_after_refresh(tell, self, SituationChanged())

    @on(ViewTabs.Chosen)
    def _tab_chosen(self, event: ViewTabs.Chosen) -> None:
        if event.tab in dict(PANES):
            event.stop()
            self.go(event.tab)

    @property
    def log_pane(self) -> LogPane:
        """The log."""
        return self.query_one(LogPane)

    # Inside

    @property
    def run(self) -> int | None:
        """The run of a workflow that the job is a task of, or is."""
        detail = self._story.detail if self._story is not None else None
        if detail is None or detail.job.flow is not None:
            return None if detail is None else detail.job.flow
        is_run = detail.job.kind == "composite" and detail.array is None
        return detail.job.id if is_run else None

    @property
    def artifact(self) -> ArtifactView | None:
        """The file under the cursor."""
        return self.query_one(ArtifactsPane).row

    def _aim_outcomes(self) -> None:
        """What attempts left and were given is asked for while it is in sight."""
        shown = self._shown()
        tell(self, Aimed(ARTIFACTS, self.job if "artifacts" in shown else None))
        tell(self, Aimed(CONTEXT, self.job if "context" in shown else None))

    def _place(self) -> None:
        """Show the panes that there is room for."""
        shown = self._shown()
        for name, _ in PANES:
            self.query_one(f"#{name}").set_class(name in shown, "-here")

    def _shown(self) -> set[str]:
        if self.has_class("-tabs"):
            return {self.pane, "events"} if self.pane == "timeline" else {self.pane}
        asides = {self._asides.get(first, self._usual(first)) for first, *_ in PLACES}
        return {"timeline", "log", "attempts"} | asides

    def _usual(self, first: str) -> str:
        """What stands in a shared place unasked: of a job that waits, why."""
        waits = self._story is not None and self._story.detail.job.state in WAITS
        return "why" if first == "graph" and waits else first

    def _step(self, by: int) -> None:
        names = [name for name, _ in PANES]
        self.go(names[(names.index(self.pane) + by) % len(names)])

    def _lay_out(self) -> None:
        panes = self.size.width >= WIDE and self.size.height >= TALL
        if panes != self.has_class("-panes"):
            self.set_class(panes, "-panes")
        self.set_class(not panes, "-tabs")
        self.call_after_refresh(self.go, self.pane)

    def _draw(self) -> None:
        story = self._story
        if story is None:
            return
        detail, now_at, zone = story.detail, self._now_at, self._zone
        row = row_of_detail(detail)
        heads = job_facts.heads(detail, now_at)
        self.query_one(JobTitle).show(row.id, row.name, state_glyph(row), heads)
        self.query_one(TimelinePane).show(detail, now_at, zone)
        self._draw_why(story)
        self.query_one(KinPane).show(detail, row, now_at, story.inner)
        self.query_one(AttemptsPane).show(detail.attempts, now_at, zone)
        asked = job_facts.request(detail, zone)
        came = [*job_facts.outcome(detail.job), *job_facts.use(detail)]
        self.query_one(FactsPane).show([*came, *asked])
        self.query_one(EventsPane).show(story.events.events, zone)
        self.query_one(ArtifactsPane).show_times(now_at, zone)
        self.call_after_refresh(self._shrink)

    def _reopen_log(self, story: JobStory) -> None:
        """Read again when another attempt comes or begins and nobody reads any more."""
        last = story.detail.attempts[-1] if story.detail.attempts else None
        newest = f"{last.id} {last.started_at}" if last else ""
        if newest != self._newest:
            self._newest = newest
            if newest and not self.log_pane.is_read:
                self.log_pane.reopen()

    def _shrink(self) -> None:
        """Give the top row what its panes need, and the rest to the log."""
        if not self.has_class("-panes"):
            return
        panes = [self.query_one(f"#{name}") for name in ("timeline", *PLACES[0])]
        most = 26 if self.pane == "why" else 14
        needs = (pane.virtual_size.height for pane in panes if pane.display)
        needed = min(max([5, *needs]), most)
        if needed != self._top_height:
            self._top_height = needed
            self.query_one("#panes").styles.grid_rows = f"{needed} 1fr 12"

    def _draw_why(self, story: JobStory) -> None:
        job = story.detail.job
        options = what_ifs(job, story.why, self._queues.get(job.queue))
        self.query_one(WhyPane).offer(story.why, options, self._now_at)
