"""The desk that everything happens at: where we are, what keys mean here, and the clock."""

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.driver import Driver

from crabtui.acts.acting import Acting
from crabtui.acts.action import Action
from crabtui.acts.actions import for_footer
from crabtui.acts.plan import Plan
from crabtui.acts.situation import Situation
from crabtui.addresses import Address
from crabtui.data.glyphs import Token
from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.doing.administering import Administering
from crabtui.doing.changing import Changing
from crabtui.doing.clockwork import Clockwork
from crabtui.doing.command_bar import CommandBar
from crabtui.doing.comparing import Comparing
from crabtui.doing.filtering import Filtering
from crabtui.doing.happenings import Happenings
from crabtui.doing.hosts import Hosts
from crabtui.doing.log_keeping import LogKeeping
from crabtui.doing.log_reading import LogReading
from crabtui.doing.log_searching import LogSearching
from crabtui.doing.looking import Looking
from crabtui.doing.minding import Minding
from crabtui.doing.notes import Notes
from crabtui.doing.offering import tell_offers
from crabtui.doing.past import Past
from crabtui.doing.remembering import Remembering
from crabtui.doing.starting import Starting
from crabtui.doing.steering import Steering
from crabtui.doing.tables import Tables
from crabtui.doing.travel import Travel
from crabtui.doing.visiting import Lend, Visiting, lend
from crabtui.doing.watching import Watching
from crabtui.doing.what_if import WhatIfs
from crabtui.doing.zooming import Zooming
from crabtui.feed import Connect, Feed
from crabtui.keymap import STANDARD, Keymap, shown
from crabtui.link import Stage
from crabtui.palette import ActionProvider
from crabtui.terminal import heard
from crabtui.theme import DEFAULT, is_terminal_coloured, variables
from crabtui.type_ahead import TypeAhead
from crabtui.views.body import Body
from crabtui.views.console_screen import ConsoleScreen
from crabtui.views.flows.flow import FlowScreen
from crabtui.views.flows.flows import FlowsPane
from crabtui.views.jobs.jobs import JobsView
from crabtui.views.main import MainScreen
from crabtui.views.pulse.pulse import PulseView
from crabtui.views.workers import WorkersPane
from engine.clock import Clock, SystemClock
from engine.control.messages import Pulse
from engine.control.views import AttentionView, QueueView

GOING: Final = "view_"
"""Before the name of a view: the action that goes there."""

ENDS_ZOOM: Final = frozenset(
    {"next_pane", "previous_pane", "focus_next", "focus_previous", "back", "forward", "leave"}
)
"""What shows another pane, and so all of them again."""


class Desk(TypeAhead):
    """State and services of the console; what it hears is in `crabtui.app`."""

    TITLE = "crabtui"
    terminal: Driver | None = None
    """What writes to the terminal; None where there is none."""
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar = {ActionProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "suspend_process", show=False),
        *(Binding(key, f"press({key!r})", show=False) for key in STANDARD.keys),
    ]
    CSS = """
    .-ascii JobsView > #line { border-top: ascii $crab-line; }
    .-ascii Dialog > #frame { border: ascii $crab-line; }
    CommandPalette SearchIcon { display: none; }
    """

    def __init__(
        self,
        connect: Connect,
        *,
        clock: Clock | None = None,
        context: str = "",
        read_only: bool = False,
        ascii_only: bool = False,
        theme_name: str = DEFAULT,
        address: Address | None = None,
        session_path: Path | None = None,
        zone: Zone | None = None,
        state_dir: Path | None = None,
        lend: Lend = lend,
        key_map: Keymap = STANDARD,
        is_fresh: bool = False,
        arm_s: int | None = None,
        never_acts: bool = False,
        refresh_s: float = 0.0,
        first_lines: Sequence[str] = (),
        accent: Token = "text",
        is_utc: bool = False,
    ) -> None:
        super().__init__(ansi_color=is_terminal_coloured(theme_name))
        self.clock = clock or SystemClock()
        self._take_keys(key_map)
        self.context = context
        self.accent: Token = accent
        self.state_dir = state_dir
        """Of the daemon, if that is on this machine."""
        self.ascii_only = ascii_only
        self.feed = Feed(connect, self.post_message, self.clock)
        self.feed.read_only = self.is_guarded = read_only
        self.feed.look_every(refresh_s)
        self.first_lines = tuple(first_lines)
        """What the command bar is told once there is something to see."""
        self.never_acts = never_acts
        self.armed_until_s: float | None = None
        if arm_s is not None:
            self.armed_until_s = self.clock.monotonic() + arm_s
            self.feed.read_only = False
        self.acting = Acting(
            self.feed, self.clock, self.push_screen_wait, self.say, ascii_only=ascii_only
        )
        self._appoint(lend)
        self.pulse: Pulse | None = None
        self.queues: tuple[QueueView, ...] = ()
        self.pressure = "normal"
        self.attention: AttentionView | None = None
        self.local_zone = zone or _local_zone()
        self.remembering = Remembering(self, session_path, address, is_fresh=is_fresh)
        before = self.remembering.before
        self.utc: bool = before.utc or is_utc
        self.filters, self.lines = list(before.filters), list(before.lines)
        self.places: list[Address] = []
        self.jobs_running = 0
        self._complaints: dict[str, str] = {}
        self._heard_s = 0.0
        self._has_begun = False
        self.interrupted_s: float | None = None
        self._theme_name = theme_name
        self.animation_level = "none"

    def _appoint(self, lend: Lend) -> None:
        """Have somebody for each kind of work."""
        self.past = Past(self)
        self.clockwork = Clockwork(self)
        self.notes = Notes(self)
        self.starting = Starting(self)
        self.watching = Watching(self)
        self.zooming = Zooming(self)
        self.travel = Travel(self)
        self.steering = Steering(self)
        self.hosts = Hosts(self)
        self.visiting = Visiting(self, lend)
        self.looking = Looking(self)
        self.what_ifs = WhatIfs(self)
        self.comparing = Comparing(self)
        self.changing = Changing(self)
        self.command_bar = CommandBar(self)
        self.administering = Administering(self)
        self.log_reading = LogReading(self)
        self.log_keeping = LogKeeping(self)
        self.filtering = Filtering(self)
        self.tables = Tables(self)
        self.minding = Minding(self)
        self.log_searching = LogSearching(self)
        self.happenings = Happenings(self)

    def _take_keys(self, key_map: Keymap) -> None:
        """Hear the keys of this map, beside those that are explained where they do nothing."""
        self.key_map = key_map
        for key in set(key_map.keys) - set(STANDARD.keys):
            self.bind(key, f"press({key!r})", show=False)
        self.set_keymap(key_map.of_widgets)

    def get_driver_class(self) -> type[Driver]:
        """The usual driver, but we know it: notes for the terminal go through it."""
        return heard(super().get_driver_class(), self._meet)

    def _meet(self, driver: Driver) -> None:
        self.terminal = driver

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our colours' names, so that stylesheets can be read before a theme is chosen."""
        return variables(DEFAULT)

    # Where we are

    @property
    def is_open(self) -> bool:
        """Whether there are screens to show anything on, as there are not at the very end."""
        return self._has_begun and self.is_running and bool(self.screen_stack)

    @property
    def is_complete(self) -> bool:
        """Whether everything that is looked at now has come."""
        feed = self.feed
        is_live = self.pulse is not None and feed.link.stage is Stage.LIVE
        is_told = not self.first_lines and not self.past.is_going
        return is_live and is_told and feed.is_answered and bool(feed.answers)

    @property
    def front(self) -> ConsoleScreen:
        """The topmost full screen, below any dialog; one that is yet to come does not count."""
        screens = [s for s in self.screen_stack if isinstance(s, ConsoleScreen)]
        there = [screen for screen in screens if screen.is_mounted]
        return (there or screens)[-1]

    @property
    def bodies(self) -> list[Body]:
        """Whatever shows anything: all visited views, and what is in front of them."""
        front, views = self.front.body, self.main.visited
        return views if front in views else [*views, front]

    @property
    def main(self) -> MainScreen:
        """The screen of the views."""
        return next(s for s in self.screen_stack if isinstance(s, MainScreen))

    @property
    def jobs_view(self) -> JobsView | None:
        """The Jobs view, if it was visited."""
        return self.main.jobs

    @property
    def zone(self) -> Zone:
        """The zone that times are shown in."""
        return UTC_ZONE if self.utc else self.local_zone

    @property
    def now_at(self) -> int:
        """What ages are counted to: the moment that is looked at, or now."""
        return self.live_at if self.past.moment is None else self.past.at

    @property
    def live_at(self) -> int:
        """The daemon's time now, as far as it was heard; else ours. UTC microseconds."""
        if self.pulse is None:
            return self.clock.now()
        since_s = self.clock.monotonic() - self._heard_s
        return self.pulse.now_at + int(since_s * 1_000_000)

    def situation(self) -> Situation:
        """What actions can know now."""
        body = self.front.body
        jobs, where = body.targets, body.all_matching
        undo = self.acting.undo
        return Situation(
            scopes=body.scopes,
            jobs=jobs,
            where=where,
            seq=self.pulse.seq if self.pulse else None,
            count=(body.total or 0) if where is not None else len(jobs),
            hidden=body.hidden,
            queue=self.chosen_queue(),
            worker=body.worker if isinstance(body, WorkersPane | PulseView) else None,
            matter=body.matter if isinstance(body, PulseView) else None,
            cron=getattr(body, "cron", None),
            flow=body.flow if isinstance(body, FlowsPane | FlowScreen) else None,
            link=self.feed.link.why_not(),
            past=self.past.why_not_act,
            read_only=self.feed.read_only or not self.feed.link.may_act,
            never_acts=self.never_acts,
            can_undo=undo is not None and undo.is_open(self.clock.monotonic()),
        )

    def chosen_queue(self) -> QueueView | None:
        """The queue under the cursor, or that of the job under it."""
        queue = self.front.body.queue
        if isinstance(queue, QueueView) or queue is None:
            return queue
        known = {each.name: each for each in self.queues}
        return known.get(queue)

    # Keys to actions

    def action_press(self, key: str) -> None:
        """Do what `key` means here, or say why it does nothing."""
        if not self.is_open:
            return self.exit(0) if key in ("ctrl+c", "ctrl+q", "q") else None
        action = self.key_map.resolve(key, self.front.body.scopes)
        if action is None:
            return self.say(self.key_map.elsewhere(key), True)
        return self.start(action)

    def start(self, action: Action, meant: Situation | None = None) -> None:
        """Do this to what was `meant` by who chose it, or say why it is not possible now."""
        now = self.situation()
        reason = action.why_not(now) if meant is None else action.why_not_as(meant, now)
        if reason is not None:
            self.say(f"{action.title}: {reason}", True)
        elif action.plan is not None:
            self.perform(action.plan(now), now)
        else:
            if action.id in ENDS_ZOOM or action.id.startswith(GOING):
                self.zooming.end()
            self.handler(action.id)()

    @property
    def doers(self) -> tuple[object, ...]:
        """Who carries out what the view in front does not."""
        return (
            self.past,
            self.travel,
            self.steering,
            self.hosts,
            self.visiting,
            self.changing,
            self.looking,
            self.what_ifs,
            self.comparing,
            self.command_bar,
            self.log_keeping,
            self.minding,
            self.log_searching,
            self.administering,
            self.filtering,
            self.tables,
            self.happenings,
            self.watching,
            self.zooming,
            self.starting,
        )

    def handler(self, name: str) -> Callable[[], object]:
        """The method that carries out an action: the view's, else that of a doer."""
        if name.startswith(GOING):
            return partial(self.travel.go, name.removeprefix(GOING))
        for place in (self.front.body, *self.doers):
            method = getattr(place, f"do_{name}", None)
            if method is not None:
                return method  # type: ignore[no-any-return]
        raise LookupError(f"nobody does {name}")

    def perform(self, plan: Plan, now: Situation) -> None:
        """Carry out a plan; several may be under way."""
        jobs = now.jobs if now.where is None else ()
        self.run_act(self.acting.perform(plan, jobs, now.hidden))

    def run_act(self, work: Coroutine[Any, Any, None]) -> None:
        """Let an act go on by itself; several may be under way."""
        self.run_worker(work, group="act", exit_on_error=False)

    def say(self, text: str, bad: bool = False) -> None:
        """Say something in the status line."""
        if not self.is_open:
            return
        self.front.say(text, bad=bad)
        self.refresh_keys()

    def complain(self, about: str, text: str) -> None:
        """Say why nothing can be shown of this, until something can."""
        self._complaints[about] = text
        self.say(text, True)

    def is_well(self, about: str) -> None:
        """Something can be shown of this: what was said against it is over."""
        said = self._complaints.pop(about, "")
        if said and self.is_open:
            self.front.unsay(said)

    def refresh_keys(self) -> None:
        """Teach the keys that mean something now."""
        if not self.is_open:
            return
        now = self.situation()
        taught = for_footer(now, self.key_map.actions)
        self.front.show_keys(
            [(shown(a.keys[0]), a.title, a.why_not(now) is None) for a in taught]
        )
        tell_offers(self.front.body, self.key_map.actions, now)

    # The clock

    def beat(self) -> None:
        """Once a second: ages, countdowns, and the end of being armed."""
        if self.is_open:
            self.clockwork.beat()

    def show_notice(self) -> None:
        """Say why there are no rows, if there are none."""
        self.clockwork.show_notice()


def _local_zone() -> Zone:
    here = datetime.now().astimezone()
    offset = here.utcoffset()
    seconds = int(offset.total_seconds()) if offset else 0
    return Zone(here.tzname() or "local", seconds) if seconds else UTC_ZONE
