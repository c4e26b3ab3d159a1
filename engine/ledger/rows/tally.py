"""What a bulk submission will add to the working set once it is visible."""

from collections import Counter
from collections.abc import Iterable

from engine.ledger.memory.counters import Key, is_counted, key_of
from engine.model.ids import JobId
from engine.model.snapshot import LaneKey
from engine.model.spec import Kind
from engine.model.states import State
from engine.policy.entry.arrivals import Arrivals
from engine.store.protocol import NewJob


class Tally:
    """Sums over new jobs; its size does not grow with their number."""

    def __init__(self) -> None:
        self.counters: Counter[Key] = Counter()
        self.lanes: dict[LaneKey, JobId] = {}
        """Lanes that will have more jobs, and the smallest id of those."""
        self.queues: set[str] = set()
        self.arrivals = Arrivals()
        """Counted as they are read, before they are judged."""

    def add(self, new: NewJob) -> None:
        if is_counted(new.spec.kind, new.now):
            self.counters[key_of(new.spec.tenant, new.now)] += 1
        self.queues.add(new.now.queue)
        if stands_in_lane(new):
            lane = LaneKey(new.now.queue, new.now.priority, new.spec.tenant, new.shape)
            self.lanes[lane] = min(new.id, self.lanes.get(lane, new.id))


def stands_in_lane(new: NewJob) -> bool:
    """Whether a job that comes in like this can be granted."""
    now = new.now
    is_run = new.spec.kind is not Kind.COMPOSITE
    return is_run and now.state is State.QUEUED and now.held_by is None


def counted(jobs: Iterable[NewJob], arrivals: Arrivals) -> Arrivals:
    """The arrivals, with these jobs among them."""
    for job in jobs:
        arrivals.add(job.spec)
    return arrivals
