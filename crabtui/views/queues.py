"""The Queues view: every queue with its limit, what it holds, and why its jobs wait."""

from textual.app import ComposeResult
from textual.containers import Vertical

from crabtui.acts.situation import Scope
from crabtui.addresses import Address
from crabtui.data import pressure
from crabtui.data.wording import Zone, count, plural
from crabtui.messages import Aimed, Came, SituationChanged, Wanted
from crabtui.topics.places import QUEUES, REASONS, ReasonsAim
from crabtui.views.queue_table import QueueTable
from crabtui.views.telling import tell
from crabtui.widgets.bars.chips import Chips
from crabtui.widgets.panes.queue_pane import QueuePane
from engine.control.views import JobRow, QueueView, ReasonsView
from engine.control.views import QueuesView as Answer


class QueuesPane(Vertical):
    """Posts that it looks; is given the queues."""

    DEFAULT_CSS = """
    QueuesPane { height: 1fr; }
    QueuesPane > QueueTable { height: auto; max-height: 60%; }
    QueuesPane > QueuePane { height: 1fr; margin-top: 1; }
    """

    all_matching: str | None = None
    total: int | None = None
    hidden = 0
    targets: tuple[JobRow, ...] = ()
    scopes = (Scope.QUEUES, Scope.GLOBAL)

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(id="queues")
        self._ascii = ascii_only
        self._frozen = False
        self._wished = ""

    def compose(self) -> ComposeResult:
        yield Chips(ascii_only=self._ascii)
        yield QueueTable(ascii_only=self._ascii)
        pane = QueuePane(ascii_only=self._ascii)
        pane.can_focus = False
        yield pane

    def on_mount(self) -> None:
        self.query_one(Chips).show("queues", ())
        self.table.chosen = self._wished

    @property
    def table(self) -> QueueTable:
        return self.query_one(QueueTable)

    @property
    def queue(self) -> QueueView | None:
        """The queue under the cursor."""
        return self.table.row

    @property
    def pane(self) -> QueuePane:
        """What is told of the queue under the cursor."""
        return self.query_one(QueuePane)

    @property
    def address(self) -> Address:
        """This view has one address."""
        return Address(view="queues")

    def look_at(self, place: Address) -> None:
        """Put the cursor on the queue that the address names."""
        self._wished = place.name
        if self.is_mounted and place.name:
            self.table.chosen = place.name
            self.table.relay()

    def enter(self) -> None:
        """It is looked at."""
        self.table.focus()
        tell(self, Aimed(QUEUES, True))
        self._aim()

    def leave(self) -> None:
        """It is not looked at any more."""
        tell(self, Aimed(QUEUES, None))
        tell(self, Aimed(REASONS, None))

    def came(self, event: Came) -> None:
        """Take what was asked for."""
        if (answer := event.of(QUEUES)) is not None:
            self.show_queues(answer)
        elif (error := event.refusal(QUEUES)) and not self.table.rows:
            self.pane.show_reasons(None, error)
        elif event.topic is REASONS:
            self.show_reasons(event.aim, event.of(REASONS), event.refusal(REASONS))

    def show_queues(self, answer: Answer) -> None:
        """Draw the queues."""
        self.table.show(answer.queues)
        self.query_one(Chips).show("queues", (), _standing(answer))
        self.pane.show(self.queue, self.table.now_at)
        tell(self, SituationChanged())

    def show_reasons(
        self, aim: ReasonsAim, reasons: ReasonsView | None, error: str = ""
    ) -> None:
        """Draw why jobs of the queue under the cursor wait."""
        if aim.queue == self.table.chosen:
            self.pane.show_reasons(reasons, error)

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        self.table.now_at = now_at
        self.table.relay()
        self.pane.show(self.queue, now_at)
        self.table.set_class(stale, "-stale")

    def show_zone(self, zone: Zone) -> None:
        """Queues show no times of day."""

    def freeze(self, *, frozen: bool) -> None:
        """The feed holds still; nothing to do here."""
        self._frozen = frozen

    def step_back(self) -> bool:
        """Nothing to undo here."""
        return False

    def on_line_table_cursor_moved(self, event: QueueTable.CursorMoved) -> None:
        event.stop()
        self.pane.show(self.queue, self.table.now_at)
        self._aim()
        tell(self, SituationChanged())

    def do_open(self) -> None:
        """The jobs of the queue under the cursor."""
        tell(self, Wanted("open_queue"))

    def _aim(self) -> None:
        name = self.table.chosen
        tell(self, Aimed(REASONS, ReasonsAim(queue=name) if name else None))


def _standing(answer: Answer) -> str:
    """All queues together, and how full their backlog is."""
    waiting = sum(queue.queued for queue in answer.queues)
    text = f"{plural(len(answer.queues), 'queue')}, {count(waiting)} queued"
    if answer.max_depth is not None:
        text += f", depth {count(answer.depth)} of {count(answer.max_depth)}"
    mode = pressure.short(answer.mode)
    return f"{text}, {mode}" if mode else text
