"""A fresh store of every kind, for the contract that all of them fulfil."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.store.protocol import Store
from engine.store.sqlite.store import SqliteStore
from tests.engine.store.author import Author
from tests.kit.build import NOW


async def _sqlite(folder: Path, clock: ManualClock) -> Store:
    return await SqliteStore.open(folder / "jobs.sqlite", clock)


OPENERS: dict[str, Callable[[Path, ManualClock], Awaitable[Store]]] = {"sqlite": _sqlite}
"""A second database is tested by adding it here."""


@pytest.fixture(params=OPENERS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened = await OPENERS[request.param](tmp_path / "state", ManualClock(NOW))
    yield opened
    await opened.close()


@pytest.fixture
async def author(store: Store) -> Author:
    """Writes units as the newest daemon."""
    return Author(store, await store.take_over(NOW))
