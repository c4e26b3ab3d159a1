"""The command bar: lines to acts, and the right to act."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from crabtui import verbs
from crabtui.acts.jobs import plan_cancel
from crabtui.acts.plan import LOOKS_ONLY, TYPED_ABOVE, Plan, why_not_act
from crabtui.acts.situation import Situation
from crabtui.data.wording import duration
from crabtui.views.prompting.command_mode import CommandMode
from engine.control.messages import ListJobs
from engine.errors import EngineError, InvalidSpec

if TYPE_CHECKING:
    from crabtui.desk import Desk


class CommandBar:
    """The command bar: lines to acts, and the right to act."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def do_command(self) -> None:
        """Type a command."""
        app, front = self._app, self._app.front
        front.ask_line(
            CommandMode(
                front.prompt,
                front.end_prompt,
                partial(verbs.prepare, app),
                partial(verbs.complete, app),
                app.lines,
            )
        )

    def run_first(self) -> None:
        """Carry out the lines that the console was started with."""
        lines, self._app.first_lines = self._app.first_lines, ()
        for line in lines:
            try:
                verbs.prepare(self._app, line)()
            except InvalidSpec as error:
                self._app.say(error.message, True)

    def cancel_all(self, where: str) -> None:
        """Cancel all jobs that match, after asking."""
        self._app.run_act(self._cancel_all(where))

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
        asked = Situation(where=where, seq=page.seq, count=page.total, jobs=page.jobs)
        return await self._app.acting.perform(plan_cancel(asked))

    def change_queue(self, plan: Plan) -> Callable[[], object]:
        """What carries out a plan about a queue, or says why that cannot be."""
        now = self._app.situation()
        reason = why_not_act(now)
        if reason:
            return partial(self._app.say, reason, True)
        return partial(self._app.perform, plan, now)

    def arm(self, seconds: int) -> None:
        """Allow acts for a while."""
        if not self._app.is_guarded:
            return self._app.say("this console may act already")
        if self._app.never_acts:
            return self._app.say(LOOKS_ONLY, True)
        self._app.armed_until_s = self._app.clock.monotonic() + seconds
        self._app.feed.rearm(read_only=False)
        self._app.say(f"acts are allowed for {duration(seconds * 1_000_000)}; :disarm ends it")
        return self._app.beat()

    def disarm(self, text: str = "read-only again") -> None:
        """No acts any more."""
        if not self._app.is_guarded:
            return self._app.say("this console was not started read-only", True)
        self._app.armed_until_s = None
        self._app.feed.rearm(read_only=True)
        return self._app.say(text)
