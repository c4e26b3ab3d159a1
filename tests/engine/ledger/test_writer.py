"""The one writer: groups, refusals, full disks, and who is told what."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.errors import StaleEpoch, StaleLease, StoreFull
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.rows.tally import Tally
from engine.ledger.writer import GROUP, TRY_AGAIN_S, Writer
from engine.ledger.writes import BatchWrite, Receipt, Write
from engine.model.events import EventType
from engine.model.ids import Epoch, JobId, Seq
from engine.model.worker import Queue
from engine.store.protocol import Draft, Unit
from tests.kit.stubborn_store import StubbornStore


class Desk:
    """A writer on a real store, and what it told."""

    def __init__(self, store: StubbornStore, epoch: Epoch) -> None:
        self.store = store
        self.clock = ManualClock()
        self.set = WorkingSet(epoch)
        self.receipts: list[Receipt] = []
        self.troubles: list[str] = []
        self.changed = asyncio.Event()
        self.writer = Writer(
            store, self.set, self.clock, on_commit=self._commit, on_trouble=self._trouble
        )

    def _commit(self, receipts: Sequence[Receipt]) -> None:
        self.receipts += receipts

    def _trouble(self, text: str) -> None:
        self.troubles.append(text)
        self.changed.set()

    async def until_told(self) -> None:
        """Return at the next change of trouble."""
        await self.changed.wait()
        self.changed.clear()

    def note(self, cause: str, *, epoch: int | None = None, **ways: bool) -> asyncio.Future:  # type: ignore[type-arg]
        unit = Unit(
            epoch=self.set.epoch if epoch is None else Epoch(epoch),
            events=[Draft(type=EventType.OPERATOR_ACTED, cause=cause)],
        )
        return self.writer.post(lambda: Write(unit), **ways)

    def stale(self) -> asyncio.Future:  # type: ignore[type-arg]
        """A unit that compares with something that never was."""
        unit = Unit(
            epoch=self.set.epoch,
            queues=[(7, Queue(name="q", version=7))],
            events=[Draft(type=EventType.QUEUE_LIMITED)],
        )
        return self.writer.post(lambda: Write(unit))

    async def causes(self) -> list[str]:
        return [event.cause for event in await self.store.events(Seq(0), 1000)]


@asynccontextmanager
async def a_desk(folder: Path) -> AsyncIterator[Desk]:
    """A writer that runs until the block ends."""
    clock = ManualClock()
    store = await StubbornStore.open(folder / "crabtui.db", clock)
    assert isinstance(store, StubbornStore)
    try:
        desk = Desk(store, await store.take_over(0))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(desk.writer.run())
            yield desk
            desk.writer.finish()
    finally:
        await store.close()


async def passed(turns: int = 5) -> None:
    """Let everybody who can go on do so."""
    for _ in range(turns):
        done = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(done.set_result, None)
        await done


async def sleeping(clock: ManualClock) -> None:
    while not clock.sleeping:
        await passed(1)


async def test_units_that_wait_together_share_commits_of_bounded_size(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.store.gate.clear()
        first = desk.note("first")
        while not desk.store.sizes:
            await passed(1)
        rest = [desk.note(str(number)) for number in range(GROUP + 10)]
        desk.store.gate.set()
        receipts = await asyncio.gather(first, *rest)
        assert desk.store.sizes == [1, GROUP, 10]
        seqs = [receipt.events[0].seq for receipt in receipts]
        assert seqs == sorted(seqs)
        assert desk.receipts == receipts
        assert desk.writer.commit_ms.count == 3
        assert desk.writer.units == GROUP + 11


async def test_a_refused_unit_does_not_hurt_its_neighbours(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        before, stale, behind = desk.note("before"), desk.stale(), desk.note("behind")
        with pytest.raises(StaleLease):
            await stale
        assert (await before).events[0].seq + 1 == (await behind).events[0].seq
        assert await desk.causes() == ["before", "behind"]
        assert len(desk.receipts) == 2


async def test_urgent_goes_before_bulk(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        bulk = [desk.note(f"bulk {n}", urgent=False) for n in range(3)]
        urgent = desk.note("urgent")
        await asyncio.gather(urgent, *bulk)
        assert (await desk.causes())[0] == "urgent"


async def test_what_turned_out_to_be_nothing_is_answered_and_not_written(
    tmp_path: Path,
) -> None:
    async with a_desk(tmp_path) as desk:
        assert await desk.writer.post(lambda: None) is None
        assert desk.store.sizes == []


async def test_a_build_that_refuses_fails_its_caller_alone(tmp_path: Path) -> None:
    def refuse() -> Write:
        raise StaleLease("it changed")

    async with a_desk(tmp_path) as desk:
        refused, noted = desk.writer.post(refuse), desk.note("fine")
        with pytest.raises(StaleLease):
            await refused
        assert await noted


async def test_a_canceled_caller_changes_nothing_for_others(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.store.gate.clear()
        gone, stays = desk.note("gone"), desk.note("stays")
        while not desk.store.sizes:
            await passed(1)
        gone.cancel()
        desk.store.gate.set()
        await stays
        assert await desk.causes() == ["gone", "stays"]


async def test_on_a_full_disk_the_impatient_fail_and_the_patient_are_written_later(
    tmp_path: Path,
) -> None:
    async with a_desk(tmp_path) as desk:
        desk.store.trouble = StoreFull("no space")
        hasty = desk.note("hasty")
        patient = [desk.note(f"patient {n}", patient=True) for n in range(3)]
        with pytest.raises(StoreFull):
            await hasty
        await desk.until_told()
        assert desk.troubles == ["no space"]
        for _ in range(3):  # it stays full for a while, and nobody is told again
            await sleeping(desk.clock)
            desk.clock.advance(TRY_AGAIN_S)
            await passed()
        assert desk.troubles == ["no space"]
        assert not any(answer.done() for answer in patient)
        desk.store.trouble = None
        await sleeping(desk.clock)
        desk.clock.advance(TRY_AGAIN_S)
        await asyncio.gather(*patient)
        assert desk.troubles == ["no space", ""]
        assert await desk.causes() == ["patient 0", "patient 1", "patient 2"]


async def test_recovery_is_noticed_although_nobody_writes(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.store.trouble = StoreFull("no space")
        with pytest.raises(StoreFull):
            await desk.note("hasty")
        await desk.until_told()
        desk.store.trouble = None
        await sleeping(desk.clock)
        desk.clock.advance(TRY_AGAIN_S)
        await desk.until_told()
        assert desk.troubles == ["no space", ""]
        [event] = await desk.store.events(Seq(0), 10)
        assert event.type is EventType.DAEMON_RECOVERED


async def test_the_end_does_not_wait_for_a_disk_that_stays_full(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        desk.store.trouble = StoreFull("no space")
        outcome = desk.note("outcome", patient=True)
        await desk.until_told()
        desk.writer.finish()
        await sleeping(desk.clock)
        desk.clock.advance(TRY_AGAIN_S)
    assert not outcome.done()


async def test_a_batch_that_cannot_be_committed_fails_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    async with a_desk(tmp_path) as desk:
        await desk.store.open_batch(JobId(1), JobId(2))
        unit = Unit(epoch=desk.set.epoch, events=[Draft(type=EventType.JOBS_SUBMITTED)])
        desk.store.trouble = StoreFull("no space")
        with pytest.raises(StoreFull):
            await desk.writer.post_batch(BatchWrite(JobId(1), Tally(), unit))
        desk.store.trouble = None
        receipt = await desk.writer.post_batch(BatchWrite(JobId(1), Tally(), unit))
        assert receipt is not None
        assert receipt.events[0].type is EventType.JOBS_SUBMITTED


async def test_receipts_are_in_the_order_of_the_log_with_batches_too(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        answers: list[asyncio.Future[Receipt | None]] = []
        for first in range(1, 20, 2):
            await desk.store.open_batch(JobId(first), JobId(first + 1))
            unit = Unit(epoch=desk.set.epoch, events=[Draft(type=EventType.JOBS_SUBMITTED)])
            write = BatchWrite(JobId(first), Tally(), unit)
            answers += [desk.note("a"), desk.writer.post_batch(write), desk.note("b")]
        await asyncio.gather(*answers)
        told = [event.seq for receipt in desk.receipts for event in receipt.events]
        assert told == list(range(1, 31))


async def test_a_newer_daemon_ends_the_writer(tmp_path: Path) -> None:
    async def write_late() -> None:
        async with a_desk(tmp_path) as desk:
            desks.append(desk)
            await desk.store.take_over(0)
            await desk.note("late")

    desks: list[Desk] = []
    with pytest.raises(ExceptionGroup) as ended:
        await write_late()
    assert ended.group_contains(StaleEpoch)
    assert desks[0].receipts == []


async def test_the_working_set_knows_the_version_of_a_queue(tmp_path: Path) -> None:
    async with a_desk(tmp_path) as desk:
        for was in range(4):
            queue = Queue(name="q", limit=was, version=was)
            unit = Unit(
                epoch=desk.set.epoch,
                queues=[(desk.set.queues["q"].version if was else 0, queue)],
                events=[Draft(type=EventType.QUEUE_LIMITED)],
            )
            await desk.writer.post(partial(Write, unit))
        assert desk.set.queues["q"] == (await desk.store.queues())[0]
