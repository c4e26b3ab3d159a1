"""The keeper of blobs: what was set aside goes after a day, at a start and later."""

from pathlib import Path

import pytest

from engine.artifacts.shelf import ASIDE_US
from engine.clock import ManualClock
from engine.loops.keep_blobs import LOOK_AGAIN_S
from tests.engine.loops.test_dispatch import when
from tests.engine.loops.test_link import settle
from tests.kit.engine import an_engine

HOUR_US = round(LOOK_AGAIN_S * 1_000_000)


@pytest.fixture
def aside(tmp_path: Path) -> Path:
    file = tmp_path / "blobs" / "aside" / "some"
    file.parent.mkdir(parents=True)
    file.write_text("spoilt")
    return file


def days_later(file: Path, less_us: int) -> ManualClock:
    """A clock that shows a day after a file was put there, less so much."""
    return ManualClock(file.stat().st_ctime_ns // 1000 + ASIDE_US - less_us)


async def test_what_was_set_aside_a_day_ago_goes_at_a_start(
    tmp_path: Path, aside: Path
) -> None:
    async with an_engine(tmp_path, clock=days_later(aside, -1)):
        await when(lambda: not aside.exists())


async def test_what_was_set_aside_goes_when_its_day_is_over(
    tmp_path: Path, aside: Path
) -> None:
    clock = days_later(aside, HOUR_US // 2)
    async with an_engine(tmp_path, clock=clock) as engine:
        await settle(engine)
        assert aside.exists()
        for _ in range(10):
            clock.advance(LOOK_AGAIN_S)
            await settle(engine)
        await when(lambda: not aside.exists())
