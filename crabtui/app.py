"""The console: one app, one connection, and the screens that it feeds."""

import asyncio
import gc
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Final

from textual import on
from textual.screen import Screen

from crabtui import clipboard, messages
from crabtui.addresses import parse_address
from crabtui.data.wording import plural
from crabtui.desk import Desk
from crabtui.feed import Door
from crabtui.hears import hears
from crabtui.keymap import shown
from crabtui.link import Stage
from crabtui.session import session_of, session_path
from crabtui.theme import (
    THEMES,
    choose,
    is_ascii_wanted,
)
from crabtui.topics import JOBS, QUEUES, JobsAim
from crabtui.views.job import JobScreen
from crabtui.views.log_pane import LogPane
from crabtui.views.look import Look
from crabtui.views.main import MainScreen
from crabtui.views.makers import makers
from crabtui.widgets.footer_keys import FooterKeys
from crabtui.widgets.text_pane import TextPane
from crabtui.widgets.view_tabs import ViewTabs
from crabtui.widgets.virtual_table import VirtualTable
from engine.control.blocking import BlockingClient
from engine.control.remote import Remote
from engine.control.views import JobsPage, QueuesView

CONTEXT_CELLS: Final = 24


class CrabApp(Desk):
    """Starts the feed, hears what it and the views tell, and hands it on."""

    # Start and end

    def get_default_screen(self) -> Screen[None]:
        first = self._first
        look = Look(
            where=first.where, sort=first.sort or "activity", descending=first.descending
        )
        return MainScreen(makers(self, look), first.view, ascii_only=self.ascii_only)

    def on_mount(self) -> None:
        for each in THEMES.values():
            self.register_theme(each)
        self.theme = self._theme_name
        self.set_class(self.ascii_only, "-ascii")
        self.set_interval(1.0, self.beat)
        self.call_after_refresh(self._begin)

    def on_load(self) -> None:
        """Whoever ends us gets the terminal back as it was."""
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._end_by, number)

    def _end_by(self, number: signal.Signals) -> None:
        if self.is_open:
            self.keep_session()
        self.exit(128 + number)

    def _begin(self) -> None:
        self._has_begun = True
        if not self.is_open:
            return
        gc.freeze()
        self.run_worker(self.feed.run(), name="feed", group="feed", exit_on_error=False)
        self.feed.look(QUEUES, True)
        self.front.body.show_zone(self.zone)
        self.front.body.enter()
        self.refresh_keys()
        self.looking.tell_faults()
        if self._first.job is not None:
            self.travel.open_job(self._first.job)
        self.beat()

    # What the feed tells

    @hears(messages.LinkChanged)
    def _link_changed(self, event: messages.LinkChanged) -> None:
        body = self.front.body
        if event.link.stage is Stage.LIVE and isinstance(body, JobScreen):
            body.log_pane.reopen()
        if event.link.stage is Stage.LIVE:
            self.is_well("link")
        elif event.link.error and event.link.error != self._complaints.get("link"):
            self.complain("link", event.link.error)
        self.beat()
        self.refresh_keys()

    @hears(messages.PulseCame)
    def _pulse_came(self, event: messages.PulseCame) -> None:
        first = self.pulse is None
        self.pulse = event.pulse
        self._heard_s = self.clock.monotonic()
        self.jobs_running = event.pulse.by_state.get("running", 0)
        if first or event.pulse.jobs or event.pulse.many:
            self.beat()
        if event.pulse.trouble:
            self.front.say(f"the engine is in trouble: {event.pulse.trouble}", bad=True)

    @hears(messages.Came)
    def _came(self, event: messages.Came) -> None:
        name = event.topic.name
        if event.error is None:
            self.is_well(name)
        elif not event.topic.tells_errors:
            self.complain(name, event.error.message)
        for body in self.bodies:
            body.came(event)
        if (queues := event.of(QUEUES)) is not None:
            self._know_queues(queues)
        if (page := event.of(JOBS)) is not None:
            self._know_jobs(event.aim, page)

    def _know_queues(self, answer: QueuesView) -> None:
        self.queues = answer.queues
        if answer.mode != self.pressure:
            self.pressure = answer.mode
            self.beat()

    def _know_jobs(self, aim: JobsAim, page: JobsPage) -> None:
        self.show_notice()
        if page.total == 0 and aim.where:
            self.looking.look_closer(aim.where)

    # What the views tell

    @on(messages.Aimed)
    def _aimed(self, event: messages.Aimed) -> None:
        self.feed.look(event.topic, event.aim)

    @hears(VirtualTable.Opened)
    def _job_opened(self, event: VirtualTable.Opened) -> None:
        self.travel.open_job(event.job)

    @hears(LogPane.Opened)
    def _log_opened(self, event: LogPane.Opened) -> None:
        self.log_reading.read_log(event.pane)

    @hears(LogPane.WindowWanted)
    def _log_window_wanted(self, event: LogPane.WindowWanted) -> None:
        body = self.front.body
        if isinstance(body, JobScreen):
            self.log_reading.read_older(body.log_pane, event.offset)

    @hears(messages.Said)
    def _said_by_view(self, event: messages.Said) -> None:
        self.say(event.text, event.bad)

    @hears(messages.Wanted)
    def _wanted(self, event: messages.Wanted) -> None:
        self.handler(event.action)()

    @hears(messages.SituationChanged)
    def _situation_changed(self) -> None:
        self.refresh_keys()

    @hears(TextPane.ReportWanted)
    def _report_wanted(self, event: TextPane.ReportWanted) -> None:
        self.say(f"{clipboard.send(event.report, self.copy_to_clipboard)}: the report")

    @hears(FooterKeys.Pressed)
    def _footer_pressed(self, event: FooterKeys.Pressed) -> None:
        for key in self.key_map.keys:
            if shown(key) == event.key:
                self.action_press(key)
                return

    @hears(ViewTabs.Chosen)
    def _tab_chosen(self, event: ViewTabs.Chosen) -> None:
        self.handler(f"view_{event.tab}")()


class Reaching:
    """How the console reaches its daemon: first over what is open already, then anew."""

    def __init__(self, where: Path | Remote, first: BlockingClient | None = None) -> None:
        self._where = where if isinstance(where, Path) else replace(where, starts=False)
        self._first = first

    async def __call__(self, *, read_only: bool) -> Door:
        from engine.control import client

        begun, self._first = self._first, None
        if begun is not None:
            return await client.take_over(begun)
        return await client.connect(self._where, read_only=read_only)

    def close(self) -> None:
        """Hang up what was opened and never used."""
        if self._first is not None:
            self._first.close()


def run_console(
    *,
    where: Path | Remote,
    first: BlockingClient | None = None,
    read_only: bool = False,
    ascii: bool = False,  # noqa: A002 - the flag's name
    theme: str | None = None,
    address: str | None = None,
) -> int:
    """Run the console in this terminal until it is left; the exit code.

    Its daemon is that of the state directory, or of the machine, `where`. It begins with
    the connection `first`, if there is one; later ones never ask anything at the terminal.

    Raises:
        InvalidSpec: `address` names no view, or no filter.
    """
    place = parse_address(address) if address else None
    reach = Reaching(where, first)
    app = CrabApp(
        reach,
        context=_short(where) if isinstance(where, Path) else str(where)[-CONTEXT_CELLS:],
        read_only=read_only,
        ascii_only=ascii or is_ascii_wanted(os.environ),
        theme_name=choose(theme, os.environ),
        address=place,
        session_path=session_path(where) if isinstance(where, Path) else session_of(where),
        state_dir=where if isinstance(where, Path) else None,
    )
    code = app.run()
    reach.close()
    if app.jobs_running and not code:
        keep = "keeps" if app.jobs_running == 1 else "keep"
        print(f"{plural(app.jobs_running, 'job')} {keep} running; crabtui to return")
    return code or 0


def _short(path: Path) -> str:
    """A state directory in few enough cells for the header."""
    home = Path.home()
    text = f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
    return text if len(text) <= CONTEXT_CELLS else f"…{text[1 - CONTEXT_CELLS :]}"
