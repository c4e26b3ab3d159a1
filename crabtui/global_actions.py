"""What the keys do that work everywhere, and those that need the app's dialogs."""

from typing import TYPE_CHECKING

from crabtui import clipboard, commands
from crabtui.actions import ACTIONS, BY_ID, works_in
from crabtui.acts import TYPED_ABOVE, Plan, plan_cancel, plan_limit, plan_pause, plan_priority
from crabtui.addresses import Address, format_address
from crabtui.dialogs.ask import Ask
from crabtui.dialogs.help import Help
from crabtui.dialogs.picker import Choice, Picker
from crabtui.keymap import shown
from crabtui.session import Session
from crabtui.situation import Situation, objects
from crabtui.theme import THEMES
from crabtui.views.job import JobScreen
from crabtui.views.jobs import JobsView
from crabtui.views.log_pane import LogPane
from crabtui.views.look import SORTS, Look
from crabtui.views.prompt_modes import CommandMode, FilterMode, SearchMode
from crabtui.views.queues import QueuesPane
from engine.control.messages import FollowLog, ListJobs, ReadLog
from engine.errors import EngineError, InvalidSpec
from engine.model.priority import SHARES, Priority

if TYPE_CHECKING:
    from crabtui.app import CrabApp

TAIL_BYTES = 64 * 2**10

SEARCH_TRIES = 6
"""Parts of a filter that are dropped one at a time to find the closest match."""


class GlobalActions:
    """Mixed into the app: one method `do_<id>` for each action."""

    # Going places

    def open_job(self: "CrabApp", job: int, pane: str = "timeline") -> None:
        """Push the detail of a job."""
        self.front.body.leave()
        screen = JobScreen(job, pane=pane, ascii_only=self.ascii_only)

        def begin() -> None:
            screen.show_zone(self.zone)
            screen.enter()
            self.beat()
            self.refresh_keys()

        self.push_screen(screen)
        self.call_later(begin)

    def close_job(self: "CrabApp") -> None:
        """Back to the view below."""
        self.front.body.leave()
        self.workers.cancel_group(self, "log")
        self.pop_screen()
        self.call_later(self._arrive)

    def _arrive(self: "CrabApp") -> None:
        self.front.body.show_zone(self.zone)
        self.front.body.enter()
        self.beat()
        self.refresh_keys()

    async def _go(self: "CrabApp", view: str) -> None:
        self._remember_place()
        if isinstance(self.front, JobScreen):
            self.close_job()
        await self.main.go(view)
        self._arrive()

    def _remember_place(self: "CrabApp") -> None:
        self.places = [*self.places, self.front.body.address][-50:]

    def do_view_jobs(self: "CrabApp") -> None:
        """Go to the jobs."""
        self.run_worker(self._go("jobs"), group="go", exclusive=True, exit_on_error=False)

    def do_view_queues(self: "CrabApp") -> None:
        """Go to the queues."""
        self.run_worker(self._go("queues"), group="go", exclusive=True, exit_on_error=False)

    def do_back(self: "CrabApp") -> None:
        """Where we were before."""
        if isinstance(self.front, JobScreen):
            return self.close_job()
        if not self.places:
            return self.say("this is where you began")
        place = self.places.pop()
        return self.go_to(place)

    def go_to(self: "CrabApp", place: Address) -> None:
        """Show the view that an address names."""

        async def go() -> None:
            if isinstance(self.front, JobScreen):
                self.close_job()
            await self.main.go(place.view)
            view = self.jobs_view
            if place.view == "jobs" and view is not None and place.job is None:
                sort = place.sort or "activity"
                view.turn(Look(where=place.where, sort=sort, descending=place.descending))
            self._arrive()
            if place.job is not None:
                self.open_job(place.job)

        self.run_worker(go(), group="go", exclusive=True, exit_on_error=False)

    def do_open_queue(self: "CrabApp") -> None:
        """The jobs of the queue under the cursor."""
        queue = self.chosen_queue()
        if queue is not None:
            self._remember_place()
            where = f'queue:"{queue.name}"' if " " in queue.name else f"queue:{queue.name}"
            self.go_to(Address(where=where))

    def do_escape(self: "CrabApp") -> None:
        """One thing a press: what is narrowed or marked, then a level up; never quits."""
        if self.front.body.step_back():
            return self.refresh_keys()
        if isinstance(self.front, JobScreen):
            return self.close_job()
        return self.say("")

    def do_leave(self: "CrabApp") -> None:
        """A level up; at the top, quit."""
        if isinstance(self.front, JobScreen):
            return self.close_job()
        return self.do_quit()

    def do_quit(self: "CrabApp") -> None:
        """Quit; jobs keep running."""
        self.exit(0)

    def do_interrupt(self: "CrabApp") -> None:
        """Quit at the second press within a second."""
        now_s = self.clock.monotonic()
        if self._interrupted_s is not None and now_s - self._interrupted_s <= 1.0:
            return self.do_quit()
        self._interrupted_s = now_s
        return self.say("ctrl+c once more quits; jobs keep running")

    # The job under the cursor

    def _job_here(self: "CrabApp") -> int | None:
        jobs = self.front.body.targets
        body = self.front.body
        if isinstance(body, JobsView):
            return body.table.cursor_id
        return jobs[0].id if jobs else None

    def _show(self: "CrabApp", pane: str) -> None:
        job = self._job_here()
        if job is None:
            return self.say("no job here", True)
        return self.open_job(job, pane)

    def do_show_log(self: "CrabApp") -> None:
        """The log of the job under the cursor."""
        self._show("log")

    def do_show_why(self: "CrabApp") -> None:
        """The gates of the job under the cursor."""
        self._show("why")

    def do_show_events(self: "CrabApp") -> None:
        """The events of the job under the cursor."""
        self._show("events")

    def do_show_detail(self: "CrabApp") -> None:
        """The detail of the job under the cursor."""
        self._show("timeline")

    # Acts that ask for more first

    def do_pick_priority(self: "CrabApp") -> None:
        """Pick one of the four levels."""
        now = self.situation()
        levels = {level.label: level for level in Priority}
        choices = [
            Choice(name, name, f"{SHARES[level]} % of starts while all wait", name[0])
            for name, level in levels.items()
        ]
        chosen = now.jobs[0].priority if now.jobs else ""
        picker = Picker(
            f"priority of {objects(now)}", choices, chosen=chosen, ascii_only=self.ascii_only
        )

        def done(name: str | None) -> None:
            if name is not None:
                self.perform(plan_priority(now, levels[name]), now)

        self.push_screen(picker, done)

    def do_pause(self: "CrabApp") -> None:
        """Pause the queue here, with a reason; or resume it."""
        now = self.situation()
        queue = now.queue
        assert queue is not None
        if queue.paused_at is not None:
            return self.perform(plan_pause(queue.name, pause=False), now)
        hint = (
            f"why?  {queue.queued:,} queued wait; what runs goes on; enter pauses, esc does not"
        )

        def done(why: str | None) -> None:
            if why is not None:
                self.perform(plan_pause(queue.name, pause=True, why=why), now)

        self.push_screen(Ask(f"Pause queue {queue.name}", hint), done)
        return None

    def do_pick_limit(self: "CrabApp") -> None:
        """Set the limit of the queue here."""
        now = self.situation()
        queue = now.queue
        assert queue is not None
        value = "" if queue.limit is None else str(queue.limit)
        hint = f"{queue.running} run now; a whole number from 0 on, or none"

        def done(text: str | None) -> None:
            if text is not None:
                self.perform(plan_limit(queue.name, commands.parse_limit(text)), now)

        ask = Ask(f"Limit queue {queue.name}", hint, value=value, check=commands.parse_limit)
        self.push_screen(ask, done)

    def do_raise_limit(self: "CrabApp") -> None:
        """One more may run."""
        self._move_limit(1)

    def do_lower_limit(self: "CrabApp") -> None:
        """One less may run."""
        self._move_limit(-1)

    def _move_limit(self: "CrabApp", by: int) -> None:
        now = self.situation()
        queue = now.queue
        assert queue is not None
        if queue.limit is None:
            return self.say(f"queue {queue.name} has no limit: p sets one", True)
        return self.perform(plan_limit(queue.name, max(0, queue.limit + by)), now)

    # Undo

    def do_undo(self: "CrabApp") -> None:
        """Withdraw cancels in their grace here, else take back the last act."""
        now = self.situation()
        if now.link or now.read_only:
            return self.say(now.link or "read-only: :arm 10m allows acts", True)
        grace = [job for job in now.jobs if job.cancel_at is not None]
        if grace:
            work = self.acting.withdraw(grace)
        else:
            work = self.acting.take_back()
        self.run_worker(work, group="act", exit_on_error=False)
        return None

    def do_cancel_now(self: "CrabApp") -> None:
        """Cancel at once what is in its grace here."""
        now = self.situation()
        if now.link or now.read_only:
            return self.say(now.link or "read-only: :arm 10m allows acts", True)
        view = self.jobs_view
        ids = self.acting.in_grace()
        jobs = [job for job in now.jobs if job.cancel_at is not None]
        if not jobs and view is not None:
            jobs = [row for row in view.rows_of(ids) if row.cancel_at is not None]
        if not jobs:
            return self.say("nothing is in its grace", True)
        self.run_worker(self.acting.cancel_now(jobs), group="act", exit_on_error=False)
        return None

    # Looking

    def do_filter(self: "CrabApp") -> None:
        """Type a filter."""
        view = self.jobs_view
        if view is not None:
            front = self.front
            mode = FilterMode(
                front.prompt, front.end_prompt, view, self._values, self.filters
            )
            front.ask_line(mode)

    def _values(self: "CrabApp") -> dict[str, list[str]]:
        view = self.jobs_view
        rows = list(view.table.board.rows.values()) if view is not None else []
        names = {queue.name for queue in self.queues} | {row.queue for row in rows}
        return {
            "queue": sorted(names),
            "worker": sorted({row.worker_id for row in rows if row.worker_id}),
            "tag": sorted({tag for row in rows for tag in row.tags}),
            "owner": sorted({row.owner for row in rows if row.owner}),
            "tenant": sorted({row.tenant_id for row in rows}),
        }

    def do_search_log(self: "CrabApp") -> None:
        """Type what to look for in the log."""
        front = self.front
        if isinstance(front, JobScreen):
            pane = front.log_pane
            front.ask_line(SearchMode(front.prompt, front.end_prompt, pane.search))

    def do_sort(self: "CrabApp") -> None:
        """Pick the sort column."""
        view = self.jobs_view
        if view is None:
            return
        hints = {"activity": "what needs a look first"}
        choices = [Choice(name, name, hints.get(name, "")) for name in SORTS]

        def done(name: str | None) -> None:
            if name is not None and view is not None:
                view.turn(view.look.sorted_by(name))

        picker = Picker("sort by", choices, chosen=view.look.sort, ascii_only=self.ascii_only)
        self.push_screen(picker, done)

    def look_closer(self: "CrabApp", where: str) -> None:
        """Find which part of a filter that matches nothing keeps the most out."""
        self.run_worker(
            self._closest(where), group="closest", exclusive=True, exit_on_error=False
        )

    async def _closest(self: "CrabApp", where: str) -> None:
        view = self.jobs_view
        if view is None or view.look.query != where:
            return
        terms = Look(where=where).terms[:SEARCH_TRIES]
        found: list[tuple[int, str]] = []
        for place, term in enumerate(terms):
            rest = " ".join(terms[:place] + terms[place + 1 :])
            if rest:
                page = await self.feed.call(ListJobs(where=rest, count=1))
                found.append((page.total, term))
        best = max(found, default=(0, ""))
        if best[0] and view.look.query == where:
            view.closest = f"closest: without {best[1]} there are {best[0]:,}"
            self.show_notice()

    def do_freeze(self: "CrabApp") -> None:
        """Hold everything still, or go on."""
        self.feed.frozen = not self.feed.frozen
        self.front.body.freeze(frozen=self.feed.frozen)
        if not self.feed.frozen:
            self.feed.touch()
        self.say("frozen: Z goes on" if self.feed.frozen else "live again")
        self.beat()

    def do_refresh(self: "CrabApp") -> None:
        """Look at everything again."""
        self.feed.touch()
        self.say("refreshed")

    def do_reconnect(self: "CrabApp") -> None:
        """Try the connection now."""
        why_not = self.feed.link.why_not()
        self.feed.hurry() if why_not else None
        self.say("trying now" if why_not else "the connection is live")

    def do_utc(self: "CrabApp") -> None:
        """UTC, or local time again."""
        self.utc = not self.utc
        self.front.body.show_zone(self.zone)
        self.say("times in UTC" if self.utc else f"times in {self.zone.name}")
        self.beat()

    def do_help(self: "CrabApp") -> None:
        """All keys."""
        self.push_screen(Help(self.situation(), ascii_only=self.ascii_only))

    def do_palette(self: "CrabApp") -> None:
        """All actions that are possible now."""
        self.action_command_palette()

    def do_menu(self: "CrabApp") -> None:
        """All acts on the selection, with what they would do or why they cannot."""
        now = self.situation()
        here = [a for a in ACTIONS if a.acts and works_in(a, now.scopes)]
        choices = [
            Choice(
                action.id,
                action.title,
                _menu_hint(action.id, now),
                shown(action.keys[0]),
                disabled=action.why_not(now) is not None,
            )
            for action in here
        ]
        if not choices:
            return self.say("no acts here", True)

        def done(name: str | None) -> None:
            if name is not None:
                self.start(BY_ID[name])

        title = objects(now) if now.jobs else "actions"
        self.push_screen(Picker(title, choices, ascii_only=self.ascii_only), done)
        return None

    # Copying

    def do_copy_id(self: "CrabApp") -> None:
        """The ids of the targets; with no jobs at all, the line that submits one."""
        jobs = self.front.body.targets
        text = " ".join(str(job.id) for job in jobs) or "crabtui submit -- echo hi"
        self.say(f"{clipboard.send(text, self.copy_to_clipboard)}: {text[:40]}")

    def do_copy_address(self: "CrabApp") -> None:
        """The address of this view."""
        text = format_address(self.front.body.address)
        self.say(f"{clipboard.send(text, self.copy_to_clipboard)}: {text[:60]}")

    # Rights

    def arm(self: "CrabApp", seconds: int) -> None:
        """Allow acts for a while."""
        if not self.is_guarded:
            return self.say("this console may act already")
        self.armed_until_s = self.clock.monotonic() + seconds
        self.feed.rearm(read_only=False)
        self.say(f"acts are allowed for {seconds // 60 or 1} minutes; :disarm ends it")
        return self.beat()

    def disarm(self: "CrabApp", text: str = "read-only again") -> None:
        """No acts any more."""
        if not self.is_guarded:
            return self.say("this console was not started read-only", True)
        self.armed_until_s = None
        self.feed.rearm(read_only=True)
        return self.say(text)

    # Commands

    def do_command(self: "CrabApp") -> None:
        """Type a command."""
        front = self.front
        mode = CommandMode(
            front.prompt, front.end_prompt, self.run_command, self._offers, self.lines
        )
        front.ask_line(mode)

    def _offers(self: "CrabApp", line: str) -> list[str]:
        return commands.suggest(line, [queue.name for queue in self.queues], list(THEMES))

    def run_command(self: "CrabApp", command: commands.Command) -> None:
        """Carry out one line of the command bar.

        Raises:
            InvalidSpec: its words mean nothing.
        """
        words = command.words
        match command.verb:
            case "q":
                self.do_quit()
            case "keys":
                self.do_help()
            case "queues":
                self.do_view_queues()
            case "jobs":
                Look(where=command.rest).terms  # noqa: B018 - refuses what is no filter
                self._remember_place()
                self.go_to(Address(where=command.rest))
            case "arm":
                self.arm(commands.parse_span_s(words[0] if words else "10m"))
            case "disarm":
                self.disarm()
            case "set":
                self._set(words)
            case "cancel":
                Look(where=command.rest).terms  # noqa: B018 - refuses what is no filter
                self._start_plan(self._cancel_all(command.rest))
            case "limit":
                self._change_queue(plan_limit(words[0], commands.parse_limit(words[1])))
            case "pause" | "resume":
                why = command.rest.partition(" ")[2]
                pause = command.verb == "pause"
                self._change_queue(plan_pause(words[0], pause=pause, why=why))

    def _set(self: "CrabApp", words: list[str]) -> None:
        if words[0] != "theme" or words[1] not in THEMES:
            raise InvalidSpec(f"only: set theme {' | '.join(THEMES)}", nearest="theme")
        self.theme = words[1]

    def _start_plan(self: "CrabApp", work: object) -> None:
        self.run_worker(work, group="act", exit_on_error=False)  # type: ignore[arg-type]

    async def _cancel_all(self: "CrabApp", where: str) -> None:
        now = self.situation()
        if now.link or now.read_only:
            return self.say(now.link or "read-only: :arm 10m allows acts", True)
        try:
            page = await self.feed.call(ListJobs(where=where, count=TYPED_ABOVE))
        except EngineError as error:
            return self.say(f"not canceled: {error.message}", True)
        if not page.total:
            return self.say(f"no job matches {where}", True)
        asked = Situation(where=where, count=page.total, jobs=page.jobs)
        return await self.acting.perform(plan_cancel(asked))

    def _change_queue(self: "CrabApp", plan: Plan) -> None:
        now = self.situation()
        if now.link or now.read_only:
            return self.say(now.link or "read-only: :arm 10m allows acts", True)
        return self.perform(plan, now)

    # Logs

    def read_log(self: "CrabApp", pane: LogPane) -> None:
        """Read the end of a log and follow it; one log at a time."""
        self.run_worker(self._read(pane), group="log", exclusive=True, exit_on_error=False)

    async def _read(self: "CrabApp", pane: LogPane) -> None:
        job, stream = pane.job, pane.stream
        try:
            tail = await self.feed.call(
                ReadLog(id=job, stream=stream, offset=-TAIL_BYTES, limit=TAIL_BYTES)
            )
            pane.take(tail)
            ask = FollowLog(id=job, stream=stream, offset=tail.offset + len(tail.data))
            async for chunk in self.feed.follow_log(ask):
                pane.take(chunk)
        except EngineError as error:
            pane.trouble(error.message)

    def read_older(self: "CrabApp", pane: LogPane, offset: int) -> None:
        """Read a part of a log that is not loaded."""

        async def read() -> None:
            ask = ReadLog(id=pane.job, stream=pane.stream, offset=offset, limit=TAIL_BYTES)
            try:
                pane.take(await self.feed.call(ask))
            except EngineError as error:
                pane.trouble(error.message)

        self.run_worker(read(), group="older", exclusive=True, exit_on_error=False)

    # The session

    def session_now(self: "CrabApp") -> Session:
        """What to come back to."""
        view = self.jobs_view
        look = view.look if view is not None else Look()
        return Session(
            view="queues" if isinstance(self.main.body, QueuesPane) else "jobs",
            where=look.where,
            sort=look.sort,
            descending=look.descending,
            preview=view.preview_wish if view is not None else "auto",
            utc=self.utc,
            history=tuple(self.filters),
        )


def _menu_hint(name: str, now: Situation) -> str:
    action = BY_ID[name]
    reason = action.why_not(now)
    if reason is not None:
        return f"no: {reason}"
    if action.plan is not None:
        return "; ".join(action.plan(now).effects)
    return action.help
