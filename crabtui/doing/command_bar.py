"""The command bar: lines to acts, and the right to act."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from crabtui import commands
from crabtui.acts.jobs import plan_cancel
from crabtui.acts.plan import TYPED_ABOVE, Plan, why_not_act
from crabtui.acts.queues import plan_limit, plan_pause
from crabtui.acts.situation import Situation
from crabtui.addresses import Address
from crabtui.places import NAMES
from crabtui.theme import THEMES
from crabtui.views.prompt_modes import CommandMode
from engine.control.messages import ListJobs
from engine.errors import EngineError, InvalidSpec
from engine.model.filter import parse
from engine.model.words import unknown

if TYPE_CHECKING:
    from crabtui.desk import Desk


class CommandBar:
    """The command bar: lines to acts, and the right to act."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def do_command(self) -> None:
        """Type a command."""
        front = self._app.front
        mode = CommandMode(
            front.prompt, front.end_prompt, self.prepare, self._offers, self._app.lines
        )
        front.ask_line(mode)

    def _offers(self, line: str) -> list[str]:
        return commands.suggest(line, [queue.name for queue in self._app.queues], list(THEMES))

    def prepare(self, command: commands.Command) -> Callable[[], object]:
        """What carries out one line of the command bar.

        Raises:
            InvalidSpec: its words mean nothing.
        """
        words, app = command.words, self._app
        if command.verb in (places := self._places()):
            return places[command.verb]
        match command.verb:
            case "jobs":
                parse(command.rest)
                return partial(app.travel.visit, Address(where=command.rest))
            case "arm":
                return partial(self.arm, commands.parse_span_s(words[0] if words else "10m"))
            case "disarm":
                return self.disarm
            case "set":
                return self._setting(words)
            case "cancel":
                parse(command.rest)
                return partial(app.run_act, self._cancel_all(command.rest))
            case "edit":
                return app.changing.edit_line(command.rest)
            case "clone":
                return app.changing.clone_line(command.rest)
            case "drain" | "undrain":
                why = command.rest.partition(" ")[2]
                drains = command.verb == "drain"
                return app.changing.drain_line(words[0], drain=drains, why=why)
            case "weight":
                return self._change_queue(app.changing.weight_line(words[0], words[1]))
            case "limit":
                limit = commands.parse_limit(words[1])
                return self._change_queue(plan_limit(self._known(words[0]), limit))
        why = command.rest.partition(" ")[2]
        pause = command.verb == "pause"
        return self._change_queue(plan_pause(self._known(words[0]), pause=pause, why=why))

    def _places(self) -> Mapping[str, Callable[[], object]]:
        """Where the words lead that are for nothing but to go there."""
        travel = self._app.travel
        return {
            "q": travel.do_quit,
            "keys": self._app.looking.do_help,
        } | {name: partial(travel.go, name) for name in NAMES if name != "jobs"}

    def _known(self, name: str) -> str:
        """The name of a queue that there is: a slip of the finger makes no new one."""
        names = [queue.name for queue in self._app.queues]
        if name not in names:
            raise unknown("queue", name, names)
        return name

    def _setting(self, words: list[str]) -> Callable[[], object]:
        if words[0] != "theme" or words[1] not in THEMES:
            raise InvalidSpec(f"only: set theme {' | '.join(THEMES)}", nearest="theme")
        return partial(setattr, self._app, "theme", words[1])

    async def _cancel_all(self, where: str) -> None:
        now = self._app.situation()
        reason = why_not_act(now)
        if reason:
            return self._app.say(reason, True)
        try:
            page = await self._app.feed.call(ListJobs(where=where, count=TYPED_ABOVE))
        except EngineError as error:
            return self._app.say(f"not canceled: {error.message}", True)
        if not page.total:
            return self._app.say(f"no job matches {where}", True)
        asked = Situation(where=where, count=page.total, jobs=page.jobs)
        return await self._app.acting.perform(plan_cancel(asked))

    def _change_queue(self, plan: Plan) -> Callable[[], object]:
        now = self._app.situation()
        reason = why_not_act(now)
        if reason:
            return partial(self._app.say, reason, True)
        return partial(self._app.perform, plan, now)

    def arm(self, seconds: int) -> None:
        """Allow acts for a while."""
        if not self._app.is_guarded:
            return self._app.say("this console may act already")
        self._app.armed_until_s = self._app.clock.monotonic() + seconds
        self._app.feed.rearm(read_only=False)
        self._app.say(f"acts are allowed for {seconds // 60 or 1} minutes; :disarm ends it")
        return self._app.beat()

    def disarm(self, text: str = "read-only again") -> None:
        """No acts any more."""
        if not self._app.is_guarded:
            return self._app.say("this console was not started read-only", True)
        self._app.armed_until_s = None
        self._app.feed.rearm(read_only=True)
        return self._app.say(text)
