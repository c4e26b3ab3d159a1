"""Looking at what an act would change before it is done, and doing exactly that."""

from dataclasses import replace
from typing import TYPE_CHECKING

from crabtui.acts.plan import why_not_act
from crabtui.acts.what_ifs import Option
from crabtui.data.job import preview_lines
from crabtui.views.job.job import JobScreen
from engine.control.messages import Apply
from engine.errors import EngineError

if TYPE_CHECKING:
    from crabtui.desk import Desk


class WhatIfs:
    """Looking at what an act would change before it is done, and doing exactly that."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def do_what_if(self) -> None:
        """Preview the act that is chosen in the Why pane."""
        body = self._app.front.body
        option = body.what_if if isinstance(body, JobScreen) else None
        if option is None:
            return self._app.say("nothing to choose here: nothing would help now", True)
        return self._app.run_act(self._preview(option))

    async def _preview(self, option: Option) -> None:
        app = self._app
        try:
            preview = await app.feed.call(option.ask)
        except EngineError as error:
            return app.say(f"no preview: {error.message}", True)
        effects = [*preview_lines.lines(preview), *option.plan.effects]
        reason = why_not_act(app.situation())
        if reason or not preview.token:
            effects.append(f"cannot be done now: {reason or 'it is only a thought'}")
        plan = replace(option.plan, request=Apply(token=preview.token), effects=tuple(effects))
        return await app.acting.perform(plan)
