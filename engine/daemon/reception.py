"""Reception: takes submissions in, small ones in one unit, large ones as batches."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from engine.clock import Clock
from engine.control.views import Submitted
from engine.daemon.asked import must_be_countable, must_be_possible
from engine.daemon.keys import given_twice, has_key
from engine.daemon.receipts import SMALL, answer_again, answer_to, keyed, known_ids
from engine.daemon.verdicts import many_submitted, queue_created, rejected, submitted
from engine.errors import (
    EngineError,
    InvalidSpec,
    KeyTaken,
    NotAllowed,
    Refused,
    StaleLease,
)
from engine.ledger.admission import Admission
from engine.ledger.array_rows import ArrayRows
from engine.ledger.batch import Batch
from engine.ledger.ledger import Ledger
from engine.ledger.submission import Sender, Submissions
from engine.ledger.tally import counted
from engine.ledger.working_set import WorkingSet
from engine.ledger.writes import BatchWrite, Write
from engine.model.array import Array
from engine.model.ids import JobId
from engine.model.spec import JobSpec
from engine.model.worker import Queue
from engine.policy.arrivals import Arrivals
from engine.policy.expansion import Sweep
from engine.policy.steering import cancel
from engine.policy.template import Template
from engine.store.protocol import NewJob, Store, Unit

KEYS_TRIED = 1_000


class Reception:
    """Where jobs come in. Everything or nothing of a submission is stored."""

    def __init__(
        self,
        *,
        store: Store,
        working_set: WorkingSet,
        ledger: Ledger,
        submissions: Submissions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._set = working_set
        self._ledger = ledger
        self._submissions = submissions
        self._clock = clock
        self._admission = Admission(working_set, clock)

    @contextmanager
    def judging(self, user: str, count: int, arrivals: Arrivals) -> Iterator[None]:
        """Whatever is refused in here gets an event with the reason.

        Args:
            user: Who submits.
            count: How many jobs.
            arrivals: What will be known of them by then.
        """
        try:
            yield
        except Refused as refused:
            self._ledger.tell(rejected(refused, arrivals, count, user))
            raise

    async def submit(
        self, raw: Sequence[Any], sender: Sender, *, request_key: str, on_key: str
    ) -> Submitted:
        """Store some jobs; the answer means that they are on disk.

        Args:
            raw: As people write them.
            sender: Who, and what the jobs share.
            request_key: Repeating a submission with it stores nothing new.
            on_key: What a live job with the same key means: its id is the answer
                (`return`), refuse (`reject`), or cancel it if it waits (`replace`). Of
                more than `SMALL` jobs the keys must be free.

        Raises:
            InvalidSpec: one of them is wrong.
            KeyTaken: a live job has the key of one, and `on_key` is `reject`.
            NotAllowed: the job to be replaced runs.
            NotAdmitted: there is no room for them, or they come too fast.
        """
        arrivals = Arrivals()
        with self.judging(sender.user, len(raw), arrivals):
            return await self._submit(raw, sender, arrivals, request_key, on_key)

    async def _submit(
        self,
        raw: Sequence[Any],
        sender: Sender,
        arrivals: Arrivals,
        request_key: str,
        on_key: str,
    ) -> Submitted:
        must_be_possible(len(raw), on_key)
        if len(raw) > SMALL:
            return await self._submit_many(raw, sender, arrivals, request_key)
        known = await known_ids(self._store, request_key)
        if known:
            return answer_again(known)
        first = await self._store.reserve_ids(len(raw))
        around = await self._submissions.surroundings(sender)
        reader = self._submissions.reader(sender)
        jobs = await self._submissions.prepare(raw, reader, around, first, 0)
        counted(jobs, arrivals)
        return await self._store_small(jobs, sender.user, request_key, on_key)

    async def submit_spec(
        self, spec: JobSpec, surroundings: int, *, user: str, request_key: str
    ) -> Submitted:
        """Store one job that has been read, with surroundings that are known.

        Raises:
            InvalidSpec: no worker could hold it, or it depends on what is not there.
            KeyTaken: a live job has its key.
            NotAdmitted: there is no room for it, or it comes too fast.
        """
        arrivals = Arrivals()
        with self.judging(user, 1, arrivals):
            known = await known_ids(self._store, request_key)
            if known:
                return answer_again(known)
            first = await self._store.reserve_ids(1)
            jobs = await self._submissions.prepare_specs([spec], surroundings, first, 0)
            counted(jobs, arrivals)
            return await self._store_small(jobs, user, request_key, "reject")

    async def submit_array(
        self,
        raw: Any,
        sweep: Sweep,
        sender: Sender,
        *,
        limit: int | None,
        stop_after: int | None,
        request_key: str,
    ) -> Submitted:
        """Store a composite job and its members, all or none, under ids in a row.

        Args:
            raw: The template, as people write jobs.
            sweep: The members' parameters.
            sender: Who, and where from.
            limit: How many members may run at once.
            stop_after: After so many failures those that wait are canceled.
            request_key: Repeating a submission with it stores nothing new.

        Raises:
            InvalidSpec: the template is wrong, or becomes so with some parameters.
            KeyTaken: a live job has its key.
            NotAdmitted: there is no room for them, or they come too fast.
        """
        arrivals = Arrivals()
        with self.judging(sender.user, sweep.count, arrivals):
            return await self._submit_array(
                raw, sweep, sender, arrivals, limit, stop_after, request_key
            )

    async def _submit_array(
        self,
        raw: Any,
        sweep: Sweep,
        sender: Sender,
        arrivals: Arrivals,
        limit: int | None,
        stop_after: int | None,
        request_key: str,
    ) -> Submitted:
        known = await known_ids(self._store, request_key)
        if known:
            return answer_again(known)
        template = Template(self._submissions.reader(sender).read(raw, ""), sweep.axes)
        around = await self._submissions.surroundings(sender)
        rows = await self._submissions.prepare_array(
            template, sweep, around, limit=limit, stop_after=stop_after
        )
        if rows.count <= SMALL:
            jobs = [rows.whole(), *rows.members()]
            counted(jobs, arrivals)
            return await self._store_small(
                jobs, sender.user, request_key, "reject", arrays=[rows.array]
            )
        return await self._submit_many_members(rows, sender, arrivals, request_key)

    async def _submit_many_members(
        self, rows: ArrayRows, sender: Sender, arrivals: Arrivals, request_key: str
    ) -> Submitted:
        self._admission.must_have_room(rows.array.count)
        batch = await self._open(
            sender, rows.array.id, rows.count, rows.surroundings, request_key
        )
        batch.tally.arrivals = arrivals
        batch.arrays = (rows.array,)
        try:
            for part in rows.parts():
                await batch.add_rows(part)
        except BaseException:
            await batch.drop()
            raise
        return await self._commit(batch, sender.user)

    async def _store_small(
        self,
        jobs: list[NewJob],
        user: str,
        request_key: str,
        on_key: str,
        arrays: Sequence[Array] = (),
    ) -> Submitted:
        found: dict[JobId, JobId] = {}
        for _ in range(KEYS_TRIED):
            answer = answer_to(jobs, found)
            unit = self._unit(jobs, found, user, keyed(request_key, answer.ids), arrays)
            try:
                await self._write(unit)
            except KeyTaken as taken:
                if taken.field == "request" and (
                    known := await known_ids(self._store, request_key)
                ):
                    return answer_again(known)
                await self._resolve(taken, jobs, found, user, on_key)
                continue
            except StaleLease:  # another submission has made the same queue
                continue
            return answer
        raise KeyTaken("the keys of these jobs are being taken and given back all the time")

    async def _write(self, unit: Unit) -> None:
        """Write what may come in, with room for it until it is on disk."""
        write = Write(unit) if unit.new_jobs or unit.requests else None
        with self._admission.reserve(counted(unit.new_jobs, Arrivals())) as seat:
            await seat.take(self._ledger.writer.post(lambda: write))

    async def _resolve(
        self,
        taken: KeyTaken,
        jobs: Sequence[NewJob],
        found: dict[JobId, JobId],
        user: str,
        on_key: str,
    ) -> None:
        """Make way for the next try, or raise."""
        holder = JobId(int(taken.details.get("job", 0)))
        fresh = [job for job in jobs if job.id not in found]
        if any(job.id == holder for job in fresh):
            raise given_twice(jobs, holder)
        if on_key == "reject":
            raise taken
        live = await self._ledger.find(holder)
        tenant, key = live.spec.tenant, live.spec.key
        if on_key == "return":
            found |= {job.id: holder for job in fresh if has_key(job, tenant, key)}
            return
        if live.now.attempt is not None:
            raise NotAllowed(
                f"#{holder} has the key {key!r} and runs; cancel it before it is replaced",
                details={"job": holder},
            )
        why = f"replaced by a job with the same key {key!r}"
        await self._ledger.act(
            live, partial(cancel, now_at=self._clock.now(), by=user, why=why), actor=user
        )

    def _unit(
        self,
        jobs: Sequence[NewJob],
        found: Collection[JobId],
        user: str,
        requests: Sequence[tuple[str, int, int]],
        arrays: Sequence[Array] = (),
    ) -> Unit:
        """What is to be written of a submission: its jobs but those that were found."""
        fresh = [job for job in jobs if job.id not in found]
        queues = self._missing({job.now.queue for job in fresh})
        return Unit(
            epoch=self._set.epoch,
            new_jobs=fresh,
            queues=[(0, queue) for queue in queues],
            arrays=[(0, array) for array in arrays],
            events=[
                *(queue_created(queue, user) for queue in queues),
                *(submitted(job, user) for job in fresh),
            ],
            requests=requests,
        )

    def _missing(self, names: set[str]) -> list[Queue]:
        """Queues that come into being because somebody submits to them."""
        return [Queue(name=name) for name in sorted(names - self._set.stored_queues.keys())]

    async def _submit_many(
        self, raw: Sequence[Any], sender: Sender, arrivals: Arrivals, request_key: str
    ) -> Submitted:
        batch = await self._begin(sender, len(raw), request_key)
        batch.tally.arrivals = arrivals
        try:
            await batch.add_decoded(raw)
        except BaseException:
            await batch.drop()
            raise
        return await self._commit(batch, sender.user)

    async def begin(self, sender: Sender, count: int, request_key: str) -> Batch:
        """Open a bulk submission.

        Raises:
            InvalidSpec: a count that cannot be.
            NotAdmitted: there is no room for so many.
        """
        with self.judging(sender.user, count, Arrivals()):
            return await self._begin(sender, count, request_key)

    async def _begin(self, sender: Sender, count: int, request_key: str) -> Batch:
        must_be_countable(count)
        if not await known_ids(self._store, request_key):
            self._admission.must_have_room(count)
        around = await self._submissions.surroundings(sender)
        first = await self._store.reserve_ids(count)
        return await self._open(sender, first, count, around, request_key)

    async def _open(
        self, sender: Sender, first: JobId, count: int, around: int, request_key: str
    ) -> Batch:
        reader = self._submissions.reader(sender)
        is_known = bool(await known_ids(self._store, request_key))
        await self._store.open_batch(first, JobId(first + count - 1))
        return Batch(
            store=self._store,
            submissions=self._submissions,
            admission=None if is_known else self._admission,
            reader=reader,
            surroundings=around,
            first=first,
            count=count,
            request_key=request_key,
        )

    async def commit(self, batch: Batch, user: str) -> Submitted:
        """Make a bulk submission visible, all of it at once.

        Raises:
            InvalidSpec: fewer jobs came than were announced; nothing was stored.
            NotAdmitted: there is no room for them any more; nothing was stored.
        """
        with self.judging(user, batch.count, batch.tally.arrivals):
            return await self._commit(batch, user)

    async def _commit(self, batch: Batch, user: str) -> Submitted:
        if batch.received != batch.count:
            await batch.discard()
            raise InvalidSpec(
                f"{batch.received} of {batch.count} announced jobs came; nothing was stored",
                field="count",
            )
        for _ in range(KEYS_TRIED):
            try:
                return await self._make_visible(batch, user)
            except StaleLease:  # another submission has made the same queue
                continue
            except EngineError:
                await batch.discard()
                raise
        raise StaleLease("the queues of these jobs are being changed all the time; try again")

    async def _make_visible(self, batch: Batch, user: str) -> Submitted:
        key = batch.request_key
        known = await known_ids(self._store, key)
        if known:
            await batch.discard()
            return answer_again(known)
        first, last = batch.first, JobId(batch.first + batch.count - 1)
        queues = self._missing(batch.tally.queues)
        unit = Unit(
            epoch=self._set.epoch,
            queues=[(0, queue) for queue in queues],
            arrays=[(0, array) for array in batch.arrays],
            events=[
                *(queue_created(queue, user) for queue in queues),
                many_submitted(batch.tally, first, last, user),
            ],
            requests=keyed(key, [(first, last)]),
        )
        write = BatchWrite(first, batch.tally, unit)
        with self._admission.reserve(batch.tally.arrivals) as seat:
            await seat.take(self._ledger.writer.post_batch(write))
        return Submitted(count=batch.count, ids=((first, last),))
