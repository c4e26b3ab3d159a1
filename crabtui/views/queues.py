"""The Queues view: every queue with its limit, what it holds, and who paused it."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from crabtui.addresses import Address
from crabtui.data.glyphs import Cell
from crabtui.data.wording import Zone, age, count, plural
from crabtui.messages import QueuesAimed, SituationChanged, Wanted
from crabtui.situation import Scope
from crabtui.views.telling import tell
from crabtui.widgets.chips import Chips
from crabtui.widgets.notice import Notice
from crabtui.widgets.table_paint import fit
from crabtui.widgets.text_pane import TextPane
from engine.control.views import JobRow, QueueView
from engine.control.views import QueuesView as Answer

BAR = 8
HEAD = f"{'QUEUE':<14} {'RUNNING':<{BAR + 8}} {'QUEUED':>7} {'OLDEST':>7}"
MORE = f" {'PENDING':>8} {'RETRY':>6}"
MORE_FROM = 100
"""Narrower than this, who paused a queue matters more than what is not queued yet."""


class QueueTable(TextPane):
    """One line for each queue; the cursor holds a queue's name."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("g,home", "move(-9999)", show=False),
        Binding("G,end", "move(9999)", show=False),
    ]

    class CursorMoved(Message):
        """The cursor stands on another queue."""

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(ascii_only=ascii_only)
        self.queues: tuple[QueueView, ...] = ()
        self.chosen = ""
        self.now_at = 0

    def show(self, queues: Sequence[QueueView]) -> None:
        """Draw these; the cursor stays on its queue, or goes to the nearest that is left."""
        old = [queue.name for queue in self.queues]
        place = old.index(self.chosen) if self.chosen in old else 0
        self.queues = tuple(queues)
        names = [queue.name for queue in queues]
        if names and self.chosen not in names:
            self.chosen = names[min(place, len(names) - 1)]
            tell(self, self.CursorMoved())
        self.relay()

    @property
    def queue(self) -> QueueView | None:
        """The queue under the cursor."""
        return next((queue for queue in self.queues if queue.name == self.chosen), None)

    def action_move(self, by: int) -> None:
        """Move the cursor by some lines."""
        names = [queue.name for queue in self.queues]
        if names:
            place = names.index(self.chosen) if self.chosen in names else 0
            self._go(min(max(place + by, 0), len(names) - 1))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor."""
        place = event.y - 1 + self.scroll_offset.y
        if 0 <= place < len(self.queues):
            self._go(place)

    def _go(self, place: int) -> None:
        self.chosen = self.queues[place].name
        self.relay()
        if place + 1 >= self.scroll_offset.y + self.size.height:
            self.action_roll(1)
        elif place < self.scroll_offset.y:
            self.action_roll(-1)
        tell(self, self.CursorMoved())

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        more = MORE if width >= MORE_FROM else ""
        return [
            [(f"     {HEAD}{more}  NOTE", "muted")],
            *(self._line(q, width) for q in self.queues),
        ]

    def _line(self, queue: QueueView, width: int) -> list[Cell]:
        here = queue.name == self.chosen
        paused = queue.paused_at is not None
        limit = "-" if queue.limit is None else str(queue.limit)
        oldest = age(queue.oldest_queued_at, self.now_at) if queue.queued else "-"
        note = f"paused by {queue.paused_by}: {queue.paused_why}" if paused else ""
        line: list[Cell] = [
            ("▌" if here else " ", "accent"),
            (" ", "muted"),
            ("‖" if paused else " ", "block"),
            ("●" if queue.running else "○", "run" if queue.running else "wait"),
            (f" {fit(queue.name, 14)} ", "accent" if here else "text"),
            *self._bar(queue),
            (f" {f'{queue.running}/{limit}':<7}", "text"),
            (f" {count(queue.queued):>7}", "text" if queue.queued else "muted"),
            (f" {oldest:>7}", "muted"),
        ]
        if width >= MORE_FROM:
            line += [
                (f" {count(queue.pending):>8}", "text" if queue.pending else "muted"),
                (f" {count(queue.retrying):>6}", "warn" if queue.retrying else "muted"),
            ]
        room = width - sum(cell_len(text) for text, _ in line) - 2
        return [*line, (f"  {fit(note, max(room, 0)).rstrip()}", "block")]

    def _bar(self, queue: QueueView) -> list[Cell]:
        if not queue.limit:
            return [(" " * BAR, "line")]
        full = min(BAR, -(-queue.running * BAR // queue.limit))
        return [("▇" * full, "run"), ("░" * (BAR - full), "line")]


class QueuesPane(Vertical):
    """Posts that it looks; is given the queues."""

    DEFAULT_CSS = """
    QueuesPane { height: 1fr; }
    QueuesPane Notice { display: none; }
    QueuesPane.-empty Notice { display: block; }
    QueuesPane.-empty QueueTable { display: none; }
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

    def compose(self) -> ComposeResult:
        yield Chips(ascii_only=self._ascii)
        yield QueueTable(ascii_only=self._ascii)
        yield Notice(ascii_only=self._ascii)

    def on_mount(self) -> None:
        self.query_one(Chips).show("queues", ())

    @property
    def table(self) -> QueueTable:
        return self.query_one(QueueTable)

    @property
    def queue(self) -> QueueView | None:
        """The queue under the cursor."""
        return self.table.queue

    @property
    def address(self) -> Address:
        """This view has one address."""
        return Address(view="queues")

    def enter(self) -> None:
        """It is looked at."""
        self.table.focus()
        tell(self, QueuesAimed(looked_at=True))

    def leave(self) -> None:
        """It is not looked at any more."""
        tell(self, QueuesAimed(looked_at=False))

    def show_queues(self, answer: Answer) -> None:
        """Draw the queues."""
        self.table.show(answer.queues)
        waiting = sum(queue.queued for queue in answer.queues)
        queues = plural(len(answer.queues), "queue")
        self.query_one(Chips).show("queues", (), f"{queues}, {count(waiting)} queued")
        tell(self, SituationChanged())

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        self.table.now_at = now_at
        self.table.relay()
        self.table.set_class(stale, "-stale")

    def show_zone(self, zone: Zone) -> None:
        """Queues show no times of day."""

    def freeze(self, *, frozen: bool) -> None:
        """The feed holds still; nothing to do here."""
        self._frozen = frozen

    def step_back(self) -> bool:
        """Nothing to undo here."""
        return False

    def on_queue_table_cursor_moved(self, event: QueueTable.CursorMoved) -> None:
        event.stop()
        tell(self, SituationChanged())

    def do_open(self) -> None:
        """The jobs of the queue under the cursor."""
        tell(self, Wanted("open_queue"))
