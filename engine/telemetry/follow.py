"""Follow: the signals of committed events, as the timeline has them."""

from collections.abc import AsyncIterator
from typing import Any, Final, cast

import msgspec

from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.model.signals import BridgeRules, Signal
from engine.store.protocol import Store
from engine.telemetry.bridge import bridged, is_bridged
from engine.telemetry.projection import TOLD, BackendOf, Story, refused, signals_of
from engine.timeline import Timeline

ENDED_WELL: Final = "job.completed"

KEPT: Final = 4_096
"""Jobs whose specs are remembered, so that each is read once."""

PAGE: Final = 500
"""Jobs of a bulk submission that are read at a time."""


async def follow(
    timeline: Timeline,
    store: Store,
    after: Seq,
    *,
    backend_of: BackendOf = lambda _: "",
    bridge: BridgeRules | None = None,
) -> AsyncIterator[Signal]:
    """Every signal of what happens after an event, for ever, in order.

    Args:
        timeline: Whose events are told, once they are on disk.
        store: Where the jobs are that they are about.
        after: The event after which it begins.
        backend_of: The backend of a worker.
        bridge: Which jobs are steps of experiments, told of in their words too; None: none.
    """
    teller = _Teller(store, backend_of, bridge)
    async for event in timeline.follow(after):
        if event.type in TOLD:
            async for signal in teller.tell(event):
                yield signal


class _Teller:
    """Tells events, and remembers what it had to look up for them."""

    def __init__(
        self,
        store: Store,
        backend_of: BackendOf,
        bridge: BridgeRules | None,
    ) -> None:
        self._store = store
        self._backend_of = backend_of
        self._bridge = bridge
        self._jobs: dict[JobId, Job] = {}

    async def tell(self, event: Event) -> AsyncIterator[Signal]:
        if event.type is EventType.JOB_REJECTED:
            for signal in refused(event):
                yield signal
        elif event.type is EventType.JOBS_SUBMITTED:
            async for job in self._many(event):
                async for signal in self._of(event, job):
                    yield signal
        elif event.job is not None and (found := await self._job(event.job)) is not None:
            async for signal in self._of(event, found):
                yield signal

    async def _of(self, event: Event, job: Job) -> AsyncIterator[Signal]:
        came_queued = event.type is EventType.JOBS_SUBMITTED and _was_queued(job, event.at)
        story = Story(event, job.id, job.spec, self._backend(event), came_queued)
        is_step = self._bridge is not None and is_bridged(story, self._bridge)
        for signal in signals_of(story):
            yield signal
            if is_step:
                result = await self._result(job.id) if signal.name == ENDED_WELL else None
                for step in bridged(signal, story, result):
                    yield step

    async def _result(self, job: JobId) -> object:
        """What a job has left; None if that is nothing."""
        found = await self._store.results([job])
        return msgspec.json.decode(found[job].body) if job in found else None

    def _backend(self, event: Event) -> str:
        now = cast(dict[str, Any], event.data.get("now") or {})
        worker = event.worker or now.get("worker")
        return self._backend_of(worker) if isinstance(worker, str) else ""

    async def _many(self, event: Event) -> AsyncIterator[Job]:
        first, last = int(str(event.data["first"])), int(str(event.data["last"]))
        for begin in range(first, last + 1, PAGE):
            ids = [JobId(n) for n in range(begin, min(begin + PAGE, last + 1))]
            for job in await self._store.jobs(ids):
                yield job

    async def _job(self, id_: JobId) -> Job | None:
        found = self._jobs.pop(id_, None)
        if found is None:
            found = next(iter(await self._store.jobs([id_])), None)
        if found is not None:
            if len(self._jobs) >= KEPT:
                self._jobs.pop(next(iter(self._jobs)))
            self._jobs[id_] = found
        return found


def _was_queued(job: Job, at: int) -> bool:
    """Whether it had nothing to wait for when it came; later, an event says so."""
    return job.now.queued_at is not None and job.now.queued_at <= at
