"""`goals`: who has the lock of each goal, who waits for it; and inversions of priority."""

from collections import defaultdict

from engine.control.messages import ListGoals
from engine.control.views import GoalsView, GoalView, InversionView
from engine.daemon.desk import Caller, Desk
from engine.model.ids import JobId


async def answer(desk: Desk, _: Caller, __: ListGoals) -> GoalsView:
    """All locks that are taken, by name."""
    waiting = await _waiting(desk)
    holders = desk.working_set.goals.holders
    return GoalsView(
        goals=tuple(
            [
                await _goal(desk, goal, tuple(holders[goal]), waiting.get(goal, (0, None)))
                for goal in sorted(holders)
            ]
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


async def _goal(
    desk: Desk, goal: str, holders: tuple[JobId, ...], waiting: tuple[int, int | None]
) -> GoalView:
    first = await desk.store.job(holders[0])
    return GoalView(
        goal=goal,
        holders=tuple(holders),
        since_at=None if first is None else first.now.started_at,
        waiting=waiting[0],
        first_waiter=waiting[1],
    )


async def _waiting(desk: Desk) -> dict[str, tuple[int, int | None]]:
    """How many queued jobs want each goal and have not got it, and the first of them."""
    holders = desk.working_set.goals.holders
    if not holders:
        return {}
    shapes = await desk.store.shapes()
    numbers: dict[str, int] = defaultdict(int)
    firsts: dict[str, int] = {}
    for standing in await desk.standings.of():
        shape = shapes.get(standing.shape)
        goal = None if shape is None else shape.goal
        if goal is None or standing.mark or standing.first in holders.get(goal, ()):
            continue
        numbers[goal] += standing.number
        firsts[goal] = min(firsts.get(goal, standing.first), standing.first)
    return {goal: (number, firsts[goal]) for goal, number in numbers.items()}
