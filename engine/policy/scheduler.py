"""The scheduler: from a snapshot to decisions, and nothing else.

lanes ──► queue? ──► class? ──► tenant? ──► lane? ──► worker? ──┬─► Start
          weight     slices     fairness    sequence  placement └─► Hold
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.snapshot import Carried, Lane, LaneKey, Room, Snapshot
from engine.policy import job_gates, lane_gates
from engine.policy.decisions import Hold, Plan, Start
from engine.policy.fairness import tenant_shares
from engine.policy.placement import best_worker, taking
from engine.policy.readiness import (
    Case,
    first_closed_of_lane,
    goal_is_free,
    is_grantable,
    queue_of,
)
from engine.policy.slices import Contest
from engine.policy.turns import Cursor, Fork, Line, Path, Turn

K = TypeVar("K", bound=str | int)


def schedule(snapshot: Snapshot, max_grants: int = 256) -> Plan:
    """Decide what starts now, and say why the head of every other lane does not.

    The same snapshot always gives the same plan: there is no clock, no chance and no IO
    below this call. It costs one look at each lane and, for each grant, one at the workers;
    the length of the windows and of the backlog do not matter.

    Args:
        snapshot: The state of everything. A lane's window should hold `max_grants` jobs, or
            all there are: a class whose windows run dry lends its turns to the others.
        max_grants: Where to stop; the next round goes on from there.
    """
    round_ = Round(snapshot)
    starts: list[Start] = []
    while snapshot.granting and len(starts) < max_grants:
        start = round_.serve()
        if start is None:
            break
        starts.append(start)
    return Plan(tuple(starts), round_.holds(), Carried(credits=round_.owed()))


def after(snapshot: Snapshot, plan: Plan) -> Snapshot:
    """The snapshot as it will be once these starts are on disk."""
    round_ = Round(snapshot)
    for start in plan.starts:
        round_.take(start)
    started = {start.job.id for start in plan.starts}
    lanes = (
        replace(lane, jobs=[job for job in lane.jobs if job.id not in started])
        for lane in snapshot.lanes
    )
    return replace(
        round_.draft, lanes=tuple(lane for lane in lanes if lane.jobs), carried=plan.carried
    )


class Round:
    """One round's working copy: what is granted in it is taken from the draft at once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._rooms: dict[str, Room] = dict(snapshot.rooms)
        self._in_queue = defaultdict(int, snapshot.running_in_queue)
        self._in_group = defaultdict(int, snapshot.running_in_group)
        self.draft = replace(
            snapshot,
            rooms=self._rooms,
            running_in_queue=self._in_queue,
            running_in_group=self._in_group,
        )
        self._shapes = {lane.key.shape: lane.shape for lane in snapshot.lanes}
        self._full: set[int] = set()
        can_go = partial(is_grantable, now_at=snapshot.now_at)
        self._cursors = [Cursor(lane, can_go) for lane in snapshot.lanes]
        self._first = self._queues()

    def serve(self) -> Start | None:
        """The next grant; None once nothing that is ready fits."""
        return self._first.serve()

    def owed(self) -> dict[Path, int]:
        """What every contender is owed after this round."""
        return dict(self._first.owed())

    def take(self, start: Start) -> None:
        """Count the start: its queue, its group, its room."""
        shape = self._shapes[start.lane.shape]
        self._in_queue[start.lane.queue] += 1
        if shape.group is not None:
            self._in_group[shape.group] += 1
        self._rooms[start.worker] = taking(self._rooms[start.worker], shape)

    def holds(self) -> tuple[Hold, ...]:
        """Why the first job that is left in each lane does not start."""
        shared: dict[LaneKey, GateKind | None] = {}
        return tuple(
            Hold(job.id, cursor.lane.key, self._reason(job, cursor.lane, shared))
            for cursor in self._cursors
            if (job := cursor.head) is not None
        )

    def _reason(self, job: Job, lane: Lane, shared: dict[LaneKey, GateKind | None]) -> GateKind:
        """The first closed gate; those that like lanes share are looked at once."""
        case = Case(job, lane.shape, self.draft)
        if not is_grantable(job, self.draft.now_at) and (own := job_gates.first_closed(case)):
            return own.kind
        if not goal_is_free(job.id, lane.shape, self.draft):
            return GateKind.GOAL
        kind = lane.key._replace(priority=Priority.LOW)
        if kind not in shared:
            closed = lane_gates.first_closed(case)
            shared[kind] = closed.kind if closed else None
        if (found := shared[kind]) is not None:
            return found
        return GateKind.TURN if self.draft.granting else GateKind.DAEMON

    def _try_start(self, cursor: Cursor) -> Start | None:
        lane, job = cursor.lane, cursor.candidate
        if job is None or lane.key.shape in self._full:
            return None
        if first_closed_of_lane(lane.key, lane.shape, self.draft) is not None:
            return None
        worker = best_worker(lane.shape, self._rooms, job.spec.constraints)
        if worker is None:
            self._full.add(lane.key.shape)
            return None
        start = Start(job, lane.key, worker, _why(lane.key.queue, lane.key.priority, worker))
        self.take(start)
        return start

    def _queues(self) -> Turn:
        tree: dict[str, dict[Priority, dict[str, list[Cursor]]]] = {}
        for cursor in self._cursors:
            key = cursor.lane.key
            tenants = tree.setdefault(key.queue, {}).setdefault(key.priority, {})
            tenants.setdefault(key.tenant, []).append(cursor)
        credits_ = _by_stage(self.draft.carried.credits)
        below = {queue: self._classes((queue,), tree[queue], credits_) for queue in tree}
        weights = {queue: max(1, queue_of(queue, self.draft).weight) for queue in tree}
        return _fork((), weights, credits_, below)

    def _classes(
        self,
        path: Path,
        classes: Mapping[Priority, Mapping[str, list[Cursor]]],
        credits_: Mapping[Path, Mapping[object, int]],
    ) -> Turn:
        shares = {priority: max(1, self.draft.rules.shares[priority]) for priority in classes}
        below = {
            priority: self._tenants((*path, priority), tenants, credits_)
            for priority, tenants in classes.items()
        }
        return _fork(path, shares, credits_, below)

    def _tenants(
        self,
        path: Path,
        tenants: Mapping[str, list[Cursor]],
        credits_: Mapping[Path, Mapping[object, int]],
    ) -> Turn:
        below = {tenant: Line(lanes, self._try_start) for tenant, lanes in tenants.items()}
        return _fork(path, tenant_shares(tenants), credits_, below)


def _fork(
    path: Path,
    shares: Mapping[K, int],
    credits_: Mapping[Path, Mapping[object, int]],
    below: Mapping[K, Turn],
) -> Turn:
    return Fork(path, Contest(shares, credits_.get(path, {})), below)


def _by_stage(credits_: Mapping[Path, int]) -> dict[Path, dict[object, int]]:
    found: dict[Path, dict[object, int]] = {}
    for path, amount in credits_.items():
        found.setdefault(path[:-1], {})[path[-1]] = amount
    return found


def _why(queue: str, priority: Priority, worker: str) -> str:
    return f"{priority.label} was next in `{queue}`; `{worker}` has the most room"
