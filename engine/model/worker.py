"""Places where attempts run, and lines in which jobs wait for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec
from msgspec import structs

from engine.model.job import COMMANDS
from engine.model.resources import Resources
from engine.model.rules import Pressure, Rate


class Health(StrEnum):
    """What the last looks at a worker told."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"  # one or two looks failed
    DOWN = "down"  # three failed


class BreakerState(StrEnum):
    """Whether a worker that failed again and again is tried."""

    CLOSED = "closed"
    OPEN = "open"  # nothing is tried for a while
    HALF_OPEN = "half-open"  # a few attempts show whether it works again


class Worker(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A worker: what it can hold, and whether it takes new work."""

    name: str
    backend: str = "local"
    address: str = ""
    labels: tuple[str, ...] = ()
    capacity: Resources = Resources()
    slots: int = 1
    """How many attempts it runs at once, whatever they ask for."""
    gpu_types: tuple[str, ...] = ()
    """Kind of each device by its index, where they differ; else `capacity.gpu_type`."""
    production: bool = False
    """Promotion gates run here and nowhere else; exploratory phases never do."""
    health: Health = Health.HEALTHY
    draining: bool = False
    quarantined: str = ""
    """Why it is kept from all work until an operator releases it; empty: it is not."""
    breaker: BreakerState = BreakerState.CLOSED
    permits: int | None = None
    """How many attempts a half-open breaker still lets through; None: it does not count."""
    setup: dict[str, object] = {}
    """Its table, if it was added by command; empty: it stands in the configuration."""
    finds_gpus: bool = False
    """Its devices are those that looks at its host show, for nobody said what it has."""
    most_load: float | None = None
    """Load of its host, per core, above which it is given nothing new; None: any."""
    clone_base: str = ""
    """Folder of clones for workspaces there; empty: the usual one below the home."""
    way: dict[str, object] = {}
    """What of its table says how it is reached, for when the configuration has lost it."""
    env: dict[str, str] = {}
    """Of its account, if its host is another one: jobs there get it, not the submitter's."""
    limits: str = ""
    """What holds jobs to the memory they asked for: `scope`, `rlimit`; empty: nothing."""
    runs: tuple[str, ...] = (COMMANDS,)
    """Which work its backend supports."""
    boot: str = ""
    """Identity of its host's present boot; another one is a new boot epoch."""
    registered_at: int = 0
    seen_at: int | None = None
    version: int = 0
    """Grows with every change that is written."""


class Hand(msgspec.Struct, frozen=True, array_like=True):
    """Who set a value by hand, and when."""

    field: str
    by: str
    at: int


class Queue(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named line of jobs."""

    name: str
    limit: int | None = None
    """How many of its jobs may run at once; None: no limit."""
    weight: int = 1
    """Its share of grants against other queues."""
    starts: Rate | None = None
    """How fast its jobs may start."""
    pressure: Pressure | None = None
    """Its own backpressure; None: none."""
    own: tuple[str, ...] = ()
    """Which of `limit` and `weight` were set by hand; others come from the configuration."""
    hands: tuple[Hand, ...] = ()
    """Who set them; nothing is known of what was set before this was kept."""
    paused_by: str | None = None
    paused_why: str = ""
    paused_at: int | None = None
    version: int = 0

    def hand(self, field: str) -> Hand | None:
        """Who set this by hand; None if nobody did, or nobody knows."""
        return next((hand for hand in self.hands if hand.field == field), None)


@dataclass(frozen=True, slots=True)
class Count:
    """How many jobs of one (queue, tenant, priority, state) there are."""

    queue: str
    tenant: str
    priority: int
    state: str
    number: int


def widened(worker: Worker, ahead: Mapping[str, tuple[int, int]]) -> Worker:
    """The worker with room for what it takes ahead of its places.

    Of places that somebody has set to another number nothing is taken ahead, and no more
    slots are used than somebody has set.

    Args:
        worker: Its slots are as many as its places, if nobody has set them.
        ahead: By named resource: places, and how many more.
    """
    more = {
        name: ahead[name][1]
        for name, has in worker.capacity.custom
        if name in ahead and has == ahead[name][0]
    }
    custom = tuple((name, has + more.get(name, 0)) for name, has in worker.capacity.custom)
    is_set = worker.slots != sum(has for _, has in worker.capacity.custom)
    return structs.replace(
        worker,
        capacity=structs.replace(worker.capacity, custom=custom),
        slots=worker.slots if is_set else worker.slots + sum(more.values()),
    )
