"""The console in a browser: textual-serve behind our guards, with a page of our own."""

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from crabtui.web.guards import PAGE_HEADERS, Guard

PAGES: Final = Path(__file__).parent / "pages"
MOST_SESSIONS: Final = 8
"""Consoles at once: each is a process."""
MOST_CELLS: Final = (1_000, 500)
"""Columns and rows of a console, whatever a page says: each cell is memory."""
MOST_SAID_BYTES: Final = 1 << 20
"""Of one message from a page."""
END_S: Final = 3.0
"""For consoles that are open when the server is told to end."""
USED: Final = (
    "This address does not work, or has been used: each lets one browser in, once.\n"
    "`crabtui web` prints the next one in its terminal."
)
GUARD: Final = web.AppKey("guard", Guard)


class WebConsole(Server):
    """Serves one console per page, to browsers that were let in.

    `tell` gets the address for the next browser, whenever one was used.
    """

    def __init__(self, command: str, guard: Guard, tell: Callable[[str], None]) -> None:
        super().__init__(
            command,
            host="127.0.0.1",
            port=guard.port,
            title="crabtui",
            templates_path=str(PAGES),
        )
        self._guard = guard
        self._tell = tell
        self._sessions = 0

    def initialize_logging(self) -> None:
        """Nothing that a page sends reaches the terminal."""
        logging.getLogger("textual-serve").setLevel(logging.CRITICAL)

    async def application(self) -> web.Application:
        """Everything that can be asked for, and the guards before it."""
        app = web.Application(middlewares=[guarded])
        app[GUARD] = self._guard
        app.add_routes(
            [
                web.get("/", self.index),
                web.get("/ws", self.handle_websocket),
                web.get("/download/{key}", self.handle_download),
                web.static("/static", self.statics_path),
                web.static("/own", PAGES / "own"),
            ]
        )
        app.on_response_prepare.append(_dress)
        return app

    async def index(self, request: web.Request) -> web.StreamResponse:
        """The page; with a token that is right, the way to it."""
        token = request.query.get("token")
        if token is None:
            return web.FileResponse(PAGES / "console.html")
        visitor = self._guard.admit(token)
        if visitor is None:
            raise web.HTTPForbidden(text=USED)
        self._tell(self._guard.address)
        found = web.HTTPFound("/")
        found.set_cookie(self._guard.cookie, visitor, httponly=True, samesite="Strict")
        raise found

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """One console, for as long as its page is open."""
        if self._sessions >= MOST_SESSIONS:
            raise web.HTTPServiceUnavailable(text=f"{MOST_SESSIONS} consoles are open already")
        page = web.WebSocketResponse(heartbeat=15, max_msg_size=MOST_SAID_BYTES)
        if not page.can_prepare(request):
            raise web.HTTPBadRequest(text="only pages talk to it, over a WebSocket")
        self._sessions += 1
        try:
            await page.prepare(request)
            await self._converse(page, _cells(request.query))
        finally:
            self._sessions -= 1
        return page

    async def _converse(self, page: web.WebSocketResponse, cells: tuple[int, int]) -> None:
        console = AppService(
            self.command,
            write_bytes=page.send_bytes,
            write_str=page.send_str,
            close=partial(_end, page),
            download_manager=self.download_manager,
        )
        await console.start(*cells)
        try:
            async for message in page:
                if message.type is WSMsgType.TEXT and not await _heed(page, console, message):
                    await page.close(code=WSCloseCode.UNSUPPORTED_DATA)
        finally:
            with suppress(TimeoutError):  # then it is killed with its last handle
                async with asyncio.timeout(END_S):
                    await console.stop()


async def _end(page: web.WebSocketResponse) -> None:
    await page.close()


async def _heed(page: web.WebSocketResponse, console: AppService, said: WSMessage) -> bool:
    """Do what a page says; False if that is nonsense."""
    try:
        words = said.json()
    except ValueError:
        return False
    match words:
        case ["stdin", str(keys)]:
            await console.send_bytes(keys.encode("utf-8", "replace"))
        case ["resize", {"width": int(), "height": int()} as size]:
            await console.set_terminal_size(*_cells(size))
        case ["ping", data]:
            await page.send_json(["pong", data])
        case ["blur", *_]:
            await console.blur()
        case ["focus", *_]:
            await console.focus()
        case _:
            return False
    return True


def _cells(said: Mapping[str, Any]) -> tuple[int, int]:
    """The size that a page says it has, as far as a console may be large."""
    sizes = []
    for name, usual, most in (("width", 80, MOST_CELLS[0]), ("height", 24, MOST_CELLS[1])):
        try:
            sizes.append(min(max(int(said.get(name, usual)), 1), most))
        except ValueError:
            sizes.append(usual)
    return sizes[0], sizes[1]


@web.middleware
async def guarded(request: web.Request, handler: Any) -> web.StreamResponse:
    """Let nobody past who may not."""
    guard = request.app[GUARD]
    refusal = guard.refusal(request.headers, speaks=request.path == "/ws")
    if refusal:
        raise web.HTTPForbidden(text=refusal)
    comes_in = request.path == "/" and "token" in request.query
    if not comes_in and not guard.knows(request.cookies.get(guard.cookie)):
        raise web.HTTPForbidden(text=USED)
    answer: web.StreamResponse = await handler(request)
    return answer


async def _dress(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in PAGE_HEADERS.items():
        response.headers[name] = value


async def serve(
    command: str, port: int, tell: Callable[[str], None], until: asyncio.Event
) -> None:
    """Serve the console that `command` runs, on loopback, until the event.

    `port` 0 takes any; `tell` gets the address for the first browser, and after each one
    that came the address for the next.

    Raises:
        OSError: the port is taken.
    """
    listener = socket.create_server(("127.0.0.1", port), backlog=32)

    guard = Guard(listener.getsockname()[1])
    console = WebConsole(f"exec {command}", guard, tell)  # no shell stays in between
    runner = web.AppRunner(await console.application(), access_log=None, shutdown_timeout=END_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        tell(guard.address)
        await until.wait()
    finally:
        await runner.cleanup()
