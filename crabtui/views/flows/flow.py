"""One run of a workflow: its tasks as bars over time, as a tree with facts, or as a graph."""

from collections.abc import Iterable
from typing import ClassVar, Final, get_args

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from crabtui.acts.situation import Scope
from crabtui.addresses import FLOWS, Address
from crabtui.data.flows.graph import MOST_TASKS
from crabtui.data.flows.lines import Look
from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.messages import Aimed, Came, Said, SituationChanged, Wanted
from crabtui.topics.flows import FLOW, FlowAim, FlowPicture
from crabtui.topics.jobs import STORY, JobStory
from crabtui.views.body import Body
from crabtui.views.console_screen import ConsoleScreen
from crabtui.views.flows.rows import row_of_flow, row_of_task
from crabtui.views.jobs.rows import row_of_detail
from crabtui.views.telling import tell
from crabtui.widgets.bars.view_tabs import ViewTabs
from crabtui.widgets.flow.chosen import FlowChosen
from crabtui.widgets.flow.graph_pane import FlowGraphPane
from crabtui.widgets.flow.legend import FlowLegend
from crabtui.widgets.flow.table import FlowTable
from crabtui.widgets.flow.title import FlowTitle
from crabtui.widgets.table.virtual_table import VirtualTable
from engine.control.views import FlowDetail, FlowView, JobRow, TaskView
from engine.model.states import WAITING

LOOKS: Final = (("gantt", "Gantt"), ("tree", "Tree"), ("graph", "Graph"))
GRAPH: Final = "graph"
TALL: Final = 30
"""From this height on there is a line that says what the signs mean."""
ROOMY: Final = 40
"""From this height on the task under the cursor has more lines."""


class FlowScreen(ConsoleScreen):
    """Asks for windows of the run's tasks; the cursor is on the run or on one of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.press('tab')", show=False),
        Binding("shift+tab", "app.press('shift+tab')", show=False),
    ]
    DEFAULT_CSS = """
    FlowScreen > FlowTable { height: 1fr; }
    FlowScreen > FlowGraphPane { height: 1fr; display: none; }
    FlowScreen > FlowLegend { display: none; }
    FlowScreen.-graph > FlowGraphPane { display: block; }
    FlowScreen.-graph > FlowTable { display: none; }
    FlowScreen.-legend > FlowLegend { display: block; }
    FlowScreen.-stale TextPane { color: $crab-muted; }
    """

    all_matching: str | None = None
    total: int | None = None
    hidden = 0
    queue: None = None

    def __init__(self, run: int, *, look: str = "", ascii_only: bool) -> None:
        super().__init__("flows", ascii_only=ascii_only)
        self.run = run
        self.look = look or LOOKS[0][0]
        self.critical = False
        self._detail: FlowDetail | None = None
        self._story: JobStory | None = None
        self._is_past = False
        self._now_at = 0
        self._zone: Zone = UTC_ZONE

    def compose_body(self) -> Iterable[Widget]:
        yield FlowTitle(ascii_only=self.ascii_only, id="title")
        yield ViewTabs(LOOKS, self.look, ascii_only=self.ascii_only, id="tabs")
        yield FlowTable(self.run, ascii_only=self.ascii_only)
        yield FlowGraphPane(ascii_only=self.ascii_only)
        yield FlowLegend(ascii_only=self.ascii_only)
        yield FlowChosen(ascii_only=self.ascii_only)

    def on_mount(self) -> None:
        self.go(self.look)

    # What the app asks and tells

    @property
    def body(self) -> Body:
        return self

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Its own keys, then those of one job: that under the cursor."""
        return (Scope.FLOW, Scope.DETAIL, Scope.GLOBAL)

    @property
    def flow(self) -> FlowView | None:
        """The run."""
        return self._detail.flow if self._detail is not None else None

    @property
    def targets(self) -> tuple[JobRow, ...]:
        """The run or the task under the cursor; as the engine told of it, if it did already."""
        task, story = self.chosen_task, self._story
        if task is not None:
            is_told = story is not None and story.detail.job.id == task.id
            return (row_of_detail(story.detail) if is_told and story else row_of_task(task),)
        return () if self.flow is None or not self._is_on_run else (row_of_flow(self.flow),)

    @property
    def chosen_task(self) -> TaskView | None:
        """The task under the cursor."""
        return self.graph.chosen_task if self.look == GRAPH else self.table.chosen_task

    @property
    def address(self) -> Address:
        """This run, and how it is looked at."""
        return Address(view=FLOWS, job=self.run, pane=self.look)

    def enter(self) -> None:
        """Look at the run again."""
        self._aim()
        self._aim_story()

    def leave(self) -> None:
        """It is not looked at any more."""
        tell(self, Aimed(FLOW, None))
        tell(self, Aimed(STORY, None))

    def step_back(self) -> bool:
        """Escape shows all tasks again, then all of the time."""
        if self.critical:
            self.do_critical_path()
            return True
        if self.table.zoom > 1 and self.look == "gantt":
            self.table.show_all()
            return True
        return False

    def freeze(self, *, frozen: bool) -> None:
        """The feed holds still; nothing to do here."""

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._zone = zone
        self.table.show_zone(zone)
        self._draw()

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        self._now_at = now_at
        self.set_class(stale, "-stale")
        self.set_class(self.size.height >= TALL and self.look == "gantt", "-legend")
        self.query_one(FlowChosen).styles.height = 9 if self.size.height >= ROOMY else 6
        self.table.tick(now_at)
        self.graph.tick(now_at)
        self._draw()

    def came(self, event: Came) -> None:
        """Take what was asked for."""
        if event.topic is FLOW and event.aim.run == self.run:
            picture = event.of(FLOW)
            if picture is None:
                self.query_one(FlowTitle).show_error(event.refusal(FLOW))
            elif event.aim.critical == self.critical:
                self.show_picture(picture)
        elif event.topic is STORY and event.aim == self._job:
            self._story = event.of(STORY)
            self._draw()
            tell(self, SituationChanged())

    def show_picture(self, picture: FlowPicture) -> None:
        """Draw the run as it is now, or as it was."""
        detail = picture.details[0]
        self._detail, self._is_past = detail, picture.is_past
        table = self.table
        tree = table.picture.take(picture.details)
        table.show(tree, detail, self._now_at, is_past=picture.is_past)
        if self.look == GRAPH:
            self.graph.show(detail.tasks, detail.total, self._now_at)
        self._draw()
        self._aim()
        self._aim_story()
        tell(self, SituationChanged())

    # Actions

    def do_next_pane(self) -> None:
        """Look at it in the next way."""
        self._step(1)

    def do_previous_pane(self) -> None:
        """Look at it in the way before."""
        self._step(-1)

    def do_open(self) -> None:
        """The detail of the job under the cursor."""
        for row in self.targets:
            tell(self, VirtualTable.Opened(row.id))

    def do_unfold(self) -> None:
        """Show the tasks of the composite task under the cursor."""
        if self.look == GRAPH or not self.table.unfold():
            tell(self, Said("only workflows, maps and arrays unfold"))

    def do_fold(self) -> None:
        """Fold it away again; from inside, go to what it is in."""
        if self.look == GRAPH or not self.table.fold():
            tell(self, Said("nothing is unfolded here"))

    def do_critical_path(self) -> None:
        """Only the tasks that say how long the whole takes; again: all."""
        self.critical = not self.critical
        self.table.forget()
        self._aim()
        now = " as it is known now" if self._is_past else ""
        said = f"only the critical path{now}" if self.critical else "all tasks"
        tell(self, Said(f"{said}; {'c shows all' if self.critical else 'c: critical path'}"))

    def do_flow_near(self) -> None:
        """Look nearer at the axis of time."""
        self._zoom(1)

    def do_flow_far(self) -> None:
        """Look at more of the axis of time."""
        self._zoom(-1)

    def do_flow_back(self) -> None:
        """Earlier on the axis."""
        self._pan(-1)

    def do_flow_on(self) -> None:
        """Later on the axis."""
        self._pan(1)

    def do_flow_all(self) -> None:
        """All of the run's time."""
        self.table.show_all()

    def do_full_log(self) -> None:
        """The log of the job under the cursor."""
        tell(self, Wanted("show_log"))

    def do_flow_jobs(self) -> None:
        """All jobs of the run, in the Jobs view."""
        tell(self, Wanted("open_flow_jobs"))

    def go(self, look: str) -> None:
        """Look at it in this way; the cursor stays on its task."""
        job, was = self._job, self.look
        self.look = look
        self.query_one("#tabs", ViewTabs).choose(look)
        self.set_class(look == GRAPH, "-graph")
        if look in get_args(Look):
            self.table.show_look("gantt" if look == "gantt" else "tree")
        self.set_class(self.size.height >= TALL and look == "gantt", "-legend")
        (self.graph if look == GRAPH else self.table).focus()
        if look == GRAPH != was:
            self.graph.choose(job)
        elif was == GRAPH != look:
            self.table.choose(job)
        self._aim()
        self._draw()
        tell(self, SituationChanged())

    @on(ViewTabs.Chosen)
    def _tab_chosen(self, event: ViewTabs.Chosen) -> None:
        if event.tab in dict(LOOKS):
            event.stop()
            self.go(event.tab)

    @on(FlowTable.Moved)
    def _moved(self, event: FlowTable.Moved) -> None:
        event.stop()
        self._aim()
        self._aim_story()
        self._draw()
        tell(self, SituationChanged())

    @on(FlowTable.Opened)
    def _opened(self, event: FlowTable.Opened) -> None:
        event.stop()
        self.do_open()

    # Inside

    @property
    def table(self) -> FlowTable:
        return self.query_one(FlowTable)

    @property
    def graph(self) -> FlowGraphPane:
        return self.query_one(FlowGraphPane)

    @property
    def _is_on_run(self) -> bool:
        return self.look != GRAPH and self.table.chosen == self.run

    @property
    def _job(self) -> int | None:
        """Under the cursor."""
        task = self.chosen_task
        return task.id if task is not None else self.run if self._is_on_run else None

    def _step(self, by: int) -> None:
        names = [name for name, _ in LOOKS]
        self.go(names[(names.index(self.look) + by) % len(names)])

    def _zoom(self, by: int) -> None:
        if self.look != "gantt":
            return tell(self, Said("only the Gantt look has an axis of time: tab goes there"))
        self.table.turn_zoom(by)
        return tell(self, Said(f"{self.table.zoom} times as near; 0 shows all"))

    def _pan(self, by: int) -> None:
        if self.look != "gantt" or self.table.zoom == 1:
            return tell(self, Said("all of it is in sight: + looks nearer"))
        return self.table.pan(by)

    def _aim(self) -> None:
        spans = self.table.spans
        if self.look == GRAPH:
            spans = ((self.run, 0, MOST_TASKS), *(s for s in spans if s[0] != self.run))
        tell(self, Aimed(FLOW, FlowAim(run=self.run, spans=spans, critical=self.critical)))

    def _aim_story(self) -> None:
        tell(self, Aimed(STORY, self._job))

    def _draw(self) -> None:
        detail = self._detail
        if detail is None:
            return
        self.query_one(FlowTitle).show(detail, self._now_at, self._zone)
        chosen = self.query_one(FlowChosen)
        chosen.show(detail, self.chosen_task, self._why(), self._now_at, self._zone)

    def _why(self) -> str:
        """What stands in the way of the task under the cursor, while it waits."""
        task, story = self.chosen_task, self._story
        if task is None or story is None or story.detail.job.id != task.id:
            return ""
        closed = [gate.text for gate in story.why.gates if not gate.ok]
        return "; ".join(closed[:2]) if task.state in WAITING else ""
