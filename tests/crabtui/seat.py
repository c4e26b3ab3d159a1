"""A person in front of the console: presses keys, reads the screen, waits for it to change."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from crabtui.addresses import Address
from crabtui.app import CrabApp
from crabtui.data.wording import UTC_ZONE
from crabtui.link import Stage
from crabtui.views.jobs.jobs import JobsView
from crabtui.widgets.bars.footer_keys import FooterKeys
from crabtui.widgets.bars.header_bar import HeaderBar
from crabtui.widgets.bars.status_line import StatusLine
from engine.control.views import JobRow
from tests.kit.fake_world import World
from tests.kit.golden import check_golden, is_golden
from tests.kit.still_clock import StillClock
from tests.kit.waiting import PATIENCE_S

NARROW = (80, 24)
WIDE = (160, 48)
REST_S = 20.0
"""Within which a screen comes to what it is to be; only one that never does takes it all."""


class Seat:
    """The console of a `World`, under the hands of a test."""

    def __init__(self, app: CrabApp, pilot: Pilot[Any], world: World) -> None:
        self.app = app
        self.pilot = pilot
        self.world = world

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        names = {":": "colon", " ": "space", "#": "number_sign", "-": "minus"}
        await self.press(*(names.get(letter, letter) for letter in text))

    async def until(self, seen: Callable[[], object]) -> None:
        """Wait until the condition holds; the message shows the screen if it never does."""
        ends_s = time.monotonic() + PATIENCE_S
        while not seen():
            assert time.monotonic() < ends_s, f"it never came true:\n{self.text}"
            await self.pilot.pause(0.005)

    async def reads(self, *words: str) -> None:
        """Wait until all these words are on the screen."""
        await self.until(lambda: all(word in self.text for word in words))

    async def says(self, *words: str) -> None:
        """Wait until the status line has all these words."""
        await self.until(lambda: all(word in self.status for word in words))

    async def looks_like(self, golden: str) -> None:
        """Wait until the screen is what was agreed; what it is in the end must be that."""
        await self.pilot.pause(0.05)
        ends_s = time.monotonic() + REST_S
        while not is_golden(golden, self.text) and time.monotonic() < ends_s:
            await self.pilot.pause(0.02)
        check_golden(golden, self.text)

    def tick(self, seconds: float = 1.0) -> None:
        """Let time pass, as the console's clock would."""
        self.world.clock.advance(seconds)  # type: ignore[attr-defined]
        self.app.beat()

    @property
    def text(self) -> str:
        """Everything on the screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips) + "\n"

    @property
    def status(self) -> str:
        return self.app.front.query_one("#status", StatusLine)._left[0]

    @property
    def header(self) -> str:
        bar = self.app.front.query_one(HeaderBar)
        return "".join(part.text for part in bar.parts(200))

    @property
    def footer(self) -> dict[str, bool]:
        """The keys that are taught, and whether they may be used."""
        keys = self.app.front.query_one(FooterKeys)._entries
        return {f"{key} {label}": enabled for key, label, enabled in keys}

    @property
    def jobs(self) -> JobsView:
        view = self.app.jobs_view
        assert view is not None
        return view

    @property
    def cursor(self) -> int | None:
        return self.jobs.table.cursor_id

    def row(self, job: int) -> JobRow:
        """The row as the console shows it."""
        row = self.jobs.table.board.row_of(job)
        assert row is not None, f"#{job} is not shown:\n{self.text}"
        return row

    async def go_to(self, job: int) -> None:
        """Put the cursor on a job by its keys."""
        await self.press("g")
        for _ in range(200):
            if self.cursor == job:
                return
            await self.press("j")
        raise AssertionError(f"#{job} was not reached:\n{self.text}")


@asynccontextmanager
async def seat(
    world: World, size: tuple[int, int] = NARROW, *, live: bool = True, **options: Any
) -> AsyncGenerator[Seat, None]:
    """The console on this world; connected and filled unless `live` is false."""
    options.setdefault("context", "atlas")
    if "session_path" not in options:
        options.setdefault("address", Address())
    app = CrabApp(world.connect, clock=world.clock, zone=UTC_ZONE, **options)
    async with app.run_test(size=size) as pilot:
        here = Seat(app, pilot, world)
        await pilot.pause()
        if live:
            await here.until(lambda: app.feed.link.stage is Stage.LIVE and app.pulse)
            place = options.get("address")
            is_elsewhere = place is not None and bool(place.logs)  # then nobody asks for jobs
            await here.until(
                lambda: is_elsewhere or app.jobs_view is None or app.jobs_view.total is not None
            )
        await pilot.pause()
        yield here


def a_world() -> World:
    """An empty world in which time stands still."""
    return World(StillClock())
