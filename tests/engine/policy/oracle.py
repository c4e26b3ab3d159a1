"""Which gates are closed, said once more from what runs, without a word of the policy's own.

It reads holders and specs, and no count that the snapshot carries along.
"""

from fractions import Fraction

from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.rules import Mode, Quota, Rate
from engine.model.snapshot import Holder, Snapshot
from engine.model.spec import Constraints
from engine.model.states import State
from engine.model.worker import BreakerState, Health, Queue, Worker
from tests.engine.policy.situations import Situation

UNKNOWN = {GateKind.RESERVED, GateKind.LANE, GateKind.TURN, GateKind.STATE}
"""Of these the planner itself is the judge."""


def closed(kind: GateKind, job: Job, at: Situation) -> bool:
    """Whether this gate is closed for a job that waits."""
    match kind:
        case GateKind.HOLD:
            return job.now.held_by is not None
        case GateKind.CANCEL:
            return job.now.cancel_at is not None
        case GateKind.DEPENDENCIES:
            deps = at.dependencies.get(job.id, ())
            return any(one.now.state is not State.SUCCEEDED for one in deps)
        case GateKind.SCHEDULE:
            return _is_late(job, at.snapshot) or _is_early(job, at.snapshot)
        case GateKind.BACKOFF:
            return job.now.state is State.RETRYING
        case GateKind.QUEUE_PAUSED:
            return _queue(job, at.snapshot).paused_by is not None
        case GateKind.DAEMON:
            return not at.snapshot.granting
        case GateKind.UNSATISFIABLE | GateKind.WORKER | GateKind.FIT:
            return _on_workers(job, at.snapshot) is kind
        case _:
            return _counted(kind, job, at.snapshot)


def _is_late(job: Job, snapshot: Snapshot) -> bool:
    deadline_at = job.spec.constraints.deadline_at
    return deadline_at is not None and deadline_at <= snapshot.now_at


def _is_early(job: Job, snapshot: Snapshot) -> bool:
    wakes_at = job.now.wake_at
    is_pending = job.now.state is State.PENDING
    return is_pending and wakes_at is not None and wakes_at > snapshot.now_at


def _queue(job: Job, snapshot: Snapshot) -> Queue:
    return snapshot.queues[job.now.queue]


def _counted(kind: GateKind, job: Job, snapshot: Snapshot) -> bool:
    rules, needs = job.spec.constraints, job.spec
    in_queue = sum(one.queue == job.now.queue for one in snapshot.holders)
    match kind:
        case GateKind.QUEUE_LIMIT:
            limit = _queue(job, snapshot).limit
            return limit is not None and in_queue >= limit
        case GateKind.RATE:
            return _rate(job, snapshot)
        case GateKind.PRESSURE:
            limit = _pressed(job, snapshot)
            return limit is not None and in_queue >= limit
        case GateKind.QUOTA:
            return _quota(job, snapshot)
        case GateKind.ARRAY:
            array = snapshot.arrays.get(needs.array) if needs.array is not None else None
            members = sum(one.array == needs.array for one in snapshot.holders)
            return array is not None and array.limit is not None and members >= array.limit
        case GateKind.GROUP:
            group = rules.concurrency_group
            limit = snapshot.rules.groups.get(group or "", rules.max_concurrent_in_group)
            inside = sum(one.group == group for one in snapshot.holders)
            return group is not None and inside >= limit
        case GateKind.GOAL:
            others = [one for one in snapshot.holders if one.goal == rules.goal]
            return rules.goal is not None and bool(others)
    raise AssertionError(kind)


def _rate(job: Job, snapshot: Snapshot) -> bool:
    tenant = snapshot.rules.tenants.get(job.spec.tenant)
    return any(
        rate is not None and _tokens(rate, name, snapshot) < 1
        for rate, name in (
            (_queue(job, snapshot).starts, f"queue {job.now.queue}"),
            (tenant.starts if tenant else None, f"tenant {job.spec.tenant}"),
        )
    )


def _tokens(rate: Rate, name: str, snapshot: Snapshot) -> Fraction:
    bucket = snapshot.carried.buckets.get(name)
    if bucket is None:
        return Fraction(rate.burst)
    elapsed_ms = Fraction(snapshot.now_at - bucket.at, 1000)
    came = elapsed_ms * rate.tokens / rate.per_ms
    return min(Fraction(rate.burst), Fraction(bucket.level, 1_000_000) + came)


def _pressed(job: Job, snapshot: Snapshot) -> int | None:
    slots = sum(room.worker.slots for room in snapshot.rooms.values())
    queue, limits = _queue(job, snapshot), []
    own = slots if queue.limit is None else min(queue.limit, slots)
    for scope, base, pressure in (
        ("", slots, snapshot.rules.pressure),
        (queue.name, own, queue.pressure),
    ):
        mode = snapshot.modes.get(scope, Mode.NORMAL)
        if mode is not Mode.NORMAL and pressure is not None and pressure.reduce_parallelism:
            part = {Mode.MODERATE: Fraction(3, 4), Mode.HIGH: Fraction(1, 4)}
            limits.append(max(1, int(base * part.get(mode, Fraction(0)))))
    return min(limits, default=None)


def _quota(job: Job, snapshot: Snapshot) -> bool:
    tenant = snapshot.rules.tenants.get(job.spec.tenant)
    if tenant is None:
        return False
    mine = [one for one in snapshot.holders if one.tenant == job.spec.tenant]
    inside = [one for one in mine if one.namespace == job.spec.namespace]
    space = tenant.namespaces.get(job.spec.namespace, Quota())
    return _over(tenant.quota, mine, job) or _over(space, inside, job)


def _over(quota: Quota, holders: list[Holder], job: Job) -> bool:
    def held(name: str) -> int:
        return sum(dict(one.amounts).get(name, 0) for one in holders)

    needs = job.spec.resources
    return any(
        most is not None and asked > 0 and has + asked > most
        for most, has, asked in (
            (quota.running, len(holders), 1),
            (quota.cpu_milli, held("cpu_milli"), needs.cpu_milli),
            (quota.gpu, held("gpu"), needs.gpu),
        )
    )


def _on_workers(job: Job, snapshot: Snapshot) -> GateKind | None:
    fleet = [room.worker for room in snapshot.rooms.values()]
    able = [one for one in fleet if _allowed(job.spec.constraints, job, one, snapshot)]
    able = [one for one in able if _has_room(job, one, [])]
    if not able:
        return GateKind.UNSATISFIABLE
    able = [one for one in able if one.health is Health.HEALTHY and not one.draining]
    able = [one for one in able if not one.quarantined and one.breaker is not BreakerState.OPEN]
    if not able:
        return GateKind.WORKER
    running = list(snapshot.holders)
    able = [one for one in able if one.permits != 0]
    return None if any(_has_room(job, one, running) for one in able) else GateKind.FIT


def _allowed(rules: Constraints, job: Job, worker: Worker, snapshot: Snapshot) -> bool:
    kind, region = job.spec.resources.gpu_type, snapshot.rules.region
    return (
        worker.name in (rules.required_workers or (worker.name,))
        and worker.name not in rules.excluded_workers
        and worker.backend in (rules.required_backends or (worker.backend,))
        and all(label in worker.labels for label in rules.required_labels)
        and not any(label in worker.labels for label in rules.excluded_labels)
        and (kind is None or kind in worker.gpu_types)
        and not (rules.locality == "local" and worker.backend != "local")
        and not (
            rules.locality == "region" and region and f"region={region}" not in worker.labels
        )
    )


def _has_room(job: Job, worker: Worker, running: list[Holder]) -> bool:
    there = [one for one in running if one.worker == worker.name]
    left = dict(worker.capacity.items())
    used: set[int] = set()
    for one in there:
        used |= set(one.gpus)
        for name, amount in one.amounts:
            left[name] = left.get(name, 0) - amount
    kind = job.spec.resources.gpu_type
    devices = [
        index
        for index in range(worker.capacity.gpu)
        if index not in used and (kind is None or worker.gpu_types[index] == kind)
    ]
    return (
        len(there) < worker.slots
        and len(devices) >= job.spec.resources.gpu
        and all(left.get(name, 0) >= asked for name, asked in job.spec.resources.items())
    )


def is_held_back(job: Job, snapshot: Snapshot) -> bool:
    """Whether it is to start only when nothing else can."""
    modes = [snapshot.modes.get(scope, Mode.NORMAL) for scope in ("", job.now.queue)]
    return job.now.priority is Priority.LOW and max(modes) >= Mode.HIGH
