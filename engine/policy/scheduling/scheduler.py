"""The scheduler: from a snapshot to decisions, and nothing else.

lanes ──► queue? ──► class? ──► tenant? ──► lane? ──► worker? ──┬─► Start
          weight     slices     fairness    sequence  placement └─► Hold
"""

from dataclasses import replace

from engine.model.snapshot import Snapshot
from engine.policy.scheduling.books import Books
from engine.policy.scheduling.closing import close
from engine.policy.scheduling.decisions import Plan, Start
from engine.policy.scheduling.round import Round, WindowDry


def schedule(snapshot: Snapshot, max_grants: int = 256) -> Plan:
    """Decide what starts now, and say why the head of every other lane does not.

    The same snapshot always gives the same plan: there is no clock, no chance and no IO
    below this call. It costs one look at each lane and, for each grant, one at the workers;
    the length of the windows and of the backlog do not matter.

    Args:
        snapshot: The state of everything.
        max_grants: Where to stop; the next round goes on from there.
    """
    round_ = Round(snapshot)
    starts: list[Start] = []
    try:
        while snapshot.granting and len(starts) < max_grants:
            start = round_.serve()
            if start is None:
                break
            starts.append(start)
    except WindowDry:
        pass  # what comes next is still in the store: the round after its refill grants it
    return close(round_, tuple(starts))


def after(snapshot: Snapshot, plan: Plan) -> Snapshot:
    """The snapshot as it will be once these starts are on disk."""
    books = Books(snapshot)
    shapes = {lane.key: lane.shape for lane in snapshot.lanes}
    for start in plan.starts:
        books.take(start, shapes[start.lane])
    started = {start.job.id for start in plan.starts}
    served = {start.lane for start in plan.starts}
    lanes = (
        replace(lane, jobs=[job for job in lane.jobs if job.id not in started])
        if lane.key in served
        else lane
        for lane in snapshot.lanes
    )
    return replace(
        books.draft, lanes=tuple(lane for lane in lanes if lane.jobs), carried=plan.carried
    )
