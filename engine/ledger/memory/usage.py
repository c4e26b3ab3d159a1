"""What attempts in progress have taken: of workers, queues, groups, tenants and arrays."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from engine.model.attempt import Attempt
from engine.model.burden import NO_BURDEN, Burden
from engine.model.ids import AttemptId, JobId
from engine.model.job import Job, Shape
from engine.model.snapshot import NOTHING_TAKEN, Room, Taken
from engine.model.worker import Worker
from engine.policy.shapes import needs

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one attempt holds."""

    worker: str
    queue: str
    group: str | None
    amounts: tuple[tuple[str, int], ...]
    tenant: str = "default"
    namespace: str = "default"
    array: JobId | None = None
    gpus: int = 0
    """Devices, as bits."""


def claim_of(job: Job, shape: Shape, attempt: Attempt) -> Claim:
    """What this attempt of `job` holds."""
    return Claim(
        worker=attempt.worker,
        queue=job.now.queue,
        group=shape.group,
        amounts=needs(shape),
        tenant=job.spec.tenant,
        namespace=job.spec.namespace,
        array=job.spec.array,
        gpus=bits(attempt.gpus),
    )


def bits(gpus: Iterable[int]) -> int:
    """These devices as bits: device `i` is bit `1 << i`."""
    found = 0
    for gpu in gpus:
        found |= 1 << gpu
    return found


class Usage:
    """Taken at the grant, given back exactly once, whatever the outcome."""

    def __init__(self) -> None:
        self._claims: dict[AttemptId, Claim] = {}
        self._taken: dict[str, Counter[str]] = {}
        self._slots: Counter[str] = Counter()
        self._gpus: Counter[str] = Counter()
        """Devices in use on each worker, as bits."""
        self.in_queue: Counter[str] = Counter()
        self.in_group: Counter[str] = Counter()
        self.in_array: Counter[int] = Counter()
        self.of_tenant: dict[str, Taken] = {}
        self.of_namespace: dict[tuple[str, str], Taken] = {}

    def take(self, attempt: AttemptId, claim: Claim) -> None:
        """Book a claim; booking it again changes nothing."""
        if attempt not in self._claims:
            self._claims[attempt] = claim
            self._book(claim, 1)
            self._gpus[claim.worker] |= claim.gpus

    def release(self, attempt: AttemptId) -> bool:
        """Give a claim back; whether it was still held."""
        claim = self._claims.pop(attempt, None)
        if claim is None:
            return False
        self._book(claim, -1)
        self._gpus[claim.worker] &= ~claim.gpus
        return True

    def _book(self, claim: Claim, sign: int) -> None:
        taken = self._taken.setdefault(claim.worker, Counter())
        for name, amount in claim.amounts:
            taken[name] += sign * amount
        self._slots[claim.worker] += sign
        self.in_queue[claim.queue] += sign
        if claim.group is not None:
            _count(self.in_group, claim.group, sign)
        if claim.array is not None:
            _count(self.in_array, claim.array, sign)
        _sum(self.of_tenant, claim.tenant, claim, sign)
        _sum(self.of_namespace, (claim.tenant, claim.namespace), claim, sign)

    def room(self, worker: Worker, burden: Burden = NO_BURDEN) -> Room:
        """The worker with what is taken of it now, by ours and by others."""
        name = worker.name
        taken = self._taken.setdefault(name, Counter())
        return Room(worker, taken, self._slots[name], self._gpus[name] | burden.gpus, burden)

    @property
    def held(self) -> int:
        """How many attempts hold something."""
        return len(self._claims)


def _count(counts: "Counter[K]", key: K, sign: int) -> None:
    """Change one count; one that becomes 0 is dropped."""
    counts[key] += sign
    if not counts[key]:
        del counts[key]


def _sum(sums: dict[K, Taken], key: K, claim: Claim, sign: int) -> None:
    """Change what one holder has; one that has nothing any more is dropped."""
    was = sums.get(key, NOTHING_TAKEN)
    if was.running + sign == 0:
        del sums[key]
        return
    amounts = dict(was.amounts)
    for name, amount in claim.amounts:
        amounts[name] = amounts.get(name, 0) + sign * amount
    sums[key] = Taken(was.running + sign, amounts)
