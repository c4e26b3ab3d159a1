"""The Jobs view: a window into all jobs, narrowed by a filter, with a preview beside it."""

from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from crabtui.acts.situation import Scope
from crabtui.addresses import Address
from crabtui.data.glyphs import Cell
from crabtui.data.table.board import Board, Calm
from crabtui.data.wording import Zone, count
from crabtui.messages import Aimed, Came, Said, SituationChanged
from crabtui.topics.groups import GROUPS
from crabtui.topics.jobs import JOBS, STORY, JobsAim, JobStory
from crabtui.views.jobs.aiming import Aiming, is_of, window
from crabtui.views.jobs.counting import counted
from crabtui.views.jobs.cursor_line import CursorLine
from crabtui.views.jobs.group_table import GroupTable
from crabtui.views.jobs.grouping import Grouping
from crabtui.views.jobs.last_seen import LastSeen
from crabtui.views.jobs.look import Look
from crabtui.views.jobs.marking import Marking
from crabtui.views.jobs.peeking import Peeking
from crabtui.views.keeping import KeptJobs
from crabtui.views.split import PreviewSplit
from crabtui.views.telling import tell
from crabtui.widgets.bars.chips import Chips
from crabtui.widgets.notice import Notice
from crabtui.widgets.panes.selection_pane import SelectionPane
from crabtui.widgets.table.virtual_table import VirtualTable
from engine.clock import Clock
from engine.control.views import JobRow, JobsPage


class JobsView(KeptJobs, Marking, Grouping, Peeking, Vertical):
    """Posts what it wants to see; is given pages, stories, time and link."""

    DEFAULT_CSS = """
    JobsView { height: 1fr; }
    JobsView #list { height: 1fr; width: 1fr; }
    JobsView #list.-empty VirtualTable { height: 1; }
    JobsView Notice { display: none; height: 1fr; }
    JobsView #list.-empty Notice { display: block; }
    JobsView.-has-preview > #line { display: none; }
    JobsView GroupTable { display: none; }
    JobsView.-grouped GroupTable { display: block; }
    JobsView.-grouped VirtualTable, JobsView.-grouped Preview { display: none; }
    JobsView.-grouped #list.-empty GroupTable { height: 1; }
    """

    def __init__(
        self, clock: Clock, *, look: Look | None = None, preview: str = "auto", ascii_only: bool
    ) -> None:
        super().__init__(id="jobs")
        self.look = look or Look()
        self.split = PreviewSplit(preview, ascii_only=ascii_only)
        self._clock = clock
        self._ascii = ascii_only
        self._fresh = Board()
        self._calm = Calm()
        self._aiming = Aiming(self)
        self._now_at = clock.now()
        self._loaded_once = False
        self._is_new_list = True
        """The last page was the first of its query: what is not in it was not lost."""
        self._seen = LastSeen()
        self.closest = ""
        """Which part of a filter that matches nothing to drop, in words."""
        self.refused = ""
        """Why the list that is wanted does not come."""
        self.told_count = ""  # what was said of how many match, in no view but this one
        self.cleared = ""
        """The last filter that was taken away as a whole."""

    def compose(self) -> ComposeResult:
        yield Chips(ascii_only=self._ascii)
        with self.split, Vertical(id="list"):
            yield VirtualTable(now_at=self._now_at, ascii_only=self._ascii, id="table")
            yield GroupTable(ascii_only=self._ascii)
            yield Notice(ascii_only=self._ascii)
        yield SelectionPane(ascii_only=self._ascii)
        yield CursorLine(ascii_only=self._ascii)

    def on_mount(self) -> None:
        self.table.show_sort(self.look.sort, descending=self.look.descending)
        self.table.show_columns(self.look.columns)
        self.place_groups()
        self._show_bar()

    def on_resize(self) -> None:
        self.split.place(self.size.width)
        self.set_class(self.split.has_preview, "-has-preview")
        self._aim_window()

    # What it is told

    def enter(self) -> None:
        """It is looked at again."""
        (self.groups if self.look.group else self.table).focus()
        self._aim_window(force=True)
        self.aim_groups()
        self.aim_preview()

    def leave(self) -> None:
        """It is not looked at any more."""
        self._aiming.end()
        self.end_preview()
        tell(self, Aimed(GROUPS, None))

    def came(self, event: Came) -> None:
        """Take what was asked for."""
        if event.topic is JOBS:
            self.refused = event.refusal(JOBS)
        if (page := event.of(JOBS)) is not None:
            self.show_page(event.aim, page)
        elif (story := event.of(STORY)) is not None:
            self.show_story(story)
        elif (groups := event.of(GROUPS)) is not None:
            self.show_groups(event.aim, groups)
        else:
            self.split.came(event)

    def show_page(self, aim: JobsAim, page: JobsPage) -> None:
        """Take a window of jobs, unless the view looks elsewhere by now."""
        if not is_of(aim, self.look):
            return
        now_s = self._clock.monotonic()
        first = not self._loaded_once
        self._loaded_once = True
        self._is_new_list = first
        self._fresh = self._fresh.apply(page, now_s)
        if first and self.look.where:
            cost = f"{page.scan:,} jobs looked at" if page.scan else "indexed"
            self.told_count = f"{self.matched} match  ·  {cost}"
            self._say(self.told_count)
        if first:
            self._calm = replace(self._calm, shown=self._fresh, waiting=None)
        else:
            self._calm = self._calm.offered(self._fresh, now_s)
        if aim.around is not None:
            self._aiming.found(replace(aim, around=None, at=page.offset))
            self._calm = replace(self._calm, shown=self._fresh, waiting=None)
        self._show()
        if aim.around is not None and not self.table.go_to(aim.around) and first:
            self.table.action_first()

    def show_story(self, story: JobStory) -> None:
        """Fill the preview."""
        if story.detail.job.id == self.table.cursor_id:
            self.split.show_story(story, self._now_at)

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
        self.split.tick(now_at)

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        self.table.show_zone(zone)
        self.split.show_zone(zone)

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
            self._show_bar_later()
        if lines is not None:
            self.query_one(Notice).show(lines)

    # What it is asked

    @property
    def total(self) -> int | None:
        """How many jobs match; None until that is known."""
        return self._calm.shown.total if self._loaded_once else None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Where keys work now, nearest first."""
        if self.look.group:
            return (Scope.GROUPS, Scope.GLOBAL)
        return (Scope.JOBS, Scope.TABLE, Scope.GLOBAL)

    @property
    def targets(self) -> tuple[JobRow, ...]:
        """The marked jobs as last seen, else the one under the cursor; of groups none."""
        if self.look.group:
            return ()
        if self.table.marks:
            return tuple(self.rows_of(sorted(self.table.marks)))
        row = self.table.cursor_row
        return (row,) if row else ()

    @property
    def queue(self) -> str | None:
        """The name of the queue that the cursor's job is in."""
        row = self.table.cursor_row
        return row.queue if row and not self.look.group else None

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
        return self._seen.rows(jobs, self._fresh, self._calm.shown)

    @property
    def matched(self) -> str:
        """How many jobs match, in words."""
        return count(self._fresh.total, exact=self._fresh.total_is_exact)

    def mark_loaded(self) -> None:
        """Show every job that is loaded as marked."""
        self.table.set_marks(self._loaded_ids())

    # Actions

    def do_open(self) -> None:
        """Open the job under the cursor, or list those of the group."""
        if self.look.group:
            self.open_group()
        else:
            self.table.action_open()

    def do_follow(self) -> None:
        """Keep the cursor on this job wherever it moves, or not."""
        self.table.following = not self.table.following
        job = self.table.cursor_id
        on = self.table.following and job is not None
        self._say(f"following #{job}; f ends it" if on else "following nothing")
        self._show_bar()

    def turn(self, look: Look) -> None:
        """Look at the list in another way."""
        if look == self.look:
            return None
        if look.columns != self.look.columns:
            self.table.show_columns(look.columns)
        if look.listed_as(self.look):
            self.look = look
            return self._regroup()
        if look.unfolded != self.look.unfolded:
            self.table.show_unfolded(look.unfolded)
        if self.look.where and not look.where:
            self.cleared = self.look.where
            self._say("no filter")
        if self.all_matching is not None and look.query != self.look.query:
            self.all_matching = None
            self.table.clear_marks()
        self.look, self.closest = look, ""
        self._fresh, self._loaded_once = Board(), False
        self._calm = replace(self._calm, waiting=None)
        self.table.show_sort(look.sort, descending=look.descending)
        self._aiming.move(window(self.table, look, self.table.held_id))
        return self._regroup()

    def _regroup(self) -> None:
        """Show rows or groups, as the look has it."""
        self.place_groups()
        self.aim_groups()
        self._show_bar()
        self._show_bar_later()
        self._show_line()
        self.aim_preview()
        tell(self, SituationChanged())

    def start_over(self) -> None:
        """Another moment is looked at: rows of the one before are no older ones of it."""
        self._fresh, self._loaded_once = Board(), False
        self._calm = replace(self._calm, waiting=None)

    def find(self, job: int) -> None:
        """Put the cursor on a job, wherever it is in the list."""
        if not self.table.go_to(job):
            self._aiming.move(window(self.table, self.look, job))

    def step_back(self) -> bool:
        """One thing that escape undoes here: range, marks, then narrowing; else False."""
        if self.table.anchor_id is not None:
            self.table.clear_range()
        elif self.table.marks or self.all_matching is not None:
            self.all_matching = None
            self.table.clear_marks()
        elif self.look.group:
            self.turn(replace(self.look, group=""))
        elif self.look.only is not None or self.look.problems or self.look.where:
            self.turn(replace(self.look, only=None, problems=False, where=""))
        else:
            return False
        return True

    # Messages of its widgets

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
        self._aiming.move(window(self.table, self.look, event.job))

    @on(VirtualTable.CursorMoved)
    def _cursor_moved(self, event: VirtualTable.CursorMoved) -> None:
        event.stop()
        self.aim_preview()
        self._show_line()
        tell(self, SituationChanged())

    @on(VirtualTable.CursorLost)
    def _cursor_lost(self, event: VirtualTable.CursorLost) -> None:
        event.stop()
        now = f"the cursor is on #{event.new}" if event.new else "nothing is left"
        self._say(f"#{event.old} left the list; {now}")

    @on(VirtualTable.MarksChanged)
    def _marks_changed(self, event: VirtualTable.MarksChanged) -> None:
        event.stop()
        if self.all_matching is not None and self.table.marks != self._loaded_ids():
            self.all_matching = None
        self._seen.keep(event.jobs, self._fresh, self._calm.shown)
        self._show_bar()
        tell(self, SituationChanged())

    @on(VirtualTable.Moved)
    def _moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        self._calm = self._calm.moved(self._clock.monotonic())
        self._aim_window()
        self._show_bar()

    # Drawing

    def _show(self) -> None:
        with self.table.prevent(*[VirtualTable.CursorLost] * self._is_new_list):
            self.table.show(self._calm.shown)
        if self.all_matching is not None:
            self.mark_loaded()
        self._show_bar()
        self._show_line()
        self.aim_preview()
        tell(self, SituationChanged())

    def _show_bar(self) -> None:
        every = self.all_matching is not None
        standing = counted(self.table, self._calm.shown, self.look, all_marked=every)
        self.query_one(Chips).show(
            "jobs", self.look.chips, self.counted_groups or standing, new=self._calm.pill
        )

    def _show_bar_later(self) -> None:
        # The table is restyled by one refresh; how many rows it shows, by the next.
        self.call_after_refresh(self.call_after_refresh, self._show_bar)

    def _show_line(self) -> None:
        row = None if self.look.group else self.table.cursor_row
        self.query_one(CursorLine).show(row, self._now_at)

    def _say(self, text: str, *, bad: bool = False) -> None:
        tell(self, Said(text, bad=bad))

    def _aim_window(self, *, force: bool = False) -> None:
        self._aiming.look(self.table, self.look, force=force)

    def _loaded_ids(self) -> frozenset[int]:
        return frozenset(self._calm.shown.places)
