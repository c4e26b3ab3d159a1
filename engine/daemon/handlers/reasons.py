"""`reasons`: why jobs wait, counted by what stands in their way."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.control.messages import ListReasons
from engine.control.views import ReasonsView, ReasonView
from engine.daemon.desk import Caller, Desk
from engine.daemon.past.moment import Moment, moment
from engine.daemon.past.reasons import past_gates
from engine.daemon.pictures.waiting_filter import waiting_filter
from engine.errors import NotFound
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.reasons import Gate, GateKind
from engine.model.snapshot import LaneKey, Snapshot
from engine.model.states import State
from engine.model.words import nearest
from engine.policy.why.explain import explain, why_held
from engine.store.moments import Past
from engine.store.protocol import Standing

BY_MARK: Mapping[str, GateKind] = {
    "held": GateKind.HOLD,
    "canceling": GateKind.CANCEL,
    "starting": GateKind.STATE,
    "unmet": GateKind.DEPENDENCIES,
    "asleep": GateKind.SCHEDULE,
}
"""What stands in the way of jobs that are in no lane."""


NOBODY: Mapping[JobId, JobId] = {}


@dataclass(slots=True)
class Group:
    """Jobs of one queue that wait for the same kind of thing."""

    queue: str
    kind: GateKind
    first: JobId
    oldest_at: int
    count: int = 0
    gate: Gate | None = None
    priorities: Counter[str] = field(default_factory=Counter)
    standings: list[Standing] = field(default_factory=list)

    def add(self, standing: Standing, gate: Gate | None) -> None:
        """Count these too; the words are those for the smallest id."""
        if self.gate is None or standing.first < self.first:
            self.gate = gate
        self.first = min(self.first, standing.first)
        self.oldest_at = min(self.oldest_at, standing.oldest_at)
        self.count += standing.number
        self.standings.append(standing)
        self.priorities[Priority(standing.priority).label] += standing.number


async def answer(desk: Desk, _: Caller, ask: ListReasons) -> ReasonsView:
    """Why the jobs of one queue or of all wait: most jobs first, from counts alone.

    Raises:
        NotFound: there is no such queue; names the nearest.
    """
    if ask.queue is not None and ask.queue not in desk.working_set.queues:
        near = nearest(ask.queue, desk.working_set.queues)
        hint = f"; did you mean {near!r}?" if near else ""
        raise NotFound(f"there is no queue {ask.queue!r}{hint}", field="queue", nearest=near)
    when = await moment(desk, ask.as_of)
    if when.past is not None:
        return await _then(when.past, when, ask.queue)
    standings = await desk.standings.of(ask.queue)
    snapshot = desk.working_set.snapshot(desk.clock.now())
    groups = _grouped(desk, standings, snapshot)
    wordless = [group.first for group in groups if group.gate is None]
    jobs = {job.id: job for job in await desk.store.jobs(wordless)}
    for group in groups:
        if group.gate is None and (job := jobs.get(group.first)) is not None:
            group.gate = await _worded(desk, job, group.kind, snapshot)
    ordered = sorted(groups, key=lambda group: (-group.count, group.queue, group.kind))
    return ReasonsView(
        reasons=tuple(_view(group) for group in ordered),
        waiting=sum(standing.number for standing in standings),
        seq=desk.timeline.head,
    )


async def _then(past: Past, when: Moment, queue: str | None) -> ReasonsView:
    """By what was told of those that waited: gates are not kept."""
    standings = await past.standings(queue)
    found: dict[tuple[str, GateKind], Group] = {}
    for standing in standings:
        kind = _kind(standing)
        group = found.setdefault(
            (standing.queue, kind),
            Group(standing.queue, kind, standing.first, standing.oldest_at),
        )
        group.add(standing, None)
    gates = await past_gates(past, [group.first for group in found.values()])
    for group in found.values():
        group.gate = gates.get(group.first)
    ordered = sorted(found.values(), key=lambda one: (-one.count, one.queue, one.kind))
    return ReasonsView(
        reasons=tuple(_view(group) for group in ordered),
        waiting=sum(standing.number for standing in standings),
        seq=when.seq,
    )


def _grouped(desk: Desk, standings: Sequence[Standing], snapshot: Snapshot) -> list[Group]:
    found: dict[tuple[str, GateKind], Group] = {}
    for standing in standings:
        gate = None if standing.mark else _gate_of_lane(desk, standing, snapshot)
        kind = gate.kind if gate else _kind(standing, snapshot.waits)
        group = found.setdefault(
            (standing.queue, kind),
            Group(standing.queue, kind, standing.first, standing.oldest_at),
        )
        group.add(standing, gate)
    return list(found.values())


def _kind(standing: Standing, waits: Mapping[JobId, JobId] = NOBODY) -> GateKind:
    if not standing.mark and standing.first in waits:
        return GateKind.REUSE
    if standing.mark == "asleep" and standing.state == State.RETRYING.value:
        return GateKind.BACKOFF
    return BY_MARK.get(standing.mark, GateKind.TURN)


def _gate_of_lane(desk: Desk, standing: Standing, snapshot: Snapshot) -> Gate | None:
    """What stands in the way of the head of a lane; None if none of it is in memory."""
    priority = Priority(standing.priority)
    key = LaneKey(standing.queue, priority, standing.tenant, standing.shape)
    if (gate := desk.working_set.why_waits(key)) is not None:
        return gate
    window = desk.working_set.lanes.windows.get(key)
    if window is None or not window.jobs:
        return None
    return why_held(window.jobs[0], window.shape, snapshot)


async def _worded(desk: Desk, job: Job, kind: GateKind, snapshot: Snapshot) -> Gate:
    dependencies: Sequence[Job] = ()
    if kind is GateKind.DEPENDENCIES:
        dependencies = await desk.store.dependencies(job.id)
    gates = explain(job, snapshot, dependencies, 1)
    closed = [gate for gate in gates if not gate.ok]
    return next((gate for gate in closed if gate.kind is kind), (closed or list(gates))[0])


def _view(group: Group) -> ReasonView:
    return ReasonView(
        kind=group.kind.value,
        queue=group.queue,
        text=group.gate.text if group.gate else "",
        count=group.count,
        is_exact=True,
        oldest_at=group.oldest_at,
        first=group.first,
        priorities=dict(group.priorities),
        remedy=group.gate.remedy if group.gate else "",
        where=waiting_filter(group.queue, group.kind, group.standings),
    )
