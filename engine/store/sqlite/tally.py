"""What a commit adds to the numbers that are kept beside the jobs."""

import sqlite3
from collections import Counter
from dataclasses import dataclass, field

from engine.model.job import Progress
from engine.model.spec import Kind
from engine.store.protocol import JobMove, NewJob
from engine.store.sqlite.connection import QUERIES

WAITING = frozenset({"pending", "queued", "retrying"})


@dataclass(slots=True)
class Tally:
    """Sums to be written once, however many jobs they come from."""

    jobs: Counter[tuple[str, str, int, str]] = field(default_factory=Counter)
    """By queue, tenant, priority and state."""
    members: Counter[tuple[int, str]] = field(default_factory=Counter)
    """By array or flow, and state."""
    waiting: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By tenant and namespace; composite jobs do not count."""

    def add(self, new: NewJob) -> None:
        """One more job."""
        spec, now = new.spec, new.now
        state = now.state._value_
        self.jobs[_key(spec.tenant, now)] += 1
        if (whole := spec.whole) is not None:
            self.members[whole, state] += 1
        if state in WAITING and spec.kind is not Kind.COMPOSITE:
            self.waiting[spec.tenant, spec.namespace] += 1

    def move(self, move: JobMove) -> None:
        """One job has other columns."""
        spec, was, now = move.spec, move.was.state._value_, move.now.state._value_
        before, after = _key(spec.tenant, move.was), _key(spec.tenant, move.now)
        if before != after:
            self.jobs[before] -= 1
            self.jobs[after] += 1
        if was == now:
            return
        if (whole := spec.whole) is not None:
            self.members[whole, was] -= 1
            self.members[whole, now] += 1
        if spec.kind is not Kind.COMPOSITE and (was in WAITING) is not (now in WAITING):
            self.waiting[spec.tenant, spec.namespace] += 1 if now in WAITING else -1

    def update(self, other: "Tally") -> None:
        """Take in what another one has."""
        self.jobs.update(other.jobs)
        self.members.update(other.members)
        self.waiting.update(other.waiting)

    def write(self, db: sqlite3.Connection) -> None:
        """Add it all to the tables."""
        for name, sums in (
            ("add_to_counter", self.jobs),
            ("add_to_array_count", self.members),
            ("add_to_waiting", self.waiting),
        ):
            rows = [(*key, number) for key, number in sums.items() if number]
            if rows:
                db.executemany(QUERIES[name], rows)


def _key(tenant: str, now: Progress) -> tuple[str, str, int, str]:
    return (now.queue, tenant, int(now.priority), now.state._value_)
