"""New jobs, and a demonstration: what an empty console offers."""

import os
from typing import TYPE_CHECKING, Any

from crabtui.dialogs.new_job import NewJob
from engine.control.messages import Submit
from engine.model.surroundings import travels

if TYPE_CHECKING:
    from crabtui.desk import Desk


class Starting:
    """New jobs, and a demonstration."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def do_new_job(self) -> None:
        """Ask for a job, and submit it."""
        app = self._app
        queue = app.chosen_queue()
        start = {"queue": queue.name} if queue is not None and queue.name != "default" else {}

        def done(said: str | None) -> None:
            if said is not None:
                app.say(said)
                app.feed.touch()

        app.push_screen(NewJob(self._submit, start, ascii_only=app.ascii_only), done)

    async def _submit(self, job: dict[str, Any]) -> str:
        """Submit it as this console's own. Raises EngineError: it was refused."""
        cwd, env = self._surroundings()
        request = Submit(jobs=(job,), cwd=cwd, env=env, request_key=os.urandom(16).hex())
        submitted = await self._app.feed.call(request)
        [(first, _)] = submitted.ids
        return f"#{first} is submitted"

    def _surroundings(self) -> tuple[str, dict[str, str]]:
        """Where its relative paths start, and the environment that it brings along."""
        if self._app.state_dir is None:
            hello = self._app.feed.hello
            return hello.home, hello.env
        env = {name: value for name, value in os.environ.items() if travels(name)}
        return os.getcwd(), env  # noqa: PTH109
