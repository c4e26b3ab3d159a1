"""What an act that is only thought of would make of a snapshot."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from engine.daemon.acts.edited import is_new, wanted
from engine.daemon.acts.intents import Intent
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec, NotFound, Refused
from engine.model.ids import check_name
from engine.model.intake import read_job
from engine.model.job import Job, Shape
from engine.model.priority import parse_priority
from engine.model.snapshot import Snapshot
from engine.model.words import unknown
from engine.model.worker import Queue, Worker
from engine.policy.arrays.composite import is_composite
from engine.policy.entry.admission import must_be_satisfiable
from engine.policy.jobs import steering
from engine.policy.jobs.change import Change
from engine.policy.jobs.editing import edit, must_wait
from engine.policy.shapes import shape_of
from engine.policy.why.supposing import drained, with_jobs, with_queue, with_worker

ON_JOBS: Final = ("priority", "cancel", "hold", "release", "edit")
ON_QUEUES: Final = ("limit", "weight", "pause", "resume")
ON_WORKERS: Final = ("drain", "resume_worker")

NEW_WORKER: Final = "what-if"
"""The name of a worker that is added without one."""


def patched(
    desk: Desk,
    caller: Caller,
    intent: Intent,
    jobs: Sequence[Job],
    snapshot: Snapshot,
    new_worker: Worker | None,
) -> Snapshot:
    """The snapshot as the act would leave it. Raises: Refused, if it can do nothing."""
    if new_worker is not None:
        return with_worker(snapshot, new_worker)
    if intent.act in ON_WORKERS:
        worker = _worker(desk, intent.name)
        return with_worker(snapshot, drained(worker, is_draining=intent.act == "drain"))
    if intent.act in ON_QUEUES:
        return with_queue(snapshot, _queue(desk, caller, intent))
    return with_jobs(snapshot, _changed(jobs, _decision(desk, caller, intent)))


def _worker(desk: Desk, name: str) -> Worker:
    worker = desk.working_set.workers.get(name)
    if worker is None:
        known = ", ".join(sorted(desk.working_set.workers))
        raise NotFound(f"there is no worker `{name}`; there is {known}", field="name")
    return desk.working_set.seen(worker)


def _queue(desk: Desk, caller: Caller, intent: Intent) -> Queue:
    queue = desk.working_set.queues.get(intent.name) or Queue(name=intent.name)
    match intent.act:
        case "limit":
            return msgspec.structs.replace(queue, limit=intent.limit)
        case "weight":
            return msgspec.structs.replace(queue, weight=intent.limit or 1)
        case "pause":
            return msgspec.structs.replace(queue, paused_by=queue.paused_by or caller.user)
        case _:
            return msgspec.structs.replace(queue, paused_by=None)


Decide = Callable[[Job], Change | None]


def _decision(desk: Desk, caller: Caller, intent: Intent) -> Decide:
    by = caller.user
    match intent.act:
        case "priority":
            level = parse_priority(intent.to or "")
            return partial(steering.reprioritise, priority=level, by=by)
        case "cancel":
            return partial(steering.cancel, now_at=desk.clock.now(), by=by)
        case "hold":
            return partial(steering.hold, by=by)
        case "edit":
            return _edit(desk, intent, by)
        case _:
            return partial(steering.release, by=by)


def _edit(desk: Desk, intent: Intent, by: str) -> Decide:
    """As `edit` does it; shapes that nobody has yet get numbers that nobody else has."""
    shapes: dict[Shape, int] = {}
    now_at, here = desk.clock.now(), desk.working_set

    def decide(job: Job) -> Change | None:
        must_wait(job)
        spec = wanted(job, intent.changes, now_at)
        shape = shape_of(spec)
        if is_new(job, shape):
            must_be_satisfiable(shape, here.workers.values(), "changes", here.rules)
        number = shapes.setdefault(shape, -1 - len(shapes)) if is_new(job, shape) else job.shape
        change = edit(job, spec, number, now_at, by)
        if change is not None:
            desk.reception.admission.could_take(job, _after(job, change))
        return change

    return decide


def _changed(jobs: Sequence[Job], decide: Decide) -> list[Job]:
    """The jobs as the act would leave them. Raises: Refused if it can do nothing at all."""
    found: list[Job] = []
    refusal: Refused | None = None
    for job in jobs:
        if is_composite(job):
            continue
        try:
            change = decide(job)
        except Refused as error:
            refusal = refusal or error
        else:
            found.append(job if change is None else _after(job, change))
    if refusal is not None and not found:
        raise refusal
    return found


def _after(job: Job, change: Change) -> Job:
    job = job.with_progress(change.now)
    if change.spec is None:
        return job
    return msgspec.structs.replace(job, spec=change.spec, shape=change.shape)


def new_worker(given: Mapping[str, Any]) -> Worker:
    """The worker that is thought of. Raises: InvalidSpec, as for a job's resources."""
    given = dict(given)
    slots, labels = given.pop("slots", None), given.pop("labels", ())
    name = given.pop("name", NEW_WORKER)
    known = ("cpus", "memory", "gpus", "gpu_type")
    for key in given:
        if key not in known:
            raise unknown("key", key, (*known, "slots", "labels", "name"), field="worker")
    capacity = read_job({"argv": ["true"], **given}, owner="").resources
    if slots is None:
        slots = max(1, capacity.cpu_milli // 1000)
    if not isinstance(slots, int) or not 1 <= slots <= 10_000:
        raise InvalidSpec(f"slots {slots!r}: 1 to 10000", field="worker.slots")
    return Worker(
        name=check_name("worker", str(name)),
        labels=tuple(map(str, labels)),
        capacity=capacity,
        slots=slots,
    )
