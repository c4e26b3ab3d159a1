"""The whole of it: a real daemon, `crabtui web`, and a real browser without a window."""

import asyncio
import json
import re
import sys
from contextlib import asynccontextmanager

import pytest

from tests.kit.browser import CHROMIUM, browser
from tests.kit.daemon import job_environment

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
PAINTED = """new Promise(done => {
    const look = () => document.body.classList.contains("-first-byte") && done(true);
    new MutationObserver(look).observe(document.body, {attributes: true});
    look();
})"""
ESCAPES = re.compile(rb"\x1b\[[0-9;?<>=]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b.")


@asynccontextmanager
async def console_in_browser(daemon, *flags):
    """A tab that was let in; and the words of the server."""
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "crabtui", "web", "--port", "0", *flags),
        *("--state", str(daemon.state)),
        stdout=asyncio.subprocess.PIPE,
        env=job_environment(),
    )
    try:
        async with asyncio.timeout(120), browser() as tab:
            address = (await server.stdout.readline()).decode().strip()
            assert await tab.open(address) == 200
            yield tab, address
    finally:
        server.terminate()
        assert await server.wait() == 0


def shown(tab):
    return ESCAPES.sub(b"", tab.received()).decode(errors="replace")


async def reads(tab, *words):
    await tab.until(lambda: all(word in shown(tab) for word in words))


async def test_the_console_is_there_and_only_looks(daemon):
    job = daemon.submit({"command": ["sleep", "600"], "name": "train-in-the-browser"}).ids[0][0]
    daemon.wait_state(job, "running")
    async with console_in_browser(daemon) as (tab, address):
        await reads(tab, "train-in-the-browser", "LIVE", "RO")
        assert "token" not in await tab.value("location.href"), "it is not left in the history"
        assert await tab.open(address) == 403, "it lets one in, once"
        origin = "/".join(address.split("/")[:3])
        asked = tab.asked()
        tab.events.clear()
        assert await tab.open(origin) == 200, "the cookie stays"
        await reads(tab, "train-in-the-browser", "LIVE")
        assert await tab.value(PAINTED)
        await tab.type("x")
        await reads(tab, "started to look only")
        await tab.type(":arm 10m\r")
        await tab.until(lambda: shown(tab).count("started to look only") > 1)
        await asyncio.to_thread(daemon.wait_state, job, "running")
        foreign = [
            a for a in asked + tab.asked() if not a.startswith((origin, "data:", "blob:"))
        ]
        assert foreign == [], "nothing comes from elsewhere"
        broken = [e for e in tab.events if e["method"] == "Runtime.exceptionThrown"]
        assert broken == [], json.dumps(broken)[:3000]


async def test_with_write_it_acts(daemon):
    job = daemon.submit({"command": ["sleep", "600"], "name": "train-in-the-browser"}).ids[0][0]
    daemon.wait_state(job, "running")
    async with console_in_browser(daemon, "--write") as (tab, _):
        await reads(tab, "train-in-the-browser", "LIVE")
        await tab.type("x")
        await reads(tab, "Cancel")
        await tab.type("y")
        await asyncio.to_thread(daemon.wait_state, job, "canceled")


async def test_another_page_cannot_reach_it(daemon):
    async with console_in_browser(daemon) as (tab, address):
        port = address.split(":")[2].split("/")[0]
        await tab.open("data:text/html,<title>elsewhere</title>")
        said = await tab.value(
            f"new Promise(r => {{ const s = new WebSocket('ws://127.0.0.1:{port}/ws');"
            "s.onopen = () => r('open'); s.onerror = () => r('refused'); })"
        )
        assert said == "refused"
        got = await tab.value(
            f"fetch('http://127.0.0.1:{port}/').then(() => 'read', () => 'refused')"
        )
        assert got == "refused"
