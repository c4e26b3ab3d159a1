"""The Pulse view: how it goes, what wants attention, and where to look first."""

from typing import Any, Final, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget

from crabtui.acts.situation import Scope
from crabtui.addresses import Address
from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.messages import Aimed, Came, SituationChanged, Wanted
from crabtui.topics.places import QUEUES, WORKERS
from crabtui.topics.pulse import EVENT_TAIL, MATTERS, TRENDS, TrendsAim
from crabtui.views.line_table import LineTable
from crabtui.views.pulse.matter_table import MatterTable
from crabtui.views.pulse.queues import PulseQueues, busiest
from crabtui.views.pulse.table import PulseTable
from crabtui.views.pulse.workers import PulseWorkers
from crabtui.views.telling import tell
from crabtui.widgets.panes.tail_pane import TailPane
from crabtui.widgets.panes.trends_pane import TrendsPane
from engine.control.views import JobRow, QueueView, WorkerView
from engine.model.attention import Matter

WIDE: Final = 140
"""From this width on workers stand beside what wants attention."""
TALL: Final = 40
"""From this height of a screen on the newest events are told."""
BUCKETS: Final = 60
MOST_LINES: Final = 12
"""Lines of the two upper panes."""


class Lower(Horizontal):
    """What wants attention, and the workers; it tells when it is put away or comes back."""

    class Turned(Message):
        """The panes above have other room."""

    def on_hide(self) -> None:
        tell(self, self.Turned())

    def on_show(self) -> None:
        tell(self, self.Turned())


class PulseView(Vertical):
    """Posts what it wants to know; is given trends, matters, queues, workers and events."""

    DEFAULT_CSS = """
    PulseView { height: 1fr; }
    PulseView > Lower { height: 1fr; }
    PulseView > #upper { height: 7; }
    PulseView TrendsPane { width: 1fr; }
    PulseView PulseQueues { width: 1fr; margin-left: 1; }
    PulseView MatterTable { width: 1fr; }
    PulseView PulseWorkers { width: 62; margin-left: 1; display: none; }
    PulseView.-wide PulseWorkers { display: block; }
    PulseView > TailPane { height: 30%; display: none; }
    PulseView.-tall > TailPane { display: block; }
    PulseView.-tall > #upper { margin-bottom: 1; }
    PulseView.-tall > TailPane { margin-top: 1; }
    """

    all_matching: str | None = None
    total: int | None = None
    hidden = 0
    targets: tuple[JobRow, ...] = ()

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__(id="pulse")
        self._ascii = ascii_only
        self._zone = UTC_ZONE
        self.range_ms = TrendsAim().range_ms

    def compose(self) -> ComposeResult:
        with Horizontal(id="upper"):
            yield TrendsPane(title="Throughput and latency", ascii_only=self._ascii)
            queues = PulseQueues(ascii_only=self._ascii)
            queues.title = "Queues"
            yield queues
        with Lower():
            matters = MatterTable(ascii_only=self._ascii)
            matters.title = "Attention"
            yield matters
            workers = PulseWorkers(ascii_only=self._ascii)
            workers.title = "Workers"
            yield workers
        yield TailPane(title="Events", ascii_only=self._ascii)

    def on_mount(self) -> None:
        for pane in (self.query_one(TrendsPane), self.query_one(TailPane)):
            pane.can_focus = False

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "-wide")
        self.set_class(self.app.size.height >= TALL, "-tall")
        self._shrink()

    # What is under the hand

    @property
    def matters(self) -> MatterTable:
        return self.query_one(MatterTable)

    @property
    def hand(self) -> PulseTable[Any]:
        """The list that has the focus; what wants attention if none has."""
        found = [table for table in self.query(PulseTable) if table.has_focus]
        return found[0] if found else self.matters

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Queues and workers are acted on as in their own views."""
        if isinstance(self.hand, PulseQueues):
            return (Scope.QUEUES, Scope.PULSE, Scope.GLOBAL)
        if isinstance(self.hand, PulseWorkers):
            return (Scope.WORKERS, Scope.PULSE, Scope.GLOBAL)
        return (Scope.PULSE, Scope.GLOBAL)

    @property
    def matter(self) -> Matter | None:
        """The matter under the cursor."""
        return self.matters.row if isinstance(self.hand, MatterTable) else None

    @property
    def queue(self) -> QueueView | None:
        """The queue under the cursor."""
        hand = self.hand
        return hand.row if isinstance(hand, PulseQueues) else None

    @property
    def worker(self) -> WorkerView | None:
        """The worker under the cursor."""
        hand = self.hand
        return hand.row if isinstance(hand, PulseWorkers) else None

    @property
    def address(self) -> Address:
        """This view has one address."""
        return Address(view="pulse")

    # What is looked at

    def enter(self) -> None:
        """It is looked at."""
        self.hand.focus()
        self._aim()
        tell(self, Aimed(MATTERS, True))
        tell(self, Aimed(QUEUES, True))

    def leave(self) -> None:
        """It is not looked at any more."""
        for topic in (TRENDS, WORKERS, EVENT_TAIL):
            tell(self, Aimed(cast(Any, topic), None))

    def look_back(self, range_ms: int) -> None:
        """Have trends reach back so far."""
        self.range_ms = range_ms
        self._aim()

    def _aim(self) -> None:
        tell(self, Aimed(TRENDS, TrendsAim(range_ms=self.range_ms, buckets=BUCKETS)))
        tell(self, Aimed(WORKERS, True))
        tell(self, Aimed(EVENT_TAIL, True))

    def came(self, event: Came) -> None:
        """Take what was asked for."""
        if event.topic is TRENDS:
            self.query_one(TrendsPane).show(event.of(TRENDS), event.refusal(TRENDS))
        elif event.topic is EVENT_TAIL:
            page = event.of(EVENT_TAIL)
            events_ = page.events if page is not None else ()
            self.query_one(TailPane).show(events_, event.refusal(EVENT_TAIL))
        elif event.topic is MATTERS:
            self._show_matters(event)
        elif (queues := event.of(QUEUES)) is not None:
            self._show_queues(queues.queues)
        elif (workers := event.of(WORKERS)) is not None:
            self._show_workers(workers.workers)

    def _show_matters(self, event: Came) -> None:
        view = event.of(MATTERS)
        if view is None:
            return self.matters.show_error(event.refusal(MATTERS))
        self.matters.show_view(view, self._zone)
        tell(self, SituationChanged())
        return None

    def _show_queues(self, queues: tuple[QueueView, ...]) -> None:
        """The busiest first; under a hand they stay in the order that they had."""
        table = self.query_one(PulseQueues)
        before = [queue.name for queue in table.rows] if table.has_focus else []
        table.show(busiest(queues, before))
        self._shrink()

    def _show_workers(self, workers: tuple[WorkerView, ...]) -> None:
        table = self.query_one(PulseWorkers)
        up = sum(worker.health == "healthy" for worker in workers)
        table.title = f"Workers  {up}/{len(workers)}" if workers else "Workers  none"
        table.show(workers)

    def on_lower_turned(self, event: Lower.Turned) -> None:
        event.stop()
        self._shrink()

    def _shrink(self) -> None:
        """Give the upper panes what they can fill, and the rest to what wants attention."""
        trends = self.query_one(TrendsPane)
        trends.is_short = self.app.size.height < 30
        trends.relay()
        queues = self.query_one(PulseQueues).lines_wanted()
        room = max(trends.lines_wanted(), min(queues, MOST_LINES if not trends.is_short else 0))
        upper, is_alone = self.query_one("#upper", Widget), not self.query_one(Lower).display
        upper.styles.height = "1fr" if is_alone else room + 1

    # Time passes

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        for table in self.query(LineTable):
            table.now_at = now_at
            table.set_class(stale, "-stale")
            table.relay()
        for pane in (self.query_one(TrendsPane), self.query_one(TailPane)):
            pane.set_class(stale, "-stale")

    def show_zone(self, zone: Zone) -> None:
        """Tell times in this zone."""
        self._zone = zone
        self.query_one(TailPane).show_zone(zone)

    def freeze(self, *, frozen: bool) -> None:
        """The feed holds still; nothing to do here."""

    def step_back(self) -> bool:
        """Back to what wants attention, if another list has the focus."""
        if isinstance(self.hand, MatterTable):
            return False
        self.matters.focus()
        return True

    def on_line_table_cursor_moved(self, event: LineTable.CursorMoved) -> None:
        event.stop()
        tell(self, SituationChanged())

    def do_open(self) -> None:
        """Where the row under the cursor leads."""
        wanted = {PulseQueues: "open_queue", PulseWorkers: "open_worker"}
        tell(self, Wanted(wanted.get(type(self.hand), "open_matter")))
