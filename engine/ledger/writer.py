"""The one writer: units that wait together share one commit."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from engine.clock import Clock
from engine.errors import EngineError, StaleEpoch, StoreError
from engine.ledger.memory.gauges import Gauge
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.writes import (
    BatchWrite,
    Build,
    Receipt,
    Waiting,
    Write,
    built,
    fail,
    succeed,
)
from engine.model.events import EventType
from engine.store.protocol import Draft, Store, Unit, Written

log = logging.getLogger(__name__)

GROUP = 256
"""Units that share a commit at most; one with many moves counts for as many."""

TRY_AGAIN_S = 1.0
"""How long the database is left alone after it refused a whole commit."""


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
        company_s: float = 0.0,
    ) -> None:
        """Prepare; nothing is written before `run`.

        Args:
            store: Where to write. Nobody else may call its `write`.
            working_set: Absorbs each commit before anybody is told of it.
            clock: Paces attempts while the database is in trouble.
            on_commit: Told of every commit's receipts, in order.
            on_trouble: Told in words when the database stops working, and with an empty
                text when it works again.
            company_s: How long a change that nobody waits for is kept back to share a
                commit.
        """
        self._store = store
        self._working_set = working_set
        self._clock = clock
        self._on_commit = on_commit
        self._on_trouble = on_trouble
        self._company_s = company_s
        self._urgent: deque[Waiting] = deque()
        self._bulk: deque[Waiting] = deque()
        self._lazy: deque[tuple[float, Waiting]] = deque()
        self._batches: deque[tuple[BatchWrite, asyncio.Future[Receipt | None]]] = deque()
        self._posted = asyncio.Event()
        self._finishing = False
        self._in_trouble = False
        self.commit_ms = Gauge()
        self.units = 0
        self.groups = 0
        """How many are through: what they asked for is absorbed, or refused."""
        self.refusals = 0
        """How often the database took nothing of a whole group."""

    @property
    def waiting(self) -> int:
        """How many changes wait to be written."""
        return len(self._urgent) + len(self._bulk) + len(self._lazy) + len(self._batches)

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
        (self._urgent if urgent else self._bulk).append(Waiting(build, answer, patient))
        self._posted.set()
        return answer

    def post_lazily(self, build: Build) -> Waiting:
        """Hand over a change that nobody waits for: it shares somebody's commit, or has
        one of its own after `company_s`. It is kept through troubles.
        """
        answer: asyncio.Future[Receipt | None] = asyncio.get_running_loop().create_future()
        waiting = Waiting(build, answer, patient=True)
        self._lazy.append((self._clock.monotonic() + self._company_s, waiting))
        if len(self._lazy) == 1:  # else the writer knows of one that is due sooner
            self._posted.set()
        return waiting

    def hasten(self, waiting: Waiting) -> None:
        """Somebody waits for it now: let it go with the next commit."""
        if not waiting.taken:
            self._urgent.append(waiting)
            self._posted.set()

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
                if self._finishing and not self._lazy:
                    return
                if not self._finishing and await self._is_idle():
                    continue
            await self._write_group()
            self.groups += 1
            if self._finishing and self._in_trouble:
                log.warning("the database takes nothing; hosts keep what could not be written")
                return
            if self._batches:
                await self._write_batch(*self._batches.popleft())

    async def _is_idle(self) -> bool:
        """Wait for something to write; false if what was waiting for company is due."""
        self._posted.clear()
        if not self._lazy:
            await self._posted.wait()
            return True
        left_s = self._lazy[0][0] - self._clock.monotonic()
        if left_s <= 0:
            return False
        try:
            await self._clock.within(left_s, self._posted.wait())
        except TimeoutError:
            return False
        return True

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

    def _form_group(self) -> tuple[list[Waiting], list[Write]]:
        waiting: list[Waiting] = []
        changes: list[Write] = []
        size = 0
        while size < GROUP and (entry := self._next()) is not None:
            change = built(entry)
            if change is not None:
                size += max(len(change.unit.moves), 1)
                waiting.append(entry)
                changes.append(change)
        return waiting, changes

    def _next(self) -> Waiting | None:
        """The next one in line; what was hastened stands in two lines and is taken once."""
        while self._urgent or self._lazy or self._bulk:
            if self._urgent:
                waiting = self._urgent.popleft()
            else:
                waiting = self._lazy.popleft()[1] if self._lazy else self._bulk.popleft()
            if not waiting.taken:
                waiting.taken = True
                return waiting
        return None

    def _settle(
        self,
        waiting: Sequence[Waiting],
        changes: Sequence[Write],
        answers: Sequence[Written | EngineError],
    ) -> None:
        receipts = []
        for entry, change, answer in zip(waiting, changes, answers, strict=True):
            if isinstance(answer, StaleEpoch):
                raise answer
            if isinstance(answer, EngineError):
                fail(entry, answer)
                continue
            jobs = self._working_set.absorb(change.unit, change.jobs, answer)
            receipt = Receipt(answer.events, jobs)
            receipts.append(receipt)
            succeed(entry, receipt)
        self.units += len(receipts)
        if receipts:
            self._on_commit(receipts)

    async def _survive(self, error: StoreError, waiting: Sequence[Waiting]) -> None:
        log.error("cannot write: %s", error)
        self.refusals += 1
        for entry in waiting:
            if not entry.patient:
                fail(entry, error)
        patient = [entry for entry in waiting if entry.patient]
        for entry in patient:
            entry.taken = False
        self._urgent.extendleft(reversed(patient))
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
