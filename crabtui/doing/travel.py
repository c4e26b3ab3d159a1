"""Going places: from view to view, into a job and back."""

from typing import TYPE_CHECKING

from crabtui.addresses import PANES, Address
from crabtui.views.console_screen import ConsoleScreen
from crabtui.views.flows.flow import FlowScreen
from crabtui.views.flows.flows import FlowsPane
from crabtui.views.job.job import JobScreen
from crabtui.views.jobs.jobs import JobsView
from crabtui.views.keeping import Placed
from crabtui.views.main import MainScreen
from crabtui.views.pulse.pulse import PulseView
from crabtui.views.stuck import StuckView
from crabtui.views.workers import WorkersPane
from engine.model.filter.values import Word

if TYPE_CHECKING:
    from crabtui.desk import Desk


class Travel:
    """Going places: from view to view, into a job and back."""

    def __init__(self, app: "Desk") -> None:
        self._app = app
        self._later: list[Address] = []
        """Where one came from by going back, the nearest last."""

    def open_job(self, job: int, pane: str = "timeline") -> None:
        """Push the detail of a job."""
        self._later.clear()
        self._app.front.body.leave()
        screen = JobScreen(job, pane=pane, ascii_only=self._app.ascii_only)

        def begin() -> None:
            screen.show_zone(self._app.zone)
            screen.know_queues(self._app.queues)
            screen.enter()
            self._app.beat()
            self._app.refresh_keys()

        self._app.push_screen(screen)
        self._app.call_later(begin)

    def open_flow(self, run: int, look: str = "") -> None:
        """Push a run of a workflow."""
        self._later.clear()
        self.push(FlowScreen(run, look=look, ascii_only=self._app.ascii_only))

    def open_at(self, place: Address) -> None:
        """Push the job or the run that an address names, if it names one."""
        if place.job is None:
            return
        if place.view == "flows":
            self.open_flow(place.job, place.pane)
        else:
            self.open_job(place.job, place.pane or PANES[0])

    def push(self, screen: ConsoleScreen) -> None:
        """Show a screen over the one in front, until it is left."""
        self._app.front.body.leave()

        async def arrive() -> None:
            await self._app.push_screen(screen)
            self._arrive()

        self._app.run_worker(arrive(), group="push", exit_on_error=False)

    @property
    def _is_inside(self) -> bool:
        """Whether something is shown over the views."""
        screens = [s for s in self._app.screen_stack if isinstance(s, ConsoleScreen)]
        return not isinstance(screens[-1], MainScreen)

    def close_job(self) -> None:
        """Back to the view below."""
        self._app.front.body.leave()
        self._app.workers.cancel_group(self._app, "log")
        self._app.pop_screen()
        self._app.call_later(self._arrive)

    def _arrive(self) -> None:
        self._app.front.body.show_zone(self._app.zone)
        self._app.front.body.enter()
        self._app.beat()
        self._app.past.tell(self._app.front.body)
        self._app.refresh_keys()

    async def _go(self, view: str) -> None:
        self._take_count_back()
        self._remember_place()
        while self._is_inside:
            self.close_job()
        await self._app.main.go(view)
        self._arrive()

    def _take_count_back(self) -> None:
        """What was said of a list holds for no other view."""
        body = self._app.front.body
        if isinstance(body, JobsView) and body.told_count:
            self._app.front.unsay(body.told_count)

    def _remember_place(self) -> None:
        self._later.clear()
        self._app.places = [*self._app.places, self._app.front.body.address][-50:]

    async def arrive_at(self, view: str) -> None:
        """Go to a view, and come back when it is there."""
        await self._go(view)

    def go(self, view: str) -> None:
        """Go to a view."""
        self._app.run_worker(self._go(view), group="go", exclusive=True, exit_on_error=False)

    def do_back(self) -> None:
        """Where we were before."""
        here = self._app.front.body.address
        if self._is_inside:
            self._later.append(here)
            return self.close_job()
        if not self._app.places:
            return self._app.say("this is where you began")
        self._later.append(here)
        return self.go_to(self._app.places.pop())

    def do_forward(self) -> None:
        """Where we went back from."""
        if not self._later:
            return self._app.say("nothing lies ahead")
        later, place = self._later[:-1], self._later[-1]
        if place.job is not None:
            self.open_at(place)
        elif place.logs:
            self._app.log_keeping.open_logs(place.logs)
        else:
            self.visit(place)
        self._later = later
        return None

    def do_focus_next(self) -> None:
        """The focus one pane on."""
        self._app.screen.focus_next()

    def do_focus_previous(self) -> None:
        """The focus one pane back."""
        self._app.screen.focus_previous()

    def go_to(self, place: Address) -> None:
        """Show the view that an address names."""
        if place.at:
            self._app.past.go(place.at)

        async def go() -> None:
            self._take_count_back()
            while self._is_inside:
                self.close_job()
            await self._app.main.go(place.view)
            view = self._app.main.view(place.view)
            if isinstance(view, Placed) and place.job is None:
                view.look_at(place)
            self._arrive()
            if place.logs:
                self._app.log_keeping.open_logs(place.logs)
            self.open_at(place)

        self._app.run_worker(go(), group="go", exclusive=True, exit_on_error=False)

    def visit(self, place: Address) -> None:
        """Show the view that an address names, to come back with `[`."""
        self._remember_place()
        self.go_to(place)

    def do_open_queue(self) -> None:
        """The jobs of the queue under the cursor."""
        queue = self._app.chosen_queue()
        if queue is not None:
            self.visit(Address(where=f"queue:{Word(queue.name)}"))

    def do_open_worker(self) -> None:
        """The jobs that run on the worker under the cursor."""
        body = self._app.front.body
        if isinstance(body, WorkersPane | PulseView) and body.worker is not None:
            self.visit(Address(where=f"worker:{Word(body.worker.name)} state:running"))

    def do_open_flow(self) -> None:
        """The run under the cursor."""
        body = self._app.front.body
        if isinstance(body, FlowsPane) and body.flow is not None:
            self.open_flow(body.flow.id)

    def do_show_run(self) -> None:
        """The run that the job here is a task of, or is."""
        body = self._app.front.body
        if isinstance(body, JobScreen) and body.run is not None:
            return self.open_flow(body.run)
        return self._app.say("it is no task of a workflow", True)

    def do_open_flow_jobs(self) -> None:
        """The jobs of the run that is looked at."""
        body = self._app.front.body
        if isinstance(body, FlowScreen):
            self.visit(Address(where=f"flow:{body.run}"))

    def do_open_group(self) -> None:
        """The jobs that wait for what the group under the cursor waits for."""
        body = self._app.front.body
        if isinstance(body, StuckView) and body.table.row is not None:
            row = body.table.row
            self.visit(Address(where=row.where or f"queue:{Word(row.queue)} state:waiting"))

    def do_escape(self) -> None:
        """One thing a press: what is narrowed or marked, then a level up; never quits."""
        if self._app.zooming.end() or self._app.notes.dismiss_newest():
            return None
        if self._app.front.body.step_back():
            return self._app.refresh_keys()
        if self._is_inside:
            return self.close_job()
        if self._app.past.moment is not None:
            return self._app.past.do_live()
        return self._app.say("")

    def do_leave(self) -> None:
        """A level up; at the top, quit."""
        if self._is_inside:
            return self.close_job()
        return self.do_quit()

    def do_quit(self) -> None:
        """Quit; jobs keep running."""
        self._app.remembering.keep()
        self._app.notes.entitle("")
        self._app.exit(0)

    def do_interrupt(self) -> None:
        """Quit at the second press within a second."""
        now_s = self._app.clock.monotonic()
        if self._app.interrupted_s is not None and now_s - self._app.interrupted_s <= 1.0:
            return self.do_quit()
        self._app.interrupted_s = now_s
        return self._app.say("ctrl+c once more quits; jobs keep running")

    def _job_here(self) -> int | None:
        jobs = self._app.front.body.targets
        body = self._app.front.body
        if isinstance(body, JobsView):
            return body.table.cursor_id
        if isinstance(body, StuckView):
            return body.job
        return jobs[0].id if jobs else None

    def _show(self, pane: str) -> None:
        job = self._job_here()
        if job is None:
            return self._app.say("no job here", True)
        return self.open_job(job, pane)

    def do_show_log(self) -> None:
        """The log of the job under the cursor; of several that are marked, all in one."""
        now = self._app.situation()
        if len(now.jobs) > 1 or now.where is not None:
            return self._app.log_keeping.do_logs_of_marked()
        return self._show("log")

    def do_show_why(self) -> None:
        """The gates of the job under the cursor."""
        self._show("why")

    def do_show_events(self) -> None:
        """The events of the job under the cursor."""
        self._show("events")

    def do_show_detail(self) -> None:
        """The detail of the job under the cursor; of two marked ones, where they differ."""
        if not self._app.comparing.compare_marked():
            self._show("timeline")
