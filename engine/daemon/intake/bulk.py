"""Bulk: many jobs come in bit by bit, and become visible all at once or never."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from engine.control.views import Submitted
from engine.daemon.intake.asked import must_be_countable
from engine.daemon.intake.few import TRIES
from engine.daemon.intake.receipts import answer_again, keyed, known_ids
from engine.daemon.intake.verdicts import many_submitted, queue_created, queues_to_make
from engine.daemon.intake.wholes import NO_WHOLES, Wholes
from engine.errors import EngineError, InvalidSpec, KeyTaken, StaleLease
from engine.ledger.admission import Admission
from engine.ledger.ledger import Ledger
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.rows.arrays import ArrayRows
from engine.ledger.rows.batch import Batch
from engine.ledger.rows.flows import FlowRows
from engine.ledger.rows.submission import Sender, Submissions
from engine.ledger.rows.tally import counted
from engine.ledger.rows.undropped import Undropped
from engine.ledger.writes import BatchWrite
from engine.model.ids import JobId
from engine.policy.entry.arrivals import Arrivals
from engine.store.protocol import NewJob, Store, Unit


class Bulk:
    """Stores the jobs of large submissions."""

    def __init__(
        self,
        *,
        store: Store,
        working_set: WorkingSet,
        ledger: Ledger,
        submissions: Submissions,
        admission: Admission,
        undropped: Undropped,
    ) -> None:
        self._store = store
        self._set = working_set
        self._ledger = ledger
        self._submissions = submissions
        self._admission = admission
        self._undropped = undropped

    async def put(
        self, raw: Sequence[Any], sender: Sender, arrivals: Arrivals, request_key: str
    ) -> Submitted:
        """Store jobs that are all here, as people write them; raises as `commit`."""
        known = await known_ids(self._store, request_key)
        if known:
            return answer_again(known)
        batch = await self.begin(sender, len(raw), request_key)
        batch.tally.arrivals = arrivals
        try:
            await batch.add_decoded(raw)
        except BaseException:
            await batch.drop()
            raise
        return await self.commit(batch, sender.user)

    async def put_array(
        self, rows: ArrayRows, sender: Sender, arrivals: Arrivals, request_key: str
    ) -> Submitted:
        """Store a composite job and its members; raises as `commit`."""
        batch = await self._open(sender, rows.array.id, rows.count, request_key)
        batch.tally.arrivals = arrivals
        batch.arrays = (rows.array,)
        await _fill(batch, rows.parts())
        return await self.commit(batch, sender.user)

    async def put_flow(
        self, rows: FlowRows, sender: Sender, wholes: Wholes, request_key: str
    ) -> Submitted:
        """Store a run of a workflow; raises as `commit`, and InvalidSpec for a task."""
        batch = await self._open(sender, rows.first, rows.count, request_key)
        try:
            await self._fill_beside(batch, rows)
        except BaseException:
            await batch.drop()
            raise
        batch.arrays = tuple(rows.arrays)
        return await self.commit(batch, sender.user, wholes)

    async def _fill_beside(self, batch: Batch, rows: FlowRows) -> None:
        """Write each part of a flow while the next one is made. Raises: as both do."""
        try:
            async with asyncio.TaskGroup() as tasks:
                writing: asyncio.Task[None] | None = None
                async for part in rows.parts():
                    counted(part, batch.tally.arrivals)
                    self._admission.must_admit(batch.tally.arrivals)
                    if writing is not None:
                        await writing
                    is_begun = asyncio.Event()
                    writing = tasks.create_task(_add(batch, part, is_begun))
                    await is_begun.wait()
        except* EngineError as errors:
            failed = _first(errors)
        else:
            return
        raise failed

    async def begin(self, sender: Sender, count: int, request_key: str) -> Batch:
        """Open a batch.

        Raises:
            InvalidSpec: a count that cannot be.
            NotAdmitted: there is no room for so many.
        """
        must_be_countable(count)
        if await known_ids(self._store, request_key):
            return self._batch(sender, JobId(0), count, request_key, is_repeated=True)
        self._admission.must_have_room(count)
        first = await self._store.reserve_ids(count)
        return await self._open(sender, first, count, request_key)

    async def _open(self, sender: Sender, first: JobId, count: int, request_key: str) -> Batch:
        batch = self._batch(sender, first, count, request_key)
        await self._store.open_batch(first, JobId(first + count - 1))
        return batch

    def _batch(
        self,
        sender: Sender,
        first: JobId,
        count: int,
        request_key: str,
        *,
        is_repeated: bool = False,
    ) -> Batch:
        return Batch(
            store=self._store,
            submissions=self._submissions,
            admission=self._admission,
            undropped=self._undropped,
            sender=sender,
            first=first,
            count=count,
            request_key=request_key,
            is_repeated=is_repeated,
        )

    async def commit(self, batch: Batch, user: str, wholes: Wholes = NO_WHOLES) -> Submitted:
        """Make a batch visible; whatever keeps it from that leaves nothing of it.

        Raises:
            InvalidSpec: fewer jobs came than were announced.
            NotAdmitted: there is no room for them any more.
        """
        try:
            _must_be_whole(batch)
            return await self._make_visible(batch, user, wholes)
        except EngineError:
            await batch.drop()
            raise

    async def _make_visible(self, batch: Batch, user: str, wholes: Wholes) -> Submitted:
        for _ in range(TRIES):
            known = await known_ids(self._store, batch.request_key)
            if known:
                await batch.drop()
                return answer_again(known)
            try:
                return await self._write(batch, user, wholes)
            except StaleLease:  # another submission has made the same queue
                continue
            except KeyTaken as taken:  # the same submission, at the same time
                if taken.field != "request":
                    raise
        raise StaleLease("the queues of these jobs are being changed all the time; try again")

    async def _write(self, batch: Batch, user: str, wholes: Wholes) -> Submitted:
        first, last = batch.first, JobId(batch.first + batch.count - 1)
        queues = queues_to_make(batch.tally.queues, self._set.stored_queues)
        unit = Unit(
            epoch=self._set.epoch,
            queues=[(0, queue) for queue in queues],
            arrays=[(0, array) for array in batch.arrays],
            flows=[(0, flow) for flow in wholes.flows],
            definitions=wholes.definitions,
            events=[
                *(queue_created(queue, user) for queue in queues),
                *wholes.drafts,
                many_submitted(batch.tally, first, last, user),
            ],
            requests=keyed(batch.request_key, [(first, last)]),
        )
        write = BatchWrite(first, batch.tally, unit)
        with self._admission.reserve(batch.tally.arrivals) as seat:
            await seat.take(self._ledger.writer.post_batch(write))
        return Submitted(count=batch.count, ids=((first, last),))


async def _add(batch: Batch, part: Sequence[NewJob], is_begun: asyncio.Event) -> None:
    is_begun.set()
    await batch.add_rows(part)


def _first(errors: BaseExceptionGroup[EngineError]) -> EngineError:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


async def _fill(batch: Batch, parts: Iterable[Sequence[NewJob]]) -> None:
    """Write rows into a batch; nothing of it stays if one of them cannot be."""
    try:
        for part in parts:
            await batch.add_rows(part)
    except BaseException:
        await batch.drop()
        raise


def _must_be_whole(batch: Batch) -> None:
    if batch.received != batch.count:
        raise InvalidSpec(
            f"{batch.received} of {batch.count} announced jobs came; nothing was stored",
            field="count",
        )
