"""A real browser without a window: Chromium, spoken to by its debugging protocol."""

import asyncio
import itertools
import shutil
import tempfile
from base64 import b64decode
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
"""None: it is not on this machine."""
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # we may be root, and the pages are our own
    "--disable-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--window-size=1280,800",
    "--remote-debugging-port=0",
)


class Tab:
    """One page."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.events: list[dict[str, Any]] = []
        """What the browser told by itself, in order."""
        self._socket = socket
        self._ids = itertools.count(1)
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._moved = asyncio.Event()

    async def listen(self) -> None:
        """Take what the browser says, until it is gone."""
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                continue
            said = message.json()
            if "id" in said:
                self._replies.pop(said["id"]).set_result(said)
            else:
                self.events.append(said)
            self._moved.set()

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command."""
        number = next(self._ids)
        reply = self._replies[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        said = await reply
        assert "error" not in said, said
        result: dict[str, Any] = said["result"]
        return result

    async def value(self, script: str) -> Any:
        """What an expression is worth in the page."""
        said = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    async def open(self, address: str) -> int:
        """Go there; the status that the page came with."""
        before = len(self.events)
        await self.call("Page.navigate", url=address)
        await self.until(lambda: any(_is_loaded(e) for e in self.events[before:]))
        return next(
            event["params"]["response"]["status"]
            for event in reversed(self.events[before:])
            if event["method"] == "Network.responseReceived"
            and event["params"]["type"] == "Document"
        )

    async def type(self, text: str) -> None:
        """Press these keys."""
        for letter in text:
            await self.call("Input.dispatchKeyEvent", type="char", text=letter)

    async def picture(self) -> bytes:
        """PNG of the page as it is seen."""
        return b64decode((await self.call("Page.captureScreenshot"))["data"])

    async def until(self, seen: Callable[[], object], timeout_s: float = 90.0) -> None:
        """Wait until the events make the condition true."""
        async with asyncio.timeout(timeout_s):
            while not seen():
                self._moved.clear()
                await self._moved.wait()

    def received(self) -> bytes:
        """Everything that came over the page's websockets."""
        frames = [
            event["params"]["response"]["payloadData"]
            for event in self.events
            if event["method"] == "Network.webSocketFrameReceived"
            and event["params"]["response"]["opcode"] == 2
        ]
        return b"".join(map(b64decode, frames))

    def asked(self) -> list[str]:
        """Every address that the page asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]


def _is_loaded(event: dict[str, Any]) -> bool:
    return bool(event["method"] == "Page.loadEventFired")


@asynccontextmanager
async def browser() -> AsyncGenerator[Tab, None]:
    """A fresh browser with one empty tab, gone afterwards."""
    assert CHROMIUM
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            CHROMIUM,
            *FLAGS,
            f"--user-data-dir={folder}/profile",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={"HOME": folder, "PATH": "/usr/bin:/bin"},
        )
        try:
            async with ClientSession() as session, asyncio.TaskGroup() as group:
                socket = await session.ws_connect(
                    await _first_tab(session, process), max_msg_size=0
                )
                tab = Tab(socket)
                group.create_task(tab.listen())
                await tab.call("Emulation.setFocusEmulationEnabled", enabled=True)
                for domain in ("Page", "Runtime", "Network"):
                    await tab.call(f"{domain}.enable")
                yield tab
                await socket.close()
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _first_tab(session: ClientSession, process: asyncio.subprocess.Process) -> str:
    assert process.stderr
    async with asyncio.timeout(60):
        while b"DevTools listening on" not in (line := await process.stderr.readline()):
            assert line, "the browser ended"
    port = line.split(b"127.0.0.1:")[1].split(b"/")[0].decode()
    async with session.get(f"http://127.0.0.1:{port}/json/list") as reply:
        tabs = await reply.json()
    address: str = next(t["webSocketDebuggerUrl"] for t in tabs if t["type"] == "page")
    return address
