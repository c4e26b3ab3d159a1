"""The command bar: lines to acts, and the right to act."""

from typing import TYPE_CHECKING

from crabtui import commands
from crabtui.acts import TYPED_ABOVE, Plan, plan_cancel, plan_limit, plan_pause
from crabtui.addresses import Address
from crabtui.situation import Situation
from crabtui.theme import THEMES
from crabtui.views.look import Look
from crabtui.views.prompt_modes import CommandMode
from engine.control.messages import ListJobs
from engine.errors import EngineError, InvalidSpec

if TYPE_CHECKING:
    from crabtui.app import CrabApp


class CommandBar:
    """The command bar: lines to acts, and the right to act."""

    def __init__(self, app: "CrabApp") -> None:
        self._app = app

    def do_command(self) -> None:
        """Type a command."""
        front = self._app.front
        mode = CommandMode(
            front.prompt, front.end_prompt, self.run_command, self._offers, self._app.lines
        )
        front.ask_line(mode)

    def _offers(self, line: str) -> list[str]:
        return commands.suggest(line, [queue.name for queue in self._app.queues], list(THEMES))

    def run_command(self, command: commands.Command) -> None:
        """Carry out one line of the command bar.

        Raises:
            InvalidSpec: its words mean nothing.
        """
        words = command.words
        match command.verb:
            case "q":
                self._app.travel.do_quit()
            case "keys":
                self._app.looking.do_help()
            case "queues":
                self._app.travel.do_view_queues()
            case "jobs":
                Look(where=command.rest).terms  # noqa: B018 - refuses what is no filter
                self._app.travel._remember_place()
                self._app.travel.go_to(Address(where=command.rest))
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

    def _set(self, words: list[str]) -> None:
        if words[0] != "theme" or words[1] not in THEMES:
            raise InvalidSpec(f"only: set theme {' | '.join(THEMES)}", nearest="theme")
        self._app.theme = words[1]

    def _start_plan(self, work: object) -> None:
        self._app.run_worker(work, group="act", exit_on_error=False)  # type: ignore[arg-type]

    async def _cancel_all(self, where: str) -> None:
        now = self._app.situation()
        if now.link or now.read_only:
            return self._app.say(now.link or "read-only: :arm 10m allows acts", True)
        try:
            page = await self._app.feed.call(ListJobs(where=where, count=TYPED_ABOVE))
        except EngineError as error:
            return self._app.say(f"not canceled: {error.message}", True)
        if not page.total:
            return self._app.say(f"no job matches {where}", True)
        asked = Situation(where=where, count=page.total, jobs=page.jobs)
        return await self._app.acting.perform(plan_cancel(asked))

    def _change_queue(self, plan: Plan) -> None:
        now = self._app.situation()
        if now.link or now.read_only:
            return self._app.say(now.link or "read-only: :arm 10m allows acts", True)
        return self._app.perform(plan, now)

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
