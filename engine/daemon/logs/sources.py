"""Where the log of a job is: which attempt wrote it, and who can read it."""

from engine.backends.protocol import Backend
from engine.daemon.desk import Desk
from engine.errors import InvalidSpec, NotFound, Unreachable
from engine.model.attempt import Attempt
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import Phase, State

STREAMS = ("out", "err")


def check_stream(stream: str) -> None:
    """Raises: InvalidSpec: there is no such stream."""
    if stream not in STREAMS:
        raise InvalidSpec(f"no stream {stream!r}: out or err", field="stream")


async def job_of(desk: Desk, given: int) -> Job:
    """The job. Raises: NotFound."""
    job = await desk.store.job(JobId(given))
    if job is None:
        raise NotFound(f"there is no job #{given}", field="id")
    return job


async def begun_attempts(desk: Desk, job: Job) -> list[Attempt]:
    """Its attempts that may have written anything, oldest first."""
    attempts = await desk.store.attempts(job.id)
    return [attempt for attempt in attempts if attempt.phase is not Phase.INTENT]


async def attempt_of(desk: Desk, job: Job, number: int | None) -> Attempt | None:
    """The attempt with this number, or the newest that was begun; None if not yet.

    Of a job that has an earlier result it is the attempt that made that.

    Raises:
        NotFound: there is none with this number.
    """
    attempts = await begun_attempts(desk, job)
    if not attempts and job.now.state is State.SUCCEEDED and number in (None, 1):
        attempts = await _stand_in(desk, job)
        number = None
    if number is None:
        return attempts[-1] if attempts else None
    found = next((attempt for attempt in attempts if attempt.number == number), None)
    if found is None and number < job.now.attempts:
        raise NotFound(f"#{job.id} has no attempt {number}", field="attempt")
    return found


async def _stand_in(desk: Desk, job: Job) -> list[Attempt]:
    """The attempts of the job whose result this one has, if it has one's."""
    of = (await desk.store.reused([job.id])).get(job.id)
    found = None if of is None else await desk.store.job(of)
    return [] if found is None else await begun_attempts(desk, found)


def backend_of(desk: Desk, attempt: Attempt) -> Backend:
    """Who reads its log.

    Raises:
        Unreachable: nobody just now.
        NotFound: nobody any more.
    """
    backend = desk.backends.get(attempt.worker)
    if backend is not None:
        return backend
    if attempt.worker in desk.working_set.workers:
        raise Unreachable("nothing drives it just now")
    raise NotFound(f"worker {attempt.worker!r}, which has the log, is not known any more")


def is_live(desk: Desk, attempt: Attempt) -> bool:
    """Whether it may still write."""
    return attempt.id in desk.working_set.live.by_attempt
