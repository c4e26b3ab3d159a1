"""The server itself, asked by a client that is not as polite as a browser."""

import asyncio
import shlex
import socket
import sys
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession, CookieJar, WSMsgType, WSServerHandshakeError

from crabtui.web.server import MOST_SESSIONS

APP = """
from textual.app import App
from textual.widgets import Static
class Small(App):
    def compose(self):
        yield Static("ready")
    def on_key(self, event):
        size = f"{self.size.width} x {self.size.height}"
        self.query_one(Static).update(f"heard {event.key} at {size}")
Small().run()
"""
SERVER = f"""
import asyncio, signal
from crabtui.web.server import serve
async def main():
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    tell = lambda address: print(address, flush=True)
    await serve({shlex.join([sys.executable, "-c", APP])!r}, 0, tell, over)
asyncio.run(main())
"""


class Client:
    """Somebody who talks to the server."""

    def __init__(self, session, addresses, told):
        self.session = session
        self.addresses = addresses
        self._told = told

    @property
    def base(self):
        parts = urlsplit(self.addresses[0])
        return f"http://{parts.netloc}"

    async def get(self, path, **headers):
        async with self.session.get(self.base + path, headers=headers) as reply:
            return reply.status, await reply.text(), reply.headers

    async def come_in(self):
        self._told.clear()
        status, text, _ = await self.get(self.addresses[-1].removeprefix(self.base))
        assert status == 200, text
        await self._told.wait()

    async def talk(self, origin=None, size=""):
        origin = self.base if origin is None else origin
        headers = {"Origin": origin} if origin else {}
        return await self.session.ws_connect(self.base + "/ws" + size, headers=headers)


@asynccontextmanager
async def served():
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, stdout=asyncio.subprocess.PIPE
    )
    addresses: list[str] = []

    async def read() -> None:
        async for line in server.stdout:
            addresses.append(line.decode().strip())
            told.set()

    told = asyncio.Event()
    try:
        async with asyncio.timeout(120), asyncio.TaskGroup() as group:
            group.create_task(read())
            await told.wait()
            async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
                yield Client(session, addresses, told)
            server.terminate()
    finally:
        if server.returncode is None:
            server.kill()
        await server.wait()


async def hears(talk, word):
    seen = b""
    async for message in talk:
        if message.type is WSMsgType.BINARY:
            seen += message.data
        if word in seen:
            return
    raise AssertionError(seen)


@pytest.mark.parametrize(
    "path", ["/", "/static/js/textual.js", "/own/console.js", "/ws", "/download/x"]
)
async def test_nothing_is_given_to_a_stranger(path):
    async with served() as client:
        status, text, _ = await client.get(path, Origin=client.base)
        assert status == 403
        assert "lets one browser in, once" in text


async def test_the_printed_address_lets_in_once_and_the_next_is_printed():
    async with served() as client:
        first = client.addresses[0]
        await client.come_in()
        assert len(client.addresses) == 2
        client.session.cookie_jar.clear()
        status, text, _ = await client.get(first.removeprefix(client.base))
        assert (status, "crabtui web" in text) == (403, True)
        await client.come_in()


async def test_a_page_of_ours_gets_a_console():
    async with served() as client:
        await client.come_in()
        talk = await client.talk()
        await hears(talk, b"ready")
        await talk.send_json(["stdin", "x"])
        await hears(talk, b"heard x")
        await talk.close()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:1"])
async def test_a_page_from_elsewhere_gets_none_even_with_the_cookie(origin):
    async with served() as client:
        await client.come_in()
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.talk(origin)
        assert refused.value.status == 403


async def test_a_name_bent_to_this_machine_gets_nothing():
    async with served() as client:
        await client.come_in()
        status, _, _ = await client.get("/", Host="evil.example:8273")
        assert status == 403


async def test_only_this_machine_can_reach_it():
    async with served() as client:
        port = urlsplit(client.base).port
        for address in {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}:
            if not address.startswith("127."):
                with pytest.raises(OSError):
                    socket.create_connection((address, port), timeout=5).close()
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.2", port), timeout=5).close()


async def test_every_answer_forbids_what_pages_can_forbid():
    async with served() as client:
        _, _, stranger = await client.get("/")
        await client.come_in()
        _, text, page = await client.get("/")
        for headers in (stranger, page):
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Cache-Control"] == "no-store"
        assert "https://" not in text, "nothing comes from elsewhere"
        assert "token" not in text


@pytest.mark.parametrize(
    "sent", ["no json", "{}", "[]", '["resize", {}]', '["stdin", 7]', '["resize", "x"]', "[[]]"]
)
async def test_nonsense_ends_one_console_and_no_other(sent):
    async with served() as client:
        await client.come_in()
        other, bad = await client.talk(), await client.talk()
        await hears(other, b"ready")
        await bad.send_str(sent)
        await bad.close()
        await other.send_json(["stdin", "y"])
        await hears(other, b"heard y")
        await other.close()


@pytest.mark.parametrize("way", ["opened", "resized"])
async def test_no_page_gets_a_console_as_large_as_it_likes(way):
    async with served() as client:
        await client.come_in()
        size = "?width=99999999&height=99999999" if way == "opened" else "?width=x&height="
        talk = await client.talk(size=size)
        if way == "resized":
            await hears(talk, b"ready")
            huge = {"width": 99_999_999, "height": 99_999_999}
            await talk.send_json(["resize", huge])
        await talk.send_json(["stdin", "z"])
        await hears(talk, b"1000 x 500")
        await talk.close()


async def test_who_speaks_no_websocket_is_told_so():
    async with served() as client:
        await client.come_in()
        status, text, _ = await client.get("/ws", Origin=client.base)
        assert (status, "WebSocket" in text) == (400, True)


async def test_there_is_an_end_to_the_number_of_consoles():
    async with served() as client:
        await client.come_in()
        talks = [await client.talk() for _ in range(MOST_SESSIONS)]
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.talk()
        assert refused.value.status == 503
        for talk in talks:
            await talk.close()
