"""`goals`: who has the lock of each goal, who waits for it; and inversions of priority."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.control.messages import ListGoals
from engine.control.views import GoalsView, GoalView, InversionView
from engine.daemon.desk import Caller, Desk
from engine.ledger.memory.lanes import is_grantable, lane_of
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.snapshot import LaneKey
from engine.store.protocol import Standing

Holders = Mapping[str, Sequence[JobId]]


@dataclass(slots=True)
class _Line:
    """Who waits for one lock."""

    number: int = 0
    first: int | None = None

    def add(self, number: int, first: int | None) -> None:
        self.number += number
        known = [one for one in (self.first, first) if one is not None]
        self.first = min(known, default=None)


async def answer(desk: Desk, _: Caller, __: ListGoals) -> GoalsView:
    """All locks that are taken, by name."""
    holders: Holders = dict(desk.working_set.goals.holders)
    jobs = {job.id: job for job in await desk.store.jobs([*_all(holders)])}
    lines = await _lines(desk, holders, jobs)
    return GoalsView(
        goals=tuple(
            _goal(goal, holders[goal], jobs, lines.get(goal, _Line()))
            for goal in sorted(holders)
        ),
        inversions=tuple(
            InversionView(
                waiter=one.waiter,
                holder=one.holder,
                lock=one.lock,
                since_at=one.since_at,
                waiter_priority=one.waiter_priority.label,
                holder_priority=one.holder_priority.label,
            )
            for one in desk.working_set.carried.inversions
        ),
    )


def _all(holders: Holders) -> Sequence[JobId]:
    return [job for jobs in holders.values() for job in jobs]


def _goal(
    goal: str, holders: Sequence[JobId], jobs: Mapping[JobId, Job], line: _Line
) -> GoalView:
    first = jobs.get(holders[0])
    return GoalView(
        goal=goal,
        holders=tuple(holders),
        since_at=None if first is None else first.now.started_at,
        waiting=line.number,
        first_waiter=line.first,
    )


async def _lines(
    desk: Desk, holders: Holders, jobs: Mapping[JobId, Job]
) -> Mapping[str, _Line]:
    """How many queued jobs want each of these goals and have not got it, and the first."""
    if not holders:
        return {}
    shapes = await desk.store.shapes()
    lines = {goal: _Line() for goal in holders}
    for standing in await desk.standings.of():
        shape = shapes.get(standing.shape)
        goal = None if shape is None else shape.goal
        if goal in lines and not standing.mark:
            own = [jobs[job] for job in holders[goal] if job in jobs]
            lines[goal].add(*await _without(desk, standing, own))
    return lines


async def _without(
    desk: Desk, standing: Standing, holders: Sequence[Job]
) -> tuple[int, int | None]:
    """How many wait like this, and the first, but for those who have the lock already."""
    lane = LaneKey(standing.queue, Priority(standing.priority), standing.tenant, standing.shape)
    own = {job.id for job in holders if is_grantable(job) and lane_of(job) == lane}
    if standing.first not in own:
        return standing.number - len(own), standing.first
    behind = await desk.store.lane(lane, JobId(standing.first), len(own))
    first = next((job.id for job in behind if job.id not in own), None)
    return standing.number - len(own), first
