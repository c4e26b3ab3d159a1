"""The books of one round: what is granted in it is taken from its own copy at once."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import chain

from engine.model.ids import JobId
from engine.model.job import Shape
from engine.model.snapshot import NOTHING_TAKEN, Holder, LaneKey, Room, Snapshot, Taken
from engine.policy.jobs.timeouts import ends_by_at, expected_end_at
from engine.policy.rates import rebased, take
from engine.policy.readiness import queue_of, tenant_of
from engine.policy.scheduling.decisions import Start
from engine.policy.scheduling.placement import taking
from engine.policy.shapes import needs


class Roll(Collection[Holder]):
    """Who holds something: who did before, and who was granted it since.

    Most rounds never ask, so each is made out only when somebody does.
    """

    def __init__(self, before: Collection[Holder], now_at: int) -> None:
        self._before = before
        self._now_at = now_at
        self._granted: list[tuple[Start, Shape]] = []
        self._made: list[Holder] = []

    def add(self, start: Start, shape: Shape) -> None:
        """It was granted just now."""
        self._granted.append((start, shape))

    def __iter__(self) -> Iterator[Holder]:
        for start, shape in self._granted[len(self._made) :]:
            self._made.append(holder_of(start, shape, self._now_at))
        return chain(self._before, self._made)

    def __len__(self) -> int:
        return len(self._before) + len(self._granted)

    def __contains__(self, holder: object) -> bool:
        return any(one == holder for one in self)


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
        self.holders = Roll(snapshot.holders, snapshot.now_at)
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
        self.holders.add(start, shape)

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
