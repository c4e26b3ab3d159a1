"""The Flows view: runs of workflows, the newest first, and what the one under the cursor is."""

from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical

from crabtui.acts.situation import Scope
from crabtui.addresses import Address
from crabtui.data.glyphs import Cell
from crabtui.data.wording import UTC_ZONE, Zone, plural
from crabtui.messages import Aimed, Came, SituationChanged, Wanted
from crabtui.topics.flows import FLOW, FLOWS, PAGE, FlowAim, FlowPicture, FlowsAim
from crabtui.views.flows.rows import row_of_flow
from crabtui.views.flows.table import FlowsTable
from crabtui.views.telling import tell
from crabtui.widgets.bars.chips import Chips
from crabtui.widgets.flow.chosen import FlowChosen
from crabtui.widgets.notice import Notice
from engine.control.views import FlowsView, FlowView, JobRow
from engine.model.filter import Term, Text, parse

NEAR_END = 20
"""Rows from the end at which more are asked for."""
EMPTY: Final[tuple[Cell, ...]] = (
    ("no workflow has run yet", "text"),
    ("", "muted"),
    ("crabtui workflow run FILE    runs one              ", "accent"),
    ("crabtui workflow plan FILE   tells how it would    ", "accent"),
    ("crabtui workflow templates   has some to begin with", "accent"),
)


class FlowsPane(Vertical):
    """Posts what it wants to know; is given runs, and more of the one under the cursor."""

    DEFAULT_CSS = """
    FlowsPane { height: 1fr; }
    FlowsPane > FlowsTable { height: 1fr; }
    FlowsPane > FlowChosen { height: 6; margin-top: 1; }
    FlowsPane > Notice { display: none; height: 1fr; }
    FlowsPane.-empty > Notice { display: block; }
    FlowsPane.-empty > FlowsTable { display: none; }
    FlowsPane.-empty > FlowChosen { display: none; }
    """

    all_matching: str | None = None
    total: int | None = None
    hidden = 0
    queue: None = None
    scopes = (Scope.FLOWS, Scope.GLOBAL)

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(id="flows")
        self._ascii = ascii_only
        self.only = ""
        """Runs of this name alone; empty: all."""
        self._count = PAGE
        self._picture: FlowPicture | None = None
        self._now_at = 0
        self._zone: Zone = UTC_ZONE
        self._has_come = False

    def compose(self) -> ComposeResult:
        yield Chips(ascii_only=self._ascii)
        yield FlowsTable(ascii_only=self._ascii)
        yield Notice(ascii_only=self._ascii)
        yield FlowChosen(title="the run", ascii_only=self._ascii)

    def on_mount(self) -> None:
        self._show_chips("")

    @property
    def table(self) -> FlowsTable:
        return self.query_one(FlowsTable)

    @property
    def flow(self) -> FlowView | None:
        """The run under the cursor."""
        return self.table.row

    @property
    def names(self) -> list[str]:
        """Names of the runs that are known, each once, the newest first."""
        return list(dict.fromkeys(flow.name for flow in self.table.rows))

    @property
    def targets(self) -> tuple[JobRow, ...]:
        """The run under the cursor."""
        return () if self.flow is None else (row_of_flow(self.flow),)

    @property
    def address(self) -> Address:
        """All runs, or those of a name."""
        return Address(view="flows", where=f"name={_quoted(self.only)}" if self.only else "")

    def look_at(self, place: Address) -> None:
        """Show what the address names."""
        root = parse(place.where).root if place.where else None
        match root:
            case Term(field="name", values=[one, *_]):
                self.show_only(str(one).strip('"'))
            case Text(value):
                self.show_only(str(value).strip('"'))
            case _:
                self.show_only("")

    def show_only(self, name: str) -> None:
        """Runs of this name alone; empty: all."""
        self.only = name
        self._count = PAGE
        if self.is_mounted:
            self._show_chips("")
            self._aim()
            tell(self, SituationChanged())

    def enter(self) -> None:
        """It is looked at."""
        self.table.focus()
        self._aim()
        self._aim_flow()

    def leave(self) -> None:
        """It is not looked at any more."""
        tell(self, Aimed(FLOWS, None))
        tell(self, Aimed(FLOW, None))

    def came(self, event: Came) -> None:
        """Take what was asked for."""
        if event.topic is FLOWS:
            answer = event.of(FLOWS)
            self.show_flows(answer) if answer else self._show_none(event.refusal(FLOWS))
        elif (picture := event.of(FLOW)) is not None:
            self._picture = picture
            self._draw()

    def show_flows(self, answer: FlowsView) -> None:
        """Draw the runs."""
        self._has_come = True
        self.table.show(answer.flows)
        self.set_class(not answer.flows, "-empty")
        if not answer.flows:
            self._show_none("")
        more = "+" if answer.next is not None else ""
        number = len(answer.flows)
        self._show_chips(
            f"{number:,}+ runs" if more else plural(number, "run") if number else ""
        )
        self._draw()
        self._aim_flow()
        tell(self, SituationChanged())

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        self._now_at = self.table.now_at = now_at
        self.table.set_class(stale, "-stale")
        self.table.relay()
        self._draw()

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._zone = zone
        self._draw()

    def freeze(self, *, frozen: bool) -> None:
        """The feed holds still; nothing to do here."""

    def step_back(self) -> bool:
        """Escape shows the runs of all names again."""
        if not self.only:
            return False
        self.show_only("")
        return True

    def on_line_table_cursor_moved(self, event: FlowsTable.CursorMoved) -> None:
        event.stop()
        rows = self.table.rows
        place = rows.index(self.flow) if self.flow in rows else 0
        if len(rows) >= self._count and place >= len(rows) - NEAR_END:
            self._count += PAGE
            self._aim()
        self._draw()
        self._aim_flow()
        tell(self, SituationChanged())

    def on_chips_removed(self, event: Chips.Removed) -> None:
        event.stop()
        self.show_only("")

    def do_open(self) -> None:
        """The run under the cursor."""
        tell(self, Wanted("open_flow"))

    def do_drop_chip(self) -> None:
        """The runs of all names again."""
        self.show_only("")

    def _show_none(self, error: str) -> None:
        if not error and not self._has_come:
            return
        if error and self.table.rows:
            return
        self.set_class(True, "-empty")
        none: tuple[Cell, ...] = EMPTY
        if self.only:
            none = ((f"no run of {self.only}", "text"), ("esc shows all", "muted"))
        self.query_one(Notice).show(((error, "bad"),) if error else none)

    def _show_chips(self, standing: str) -> None:
        self.query_one(Chips).show("flows", (self.only,) if self.only else (), standing)

    def _aim(self) -> None:
        tell(self, Aimed(FLOWS, FlowsAim(name=self.only, count=self._count)))

    def _aim_flow(self) -> None:
        run = self.flow.id if self.flow is not None else None
        spans = ((run, 0, 1),) if run is not None else ()
        tell(self, Aimed(FLOW, FlowAim(run=run, spans=spans) if run is not None else None))

    def _draw(self) -> None:
        """What is known of the run under the cursor, if that has come."""
        flow, picture = self.flow, self._picture
        if flow is None or picture is None or not picture.details:
            return
        detail = picture.details[0]
        if detail.flow.id == flow.id:
            pane = self.query_one(FlowChosen)
            pane.show(detail, None, "", self._now_at, self._zone)
            pane.title = f"#{flow.id} {flow.name[:40]}, {plural(flow.task_count, 'task')}"


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
