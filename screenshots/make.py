"""Make the screenshots and the recording of the README: a real daemon, real jobs, real hosts.

python -m screenshots.make            all of them (some minutes)
python -m screenshots.make jobs log   these; `recording` is one of the names
"""

import asyncio
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from textual.pilot import Pilot

from crabtui.addresses import parse_address
from crabtui.app import CrabApp
from crabtui.data.wording import UTC_ZONE
from engine.control.client import connect
from screenshots.pictures import PICTURES, Picture, keys, seen
from screenshots.recording import animated
from screenshots.world import shards, small, workflows, world, worsen
from tests.kit.daemon import RealDaemon

HERE = Path(__file__).parent
WARM_UP_S = 100
"""How long things go on before the first picture, so that there is something to see."""
FILM = (
    (("1",), 2.2),
    (("j",), 0.8),
    (("enter",), 1.8),
    (("3",), 1.2),
    (tuple("/"), 0.6),
    (tuple("state:running"), 1.4),
    (("enter",), 1.4),
    (("j",), 0.5),
    (("enter",), 2.2),
    (("escape",), 0.8),
    (("x",), 2.0),
    (("escape",), 0.8),
    (("5",), 1.8),
    (("left", "left", "left"), 1.2),
    (("3",), 2.2),
    (("7",), 2.0),
)
"""What is pressed for each frame, and how long it stays."""
NAMES = {"/": "slash", ":": "colon"}


def app_on(daemon: RealDaemon, theme: str = "crab-dark", address: str = "jobs") -> CrabApp:
    """A console on it, that remembers nothing."""
    return CrabApp(
        partial(connect, daemon.state),
        context="workstation",
        zone=UTC_ZONE,
        theme_name=theme,
        address=parse_address(address),
    )


async def shoot(daemon: RealDaemon, picture: Picture) -> None:
    """One screenshot, after its keys."""
    app = app_on(daemon, picture.theme, picture.address)
    async with app.run_test(size=picture.size) as pilot:
        await _ready(pilot, app)
        await picture.steps(pilot)
        (HERE / f"{picture.name}.svg").write_text(app.export_screenshot(title="crabtui"))


async def film(daemon: RealDaemon) -> None:
    """The recording."""
    app = app_on(daemon)
    frames = []
    async with app.run_test(size=(110, 32)) as pilot:
        await _ready(pilot, app)
        for pressed, _ in FILM:
            await keys(*(NAMES.get(key, key) for key in pressed), pause_s=0.8)(pilot)
            frames.append(app.export_screenshot(title="crabtui"))
    (HERE / "recording.svg").write_text(animated(frames, [seconds for _, seconds in FILM]))


async def _ready(pilot: Pilot[int], app: CrabApp) -> None:
    await seen(pilot, lambda: app.jobs_view is not None and app.jobs_view.total)


def live_for(daemon: RealDaemon, seconds: float) -> None:
    """Let a day's work come in, at a pace that rises and falls."""
    ends_s, number = time.monotonic() + seconds, 0
    while time.monotonic() < ends_s:
        daemon.submit(*small(number * 12, 4 + number % 9))
        if number % 6 == 5:
            daemon.submit(*shards(number * 4))
        number += 1
        time.sleep(2.5)


def main(wanted: set[str]) -> None:
    """Make those that are named, or all."""
    with tempfile.TemporaryDirectory() as name, world(Path(name)) as (daemon, hosts):
        live_for(daemon, WARM_UP_S / 2)
        workflows(daemon)
        live_for(daemon, WARM_UP_S / 2)
        worsen(daemon, hosts)
        live_for(daemon, 10)
        for picture in PICTURES:
            if not wanted or picture.name in wanted:
                asyncio.run(shoot(daemon, picture))
        if not wanted or "recording" in wanted:
            asyncio.run(film(daemon))


if __name__ == "__main__":
    main(set(sys.argv[1:]))
