"""What comes in and what waits already: what admission compares."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.rules import DEFAULT_RULES, Mode, Pressure, Rules
from engine.model.snapshot import Bucket
from engine.model.spec import JobSpec, Kind
from engine.model.states import State
from engine.policy.entry.quotas import Account

ALL: Final = ""
"""What all queues together are called among depths, modes and the like."""

DEEP: Final = frozenset({State.PENDING, State.QUEUED})
"""States in which a job makes its queue deeper."""

WAITING: Final = DEEP | {State.RETRYING}
"""States in which it counts against the quota of jobs that wait."""


class Arrivals:
    """What a submission would bring; its size does not grow with the number of jobs."""

    def __init__(self) -> None:
        self.queues: Counter[tuple[str, Priority]] = Counter()
        self.of: Counter[tuple[str, str]] = Counter()
        """By tenant and namespace."""

    def add(self, spec: JobSpec, number: int = 1) -> None:
        """Count more such jobs; one that only stands for others counts for nothing."""
        if spec.kind is not Kind.COMPOSITE:
            self.queues[spec.queue, spec.priority] += number
            self.of[spec.tenant, spec.namespace] += number

    def plus(self, specs: Iterable[JobSpec]) -> "Arrivals":
        """These and more; this one stays as it is."""
        both = Arrivals()
        both.queues, both.of = self.queues.copy(), self.of.copy()
        for spec in specs:
            both.add(spec)
        return both

    def leave(self, job: Job) -> None:
        """Count a job that is there for what it gives back when it goes."""
        if job.spec.kind is not Kind.COMPOSITE:
            self.queues[job.now.queue, job.now.priority] += job.now.state in DEEP
            self.of[job.spec.tenant, job.spec.namespace] += job.now.state in WAITING

    @property
    def count(self) -> int:
        """How many jobs."""
        return self.of.total()

    def by_queue(self) -> dict[str, int]:
        """How many jobs for each queue, all together included."""
        sums: Counter[str] = Counter({ALL: self.queues.total()})
        for (queue, _), number in self.queues.items():
            sums[queue] += number
        return dict(sums)

    def beyond(self, leaving: "Arrivals") -> dict[str, int]:
        """`by_queue` without those whose place is given back; never below 0."""
        back = leaving.by_queue()
        return {
            queue: max(0, number - back.get(queue, 0))
            for queue, number in self.by_queue().items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Backed:
    """What waits already, what is on its way to the disk included. `ALL`: all queues."""

    now_at: int
    rules: Rules = DEFAULT_RULES
    pressures: Mapping[str, Pressure] = field(default_factory=dict)
    depths: Mapping[str, int] = field(default_factory=dict)
    modes: Mapping[str, Mode] = field(default_factory=dict)
    left_per_min: Mapping[str, int] = field(default_factory=dict)
    """How many jobs waited no longer, in the last minute."""
    waiting: Mapping[Account, int] = field(default_factory=dict)
    buckets: Mapping[Account, Bucket] = field(default_factory=dict)
