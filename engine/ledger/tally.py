"""What a bulk submission will add to the working set once it is visible."""

from collections import Counter

from engine.ledger.counters import Key, key_of
from engine.model.job import Progress
from engine.model.snapshot import LaneKey
from engine.model.states import State
from engine.store.protocol import NewJob


class Tally:
    """Sums over new jobs; its size does not grow with their number."""

    def __init__(self) -> None:
        self.counters: Counter[Key] = Counter()
        self.lanes: set[LaneKey] = set()
        """Lanes that will have more jobs."""
        self.queues: set[str] = set()

    def add(self, new: NewJob) -> None:
        self.counters[key_of(new.spec.tenant, new.now)] += 1
        self.queues.add(new.now.queue)
        if stands_in_lane(new.now):
            lane = LaneKey(new.now.queue, new.now.priority, new.spec.tenant, new.shape)
            self.lanes.add(lane)


def stands_in_lane(now: Progress) -> bool:
    """Whether a job that comes in like this can be granted."""
    return now.state is State.QUEUED and now.held_by is None
