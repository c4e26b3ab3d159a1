"""The Jobs view: a window into all jobs, narrowed by a filter, with a preview beside it."""

from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from crabtui.addresses import Address
from crabtui.data.board import Board, Calm
from crabtui.data.glyphs import Cell, to_ascii
from crabtui.data.wording import Zone, count, state_text
from crabtui.messages import (
    JobAimed,
    JobsAim,
    JobsAimed,
    JobStory,
    Said,
    SituationChanged,
    Wanted,
)
from crabtui.situation import Scope
from crabtui.views.look import MOST_MARKED, Look
from crabtui.views.preview import Preview
from crabtui.views.telling import tell
from crabtui.widgets.chips import Chips
from crabtui.widgets.facts_pane import FactsPane
from crabtui.widgets.notice import Notice
from crabtui.widgets.virtual_table import VirtualTable
from engine.clock import Clock
from engine.control.views import JobRow, JobsPage

PREVIEWS = ("off", "right", "below")


class JobsView(Vertical):
    """Posts what it wants to see; is given pages, stories, time and link."""

    scopes = (Scope.JOBS, Scope.TABLE, Scope.GLOBAL)
    DEFAULT_CSS = """
    JobsView { height: 1fr; }
    JobsView > #split { height: 1fr; layout: horizontal; }
    JobsView > #split.-below { layout: vertical; }
    JobsView #list { height: 1fr; width: 1fr; }
    JobsView #list.-empty VirtualTable { height: 1; }
    JobsView Notice { display: none; height: 1fr; }
    JobsView #list.-empty Notice { display: block; }
    JobsView #split.-off Preview { display: none; }
    JobsView #split.-right Preview { width: 57; }
    JobsView #split.-below Preview { height: 14; }
    JobsView > #line {
        height: 2; padding: 0 1; color: $crab-muted;
        border-top: solid $crab-line;
    }
    JobsView.-has-preview > #line { display: none; }
    """

    def __init__(
        self, clock: Clock, *, look: Look | None = None, preview: str = "auto", ascii_only: bool
    ) -> None:
        super().__init__(id="jobs")
        self.look = look or Look()
        self.preview_wish = preview
        self.all_matching: str | None = None
        """The query of `*`: every job that matches it is a target."""
        self._clock = clock
        self._ascii = ascii_only
        self._zone = Zone()
        self._fresh = Board()
        self._calm = Calm()
        self._aim: JobsAim | None = None
        self._now_at = clock.now()
        self._loaded_once = False
        self._is_new_list = True
        """The last page was the first of its query: what is not in it was not lost."""
        self._marked: dict[int, JobRow] = {}
        self.closest = ""
        """Which part of a filter that matches nothing to drop, in words."""

    def compose(self) -> ComposeResult:
        yield Chips(ascii_only=self._ascii)
        with Container(id="split", classes="-off"):
            with Vertical(id="list"):
                yield VirtualTable(now_at=self._now_at, ascii_only=self._ascii, id="table")
                yield Notice(ascii_only=self._ascii)
            yield Preview(ascii_only=self._ascii)
        yield Static(Content(""), id="line")

    def on_mount(self) -> None:
        self.table.show_sort(self.look.sort, descending=self.look.descending)
        self._show_bar()

    def on_resize(self) -> None:
        self._place_preview()
        self._aim_window()

    @property
    def table(self) -> VirtualTable:
        return self.query_one(VirtualTable)

    @property
    def preview(self) -> Preview:
        return self.query_one(Preview)

    @property
    def preview_title(self) -> str:
        """The job that the preview shows."""
        return self.preview.query_one(FactsPane).title

    # What it is told

    def enter(self) -> None:
        """It is looked at again."""
        self.table.focus()
        self._aim_window(force=True)
        self._aim_preview()

    def leave(self) -> None:
        """It is not looked at any more."""
        tell(self, JobsAimed(None))
        tell(self, JobAimed(None))
        self._aim = None

    def show_page(self, aim: JobsAim, page: JobsPage) -> None:
        """Take a window of jobs, unless the view looks elsewhere by now."""
        if (aim.where, aim.sort, aim.descending) != self._query:
            return
        now_s = self._clock.monotonic()
        first = not self._loaded_once
        self._loaded_once = True
        self._is_new_list = first
        self._fresh = self._fresh.apply(page, now_s)
        if first:
            self._calm = replace(self._calm, shown=self._fresh, waiting=None)
        else:
            self._calm = self._calm.offered(self._fresh, now_s)
        if aim.around is not None:
            self._aim = replace(aim, around=None, at=page.offset)
            self._calm = replace(self._calm, shown=self._fresh, waiting=None)
        self._show()
        if aim.around is not None:
            self.table.go_to(aim.around)

    def show_story(self, story: JobStory) -> None:
        """Fill the preview."""
        if story.detail.job.id == self.table.cursor_id:
            self.preview.show_story(story, self._now_at)

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        self._now_at = now_at
        self.table.stale = stale
        self.table.tick(now_at)
        settled = self._calm.settled(self._clock.monotonic())
        if settled is not self._calm:
            self._calm = settled
            self._show()
        self._show_line()
        if self._has_preview:
            self.preview.tick(now_at)

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self._zone = zone
        self.table.show_zone(zone)
        self.preview.show_zone(zone)

    def freeze(self, *, frozen: bool) -> None:
        """Keep everything as it is, or go on."""
        self._calm = replace(self._calm, frozen=frozen)
        if not frozen:
            self._calm = self._calm.taken()
            self._show()

    def show_notice(self, lines: Sequence[Cell] | None) -> None:
        """Say something in place of rows; None shows rows."""
        holder = self.query_one("#list")
        if holder.has_class("-empty") != (lines is not None):
            holder.set_class(lines is not None, "-empty")
            self.call_after_refresh(self._show_bar)
        if lines is not None:
            self.query_one(Notice).show(lines)

    # What it is asked

    @property
    def total(self) -> int | None:
        """How many jobs match; None until that is known."""
        return self._calm.shown.total if self._loaded_once else None

    @property
    def targets(self) -> tuple[JobRow, ...]:
        """The marked jobs as last seen, else the one under the cursor."""
        if self.table.marks:
            return tuple(row for job in sorted(self.table.marks) if (row := self._row(job)))
        row = self.table.cursor_row
        return (row,) if row else ()

    @property
    def queue(self) -> str | None:
        """The name of the queue that the cursor's job is in."""
        row = self.table.cursor_row
        return row.queue if row else None

    @property
    def address(self) -> Address:
        """The list as it is looked at now."""
        sort = "" if self.look.sort == "activity" else self.look.sort
        return Address(where=self.look.query, sort=sort, descending=self.look.descending)

    @property
    def hidden(self) -> int:
        """How many marked jobs are not in the list as it is now."""
        return sum(job not in self._fresh.places for job in self.table.marks)

    def rows_of(self, jobs: Sequence[int]) -> list[JobRow]:
        """The rows of these jobs, as far as they were ever seen here."""
        return [row for job in jobs if (row := self._row(job))]

    def _row(self, job: int) -> JobRow | None:
        row = self._fresh.row_of(job) or self._calm.shown.row_of(job)
        if row is not None:
            self._marked[job] = row
        return row or self._marked.get(job)

    # Actions

    def do_open(self) -> None:
        """Open the job under the cursor."""
        self.table.action_open()

    def do_mark(self) -> None:
        """Mark and move down."""
        self.table.action_mark()

    def do_mark_range(self) -> None:
        """Begin or end a range."""
        self.table.action_range()

    def do_mark_all(self) -> None:
        """Target everything that matches, loaded or not."""
        self.all_matching = self.look.query
        self._mark_loaded()
        matched = count(self._fresh.total, exact=self._fresh.total_is_exact)
        tell(self, Said(f"all {matched} that match are marked; esc unmarks"))
        tell(self, SituationChanged())

    def do_only_marked(self) -> None:
        """Show only marked jobs, or all again."""
        if self.look.only is not None:
            return self.turn(replace(self.look, only=None))
        marks = tuple(sorted(self.table.marks))
        if not marks or self.all_matching is not None:
            return self._say("nothing is marked one by one: space marks")
        if len(marks) > MOST_MARKED:
            return self._say(f"at most {MOST_MARKED} marked jobs can be shown alone")
        return self.turn(replace(self.look, only=marks))

    def do_problems(self) -> None:
        """Show only what went wrong, or all again."""
        self.turn(replace(self.look, problems=not self.look.problems))

    def do_sort_before(self) -> None:
        """Sort by the column before."""
        self.turn(self.look.stepped(-1))

    def do_sort_after(self) -> None:
        """Sort by the next column."""
        self.turn(self.look.stepped(1))

    def do_invert(self) -> None:
        """Turn the order round."""
        self.turn(replace(self.look, descending=not self.look.descending))

    def do_follow(self) -> None:
        """Keep the cursor on this job wherever it moves, or not."""
        self.table.following = not self.table.following
        job = self.table.cursor_id
        on = self.table.following and job is not None
        self._say(f"following #{job}; f ends it" if on else "following nothing")
        self._show_bar()

    def do_preview(self) -> None:
        """Off, right, below, in turn."""
        now = self._preview_place
        self.preview_wish = PREVIEWS[(PREVIEWS.index(now) + 1) % len(PREVIEWS)]
        self._place_preview()
        self._aim_preview()

    def turn(self, look: Look) -> None:
        """Look at the list in another way."""
        if look == self.look:
            return
        self.look, self.closest = look, ""
        self._fresh, self._loaded_once = Board(), False
        self._calm = replace(self._calm, waiting=None)
        self.table.show_sort(look.sort, descending=look.descending)
        self._show_bar()
        self._aim_window(force=True)
        tell(self, SituationChanged())

    def find(self, job: int) -> None:
        """Put the cursor on a job, wherever it is in the list."""
        if not self.table.go_to(job):
            self._look_at(replace(self._window_aim(), around=job))

    def step_back(self) -> bool:
        """One thing that escape undoes here: range, marks, then narrowing; else False."""
        if self.table.anchor_id is not None:
            self.table.clear_range()
        elif self.table.marks or self.all_matching is not None:
            self.all_matching = None
            self.table.clear_marks()
        elif self.look.only is not None or self.look.problems or self.look.where:
            self.turn(replace(self.look, only=None, problems=False, where=""))
        else:
            return False
        return True

    # Messages of its widgets

    @on(Chips.Removed)
    def _chip_removed(self, event: Chips.Removed) -> None:
        event.stop()
        self.turn(self.look.without(event.chip))

    @on(Chips.PillPressed)
    def _pill_pressed(self, event: Chips.PillPressed) -> None:
        event.stop()
        self._calm = self._calm.taken()
        self._show()

    @on(VirtualTable.WindowWanted)
    def _window_wanted(self, event: VirtualTable.WindowWanted) -> None:
        event.stop()
        self._aim_window()

    @on(VirtualTable.RowWanted)
    def _row_wanted(self, event: VirtualTable.RowWanted) -> None:
        event.stop()
        self._look_at(replace(self._window_aim(), around=event.job))

    @on(VirtualTable.CursorMoved)
    def _cursor_moved(self, event: VirtualTable.CursorMoved) -> None:
        event.stop()
        self._aim_preview()
        self._show_line()
        tell(self, SituationChanged())

    @on(VirtualTable.CursorLost)
    def _cursor_lost(self, event: VirtualTable.CursorLost) -> None:
        event.stop()
        if self._is_new_list:
            return
        now = f"the cursor is on #{event.new}" if event.new else "nothing is left"
        self._say(f"#{event.old} left the list; {now}")

    @on(VirtualTable.MarksChanged)
    def _marks_changed(self, event: VirtualTable.MarksChanged) -> None:
        event.stop()
        if self.all_matching is not None and event.jobs != self._loaded_ids():
            self.all_matching = None
        self._marked = {job: row for job in event.jobs if (row := self._row(job))}
        self._show_bar()
        tell(self, SituationChanged())

    @on(VirtualTable.Moved)
    def _moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        self._calm = self._calm.moved(self._clock.monotonic())
        self._aim_window()
        self._show_bar()

    @on(VirtualTable.SortWanted)
    def _sort_wanted(self, event: VirtualTable.SortWanted) -> None:
        event.stop()
        self.turn(self.look.sorted_by(event.column))

    @on(VirtualTable.MenuWanted)
    def _menu_wanted(self, event: VirtualTable.MenuWanted) -> None:
        event.stop()
        tell(self, Wanted("menu"))

    @on(VirtualTable.Refused)
    def _refused(self, event: VirtualTable.Refused) -> None:
        event.stop()
        self._say(event.why, bad=True)

    # Drawing

    def _show(self) -> None:
        self.table.show(self._calm.shown)
        if self.all_matching is not None:
            self._mark_loaded()
        self._show_bar()
        self._show_line()
        self._aim_preview()
        tell(self, SituationChanged())

    def _show_bar(self) -> None:
        self.query_one(Chips).show(
            "jobs", self.look.chips, self._counted(), new=self._calm.pill
        )

    def _counted(self) -> str:
        shown = self._calm.shown
        first, last = self.table.shown_places
        facts = []
        if self.all_matching is not None:
            facts.append("all marked")
        elif self.table.marks:
            facts.append(f"{len(self.table.marks)} marked")
        if self.table.following:
            facts.append("following")
        arrow = "▼" if self.look.descending else "▲"
        total = count(shown.total, exact=shown.total_is_exact)
        if shown.total:
            facts.append(f"{first}-{last} of {total}")
        return "  ".join((*facts, f"sort {self.look.sort}{arrow}"))

    def _show_line(self) -> None:
        row = self.table.cursor_row
        text = ""
        if row is not None:
            place = f" on {row.worker_id}" if row.worker_id else ""
            why = f": {row.note}" if row.note else ""
            text = f"#{row.id} {row.name[:60]}  {state_text(row, self._now_at)}{place}{why}"
        self.query_one("#line", Static).update(self._plain(text))

    def _plain(self, text: str) -> Content:
        return Content(to_ascii(text) if self._ascii else text)

    def _say(self, text: str, *, bad: bool = False) -> None:
        tell(self, Said(text, bad=bad))

    # Aiming

    @property
    def _query(self) -> tuple[str, str, bool]:
        return self.look.query, self.look.sort, self.look.descending

    def _window_aim(self) -> JobsAim:
        where, sort, descending = self._query
        at, size = self.table.window
        return JobsAim(
            where=where, sort=sort, descending=descending, at=at, count=max(size, 20)
        )

    def _aim_window(self, *, force: bool = False) -> None:
        """Look where the table is, unless the present aim covers what is in view."""
        first, last = self.table.shown_places
        aim = self._aim
        covered = aim is not None and aim.at < first and last <= aim.at + aim.count
        if force or not covered or self._board_lacks():
            self._look_at(self._window_aim())

    def _board_lacks(self) -> bool:
        at, size = self.table.window
        return self.table.board.missing(at, at + size) is not None

    def _look_at(self, aim: JobsAim) -> None:
        if aim != self._aim:
            self._aim = aim
            tell(self, JobsAimed(aim))

    def _loaded_ids(self) -> frozenset[int]:
        return frozenset(self._calm.shown.places)

    def _mark_loaded(self) -> None:
        self.table.set_marks(self._loaded_ids())

    # The preview

    @property
    def _preview_place(self) -> str:
        if self.preview_wish in PREVIEWS:
            return self.preview_wish
        return "right" if self.size.width >= 160 else "off"

    @property
    def _has_preview(self) -> bool:
        return self._preview_place != "off" and self.size.width >= 100

    def _place_preview(self) -> None:
        place = self._preview_place if self._has_preview else "off"
        if place == "right" and self.size.width < 140:
            place = "below"
        split = self.query_one("#split")
        for name in PREVIEWS:
            split.set_class(name == place, f"-{name}")
        self.set_class(place != "off", "-has-preview")

    def _aim_preview(self) -> None:
        job = self.table.cursor_id if self._has_preview else None
        tell(self, JobAimed(job))
