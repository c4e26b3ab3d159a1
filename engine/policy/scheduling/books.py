"""The books of one round: what is granted in it is taken from its own copy at once."""

from collections import defaultdict
from dataclasses import replace

from engine.model.ids import JobId
from engine.model.job import Shape
from engine.model.snapshot import NOTHING_TAKEN, Holder, LaneKey, Room, Snapshot, Taken
from engine.policy.jobs.timeouts import ends_by_at, expected_end_at
from engine.policy.rates import rebased, take
from engine.policy.readiness import queue_of, tenant_of
from engine.policy.scheduling.decisions import Start
from engine.policy.scheduling.placement import taking
from engine.policy.shapes import needs


class Books:
    """A working copy of a snapshot, `draft`, into which starts are booked."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.rooms: dict[str, Room] = dict(snapshot.rooms)
        self.in_queue = defaultdict(int, snapshot.running_in_queue)
        self._in_group = defaultdict(int, snapshot.running_in_group)
        self._in_array = defaultdict(int, snapshot.running_in_array)
        self.tenants: dict[str, Taken] = dict(snapshot.tenants)
        self._namespaces = dict(snapshot.namespaces)
        self._goals = dict(snapshot.goals)
        self.buckets = rebased(snapshot.carried.buckets, snapshot.now_at)
        self.holders: list[Holder] = list(snapshot.holders)
        self.draft = replace(
            snapshot,
            rooms=self.rooms,
            running_in_queue=self.in_queue,
            running_in_group=self._in_group,
            running_in_array=self._in_array,
            tenants=self.tenants,
            namespaces=self._namespaces,
            goals=self._goals,
            holders=self.holders,
            carried=replace(snapshot.carried, buckets=self.buckets),
        )

    def take(self, start: Start, shape: Shape) -> None:
        """Book a start: its queue, group, array, goal, tenant, tokens and room."""
        lane = start.lane
        self.in_queue[lane.queue] += 1
        if shape.group is not None:
            self._in_group[shape.group] += 1
        if shape.array is not None:
            self._in_array[shape.array] += 1
        if shape.goal is not None:
            self._lock(shape.goal, start.job.id)
        self._take_tokens(lane)
        tenant, space = lane.tenant, (lane.tenant, shape.namespace)
        self.tenants[tenant] = _more(self.tenants.get(tenant, NOTHING_TAKEN), shape)
        self._namespaces[space] = _more(self._namespaces.get(space, NOTHING_TAKEN), shape)
        self.rooms[start.worker] = taking(self.rooms[start.worker], shape, start.gpus)
        self.holders.append(holder_of(start, shape, self.draft.now_at))

    def _lock(self, goal: str, job: JobId) -> None:
        holders = self._goals.get(goal, ())
        if job not in holders:
            self._goals[goal] = (*holders, job)

    def _take_tokens(self, lane: LaneKey) -> None:
        rates = (
            (f"queue {lane.queue}", queue_of(lane.queue, self.draft).starts),
            (f"tenant {lane.tenant}", tenant_of(lane.tenant, self.draft).starts),
        )
        for name, rate in rates:
            if rate is not None:
                bucket = self.buckets.get(name)
                self.buckets[name] = take(rate, bucket, self.draft.now_at)


def _more(taken: Taken, shape: Shape) -> Taken:
    amounts = dict(taken.amounts)
    for name, amount in needs(shape):
        amounts[name] = amounts.get(name, 0) + amount
    return Taken(taken.running + 1, amounts)


def holder_of(start: Start, shape: Shape, now_at: int) -> Holder:
    """The attempt that this start will be, as gates and reservations name it."""
    job = start.job
    return Holder(
        job.id,
        start.worker,
        start.lane.queue,
        shape.group,
        now_at,
        priority=start.lane.priority,
        tenant=start.lane.tenant,
        namespace=shape.namespace,
        array=shape.array,
        goal=shape.goal,
        amounts=needs(shape),
        gpus=start.gpus,
        ends_at=expected_end_at(job, now_at),
        ends_by_at=ends_by_at(job, now_at),
        is_preemptible=job.spec.preemptible,
    )
