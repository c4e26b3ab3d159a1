"""How many jobs there are of each kind, kept by addition and never by counting."""

from collections import Counter
from collections.abc import Iterable

from engine.model.job import Job, Progress
from engine.model.worker import Count

Key = tuple[str, str, int, str]
"""Queue, tenant, priority, state."""


def key_of(tenant: str, now: Progress) -> Key:
    """The counter in which a job with these columns is counted."""
    return (now.queue, tenant, int(now.priority), now.state.value)


class Counters:
    """Numbers of jobs per (queue, tenant, priority, state), and sums of them."""

    def __init__(self) -> None:
        self._numbers: Counter[Key] = Counter()

    def load(self, counts: Iterable[Count]) -> None:
        self._numbers = Counter(
            {(c.queue, c.tenant, c.priority, c.state): c.number for c in counts}
        )

    def moved(self, job: Job, now: Progress) -> None:
        """A job's columns have become `now`."""
        self._numbers[key_of(job.spec.tenant, job.now)] -= 1
        self._numbers[key_of(job.spec.tenant, now)] += 1

    def added(self, key: Key, number: int = 1) -> None:
        self._numbers[key] += number

    def by_state(self) -> dict[str, int]:
        """Jobs in each state."""
        sums: Counter[str] = Counter()
        for (_, _, _, state), number in self._numbers.items():
            sums[state] += number
        return {state: number for state, number in sums.items() if number}

    def in_state(self, state: str) -> int:
        """Jobs in one state."""
        return self.by_state().get(state, 0)

    def by_queue(self) -> dict[str, dict[str, int]]:
        """Jobs in each state, for each queue."""
        sums: dict[str, dict[str, int]] = {}
        for (queue, _, _, state), number in self._numbers.items():
            if number:
                states = sums.setdefault(queue, {})
                states[state] = states.get(state, 0) + number
        return sums
