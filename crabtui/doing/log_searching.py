"""Searching the logs of all jobs that are listed: `:grep`."""

from contextlib import aclosing
from typing import TYPE_CHECKING

from crabtui.views.logs.found import FoundScreen
from engine.control.messages import SearchLogs
from engine.errors import EngineError
from engine.model.log_pattern import LogPattern

if TYPE_CHECKING:
    from crabtui.desk import Desk


class LogSearching:
    """Searching the logs of many jobs; the search ends with its screen."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def grep(self, pattern: str, search: LogPattern) -> None:
        """Search the logs of the jobs that are listed here, or of the one that is shown."""
        app = self._app
        address = app.front.body.address
        here = address.job if address.job is not None else ",".join(map(str, address.logs))
        where = f"id:{here}" if here else address.where
        app.travel.push(FoundScreen(pattern, search, where, ascii_only=app.ascii_only))

    def begin(self, screen: FoundScreen) -> None:
        """Fill a screen with what is found."""
        screen.run_worker(self._search(screen), group="grep", exit_on_error=False)

    async def _search(self, screen: FoundScreen) -> None:
        ask = SearchLogs(pattern=screen.pattern, where=screen.where)
        try:
            async with aclosing(self._app.feed.stream(ask)) as found:
                async for one in found:
                    screen.take(one)
        except EngineError as error:
            screen.trouble(error.message)

    def do_open_found(self) -> None:
        """The log of the line under the cursor, at that line."""
        screen = self._app.front
        if not isinstance(screen, FoundScreen) or screen.chosen is None:
            return self._app.say("nothing was found here", True)
        hit = screen.chosen
        return self._app.log_keeping.open_logs(
            [hit.job],
            stream=hit.stream,
            number=hit.attempt,
            at=hit.offset,
            wanted=screen.pattern,
        )
