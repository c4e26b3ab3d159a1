"""New jobs, and a demonstration: what an empty console offers."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crabtui.dialogs.new_job import NewJob
from crabtui.dumping import picture
from crabtui.start import Dump
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

    def shoot(self, name: str) -> None:
        """Write what the screen shows to a file: SVG, or its text if the name ends so."""
        at = datetime.fromtimestamp(self._app.live_at / 1_000_000, UTC)
        path = Path(name or f"crabtui-{at:%Y%m%d-%H%M%S}.svg").expanduser()
        kind: Dump = "txt" if path.suffix == ".txt" else "svg"
        self._app.call_after_refresh(self._shoot, path, kind)

    def _shoot(self, path: Path, kind: Dump) -> None:
        try:
            path.write_text(picture(self._app, kind))
        except OSError as trouble:
            return self._app.say(f"{path}: {trouble.strerror}", True)
        return self._app.say(f"the picture is in {path}")

    def _surroundings(self) -> tuple[str, dict[str, str]]:
        """Where its relative paths start, and the environment that it brings along."""
        if self._app.state_dir is None:
            hello = self._app.feed.hello
            return hello.home, hello.env
        env = {name: value for name, value in os.environ.items() if travels(name)}
        return os.getcwd(), env  # noqa: PTH109
