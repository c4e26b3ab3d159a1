"""Histories stay short, keep the most of everything, and go on after a restart."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.errors import StoreFull
from engine.ledger.memory.histories import MOST, Histories, History, merged, restored, thinned
from engine.model.ids import AttemptId, Epoch
from engine.model.sight import Usage
from engine.store.sqlite.store import SqliteStore

SECOND = 1_000_000
A, B = AttemptId("1-1-1"), AttemptId("2-1-1")


def used(n: int, *, memory_mb: int = 10, gpu_mb: int | None = None) -> Usage:
    return Usage(
        at=n * 10 * SECOND, cpu_ms=n * 100, memory_mb=memory_mb, processes=1, gpu_mb=gpu_mb
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(tmp_path / "crabtui.db", SystemClock())
    yield store
    await store.close()


def test_however_long_it_runs_it_has_few_points_and_no_peak_is_lost() -> None:
    history = History()
    merges = 0
    for n in range(20_000):
        merges += history.add(used(n, memory_mb=5_000 if n == 7_777 else 10))
        assert len(history.points) <= MOST
    assert merges < 10, "it is written anew seldom"
    assert len(history.points) > MOST // 3
    assert max(one.memory_mb for one in history.points) == 5_000
    assert history.points[0].at == 0
    assert history.points[-1].cpu_ms == 1_999_900
    assert history.points == sorted(history.points, key=lambda one: one.at)


def test_two_points_in_one() -> None:
    both = merged(used(1, memory_mb=9), used(2, memory_mb=3, gpu_mb=4))
    assert (both.at, both.cpu_ms, both.memory_mb, both.gpu_mb) == (10 * SECOND, 200, 9, 4)
    assert merged(used(1), used(2)).gpu_mb is None
    assert [one.at for one in thinned([used(n) for n in range(5)])] == [
        0,
        20_000_000,
        40_000_000,
    ]


def test_a_long_history_goes_on_in_the_steps_it_had() -> None:
    assert restored([used(n) for n in range(10)]).step_us == 0
    assert restored([used(3 * n) for n in range(200)]).step_us == 30 * SECOND


async def test_what_was_used_outlives_the_daemon(store: SqliteStore) -> None:
    epoch = await store.take_over(1)
    histories = Histories(store, epoch, {A, B})
    for n in range(3):
        histories.add({A: used(n), B: used(n, gpu_mb=n)})
        await histories.write()
    found = await store.samples([A, B, AttemptId("9-9-9")])
    assert found == {A: [used(0), used(1), used(2)], B: [used(n, gpu_mb=n) for n in range(3)]}

    epoch = await store.take_over(2)
    after = Histories(store, epoch, {A})
    for n in range(3, 400):
        after.add({A: used(n)})
        await after.write()
    (points,) = (await store.samples([A])).values()
    assert len(points) <= MOST
    assert (points[0].at, points[-1].cpu_ms) == (0, 39_900)


async def test_another_daemons_samples_are_not_written(store: SqliteStore) -> None:
    old = await store.take_over(1)
    await store.take_over(2)
    histories = Histories(store, old, {A})
    histories.add({A: used(1)})
    await histories.write()
    assert await store.samples([A]) == {}


class Full:
    """A store whose disk is full at first."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.is_full = True

    async def samples(self, attempts: Sequence[AttemptId]) -> Mapping[AttemptId, object]:
        return await self.store.samples(attempts)

    async def keep_samples(self, epoch: Epoch, points: object, instead: object) -> None:
        if self.is_full:
            raise StoreFull("full")
        await self.store.keep_samples(epoch, points, instead)  # type: ignore[arg-type]


async def test_a_full_disk_loses_nothing(store: SqliteStore) -> None:
    full = Full(store)
    histories = Histories(full, await store.take_over(1), {A})  # type: ignore[arg-type]
    for n in range(3):
        histories.add({A: used(n)})
        with pytest.raises(StoreFull):
            await histories.write()
    full.is_full = False
    histories.add({A: used(3)})
    await histories.write()
    assert await store.samples([A]) == {A: [used(n) for n in range(4)]}
