"""The console: one app, one connection, and the screens that it feeds."""

import asyncio
import gc
import signal

from textual import on
from textual.screen import Screen

from crabtui import clipboard, messages
from crabtui.desk import Desk
from crabtui.hears import hears
from crabtui.keymap import shown
from crabtui.link import OFFLINE, Stage
from crabtui.mended import mended
from crabtui.outliving import end_with_parent, end_with_terminal
from crabtui.theme import THEMES
from crabtui.topics.jobs import JOBS, JobsAim
from crabtui.topics.places import QUEUES
from crabtui.topics.pulse import MATTERS
from crabtui.views.events.scrubbing import MomentChosen
from crabtui.views.logs.found import FoundScreen
from crabtui.views.logs.keys import LogKeys
from crabtui.views.logs.log_pane import LogPane
from crabtui.views.main import MainScreen
from crabtui.views.makers import makers
from crabtui.widgets.bars.footer_keys import FooterKeys
from crabtui.widgets.bars.view_tabs import ViewTabs
from crabtui.widgets.note_corner import NoteCorner
from crabtui.widgets.panes.text_pane import TextPane
from crabtui.widgets.table.virtual_table import VirtualTable
from engine.control.views import AttentionView, JobsPage, QueuesView


class CrabApp(Desk):
    """Starts the feed, hears what it and the views tell, and hands it on."""

    # Start and end

    def get_default_screen(self) -> Screen[None]:
        memory = self.remembering
        made = {name: memory.maker(name, make) for name, make in makers(self).items()}
        return MainScreen(made, memory.first.view, ascii_only=self.ascii_only)

    def on_mount(self) -> None:
        for each in THEMES.values():
            self.register_theme(each)
        self.theme = self._theme_name
        self.set_class(self.ascii_only, "-ascii")
        self.set_interval(1.0, self.beat)
        if self.is_web:
            end_with_parent()
        elif not self.is_headless:
            end_with_terminal()
        self.call_after_refresh(self._begin)

    def on_load(self) -> None:
        """Whoever ends us gets the terminal back as it was."""
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._end_by, number)

    def action_leave(self) -> None:
        """Quit, whatever is being asked."""
        self.travel.do_quit()

    def _end_by(self, number: signal.Signals) -> None:
        if self.is_open:
            self.remembering.keep()
            self.notes.entitle("")
        self.exit(128 + number)

    def _begin(self) -> None:
        self._has_begun = True
        if not self.is_open:
            return
        if not self.is_headless:
            gc.freeze()
        self.run_worker(self.feed.run(), name="feed", group="feed", exit_on_error=False)
        self.feed.look(QUEUES, True)
        self.feed.look(MATTERS, True)
        self.front.body.show_zone(self.zone)
        self.front.body.enter()
        self.refresh_keys()
        self.remembering.take_up()
        self.looking.tell_faults()
        self.beat()
        self.travel.open_at(self.remembering.first)
        if logs := self.remembering.first.logs:
            self.log_keeping.open_logs(logs)

    # What the feed tells

    @hears(messages.LinkChanged)
    def _link_changed(self, event: messages.LinkChanged) -> None:
        front = self.front
        if event.link.stage is Stage.LIVE and isinstance(front, LogKeys):
            front.log_pane.reopen()
        if event.link.stage is Stage.LIVE:
            self.is_well("link")
            front.unsay(OFFLINE)
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
        if first:
            self.remembering.settle(sum(event.pulse.by_state.values()))
            self.command_bar.run_first()
            if at := self.remembering.first.at:
                self.past.go(at)
        self.watching.heard(event.pulse)
        if event.pulse.trouble:
            self.front.say(f"the engine is in trouble: {event.pulse.trouble}", bad=True)

    @hears(messages.Came)
    def _came(self, event: messages.Came) -> None:
        if event.as_of != self.feed.as_of:
            return  # it is of a moment that is not looked at any more
        name = event.topic.name
        if event.error is None:
            self.is_well(name)
        elif not event.topic.tells_errors:
            self.complain(name, event.error.message)
        for body in self.bodies:
            with mended(self):
                body.came(event)
        if (queues := event.of(QUEUES)) is not None:
            self._know_queues(queues)
        if (attention := event.of(MATTERS)) is not None:
            self._know_matters(attention)
        if (page := event.of(JOBS)) is not None:
            self._know_jobs(event.aim, page)
        elif event.refusal(JOBS):
            self.show_notice()

    def _know_queues(self, answer: QueuesView) -> None:
        self.queues = answer.queues
        if answer.mode != self.pressure:
            self.pressure = answer.mode
            self.beat()

    def _know_matters(self, answer: AttentionView) -> None:
        is_news = self.attention is None or self.attention.vitals != answer.vitals
        is_news = is_news or self.attention is None or self.attention.open != answer.open
        self.attention = answer
        if is_news:
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

    @hears(LogPane.Asked)
    def _log_asked(self, event: LogPane.Asked) -> None:
        self.log_reading.answer(event.pane, event.want)

    @hears(FoundScreen.Opened)
    def _search_opened(self, event: FoundScreen.Opened) -> None:
        self.log_searching.begin(event.screen)

    @hears(messages.Said)
    def _said_by_view(self, event: messages.Said) -> None:
        self.say(event.text, event.bad)

    @hears(messages.Wanted)
    def _wanted(self, event: messages.Wanted) -> None:
        self.handler(event.action)()

    @hears(MomentChosen)
    def _moment_chosen(self, event: MomentChosen) -> None:
        if event.at is None:
            self.past.do_live()
        else:
            self.past.scrub(event.at)

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

    @hears(NoteCorner.Dismissed)
    def _note_dismissed(self, event: NoteCorner.Dismissed) -> None:
        self.notes.dismiss(event.kind)

    @hears(ViewTabs.Chosen)
    def _tab_chosen(self, event: ViewTabs.Chosen) -> None:
        self.handler(f"view_{event.tab}")()
