"""Reading logs: the end as it grows, and older parts when they are wanted."""

from typing import TYPE_CHECKING

from crabtui.boundary import clean
from crabtui.views.log_pane import LogPane
from engine.control.messages import FollowLog, ReadLog
from engine.errors import EngineError

if TYPE_CHECKING:
    from crabtui.desk import Desk

TAIL_BYTES = 64 * 2**10


class LogReading:
    """Reading logs: the end as it grows, and older parts when they are wanted."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def read_log(self, pane: LogPane) -> None:
        """Read the end of a log and follow it; one log at a time."""
        self._app.run_worker(self._read(pane), group="log", exclusive=True, exit_on_error=False)

    async def _read(self, pane: LogPane) -> None:
        job, stream = pane.job, pane.stream
        try:
            tail = await self._app.feed.call(
                ReadLog(id=job, stream=stream, offset=-TAIL_BYTES, limit=TAIL_BYTES)
            )
            pane.take(tail)
            ask = FollowLog(id=job, stream=stream, offset=tail.offset + len(tail.data))
            async for chunk in self._app.feed.follow_log(ask):
                if chunk.waits:
                    pane.wait(clean(chunk.waits))
                else:
                    pane.take(chunk)
            pane.is_read = False
        except EngineError as error:
            pane.trouble(error.message)

    def read_older(self, pane: LogPane, offset: int) -> None:
        """Read a part of a log that is not loaded."""

        async def read() -> None:
            ask = ReadLog(id=pane.job, stream=pane.stream, offset=offset, limit=TAIL_BYTES)
            try:
                pane.take(await self._app.feed.call(ask))
            except EngineError as error:
                pane.trouble(error.message)

        self._app.run_worker(read(), group="older", exclusive=True, exit_on_error=False)
