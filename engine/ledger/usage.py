"""What attempts in progress have taken: of workers, queues and groups."""

from collections import Counter
from dataclasses import dataclass

from engine.model.ids import AttemptId
from engine.model.job import Job, Shape
from engine.model.snapshot import Room
from engine.model.worker import Worker
from engine.policy.shapes import needs


@dataclass(frozen=True, slots=True)
class Claim:
    """What one attempt holds."""

    worker: str
    queue: str
    group: str | None
    amounts: tuple[tuple[str, int], ...]


def claim_of(job: Job, shape: Shape, worker: str) -> Claim:
    """What an attempt of `job` would hold on `worker`."""
    return Claim(worker, job.now.queue, shape.group, needs(shape))


class Usage:
    """Taken at the grant, given back exactly once, whatever the outcome."""

    def __init__(self) -> None:
        self._claims: dict[AttemptId, Claim] = {}
        self._taken: dict[str, Counter[str]] = {}
        self._slots: Counter[str] = Counter()
        self.in_queue: Counter[str] = Counter()
        self.in_group: Counter[str] = Counter()

    def take(self, attempt: AttemptId, claim: Claim) -> None:
        """Book a claim; booking it again changes nothing."""
        if attempt not in self._claims:
            self._claims[attempt] = claim
            self._book(claim, 1)

    def release(self, attempt: AttemptId) -> bool:
        """Give a claim back; whether it was still held."""
        claim = self._claims.pop(attempt, None)
        if claim is None:
            return False
        self._book(claim, -1)
        return True

    def _book(self, claim: Claim, sign: int) -> None:
        taken = self._taken.setdefault(claim.worker, Counter())
        for name, amount in claim.amounts:
            taken[name] += sign * amount
        self._slots[claim.worker] += sign
        self.in_queue[claim.queue] += sign
        if claim.group is not None:
            self.in_group[claim.group] += sign
            if not self.in_group[claim.group]:
                del self.in_group[claim.group]

    def room(self, worker: Worker) -> Room:
        """The worker with what is taken of it now."""
        return Room(worker, self._taken.get(worker.name, Counter()), self._slots[worker.name])

    @property
    def held(self) -> int:
        """How many attempts hold something."""
        return len(self._claims)
