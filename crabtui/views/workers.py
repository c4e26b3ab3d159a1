"""The Workers view: what each has, what of it is taken, and whether it takes more."""

from textual.app import ComposeResult
from textual.containers import Vertical

from crabtui.addresses import Address
from crabtui.data.wording import Zone, count, plural
from crabtui.messages import SituationChanged, Wanted, WorkersAimed
from crabtui.situation import Scope
from crabtui.views.telling import tell
from crabtui.views.worker_table import WorkerTable
from crabtui.widgets.chips import Chips
from crabtui.widgets.worker_pane import WorkerPane
from engine.control.views import JobRow, WorkersView, WorkerView


class WorkersPane(Vertical):
    """Posts that it looks; is given the workers."""

    DEFAULT_CSS = """
    WorkersPane { height: 1fr; }
    WorkersPane > WorkerTable { height: 1fr; }
    WorkersPane > WorkerPane { height: 40%; min-height: 7; }
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

    def compose(self) -> ComposeResult:
        yield Chips(ascii_only=self._ascii)
        yield WorkerTable(ascii_only=self._ascii)
        pane = WorkerPane(ascii_only=self._ascii)
        pane.can_focus = False
        yield pane

    def on_mount(self) -> None:
        self.query_one(Chips).show("workers", ())

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

    def enter(self) -> None:
        """It is looked at."""
        self.table.focus()
        tell(self, WorkersAimed(looked_at=True))

    def leave(self) -> None:
        """It is not looked at any more."""
        tell(self, WorkersAimed(looked_at=False))

    def show_workers(self, answer: WorkersView) -> None:
        """Draw the workers."""
        self.table.show(answer.workers)
        taken = sum(worker.slots_taken for worker in answer.workers)
        slots = sum(worker.slots for worker in answer.workers)
        many = plural(len(answer.workers), "worker")
        drains = sum(worker.draining for worker in answer.workers)
        standing = f"{many}, {count(taken)} of {count(slots)} slots taken"
        self.query_one(Chips).show(
            "workers", (), f"{standing}, {drains} draining" if drains else standing
        )
        self._draw()
        tell(self, SituationChanged())

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
