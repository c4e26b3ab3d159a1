"""The Events view: what happened and when, live or at a moment of the past."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from textual.app import ComposeResult
from textual.widget import Widget

from crabtui.acts.situation import Scope
from crabtui.addresses import Address
from crabtui.data.events.book import first_book
from crabtui.data.events.density import ZOOMS, width_text
from crabtui.data.events.rows import rows
from crabtui.data.past.scrub import Scrub
from crabtui.data.wording import Zone, count
from crabtui.messages import Aimed, Came, Said, SituationChanged
from crabtui.topics.events import (
    EVENT_COUNTS,
    EVENTS,
    NEXT_EVENT,
    OLDER_EVENTS,
    CountsAim,
    EventTail,
    OlderAim,
    TailPiece,
)
from crabtui.topics.topic import Topic
from crabtui.views.events.keys import EventKeys
from crabtui.views.events.look import EventLook, recalled
from crabtui.views.telling import tell
from crabtui.widgets.bars.chips import Chips
from crabtui.widgets.notice import Notice
from crabtui.widgets.panes.density_pane import DensityPane
from crabtui.widgets.table.event_table import EventTable
from engine.control.views import EventCounts, EventsPage, JobRow


class Rule(Widget):
    """A line between the picture of time and the list."""

    DEFAULT_CSS = """
    Rule { height: 1; border-top: solid $crab-line; }
    """

    def render(self) -> str:
        return ""


class EventsView(EventKeys):
    """Posts what it wants to know; is given pieces of the log, and counts."""

    DEFAULT_CSS = """
    EventsView { height: 1fr; }
    EventsView > Notice { display: none; height: 1fr; }
    EventsView.-empty > EventTable { display: none; }
    EventsView.-empty > Notice { display: block; }
    .-ascii EventsView > Rule { border-top: ascii $crab-line; }
    """

    all_matching: str | None = None
    total: int | None = None
    hidden = 0
    targets: tuple[JobRow, ...] = ()
    queue: str | None = None
    scopes = (Scope.EVENTS, Scope.GLOBAL)

    def __init__(self, *, ascii_only: bool, now_at: int = 0) -> None:
        super().__init__(id="events")
        self._ascii = ascii_only
        self.now_at = now_at
        self.counts: EventCounts | None = None
        self._tail: EventTail | None = None
        self._head = 0
        self._seen = 0
        """The newest event that was on the screen while the cursor stood at the top."""
        self._trouble = ""

    def compose(self) -> ComposeResult:
        yield Chips(ascii_only=self._ascii)
        yield DensityPane(ascii_only=self._ascii)
        yield Rule()
        yield EventTable(ascii_only=self._ascii)
        yield Notice(ascii_only=self._ascii)

    @property
    def pane(self) -> DensityPane:
        return self.query_one(DensityPane)

    @property
    def address(self) -> Address:
        """Where this is, without the moment."""
        return Address(view="events", where=self.look.query)

    # What is looked at

    def enter(self) -> None:
        """It is looked at."""
        self.table.focus()
        self._aim_list()
        self._aim_counts()

    def leave(self) -> None:
        """It is not looked at any more."""
        topics: tuple[Topic[Any, Any], ...] = (EVENTS, OLDER_EVENTS, NEXT_EVENT, EVENT_COUNTS)
        for topic in topics:
            tell(self, Aimed(topic, None))
        self._tail = None

    def turn(self, look: EventLook) -> None:
        """Look at the list through another filter."""
        if look != self.look:
            self.look = look
            self.unfolded = frozenset()
            self._aim_list()
            self._aim_counts()
            self._draw()
            tell(self, SituationChanged())

    def look_at(self, place: Address) -> None:
        """Look as an address says."""
        look = EventLook(where=place.where)
        if self.is_mounted:
            self.turn(look)
        else:
            self.look = look

    @property
    def kept(self) -> Mapping[str, Any]:
        """How the list is looked at, and how near the axis is; never the moment."""
        look = self.look
        return {
            "where": look.where,
            "problems": look.problems,
            "bucket_s": self.scrub.bucket_s,
        }

    def recall(self, kept: Mapping[str, Any]) -> None:
        """Be as it was left, as far as that still means something."""
        self.look = recalled(kept)
        if kept.get("bucket_s") in ZOOMS:
            self.scrub = replace(self.scrub, bucket_s=kept["bucket_s"])

    def turn_scrub(self, scrub: Scrub) -> None:
        moved = scrub.at != self.scrub.at
        self.scrub = scrub
        self.is_at_list = False
        if moved:
            self._aim_list()
        self._aim_counts()
        self._draw()

    def show_moment(self, at: int | None) -> None:
        """Somebody chose a moment elsewhere; None: now."""
        if at != self.scrub.at:
            live = self.scrub.live()
            self.turn_scrub(live if at is None else self.scrub.to_moment(at, self.now_at))

    def _aim_list(self) -> None:
        self._tail = EventTail(where=self.look.query, until_at=self.scrub.at)
        self.next_aim = None
        tell(self, Aimed(OLDER_EVENTS, None))
        tell(self, Aimed(EVENTS, self._tail))

    def _aim_counts(self) -> None:
        scrub = self.scrub
        aim = CountsAim(
            where=self.look.query,
            bucket_s=scrub.bucket_s,
            buckets=scrub.count,
            end_at=scrub.end_at(),
        )
        tell(self, Aimed(EVENT_COUNTS, aim))

    # What comes of it

    def came(self, event: Came) -> None:
        """Take what was asked for."""
        if event.topic is EVENTS and event.aim is self._tail:
            self._take_piece(event.of(EVENTS), event.refusal(EVENTS))
        elif (page := event.of(OLDER_EVENTS)) is not None:
            self._take_older(event.aim, page)
        elif (found := event.of(NEXT_EVENT)) is not None and event.aim is self.next_aim:
            self._take_next(found)
        elif (counts := event.of(EVENT_COUNTS)) is not None:
            self.counts = counts
            self.now_at = max(self.now_at, counts.now_at)
            self._head = max(self._head, counts.head)
            self.pane.show_counts(counts)
            self._draw()

    def _take_piece(self, piece: TailPiece | None, refusal: str) -> None:
        self._trouble = refusal
        if piece is not None:
            page = piece.page
            if self._tail is not None:
                self._tail.reached = max(page.reached, page.head if piece.is_first else 0)
            self._head = max(page.head, self._head)
            if piece.is_first:
                top = page.head if self.scrub.is_live else _newest(page)
                self.book = first_book(page.events, top, page.reached, is_whole=page.is_whole)
            else:
                below = not self.table.is_at_top
                self.book = self.book.newer(page.events, page.reached, is_read_below=below)
        self.lay()
        self._want_more_if_little()

    def _take_older(self, aim: OlderAim, page: EventsPage) -> None:
        if aim.where == self.look.query and aim.before == self.book.looked_down_to:
            self.book = self.book.older(page.events, page.reached, is_whole=page.is_whole)
            tell(self, Aimed(OLDER_EVENTS, None))
            self.lay()
            self._want_more_if_little()

    def _take_next(self, page: EventsPage) -> None:
        """Go to the moment of an error that is not in the list."""
        aim, self.next_aim = self.next_aim, None
        tell(self, Aimed(NEXT_EVENT, None))
        if page.events:
            self.go_to_moment(self.scrub.to_moment(page.events[0].at, self.now_at))
            return
        way = "older" if aim is not None and aim.is_older else "newer"
        far = "" if page.is_whole else f" down to #{page.reached:,}"
        tell(self, Said(f"no {way} error{far}"))

    def _want_more_if_little(self) -> None:
        """A look that did not fill the screen goes on, until the log has no more."""
        if len(self.table.rows) < self.size.height:
            self._want_older()

    def _want_older(self) -> None:
        if self.book.has_older:
            aim = OlderAim(where=self.look.query, before=self.book.looked_down_to)
            tell(self, Aimed(OLDER_EVENTS, aim))

    # Drawing

    def lay(self) -> None:
        """Put the rows of the book into the list."""
        self.table.show(rows(self.book.events, self.unfolded))
        self.set_class(not self.book.events, "-empty")
        if not self.book.events:
            self.query_one(Notice).show(self._notice())
        self._draw()
        tell(self, SituationChanged())

    def _notice(self) -> tuple[tuple[str, Any], ...]:
        if self._trouble:
            return ((self._trouble, "bad"),)
        if not self.look.query:
            return (("nothing has happened yet", "text"),)
        edits = "esc shows all   / edits the filter"
        far = f"looked at down to #{self.book.looked_down_to:,}" if self.book.has_older else ""
        lines = (("no event matches", "text"), (self.look.query, "accent"), (far, "muted"))
        return (*lines, ("", "muted"), (edits, "muted"))

    def _draw(self) -> None:
        self.pane.show_scrub(self.scrub, self.now_at)
        table = self.table
        newest = self.book.events[0].seq if self.book.events else 0
        if table.is_at_top:
            self._seen = newest
        new = sum(event.seq > self._seen for event in self.book.events[:999])
        new = max(new, 1) if self.book.has_newer and self.scrub.is_live else new
        self.query_one(Chips).show("events", self.look.chips, self._standing(), new=new)

    def _standing(self) -> str:
        scrub = self.scrub
        span = width_text(scrub.bucket_s * scrub.count)
        bucket = width_text(scrub.bucket_s)
        shown = f"{count(self.pane.total)} of {count(self._head)}" if self.counts else ""
        wide = self.size.width >= 100
        times = (
            f"{self.pane.span_text}  {span}  bucket {bucket}" if wide else f"bucket {bucket}"
        )
        return "   ".join(part for part in (shown, times) if part)

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        self.now_at = max(now_at, self.now_at)  # which is now, also while the past is shown
        self.table.tick(self.now_at)
        for pane in (self.table, self.pane):
            pane.set_class(stale, "-stale")
        self._draw()

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self.table.show_zone(zone)
        self.pane.show_zone(zone)

    def freeze(self, *, frozen: bool) -> None:
        """The feed holds still; nothing to do here."""

    # Hands

    def on_density_pane_room_changed(self, event: DensityPane.RoomChanged) -> None:
        event.stop()
        self.turn_scrub(self.scrub.resized(event.buckets, self.now_at))

    def on_density_pane_bucket_chosen(self, event: DensityPane.BucketChosen) -> None:
        event.stop()
        self.go_to_moment(self.scrub.to_bucket(event.number, self.now_at))

    def on_event_table_cursor_moved(self, event: EventTable.CursorMoved) -> None:
        event.stop()
        self.is_at_list = self.is_at_list or event.by_hand
        if event.by_hand and self.table.place == 0 and self.book.has_newer:
            self._aim_list()
        self._draw()
        tell(self, SituationChanged())

    def on_event_table_more_wanted(self, event: EventTable.MoreWanted) -> None:
        event.stop()
        self._want_older()

    def on_event_table_opened(self, event: EventTable.Opened) -> None:
        event.stop()
        self.do_event_open()

    def on_chips_removed(self, event: Chips.Removed) -> None:
        event.stop()
        self.turn(self.look.without(event.chip))

    def on_chips_pill_pressed(self, event: Chips.PillPressed) -> None:
        event.stop()
        self.table.action_move(-len(self.table.rows))

    def step_back(self) -> bool:
        """Marks, then the filter, then the past: one thing a press."""
        if self.table.marks:
            self.table.show_marks(frozenset())
        elif self.look != EventLook():
            self.turn(EventLook())
        elif not self.scrub.is_live:
            self.do_go_live()
        else:
            return False
        return True


def _newest(page: EventsPage) -> int:
    """The newest event of a page; 0 if it has none."""
    return page.events[-1].seq if page.events else 0
