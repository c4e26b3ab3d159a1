"""The one writer: units that wait together share one commit."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.clock import Clock
from engine.errors import EngineError, StaleEpoch, StoreError
from engine.ledger.gauges import Gauge
from engine.ledger.tally import Tally
from engine.ledger.working_set import WorkingSet
from engine.model.events import Event, EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.store.protocol import Draft, Store, Unit, Written

log = logging.getLogger(__name__)

GROUP = 256
"""Units that share a commit at most."""

TRY_AGAIN_S = 1.0
"""How long the database is left alone after it refused a whole commit."""


@dataclass(frozen=True, slots=True)
class Write:
    """A unit, with the jobs that it moves as its author last saw them."""

    unit: Unit
    jobs: Mapping[JobId, Job] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A write that has reached the disk."""

    events: Sequence[Event]
    jobs: Sequence[Job]
    """The jobs that it inserted or moved, as they are now."""


Build = Callable[[], Write | None]
"""Makes the write when the writer is ready for it, from what is newest then."""


@dataclass(frozen=True, slots=True)
class BatchWrite:
    """The small commit that makes a bulk submission visible."""

    first: JobId
    """Id of the batch's first job."""
    tally: Tally
    unit: Unit


@dataclass(slots=True)
class _Waiting:
    build: Build
    answer: "asyncio.Future[Receipt | None]"
    patient: bool


class Writer:
    """Takes changes from anybody, commits them in groups, and tells everybody."""

    def __init__(
        self,
        store: Store,
        working_set: WorkingSet,
        clock: Clock,
        *,
        on_commit: Callable[[Sequence[Receipt]], None],
        on_trouble: Callable[[str], None],
    ) -> None:
        """Prepare; nothing is written before `run`.

        Args:
            store: Where to write. Nobody else may call its `write`.
            working_set: Absorbs each commit before anybody is told of it.
            clock: Paces attempts while the database is in trouble.
            on_commit: Told of every commit's receipts, in order.
            on_trouble: Told in words when the database stops working, and with an empty
                text when it works again.
        """
        self._store = store
        self._working_set = working_set
        self._clock = clock
        self._on_commit = on_commit
        self._on_trouble = on_trouble
        self._urgent: deque[_Waiting] = deque()
        self._bulk: deque[_Waiting] = deque()
        self._batches: deque[tuple[BatchWrite, asyncio.Future[Receipt | None]]] = deque()
        self._posted = asyncio.Event()
        self._finishing = False
        self._in_trouble = False
        self.commit_ms = Gauge()
        self.units = 0

    def post(
        self, build: Build, *, patient: bool = False, urgent: bool = True
    ) -> "asyncio.Future[Receipt | None]":
        """Hand over a change; the answer comes once it is on disk.

        Args:
            build: Called when the group is formed; None means that nothing is to be done.
            patient: Keep it through a full or locked database until it can be written.
            urgent: Outcomes, cancels and grants go before bulk.

        Returns:
            A future of the receipt. StaleLease and KeyTaken mean that the change was
            refused; a StoreError that it did not happen.
        """
        answer: asyncio.Future[Receipt | None] = asyncio.get_running_loop().create_future()
        (self._urgent if urgent else self._bulk).append(_Waiting(build, answer, patient))
        self._posted.set()
        return answer

    def post_batch(self, write: BatchWrite) -> "asyncio.Future[Receipt | None]":
        """Hand over a bulk submission that is complete."""
        answer: asyncio.Future[Receipt | None] = asyncio.get_running_loop().create_future()
        self._batches.append((write, answer))
        self._posted.set()
        return answer

    async def run(self) -> None:
        """Write until `finish`.

        Raises:
            StaleEpoch: a newer daemon has taken over; stop.
        """
        while True:
            if not (self._urgent or self._bulk or self._batches):
                if self._finishing:
                    return
                self._posted.clear()
                await self._posted.wait()
            await self._write_group()
            if self._finishing and self._in_trouble:
                log.warning("the database takes nothing; hosts keep what could not be written")
                return
            if self._batches:
                await self._write_batch(*self._batches.popleft())

    def finish(self) -> None:
        """Have `run` return once everything posted so far is written, or cannot be."""
        self._finishing = True
        self._posted.set()

    async def _write_batch(
        self, write: BatchWrite, answer: "asyncio.Future[Receipt | None]"
    ) -> None:
        try:
            written = await self._store.commit_batch(write.first, write.unit)
        except StaleEpoch:
            raise
        except EngineError as error:
            if not answer.done():
                answer.set_exception(error)
            return
        self._working_set.absorb_batch(write.unit, write.tally)
        receipt = Receipt(written.events, ())
        if not answer.done():
            answer.set_result(receipt)
        self._on_commit([receipt])

    async def _write_group(self) -> None:
        waiting, changes = self._form_group()
        if not waiting:
            return
        started_s = self._clock.monotonic()
        try:
            answers = await self._store.write([change.unit for change in changes])
        except StoreError as error:
            await self._survive(error, waiting)
            return
        self.commit_ms.add((self._clock.monotonic() - started_s) * 1000)
        self._settle(waiting, changes, answers)
        if self._in_trouble:
            self._recovered()

    def _form_group(self) -> tuple[list[_Waiting], list[Write]]:
        waiting: list[_Waiting] = []
        changes: list[Write] = []
        for line in (self._urgent, self._bulk):
            while line and len(waiting) < GROUP:
                entry = line.popleft()
                change = _built(entry)
                if change is not None:
                    waiting.append(entry)
                    changes.append(change)
        return waiting, changes

    def _settle(
        self,
        waiting: Sequence[_Waiting],
        changes: Sequence[Write],
        answers: Sequence[Written | EngineError],
    ) -> None:
        receipts = []
        for entry, change, answer in zip(waiting, changes, answers, strict=True):
            if isinstance(answer, StaleEpoch):
                raise answer
            if isinstance(answer, EngineError):
                _fail(entry, answer)
                continue
            jobs = self._working_set.absorb(change.unit, change.jobs, answer)
            receipt = Receipt(answer.events, jobs)
            receipts.append(receipt)
            _succeed(entry, receipt)
        self.units += len(receipts)
        if receipts:
            self._on_commit(receipts)

    async def _survive(self, error: StoreError, waiting: Sequence[_Waiting]) -> None:
        log.error("cannot write: %s", error)
        for entry in waiting:
            if not entry.patient:
                _fail(entry, error)
        self._urgent.extendleft(reversed([e for e in waiting if e.patient]))
        if not self._in_trouble:
            self._in_trouble = True
            self._on_trouble(str(error))
        await self._clock.sleep(TRY_AGAIN_S)
        if not self._urgent:
            self.post(self._probe, patient=True)

    def _probe(self) -> Write:
        """Something worth writing as soon as it can be written."""
        epoch = self._working_set.epoch
        return Write(Unit(epoch=epoch, events=[Draft(type=EventType.DAEMON_RECOVERED)]))

    def _recovered(self) -> None:
        log.warning("the database can be written again")
        self._in_trouble = False
        self._on_trouble("")


def _built(entry: _Waiting) -> Write | None:
    """The entry's change as of now; None, and answered, if there is nothing to do."""
    try:
        change = entry.build()
    except EngineError as refusal:
        _fail(entry, refusal)
        return None
    if change is None:
        _succeed(entry, None)
    return change


def _succeed(entry: _Waiting, receipt: Receipt | None) -> None:
    if not entry.answer.done():
        entry.answer.set_result(receipt)


def _fail(entry: _Waiting, error: EngineError) -> None:
    if not entry.answer.done():
        entry.answer.set_exception(error)


def ignore(answer: "asyncio.Future[Receipt | None]") -> None:
    """Mark an answer as seen: nobody has to know if it was an error."""
    answer.add_done_callback(_consume)


def _consume(answer: "asyncio.Future[Receipt | None]") -> None:
    if not answer.cancelled():
        answer.exception()
