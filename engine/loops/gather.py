"""Gather: bring what attempts left from their hosts, each time until it is done.

That outputs are owed is on disk with the end of the attempt. So a host that is away, a full
disk or the end of this daemon delay them, and never change what became of the job.
"""

import logging
import tarfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec.structs import replace

from engine.artifacts.folder import Incoming
from engine.artifacts.outputs import Unpacked, nothing, unpack
from engine.artifacts.shelf import Shelf
from engine.backends.protocol import Backend
from engine.clock import Clock
from engine.errors import (
    BackendError,
    EngineError,
    InvalidSpec,
    NotFound,
    StaleEpoch,
    StoreError,
    UnusableState,
)
from engine.ledger.attempts.leavings import kept_event, missing_note
from engine.ledger.ledger import Ledger
from engine.ledger.setbacks import Setbacks
from engine.ledger.writes import Write
from engine.model.events import EventType
from engine.model.ids import AttemptId
from engine.model.job import Job
from engine.model.keeping import OUTPUTS_MAX_BYTES, Artifact, Collected, Collection
from engine.policy.jobs.change import Change
from engine.runner.records import parse
from engine.store.keeping import Leavings
from engine.store.protocol import Store
from engine.store.units import Draft, Unit
from engine.wake import Wake

log = logging.getLogger(__name__)

PIECE: Final = 2**20
AT_ONCE: Final = 50
AGAIN_S: Final = 1.0
AGAIN_MOST_S: Final = 60.0
PATIENCE_S: Final = 10.0
"""An end does not wait longer than this for the outputs of its attempt."""

TRIES: Final = 3
"""Outputs at which this daemon itself breaks so often are given up."""

AWAY: Final = (BackendError, UnusableState, StoreError, OSError)
"""What passes: it is tried again."""


class Gathering:
    """Who owes outputs; told by whoever writes an end down."""

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        shelf: Shelf,
        clock: Clock,
        setbacks: Setbacks,
        *,
        max_bytes: int = OUTPUTS_MAX_BYTES,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._shelf = shelf
        self._clock = clock
        self._setbacks = setbacks
        self._max_bytes = max_bytes
        self._wakes: dict[str, Wake] = {}
        self._broke: Counter[AttemptId] = Counter()
        """How often it broke at the outputs of an attempt."""

    def wake(self, worker: str) -> Wake:
        """Knocked on when this worker owes something more."""
        return self._wakes.setdefault(worker, Wake())

    async def run(
        self, backend: Backend, worker: str, on_gathered: Callable[[AttemptId], None]
    ) -> None:
        """Gather from one worker, for ever.

        Args:
            backend: Drives its host.
            worker: Its name.
            on_gathered: Told once an attempt's outputs are on our disk, or lost.
        """
        again_s = AGAIN_S
        while True:
            owed = await self._store.owed_collections(worker, AT_ONCE)
            left = [one for one in owed if not await self._gathered(backend, one, on_gathered)]
            if not owed:
                await self.wake(worker).wait()
            elif left:
                await self.wake(worker).wait_at_most(self._clock, again_s)
                again_s = min(2 * again_s, AGAIN_MOST_S)
            else:
                again_s = AGAIN_S

    async def early(
        self, backend: Backend, worker: str, attempt: AttemptId, job: Job
    ) -> Leavings | None:
        """The outputs of an attempt whose end is not written yet; None: they come later."""
        owed = Collection(attempt=attempt, job=job.id, worker=worker, at=self._clock.now())
        try:
            return await self._clock.within(PATIENCE_S, self._fetch(backend, job, owed))
        except StaleEpoch:
            raise
        except (*AWAY, TimeoutError, InvalidSpec, NotFound, tarfile.TarError, EOFError) as why:
            log.debug("outputs of %s come after its end: %s", attempt, why)
            return None

    async def _gathered(
        self, backend: Backend, owed: Collection, on_gathered: Callable[[AttemptId], None]
    ) -> bool:
        """Whether nothing more can be had of an attempt."""
        job = await self._store.job(owed.job)
        try:
            leavings = await self._setbacks.contain(
                f"outputs of {owed.attempt}", self._had(backend, owed, job)
            )
        except StaleEpoch:
            raise
        except (BackendError, UnusableState, StoreError) as error:
            await self._mark(owed, str(error))
            return False
        except EngineError as error:  # a bug of ours: others must not wait behind it
            self._broke[owed.attempt] += 1
            if self._broke[owed.attempt] < TRIES:
                await self._mark(owed, error.message)
                return False
            leavings = self._lost(owed, error.message)
        self._broke.pop(owed.attempt, None)
        await self._keep(job, leavings)
        on_gathered(owed.attempt)
        return True

    async def _had(self, backend: Backend, owed: Collection, job: Job | None) -> Leavings:
        """What can be had of an attempt's outputs. Raises: EngineError: nothing now."""
        try:
            if job is None:
                raise NotFound(f"job {owed.job} is not there any more")
            return await self._fetch(backend, job, owed)
        except OSError as error:
            raise StoreError(str(error)) from error
        except (InvalidSpec, NotFound, tarfile.TarError, EOFError) as error:
            return self._lost(owed, str(error))

    async def _fetch(self, backend: Backend, job: Job, owed: Collection) -> Leavings:
        """What there is of the outputs, as blobs."""
        incoming = self._shelf.begin()
        try:
            await self._copy(backend, owed.attempt, incoming)
            if not incoming.size:
                await self._must_be_none(backend, owed.attempt)
                unpacked = nothing(job.spec.outputs)
            else:
                unpacked = await self._shelf.unpacked(
                    incoming, partial(unpack, outputs=job.spec.outputs)
                )
        finally:
            incoming.drop()
        return self._leavings(owed, unpacked)

    async def _copy(self, backend: Backend, attempt: AttemptId, incoming: Incoming) -> None:
        while True:
            chunk = await backend.tail(attempt, "outputs", incoming.size, PIECE)
            if chunk.size > self._max_bytes:
                raise NotFound(f"its outputs are {chunk.size:,} bytes; at most {self._most}")
            if not chunk.data:
                return
            await self._shelf.write(incoming, chunk.data)

    async def _must_be_none(self, backend: Backend, attempt: AttemptId) -> None:
        """Let it pass that there are none. Raises: NotFound: there were, but they are lost."""
        for record in parse((await backend.tail(attempt, "notes", 0, PIECE)).data):
            match record:
                case ["outputs", "large"]:
                    raise NotFound(f"its outputs are more than {self._most}")
                case ["outputs", "failed"]:
                    raise NotFound("its host could not pack them")

    @property
    def _most(self) -> str:
        return f"{self._max_bytes:,} bytes (artifacts.outputs_max_bytes)"

    def _leavings(self, owed: Collection, unpacked: Unpacked) -> Leavings:
        now_at = self._clock.now()
        artifacts = [
            Artifact(
                job=owed.job,
                attempt=owed.attempt,
                name=one.output.name or one.path,
                type=one.output.type,
                path=one.path,
                sha=one.blob.sha,
                size=one.blob.size,
                at=now_at,
            )
            for one in unpacked.found
        ]
        kept = replace(
            owed,
            state=Collected.KEPT,
            at=now_at,
            tries=owed.tries + 1,
            missing=tuple(unpacked.missing),
            note=unpacked.note,
        )
        return Leavings(collections=[kept], artifacts=artifacts)

    def _lost(self, owed: Collection, why: str) -> Leavings:
        lost = replace(owed, state=Collected.LOST, at=self._clock.now(), note=why)
        return Leavings(collections=[lost])

    async def _mark(self, owed: Collection, why: str) -> None:
        """Write down once what keeps outputs away."""
        if owed.note == why:
            return
        log.warning("outputs of %s cannot be had yet: %s", owed.attempt, why)
        marked = replace(owed, tries=owed.tries + 1, note=why)
        await self._write(Leavings(collections=[marked]))

    async def _keep(self, job: Job | None, leavings: Leavings) -> None:
        [one] = leavings.collections
        await self._write(leavings, kept_event(job, one, leavings.artifacts))
        if job is not None and (one.missing or one.state is Collected.LOST):
            try:
                await self._ledger.act(job, partial(_noted, attempt=one))
            except StaleEpoch:
                raise
            except EngineError as error:
                log.warning("#%d is not told of its outputs: %s", job.id, error)

    async def _write(self, leavings: Leavings, *events: Draft) -> None:
        unit = Unit(epoch=self._shelf.epoch, leavings=leavings, events=events)
        await self._ledger.writer.post(lambda: Write(unit), patient=True, urgent=False)


def _noted(job: Job, attempt: Collection) -> Change | None:
    """The job says what it lacks, if this was its last attempt and it says nothing yet."""
    if job.now.note or job.now.attempt is not None or job.now.ended_at is None:
        return None
    note = missing_note(attempt)
    return Change(None, replace(job.now, note=note), EventType.JOB_EDITED, note)
