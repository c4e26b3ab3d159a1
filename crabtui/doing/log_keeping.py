"""Taking a log out of the console: into a file, a pager, the clipboard; or onto all of it."""

import asyncio
import os
import shlex
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from msgspec.structs import replace
from textual.app import SuspendNotSupported

from crabtui import clipboard
from crabtui.acts.plan import Plan
from crabtui.data.logs.ansi import text_of
from crabtui.data.logs.words import size_text
from crabtui.data.sanitize import decode, sanitize_log
from crabtui.dialogs.ask import Ask
from crabtui.dialogs.confirm import Confirm
from crabtui.doing.typed_paths import typed_path
from crabtui.doing.visiting import deaf_to_ctrl_c
from crabtui.views.logs.keys import LogKeys
from crabtui.views.logs.log_pane import LogPane
from crabtui.views.logs.logs import LogsScreen
from crabtui.views.logs.merged_pane import MergedPane
from crabtui.views.prompting.search_mode import LogSearchMode
from engine.control.messages import ListJobs, ReadLog, ShowJob
from engine.control.views import LogChunk
from engine.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from crabtui.desk import Desk

PIECE_BYTES: Final = 256 * 1024
PAGER: Final = "less -R"


class LogKeeping:
    """What is done with a whole log, wherever it lies: it comes piece by piece."""

    def __init__(self, app: "Desk") -> None:
        self._app = app
        self._searches: list[str] = []

    def do_search_in_log(self) -> None:
        """Type what to look for in the log."""
        pane, front = self._pane, self._app.front
        if pane is not None:
            mode = LogSearchMode(front.prompt, front.end_prompt, pane.search, self._searches)
            front.ask_line(mode)

    def do_older_attempt(self) -> None:
        """Show the log of the attempt before."""
        self._step(-1)

    def do_newer_attempt(self) -> None:
        """Show the log of the next attempt."""
        self._step(1)

    def do_copy_line(self) -> None:
        """Send the line here to the terminal's clipboard."""
        pane = self._pane
        place = pane.line_here if pane is not None else None
        if pane is None or place is None:
            return self._app.say("no line here", True)
        text = text_of(pane.line_at(place))
        sent = clipboard.send(text, self._app.copy_to_clipboard)
        return self._app.say(f"{sent}: {text[:60]}")

    def do_save_log(self) -> None:
        """Ask for a path and write the log there."""
        pane = self._single()
        if pane is not None:
            name = f"job-{pane.job}.{pane.stream}"
            hint = "a path; enter saves, esc does not"
            dialog = Ask("Save this log", hint, value=name, check=typed_path)
            self._app.push_screen(dialog, lambda path: self._save_to(pane, path))

    def do_page_log(self) -> None:
        """Read the log in $PAGER."""
        pane = self._single()
        if pane is not None:
            self._app.run_act(self._page(pane))

    def do_logs_of_marked(self) -> None:
        """The logs of the jobs that are marked, or of the one here, on the whole screen."""
        now = self._app.situation()
        if now.where is not None:
            return self._app.run_act(self._logs_matching(now.where))
        jobs = [job.id for job in now.jobs]
        if not jobs:
            return self._app.say("no job here", True)
        return self.open_logs(jobs)

    def do_full_log(self) -> None:
        """This log on the whole screen."""
        pane = self._pane
        if pane is None or isinstance(self._app.front, LogsScreen):
            return self._app.say("this is all of it")
        return self.open_logs([pane.job], stream=pane.stream, number=pane.number)

    def open_logs(
        self,
        jobs: Sequence[int],
        *,
        stream: str = "out",
        number: int | None = None,
        at: int | None = None,
        wanted: str = "",
    ) -> None:
        """Show logs on the whole screen; `wanted` is searched for."""
        plain = self._app.ascii_only
        screen = LogsScreen(
            jobs, stream=stream, number=number, at=at, wanted=wanted, ascii_only=plain
        )
        self._app.travel.push(screen)

    # Inside

    @property
    def _pane(self) -> LogPane | None:
        front = self._app.front
        return front.log_pane if isinstance(front, LogKeys) else None

    def _single(self) -> LogPane | None:
        """The one log that is shown; of several it is said that one must be chosen."""
        pane = self._pane
        if isinstance(pane, MergedPane):
            self._app.say("that is done with one log: open the job's own", True)
            return None
        return pane

    def _step(self, by: int) -> None:
        pane = self._single()
        if pane is not None:
            self._app.run_act(self._step_attempt(pane, by))

    async def _step_attempt(self, pane: LogPane, by: int) -> None:
        try:
            detail = await self._app.feed.call(ShowJob(id=pane.job))
        except EngineError as error:
            return self._app.say(error.message, True)
        newest = max((attempt.number for attempt in detail.attempts), default=0)
        if newest < 2:
            return self._app.say("there is one attempt only" if newest else "no attempt yet")
        return pane.step_attempt(by, newest)

    async def _logs_matching(self, where: str) -> None:
        try:
            page = await self._app.feed.call(ListJobs(where=where, count=32))
        except EngineError as error:
            return self._app.say(error.message, True)
        if page.total > len(page.jobs):
            self._app.say(f"the first {len(page.jobs)} of {page.total:,} logs")
        return self.open_logs([job.id for job in page.jobs])

    def _save_to(self, pane: LogPane, given: str | None) -> None:
        if given:
            self._app.run_act(self._save(pane, typed_path(given)))

    async def _save(self, pane: LogPane, path: Path) -> None:
        app = self._app
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            if not await app.push_screen_wait(
                Confirm(_overwrite(path), ascii_only=app.ascii_only)
            ):
                return app.say("nothing was saved")
            fd = await self._opened(path)
        except OSError as trouble:
            return app.say(f"{path}: {trouble.strerror}", True)
        if fd < 0:
            return None
        return await self._write(pane, path, fd)

    async def _opened(self, path: Path) -> int:
        """An existing file, to be written anew; -1, and it is said why, if it cannot be."""
        try:
            return os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
        except OSError as trouble:
            self._app.say(f"{path}: {trouble.strerror}", True)
            return -1

    async def _write(self, pane: LogPane, path: Path, fd: int) -> None:
        app, written = self._app, 0
        try:
            with _file_of(fd) as file:
                async for chunk in self._whole(pane):
                    written += file.write(chunk.data)
                    app.say(f"saving {path}: {size_text(written)} of {size_text(chunk.size)}")
        except OSError as trouble:
            return app.say(f"{path}: {trouble.strerror}", True)
        except EngineError as error:
            return app.say(f"{path} has {size_text(written)} of it: {error.message}", True)
        return app.say(f"saved {size_text(written)} to {path}")

    async def _whole(self, pane: LogPane) -> "AsyncGenerator[LogChunk, None]":
        """The log from its first byte that is kept to its end of now."""
        words = pane.attempt.split("-")
        number = int(words[1]) if len(words) > 2 else pane.number
        ask = ReadLog(id=pane.job, stream=pane.stream, attempt=number, limit=PIECE_BYTES)
        first = await self._app.feed.call(ask)
        end, at, chunk = first.size, first.offset + len(first.data), first
        while True:
            yield chunk
            if not chunk.data or at >= end:
                return
            chunk = await self._app.feed.call(replace(ask, offset=at))
            at = chunk.offset + len(chunk.data)

    async def _page(self, pane: LogPane) -> None:
        """Lend the terminal to a pager that is fed through a pipe."""
        app = self._app
        words = shlex.split(os.environ.get("PAGER") or PAGER)
        words = [*words, "-R"] if words == ["less"] else words
        try:
            with app.suspend(), deaf_to_ctrl_c():
                process = await asyncio.create_subprocess_exec(*words, stdin=PIPE)
                await self._feed_pager(pane, process)
        except SuspendNotSupported:
            return app.say("this terminal cannot be lent to a pager", True)
        except OSError as trouble:
            return app.say(f"{words[0]}: {trouble.strerror}", True)
        except EngineError as error:
            return app.say(error.message, True)
        app.refresh(layout=True)
        return app.say(f"back from {words[0]}")

    async def _feed_pager(self, pane: LogPane, process: Process) -> None:
        """Give it whole lines, made harmless; it may end before it has read all."""
        assert process.stdin is not None
        rest = b""
        with suppress(BrokenPipeError, ConnectionResetError):
            async for chunk in self._whole(pane):
                ended, line_break, rest = (rest + chunk.data).rpartition(b"\n")
                process.stdin.write(_tame(ended + line_break))
                await process.stdin.drain()
            process.stdin.write(_tame(rest))
            await process.stdin.drain()
        process.stdin.close()
        await process.wait()


def _file_of(fd: int) -> BinaryIO:
    return open(fd, "wb")


def _tame(data: bytes) -> bytes:
    """Text that a terminal may be given: colours stay."""
    return sanitize_log(decode(data.replace(b"\r\n", b"\n"))).encode()


def _overwrite(path: Path) -> Plan:
    """What is asked before a file is written over; the daemon is not asked for anything."""
    return Plan(
        verb="saved",
        title=f"Write over {path}?",
        request=ListJobs(),
        effects=("what is in it now is lost",),
        confirm=True,
    )
