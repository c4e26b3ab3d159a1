"""A spool that vanishes is told of; it is no proof that anything ended."""

from pathlib import Path

import pytest

from engine.backends.protocol import HostState
from engine.errors import BackendError, SpoolGone
from engine.runner.spool import epoch_name
from tests.engine.backends.hands import EPOCH, Hands


async def test_it_is_told_until_it_is_back(hands: Hands, root: Path) -> None:
    report = await hands.start("sleep", "60")
    away = root.with_name("away")
    root.rename(away)
    for _ in range(2):
        with pytest.raises(SpoolGone, match=r"spool is gone, or was replaced"):
            await hands.backend.look()
        with pytest.raises(SpoolGone):
            await hands.backend.renew([report.attempt], EPOCH)
        with pytest.raises(BackendError):
            await hands.backend.adopt([report.attempt])
        with pytest.raises(SpoolGone):
            await hands.backend.tail(report.attempt, "out", 0, 100)
        assert not root.exists()
    away.rename(root)
    await hands.backend.look()
    await hands.backend.hello(EPOCH)
    [found] = await hands.backend.adopt([report.attempt])
    assert found.state is HostState.RUNNING
    await hands.stop(report, 0, "KILL")
    assert (await hands.end(report)).signal == 9


async def test_an_older_one_in_its_place_decides_nothing(hands: Hands, root: Path) -> None:
    report = await hands.start("sleep", "60")
    away = root.with_name("away")
    root.rename(away)
    for name in ("a", "l", "t", "ends", f"fence/{epoch_name(EPOCH - 1)}"):
        (root / name).mkdir(mode=0o700, parents=True)
    with pytest.raises(SpoolGone):
        await hands.backend.look()
    with pytest.raises(SpoolGone):
        await hands.backend.adopt([report.attempt])
    [begun] = await hands.backend.start([hands.order("true", attempt="9-1-7")])
    assert isinstance(begun, SpoolGone)
    assert [one.name for one in (root / "fence").iterdir()] == [epoch_name(EPOCH - 1)]


async def test_hello_makes_a_new_one(hands: Hands, root: Path) -> None:
    report = await hands.start("sleep", "60")
    root.rename(root.with_name("away"))
    await hands.backend.hello(EPOCH)
    await hands.backend.look()
    [found] = await hands.backend.adopt([report.attempt])
    assert found.state is HostState.VOID
