"""New jobs, and a demonstration: what an empty console offers."""

import os
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crabtui.dialogs.new_job import NewJob
from crabtui.doing.typed_paths import typed_path
from crabtui.dumping import picture
from crabtui.start import Dump
from engine.control.messages import Submit
from engine.errors import InvalidSpec
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

        submit = partial(self._submit, os.urandom(16).hex())
        app.push_screen(NewJob(submit, start, ascii_only=app.ascii_only), done)

    async def _submit(self, form: str, job: dict[str, Any]) -> str:
        """Submit it as this console's own; the same of one form twice is one job.

        Raises:
            EngineError: it was refused, or nobody knows.
        """
        cwd, env = self._surroundings()
        key = f"{form}-{sha256(repr(sorted(job.items())).encode()).hexdigest()[:16]}"
        request = Submit(jobs=(job,), cwd=cwd, env=env, request_key=key)
        submitted = await self._app.feed.call(request)
        [(first, _)] = submitted.ids
        return f"#{first} is submitted"

    def picture_path(self, name: str) -> Path:
        """Where a picture goes that may have been given a name.

        Raises:
            InvalidSpec: it is no path, or there is something already.
        """
        at = datetime.fromtimestamp(self._app.live_at / 1_000_000, UTC)
        path = typed_path(name or f"crabtui-{at:%Y%m%d-%H%M%S}.svg")
        if path.exists():
            raise InvalidSpec(f"{path.name} is there already", field="file")
        return path

    def shoot(self, path: Path) -> None:
        """Write what the screen shows to a file: SVG, or its text if the name ends so."""
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
