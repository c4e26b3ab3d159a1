"""How many jobs there are of each kind, kept by addition and never by counting."""

from collections.abc import Hashable, Iterable
from typing import TypeVar

from engine.model.job import Job, Progress
from engine.model.spec import Kind
from engine.model.states import FINAL
from engine.model.worker import Count

K = TypeVar("K", bound=Hashable)

Key = tuple[str, str, int, str]
"""Queue, tenant, priority, state."""


def key_of(tenant: str, now: Progress) -> Key:
    """The counter in which a job with these columns is counted."""
    return (now.queue, tenant, int(now.priority), now.state.value)


def is_counted(kind: Kind, now: Progress) -> bool:
    """Whether a job is one of those that wait, run or have ended.

    A composite job counts once it has ended: until then its members wait and run.
    """
    return kind is not Kind.COMPOSITE or now.state in FINAL


class Counters:
    """Numbers of jobs per (queue, tenant, priority, state), and sums of them."""

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}
        self._states: dict[str, int] = {}
        """Sums by state; like the numbers, none of them is 0."""

    def load(self, counts: Iterable[Count]) -> None:
        self._numbers.clear()
        self._states.clear()
        for count in counts:
            self.added((count.queue, count.tenant, count.priority, count.state), count.number)

    def moved(self, job: Job, now: Progress) -> None:
        """A job's columns have become `now`."""
        was, is_ = key_of(job.spec.tenant, job.now), key_of(job.spec.tenant, now)
        if was == is_:
            return
        if is_counted(job.spec.kind, job.now):
            self.added(was, -1)
        if is_counted(job.spec.kind, now):
            self.added(is_)

    def came(self, job: Job) -> None:
        """A job is new."""
        if is_counted(job.spec.kind, job.now):
            self.added(key_of(job.spec.tenant, job.now))

    def leave_out(self, job: Job) -> None:
        """A job of which `load` was told is none of those that are counted."""
        if not is_counted(job.spec.kind, job.now):
            self.added(key_of(job.spec.tenant, job.now), -1)

    def added(self, key: Key, number: int = 1) -> None:
        _add(self._numbers, key, number)
        _add(self._states, key[3], number)

    def by_state(self) -> dict[str, int]:
        """Jobs in each state."""
        return dict(self._states)

    def in_state(self, state: str) -> int:
        """Jobs in one state."""
        return self._states.get(state, 0)

    def by_queue(self) -> dict[str, dict[str, int]]:
        """Jobs in each state, for each queue."""
        sums: dict[str, dict[str, int]] = {}
        for (queue, _, _, state), number in self._numbers.items():
            _add(sums.setdefault(queue, {}), state, number)
        return sums


def _add(sums: dict[K, int], key: K, number: int) -> None:
    """Change one sum; one that becomes 0 is dropped."""
    total = sums.get(key, 0) + number
    if total:
        sums[key] = total
    else:
        sums.pop(key, None)
