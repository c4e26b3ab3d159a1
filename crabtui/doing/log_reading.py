"""Reading logs: the end as it grows, older parts when they are wanted, searches."""

from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace
from textual.message import Message

from crabtui import clipboard
from crabtui.boundary import clean
from crabtui.data.logs.ansi import MOST_BYTES
from crabtui.data.logs.long_line import long_line
from crabtui.data.logs.sifted import Sifted
from crabtui.dialogs.reading import Reading
from crabtui.views.logs.log_pane import LogPane
from crabtui.views.logs.merged_pane import MergedPane
from crabtui.widgets.log.messages import LogMessages
from engine.control.messages import FollowLog, ReadLog, SearchLog
from engine.control.views import LogChunk, LogFound, LogHit
from engine.errors import EngineError

if TYPE_CHECKING:
    from crabtui.desk import Desk

TAIL_BYTES: Final = 64 * 2**10
MERGED_BYTES: Final = 16 * 2**10
"""Of the end of each of several logs."""

CATCH_UP_BYTES: Final = 2**20
"""After a break more than this is not read after; what is shown begins anew."""

MOST_SIFTED: Final = 20_000


class LogReading:
    """Reading logs. Each pane has workers of its own, which end with it."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def read_log(self, pane: LogPane) -> None:
        """Read the end of a log and follow it."""
        if isinstance(pane, MergedPane):
            for job in pane.jobs:
                work = self._read_one(pane, job)
                pane.run_worker(work, group=f"log {job}", exclusive=True, exit_on_error=False)
        else:
            work = self._read(pane)
            pane.run_worker(work, group="log", exclusive=True, exit_on_error=False)

    def answer(self, pane: LogPane, want: Message) -> None:
        """Do what a pane asks for."""
        match want:
            case LogMessages.WindowWanted():
                work, group = self._window(pane, want.offset), "window"
            case LogMessages.CountWanted():
                work, group = self._count(pane, want.offset), "count"
            case LogMessages.SearchWanted():
                work, group = self._search(pane, want), "search"
            case LogMessages.LineOpened():
                return self._show_line(want)
            case _:
                return None
        pane.run_worker(work, group=group, exclusive=True, exit_on_error=False)
        return None

    # One log

    async def _read(self, pane: LogPane) -> None:
        try:
            tail = await self._tail(pane, pane.job, TAIL_BYTES)
            read_to = self._begin(pane, tail)
            ask = FollowLog(
                id=pane.job, stream=pane.stream, attempt=pane.number, offset=read_to
            )
            async with aclosing(self._app.feed.follow_log(ask)) as chunks:
                async for chunk in chunks:
                    if chunk.waits:
                        pane.wait(clean(chunk.waits))
                    else:
                        pane.take(chunk, at=self._app.now_at)
            pane.is_read = False
            pane.complete()
        except EngineError as error:
            pane.trouble(error.message)

    def _begin(self, pane: LogPane, tail: LogChunk) -> int:
        """Where to follow from: where this pane ends, unless that is far or another log."""
        known = pane.offset_wanted
        is_same = tail.attempt == pane.attempt and pane.line_count > 0
        if is_same and tail.dropped <= known and 0 <= tail.size - known <= CATCH_UP_BYTES:
            return known
        pane.take(tail)
        return tail.offset + len(tail.data)

    async def _tail(self, pane: LogPane, job: int, size: int) -> LogChunk:
        number = None if isinstance(pane, MergedPane) else pane.number
        return await self._app.feed.call(
            ReadLog(id=job, stream=pane.stream, attempt=number, offset=-size, limit=size)
        )

    async def _window(self, pane: LogPane, offset: int) -> None:
        ask = ReadLog(
            id=pane.job,
            stream=pane.stream,
            attempt=_number_of(pane),
            offset=offset,
            limit=TAIL_BYTES,
        )
        try:
            pane.take(await self._app.feed.call(ask), wanted=True)
        except EngineError as error:
            pane.gave_up()
            self._app.say(f"the log: {error.message}", True)

    async def _count(self, pane: LogPane, offset: int) -> None:
        lines = 0
        ask = SearchLog(
            id=pane.job, stream=pane.stream, attempt=_number_of(pane), end=offset + 1
        )
        try:
            async with aclosing(self._app.feed.stream(ask)) as pieces:
                async for piece in pieces:
                    lines += piece.lines
        except EngineError:
            return  # its number stays a guess
        if lines:
            pane.know_lines(offset, lines - 1)

    # Searching

    async def _search(self, pane: LogPane, want: LogMessages.SearchWanted) -> None:
        ask = SearchLog(
            id=pane.job,
            stream=pane.stream,
            attempt=_number_of(pane),
            pattern=want.pattern,
            start=want.start or 0,
            backwards=want.start is None,
            context=want.context or 0,
            texts=want.context is not None,
            most=100_000 if want.context is None else MOST_SIFTED,
        )
        try:
            async with aclosing(self._app.feed.stream(ask)) as pieces:
                async for piece in pieces:
                    pane.take_found(
                        want.pattern, *_found(piece, sifts=want.context is not None)
                    )
        except EngineError as error:
            self._app.say(f"search: {error.message}", True)
            return pane.searched(want.pattern, is_whole=False)
        return pane.searched(want.pattern)

    def _show_line(self, want: LogMessages.LineOpened) -> None:
        """All of one line, to read and to copy."""
        title = "line" if want.number is None else f"line {want.number:,}"
        dialog = Reading(title, long_line(want.data), ascii_only=self._app.ascii_only)
        self._app.push_screen(dialog, self._copy)

    def _copy(self, text: str | None) -> None:
        if text is not None:
            sent = clipboard.send(text, self._app.copy_to_clipboard)
            self._app.say(f"{sent}: the line")

    # Several logs

    async def _read_one(self, pane: MergedPane, job: int) -> None:
        app = self._app
        try:
            tail = await self._tail(pane, job, MERGED_BYTES)
            known = pane.read_from(job, tail.attempt)
            if not known or tail.size - known > CATCH_UP_BYTES:
                pane.take_of(job, _from_line(tail))
                known = tail.offset + len(tail.data)
            ask = FollowLog(id=job, stream=pane.stream, offset=known)
            async with aclosing(app.feed.follow_log(ask)) as chunks:
                async for chunk in chunks:
                    if chunk.waits:
                        pane.trouble_of(job, clean(chunk.waits))
                    else:
                        pane.take_of(job, chunk, at=app.now_at)
            pane.end(job, at=app.now_at)
        except EngineError as error:
            pane.trouble_of(job, error.message)


def _number_of(pane: LogPane) -> int | None:
    """Which attempt is shown, whichever was asked for: another may be the newest by now."""
    words = pane.attempt.split("-")
    return int(words[1]) if len(words) > 2 else pane.number


def _from_line(tail: LogChunk) -> LogChunk:
    """Without the first line, if that may have begun earlier."""
    cut = tail.data.find(b"\n") + 1 if tail.offset > tail.dropped else 0
    return replace(tail, data=tail.data[cut:], offset=tail.offset + cut)


def _found(piece: LogFound, *, sifts: bool) -> tuple[list[Sifted], list[int], tuple[int, int]]:
    lines = [line for hit in piece.hits for line in _lines_of(hit)] if sifts else []
    return lines, [hit.offset for hit in piece.hits], (piece.start, piece.end)


def _lines_of(hit: LogHit) -> list[Sifted]:
    """A line and those around it, each with its place in the log."""
    found, at = [Sifted(hit.offset, hit.data)], hit.offset
    for line in reversed(hit.above):
        at -= len(line) + 1
        found.insert(0, Sifted(at, line))
    at = hit.offset + len(hit.data) + 1
    for line in (
        hit.below if len(hit.data) < MOST_BYTES else ()
    ):  # where they begin is not known
        found.append(Sifted(at, line))
        at += len(line) + 1
    return found
