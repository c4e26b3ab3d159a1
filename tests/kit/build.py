"""Values for tests, with everything filled in that a test does not care about."""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from msgspec.structs import replace

from engine.model.attempt import Attempt, Lease
from engine.model.ids import Epoch, JobId, attempt_id
from engine.model.job import Job, Progress, Shape
from engine.model.limits import RetryPolicy, Timeouts
from engine.model.priority import Priority
from engine.model.resources import Resources
from engine.model.snapshot import Holder, Lane, LaneKey, Room, Snapshot
from engine.model.spec import Command, Constraints, JobSpec
from engine.model.states import FINAL, Phase, State
from engine.model.worker import Queue, Worker
from engine.policy.shapes import shape_of

NOW = 1_700_000_000_000_000
"""The instant of all values here, in UTC microseconds."""

SECOND = 1_000_000

_ids = count(1)
_shapes: dict[Shape, int] = {}


def shape_key(shape: Shape) -> int:
    """A number for the shape; equal shapes get the same one."""
    return _shapes.setdefault(shape, len(_shapes) + 1)


def a_spec(
    *argv: str,
    cpu: float = 1,
    memory_mb: int = 0,
    gpu: int = 0,
    constraints: Constraints | None = None,
    retry: RetryPolicy | None = None,
    timeouts: Timeouts | None = None,
    **fields: Any,
) -> JobSpec:
    """A spec; anything it has can be named."""
    fields.setdefault(
        "resources", Resources(cpu_milli=round(cpu * 1000), memory_mb=memory_mb, gpu=gpu)
    )
    return JobSpec(
        command=Command(argv=argv or ("true",)),
        constraints=constraints or Constraints(),
        retry=retry or RetryPolicy(),
        timeouts=timeouts or Timeouts(),
        **fields,
    )


def a_job(
    *argv: str,
    id: int | None = None,  # noqa: A002
    state: State = State.QUEUED,
    now: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Job:
    """A job, queued unless told otherwise.

    Args:
        argv: Its command.
        id: Its number; the next one if not given.
        state: Where it stands; the columns that go with it are filled in.
        now: Further columns of its progress.
        fields: Of its spec, and `cpu`, `memory_mb`, `gpu`.
    """
    spec = a_spec(*argv, **fields)
    number = JobId(next(_ids) if id is None else id)
    progress = Progress(
        state=state,
        queue=spec.queue,
        priority=spec.priority,
        version=1,
        state_at=NOW,
        queued_at=NOW,
    )
    return Job(
        id=number,
        spec=spec,
        surroundings=1,
        shape=shape_key(shape_of(spec)),
        created_at=NOW,
        now=replace(progress, **(_columns(number, state) | dict(now or {}))),
    )


def _columns(job: JobId, state: State) -> dict[str, Any]:
    if state is State.RUNNING:
        open_attempt = attempt_id(job, 1, Epoch(1))
        return {"attempt": open_attempt, "attempts": 1, "worker": "local", "started_at": NOW}
    if state is State.RETRYING:
        return {"attempts": 1, "failures": 1, "wake_at": NOW + SECOND, "note": "exit 1"}
    return {"ended_at": NOW} if state in FINAL else {}


def a_starting_job(**fields: Any) -> Job:
    """A queued job whose attempt is on disk, and not started as far as we know."""
    job = a_job(**fields)
    now = replace(job.now, attempt=attempt_id(job.id, 1, Epoch(1)), worker="local")
    return job.with_progress(now)


def a_lane(*jobs: Job) -> Lane:
    """The lane of these jobs, which have to be of one."""
    [lane] = lanes_of(jobs)
    return lane


def lanes_of(jobs: Iterable[Job]) -> list[Lane]:
    """The lanes in which these jobs stand."""
    found: dict[LaneKey, list[Job]] = {}
    for job in sorted(jobs, key=lambda job: job.id):
        key = LaneKey(job.now.queue, job.now.priority, job.spec.tenant, job.shape)
        found.setdefault(key, []).append(job)
    return [Lane(key, shape_of(those[0].spec), those) for key, those in found.items()]


def a_worker(
    name: str = "local", *, cpu: float = 4, memory_mb: int = 8192, slots: int = 8, **fields: Any
) -> Worker:
    """A healthy worker; `gpu` and the like go into `capacity`."""
    capacity = Resources(cpu_milli=round(cpu * 1000), memory_mb=memory_mb)
    named: dict[str, Any] = {"name": name, "capacity": capacity, "slots": slots}
    return Worker(**(named | fields))


def a_room(worker: Worker | None = None, *, slots_taken: int = 0, **taken: int) -> Room:
    """A worker and what is taken of it, by dimension."""
    return Room(worker or a_worker(), taken, slots_taken)


def a_queue(name: str = "default", **fields: Any) -> Queue:
    """A queue; without a limit unless told otherwise."""
    return Queue(name=name, **fields)


def a_snapshot(
    *jobs: Job,
    workers: Iterable[Worker] = (),
    queues: Iterable[Queue] = (),
    cores: float = 4,
    **fields: Any,
) -> Snapshot:
    """A snapshot in which these jobs wait; with one worker of `cores` if none are given."""
    rooms = {w.name: Room(w) for w in workers} or {"local": Room(a_worker(cpu=cores))}
    named: dict[str, Any] = {
        "now_at": NOW,
        "lanes": lanes_of(jobs),
        "queues": {queue.name: queue for queue in queues},
        "rooms": rooms,
    }
    return Snapshot(**(named | fields))


def a_holder(job: Job, started_at: int = NOW) -> Holder:
    """The job as gates name it while it runs."""
    group = job.spec.constraints.concurrency_group
    amounts = tuple(job.spec.resources.items())
    worker = job.now.worker or "local"
    return Holder(job.id, worker, job.now.queue, group, started_at, amounts=amounts)


def an_attempt(job: Job, *, number: int = 1, epoch: int = 1, **fields: Any) -> Attempt:
    """An attempt of the job; in `intent` unless told otherwise."""
    named: dict[str, Any] = {
        "id": attempt_id(job.id, number, Epoch(epoch)),
        "job": job.id,
        "number": number,
        "epoch": Epoch(epoch),
        "worker": "local",
        "phase": Phase.INTENT,
        "intent_at": NOW,
    }
    return Attempt(**(named | fields))


def a_lease(attempt: Attempt, *, granted_at: int = NOW, ttl_s: float = 30) -> Lease:
    """The lease of an attempt, not yet renewed."""
    return Lease(
        attempt=attempt.id,
        job=attempt.job,
        epoch=attempt.epoch,
        worker=attempt.worker,
        granted_at=granted_at,
        renewed_at=granted_at,
        expires_at=granted_at + round(ttl_s * SECOND),
    )


PRIORITIES = tuple(Priority)
