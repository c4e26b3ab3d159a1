"""What must be true before a job can start: yes or no, for the scheduler and for the gates.

Each question is asked in one place. `job_gates` and `lane_gates` put the same answers into
words and numbers, so that an explanation cannot disagree with a decision.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from engine.model.ids import JobId
from engine.model.job import Job, Shape
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.rules import Mode, Quota, TenantRules
from engine.model.snapshot import NOTHING_TAKEN, LaneKey, Snapshot, Taken
from engine.model.spec import Kind
from engine.model.states import State
from engine.model.worker import Queue
from engine.policy.jobs.timeouts import is_past_deadline
from engine.policy.rates import has_token


@dataclass(frozen=True, slots=True)
class Case:
    """A job before its gates."""

    job: Job
    shape: Shape
    snapshot: Snapshot

    @property
    def key(self) -> LaneKey:
        """The lane in which the job stands, or would."""
        now = self.job.now
        return LaneKey(now.queue, now.priority, self.job.spec.tenant, self.job.shape)


def is_grantable(job: Job, now_at: int) -> bool:
    """Whether nothing about the job itself is in its way."""
    now = job.now
    return (
        now.state is State.QUEUED
        and now.attempt is None
        and now.held_by is None
        and now.cancel_at is None
        and job.spec.kind is not Kind.COMPOSITE
        and not is_past_deadline(job, now_at)
    )


def queue_of(name: str, snapshot: Snapshot) -> Queue:
    """The queue of this name; one that nobody has configured has no limit."""
    return snapshot.queues.get(name) or Queue(name=name)


def queue_runs(key: LaneKey, _: Shape, snapshot: Snapshot) -> bool:
    """Whether the queue is not paused."""
    return queue_of(key.queue, snapshot).paused_by is None


def queue_has_room(key: LaneKey, _: Shape, snapshot: Snapshot) -> bool:
    """Whether the queue is below its limit."""
    limit = queue_of(key.queue, snapshot).limit
    return limit is None or snapshot.running_in_queue.get(key.queue, 0) < limit


def rates_allow(key: LaneKey, _: Shape, snapshot: Snapshot) -> bool:
    """Whether queue and tenant have a token left for one more start."""
    buckets, now_at = snapshot.carried.buckets, snapshot.now_at
    queue_rate = queue_of(key.queue, snapshot).starts
    if queue_rate and not has_token(queue_rate, buckets.get(f"queue {key.queue}"), now_at):
        return False
    tenant_rate = tenant_of(key.tenant, snapshot).starts
    return tenant_rate is None or has_token(
        tenant_rate, buckets.get(f"tenant {key.tenant}"), now_at
    )


def tenant_of(name: str, snapshot: Snapshot) -> TenantRules:
    """The rules for a tenant; one that nobody has configured has no quota."""
    return snapshot.rules.tenants.get(name) or _ANY_TENANT


_ANY_TENANT: Final = TenantRules()


def mode_of(queue: str, snapshot: Snapshot) -> Mode:
    """The deeper of the modes of a queue and of all queues together."""
    modes = snapshot.modes
    return max(modes.get(queue, Mode.NORMAL), modes.get("", Mode.NORMAL)) if modes else Mode(0)


def is_held_back(key: LaneKey, snapshot: Snapshot) -> bool:
    """Whether the lane waits until nothing else can start: `low` while the mode is high."""
    if not snapshot.modes or key.priority is not Priority.LOW:
        return False
    return mode_of(key.queue, snapshot) >= Mode.HIGH


PARALLELISM: Final = {Mode.NORMAL: (1, 1), Mode.MODERATE: (3, 4), Mode.HIGH: (1, 4)}
"""What part of its parallelism a queue keeps under `reduce_parallelism`; beyond: one job."""


def pressed_limit(queue: str, snapshot: Snapshot) -> int | None:
    """How many of a queue's jobs may run under backpressure; None: that sets no limit."""
    limits = [
        _pressed(mode, base)
        for scope, base in (("", _slots(snapshot)), (queue, _parallelism(queue, snapshot)))
        if (mode := snapshot.modes.get(scope, Mode.NORMAL)) and _reduces(scope, snapshot)
    ]
    return min(limits, default=None)


def _pressed(mode: Mode, base: int) -> int:
    over, under = PARALLELISM.get(mode, (0, 1))
    return max(1, base * over // under)


def _reduces(scope: str, snapshot: Snapshot) -> bool:
    pressure = queue_of(scope, snapshot).pressure if scope else snapshot.rules.pressure
    return pressure is not None and pressure.reduce_parallelism


def _parallelism(queue: str, snapshot: Snapshot) -> int:
    limit = queue_of(queue, snapshot).limit
    slots = _slots(snapshot)
    return slots if limit is None else min(limit, slots)


def _slots(snapshot: Snapshot) -> int:
    return sum(room.worker.slots for room in snapshot.rooms.values())


def pressure_allows(key: LaneKey, _: Shape, snapshot: Snapshot) -> bool:
    """Whether the queue runs fewer jobs than backpressure leaves it."""
    if not snapshot.modes:
        return True
    limit = pressed_limit(key.queue, snapshot)
    return limit is None or snapshot.running_in_queue.get(key.queue, 0) < limit


def quotas_allow(key: LaneKey, shape: Shape, snapshot: Snapshot) -> bool:
    """Whether tenant and namespace may have one more job like this running."""
    tenant = snapshot.rules.tenants.get(key.tenant)
    if tenant is None:
        return True
    if over_quota(tenant.quota, snapshot.tenants.get(key.tenant, NOTHING_TAKEN), shape):
        return False
    quota = tenant.namespaces.get(shape.namespace)
    taken = snapshot.namespaces.get((key.tenant, shape.namespace), NOTHING_TAKEN)
    return quota is None or not over_quota(quota, taken, shape)


def over_quota(quota: Quota, taken: Taken, shape: Shape) -> dict[str, tuple[int, int, int]]:
    """(asked, taken, allowed) of each thing of which one more such job would be too much."""
    wanted = {
        "running": (1, taken.running, quota.running),
        "cpu_milli": (shape.cpu_milli, taken.amounts.get("cpu_milli", 0), quota.cpu_milli),
        "gpu": (shape.gpu, taken.amounts.get("gpu", 0), quota.gpu),
    }
    return {
        name: (asked, has, most)
        for name, (asked, has, most) in wanted.items()
        if most is not None and asked and has + asked > most
    }


def array_has_room(_: LaneKey, shape: Shape, snapshot: Snapshot) -> bool:
    """Whether the job's array is below its limit, and does not stop; true if it has none."""
    if shape.array in snapshot.stopping:
        return False
    if shape.array is None or (array := snapshot.arrays.get(shape.array)) is None:
        return True
    return array.limit is None or snapshot.running_in_array.get(array.id, 0) < array.limit


def group_limit(shape: Shape, snapshot: Snapshot) -> int:
    """How many of the job's concurrency group may run: by the rules, else as it says."""
    return snapshot.rules.groups.get(shape.group or "", shape.group_limit)


def group_has_room(_: LaneKey, shape: Shape, snapshot: Snapshot) -> bool:
    """Whether the job's concurrency group is below its limit; true if it has none."""
    if shape.group is None:
        return True
    return snapshot.running_in_group.get(shape.group, 0) < group_limit(shape, snapshot)


def goal_is_free(job: JobId, shape: Shape, snapshot: Snapshot) -> bool:
    """Whether the job may have the lock of its goal: free, its own, or its parent's."""
    if shape.goal is None:
        return True
    holders = snapshot.goals.get(shape.goal, ())
    return not holders or job in holders or shape.parent in holders


class Question(NamedTuple):
    """Something that must be true of a lane before a job of it can start."""

    kind: GateKind
    is_open: Callable[[LaneKey, Shape, Snapshot], bool]
    concerns: Callable[[LaneKey, Shape, Snapshot], bool]
    """Whether the answer can be no while queues, rules and modes are what they are."""


LANE_QUESTIONS: Final[Sequence[Question]] = (
    Question(GateKind.QUEUE_PAUSED, queue_runs, lambda *lane: not queue_runs(*lane)),
    Question(
        GateKind.QUEUE_LIMIT,
        queue_has_room,
        lambda key, _, snapshot: queue_of(key.queue, snapshot).limit is not None,
    ),
    Question(
        GateKind.RATE,
        rates_allow,
        lambda key, _, snapshot: (
            queue_of(key.queue, snapshot).starts is not None
            or tenant_of(key.tenant, snapshot).starts is not None
        ),
    ),
    Question(GateKind.PRESSURE, pressure_allows, lambda _, __, snapshot: bool(snapshot.modes)),
    Question(
        GateKind.QUOTA,
        quotas_allow,
        lambda key, _, snapshot: key.tenant in snapshot.rules.tenants,
    ),
    Question(GateKind.ARRAY, array_has_room, lambda _, shape, __: shape.array is not None),
    Question(GateKind.GROUP, group_has_room, lambda _, shape, __: shape.group is not None),
)
"""Asked of a lane, in the order of GateKind; the answers are the same for all of its jobs."""


def concerning(key: LaneKey, shape: Shape, snapshot: Snapshot) -> tuple[Question, ...]:
    """The questions that could be answered no for a lane: for most lanes there are none.

    They stay the same for as long as queues, rules and modes do: starts change none of them.
    """
    return tuple(one for one in LANE_QUESTIONS if one.concerns(key, shape, snapshot))


def first_closed(
    questions: Iterable[Question], key: LaneKey, shape: Shape, snapshot: Snapshot
) -> GateKind | None:
    """The first of these gates that is closed."""
    for one in questions:
        if not one.is_open(key, shape, snapshot):
            return one.kind
    return None


def first_closed_of_lane(key: LaneKey, shape: Shape, snapshot: Snapshot) -> GateKind | None:
    """The first of these gates that is closed; room on workers is another question."""
    return first_closed(LANE_QUESTIONS, key, shape, snapshot)
