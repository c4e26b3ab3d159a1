"""The Workers view: what each has, what of it is taken, and whether it takes more."""

from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical

from crabtui.acts.situation import Scope
from crabtui.addresses import Address
from crabtui.data.glyphs import Cell
from crabtui.data.wording import Zone
from crabtui.data.workers.columns import SORTS, in_order
from crabtui.data.workers.words import standings
from crabtui.messages import Aimed, Came, SituationChanged, Wanted
from crabtui.topics.places import WORKERS
from crabtui.views.telling import tell
from crabtui.views.worker_table import WorkerTable
from crabtui.widgets.bars.chips import Chips
from crabtui.widgets.panes.worker_pane import WorkerPane
from engine.control.views import JobRow, WorkersView, WorkerView

NONE: Final[Cell] = ("no worker: jobs wait until there is one", "warn")


class WorkersPane(Vertical):
    """Posts that it looks; is given the workers."""

    DEFAULT_CSS = """
    WorkersPane { height: 1fr; }
    WorkersPane > WorkerTable { height: auto; max-height: 60%; }
    WorkersPane > WorkerPane { height: 1fr; margin-top: 1; }
    """

    all_matching: str | None = None
    total: int | None = None
    hidden = 0
    targets: tuple[JobRow, ...] = ()
    queue = None
    scopes = (Scope.WORKERS, Scope.GLOBAL)

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(id="workers")
        self._ascii = ascii_only
        self._workers: tuple[WorkerView, ...] | None = None
        """None until they have come: then there may be none."""
        self._wished = ""

    def compose(self) -> ComposeResult:
        yield Chips(ascii_only=self._ascii)
        yield WorkerTable(ascii_only=self._ascii)
        pane = WorkerPane(ascii_only=self._ascii)
        pane.can_focus = False
        yield pane

    def on_mount(self) -> None:
        self.query_one(Chips).show("workers", ())
        self.table.chosen = self._wished

    @property
    def table(self) -> WorkerTable:
        return self.query_one(WorkerTable)

    @property
    def worker(self) -> WorkerView | None:
        """The worker under the cursor."""
        return self.table.row

    @property
    def address(self) -> Address:
        """This view has one address."""
        return Address(view="workers")

    def on_resize(self) -> None:
        """How much is said of all workers depends on the room."""
        if self._workers is not None:
            self._sum_up(self._workers)

    def look_at(self, place: Address) -> None:
        """Put the cursor on the worker that the address names."""
        self._wished = place.name
        if self.is_mounted and place.name:
            self.table.chosen = place.name
            self._sort()

    def enter(self) -> None:
        """It is looked at."""
        self.table.focus()
        tell(self, Aimed(WORKERS, True))

    def leave(self) -> None:
        """It is not looked at any more."""
        tell(self, Aimed(WORKERS, None))

    def came(self, event: Came) -> None:
        """Take what was asked for."""
        if (answer := event.of(WORKERS)) is not None:
            self.query_one(WorkerPane).show_nothing(NONE)
            self.show_workers(answer)
        elif error := event.refusal(WORKERS):
            self.query_one(WorkerPane).show_nothing((error, "bad"))

    def show_workers(self, answer: WorkersView) -> None:
        """Draw the workers."""
        self._workers = answer.workers
        self._sort()
        self._draw()
        tell(self, SituationChanged())

    def do_sort_after(self) -> None:
        """Sort by the next column."""
        self._turn(1)

    def do_sort_before(self) -> None:
        """Sort by the column before."""
        self._turn(-1)

    def do_invert(self) -> None:
        """Turn the order round."""
        self.table.descending = not self.table.descending
        self._sort()

    def _turn(self, by: int) -> None:
        place = SORTS.index(self.table.sort) + by
        self.table.sort, self.table.descending = SORTS[place % len(SORTS)], False
        self._sort()

    def _sort(self) -> None:
        """Draw the workers in their order; the cursor stays on its worker."""
        if self._workers is None:
            return
        table = self.table
        table.show(in_order(self._workers, table.sort, descending=table.descending))
        self._sum_up(self._workers)

    def _sum_up(self, workers: tuple[WorkerView, ...]) -> None:
        """Say above the table how all of them stand, as far as there is room."""
        table = self.table
        arrow = "▼" if table.descending else "▲"
        room = self.size.width - len("workers") - 6
        ends = f"  sort {table.sort}{arrow}"
        fits = [text for text in standings(workers) if len(text + ends) <= room]
        self.query_one(Chips).show("workers", (), (fits[0] if fits else "") + ends)

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        self.table.now_at = now_at
        self.table.relay()
        self.table.set_class(stale, "-stale")
        self._draw()

    def show_zone(self, zone: Zone) -> None:
        """Workers show no times of day."""

    def freeze(self, *, frozen: bool) -> None:
        """The feed holds still; nothing to do here."""

    def step_back(self) -> bool:
        """Nothing to undo here."""
        return False

    def on_line_table_cursor_moved(self, event: WorkerTable.CursorMoved) -> None:
        event.stop()
        self._draw()
        tell(self, SituationChanged())

    def do_open(self) -> None:
        """The jobs that run on the worker under the cursor."""
        tell(self, Wanted("open_worker"))

    def _draw(self) -> None:
        self.query_one(WorkerPane).show(self.worker, self.table.now_at)
