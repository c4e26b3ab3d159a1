"""Writes units as a daemon would, so that a test says only what it is about."""

from typing import Any

from msgspec.structs import replace

from engine.errors import EngineError
from engine.model.attempt import Attempt
from engine.model.events import EventType
from engine.model.ids import Epoch, JobId
from engine.model.job import Job
from engine.model.spec import JobSpec
from engine.model.states import Phase, State
from engine.store.protocol import AttemptMove, Draft, JobMove, NewJob, Store, Unit, Written
from tests.kit.build import NOW, a_job, a_lease, an_attempt

Answer = Written | EngineError


def told(job: JobId | None, kind: EventType = EventType.JOB_EDITED, **fields: Any) -> Draft:
    """An event about a job."""
    return Draft(type=kind, job=job, **fields)


def new_of(job: Job) -> NewJob:
    """The job, as it is inserted."""
    return NewJob(
        id=job.id,
        spec=job.spec,
        surroundings=job.surroundings,
        shape=job.shape,
        created_at=job.created_at,
        now=replace(job.now, version=0),
    )


def move_of(job: Job, **changes: Any) -> JobMove:
    """The move that changes these columns of the job as it was last seen."""
    now = replace(job.now, **changes)
    return JobMove(id=job.id, was=job.now, now=now, spec=job.spec)


class Author:
    """A store, and the epoch under which to write to it."""

    def __init__(self, store: Store, epoch: Epoch) -> None:
        self.store = store
        self.epoch = epoch

    def unit(self, *events: Draft, **changes: Any) -> Unit:
        return Unit(**({"epoch": self.epoch, "events": events} | changes))

    async def write(self, unit: Unit) -> Answer:
        [answer] = await self.store.write([unit])
        return answer

    async def job(self, job: JobId) -> Job:
        found = await self.store.job(job)
        assert found is not None
        return found

    async def submit(self, **fields: Any) -> Job:
        """A stored job; `fields` are those of `a_job`."""
        job = a_job(id=await self.store.reserve_ids(1), **fields)
        answer = await self.write(self.submission(job))
        assert isinstance(answer, Written), answer
        return await self.job(job.id)

    def submission(self, job: Job) -> Unit:
        return self.unit(told(job.id, EventType.JOB_SUBMITTED), new_jobs=[new_of(job)])

    def moving(self, job: Job, **changes: Any) -> Unit:
        return self.unit(told(job.id), moves=[move_of(job, **changes)])

    async def move(self, job: Job, **changes: Any) -> Job:
        """The job after a move that must succeed."""
        answer = await self.write(self.moving(job, **changes))
        assert isinstance(answer, Written), answer
        return await self.job(job.id)

    async def end(self, job: Job, state: State = State.SUCCEEDED) -> Job:
        return await self.move(job, state=state, ended_at=NOW, attempt=None)

    def granting(self, job: Job, number: int = 1) -> Unit:
        attempt = an_attempt(job, number=number, epoch=self.epoch)
        return self.unit(
            told(job.id, EventType.ATTEMPT_INTENT),
            moves=[move_of(job, attempt=attempt.id)],
            new_attempts=[(attempt, a_lease(attempt))],
        )

    async def grant(self, job: Job) -> tuple[Job, Attempt]:
        """The job with an open attempt, and the attempt."""
        answer = await self.write(self.granting(job))
        assert isinstance(answer, Written), answer
        [attempt] = await self.store.attempts(job.id)
        return await self.job(job.id), attempt

    def attempt_moving(self, was: Attempt, **changes: Any) -> Unit:
        now = replace(was, **({"phase": Phase.RUNNING} | changes))
        move = AttemptMove(was_phase=was.phase, was_epoch=was.epoch, now=now)
        return self.unit(told(was.job), attempt_moves=[move])

    async def add_batch(self, *jobs: Job) -> tuple[JobId, JobId]:
        """An open batch of these jobs, whose ids are contiguous; its first and last id."""
        first, last = jobs[0].id, jobs[-1].id
        await self.store.open_batch(first, last)
        await self.store.add_to_batch([new_of(job) for job in jobs])
        return first, last

    def batch_unit(self, first: JobId, last: JobId) -> Unit:
        data = {"first": first, "last": last}
        return self.unit(told(None, EventType.JOBS_SUBMITTED, data=data))


def spec_with(job: Job, **fields: Any) -> JobSpec:
    """The job's spec with other fields."""
    return replace(job.spec, **fields)
