"""Reading about jobs over everything else: two of them side by side, or one as JSON."""

from typing import TYPE_CHECKING, Final

import msgspec

from crabtui import clipboard
from crabtui.data import json_lines, redaction
from crabtui.data.files import text_of_file
from crabtui.data.job import comparison, comparison_lines
from crabtui.dialogs.reading import Lines, Reading
from crabtui.views.job.job import JobScreen
from crabtui.views.jobs.jobs import JobsView
from engine.control.messages import ReadArtifact, ShowJob
from engine.control.views import ArtifactView
from engine.errors import EngineError

if TYPE_CHECKING:
    from crabtui.desk import Desk


MOST_READ: Final = 65_536
"""Bytes of an artifact that are shown."""


class Comparing:
    """Two jobs side by side, or one as JSON."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def compare_marked(self) -> bool:
        """Show where two marked jobs differ; False if it is not two that are marked."""
        body = self._app.front.body
        jobs = [job.id for job in body.targets]
        if not isinstance(body, JobsView) or body.all_matching is not None or len(jobs) != 2:
            return False
        work = self._compare(jobs[0], jobs[1])
        self._app.run_worker(work, group="compare", exclusive=True, exit_on_error=False)
        return True

    def do_show_raw(self) -> None:
        """The job as JSON, as `crabtui show --json` prints it, without its secrets."""
        for job in self._app.front.body.targets[:1]:
            work = self._show_raw(job.id)
            self._app.run_worker(work, group="compare", exclusive=True, exit_on_error=False)

    def do_open_artifact(self) -> None:
        """The beginning of the file under the cursor."""
        body = self._app.front.body
        if isinstance(body, JobScreen) and body.artifact is not None:
            work = self._read_artifact(body.artifact)
            self._app.run_worker(work, group="compare", exclusive=True, exit_on_error=False)

    async def _read_artifact(self, one: ArtifactView) -> None:
        try:
            piece = await self._app.feed.call(ReadArtifact(id=one.id, limit=MOST_READ))
        except EngineError as error:
            return self._app.say(f"{one.name}: {error.message}", True)
        cells = list(text_of_file.lines(piece.data, piece.size))
        return self._read(f"{one.name} of #{one.job}", lambda _: cells)

    async def _compare(self, one: int, other: int) -> None:
        try:
            left, right = [
                await self._app.feed.at_moment.call(ShowJob(id=job)) for job in (one, other)
            ]
        except EngineError as error:
            return self._app.say(f"compare: {error.message}", True)
        found = comparison.differences(left, right)
        heads = (f"#{one} {left.job.name}", f"#{other} {right.job.name}")
        return self._read(
            f"#{one} and #{other}: where they differ",
            lambda width: list(comparison_lines.lines(heads, found, width)),
        )

    async def _show_raw(self, job: int) -> None:
        try:
            detail = await self._app.feed.at_moment.call(ShowJob(id=job))
        except EngineError as error:
            return self._app.say(f"json: {error.message}", True)
        lines = list(json_lines.lines(redaction.tree(msgspec.to_builtins(detail))))
        return self._read(f"#{job} as JSON", lambda _: lines)

    def _read(self, title: str, lines: Lines) -> None:
        def done(text: str | None) -> None:
            if text is not None:
                sent = clipboard.send(text, self._app.copy_to_clipboard)
                self._app.say(f"{sent}: {title}")

        self._app.push_screen(Reading(title, lines, ascii_only=self._app.ascii_only), done)
