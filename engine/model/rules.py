"""The rules of a site: what an operator may set, as values that policies read.

Everything has a default, and the defaults ask for nothing: no ageing, no limits, no quotas.
`engine.config` reads them from the configuration file; a snapshot carries them.
"""

from enum import IntEnum, StrEnum
from typing import Final

import msgspec

from engine.model.priority import SHARES, Priority


class Ageing(StrEnum):
    """How the class of a job that waits rises. Computed from its wait, never stored."""

    NONE = "none"
    LINEAR = "linear"  # one level after each period
    EXPONENTIAL = "exponential"  # 1, 3, 7 … levels after 1, 2, 3 … periods


class Placing(StrEnum):
    """Which of the workers with room comes first; of equal ones the first configured."""

    SPREAD = "spread"  # the one with most left
    PACK = "pack"  # the one with least left


class Mode(IntEnum):
    """How deep a backlog is against its maximum; the deeper, the larger."""

    NORMAL = 0
    MODERATE = 1
    HIGH = 2
    CRITICAL = 3
    FULL = 4
    """The maximum is reached; nothing more is admitted."""

    @property
    def label(self) -> str:
        """The word that people read."""
        return self.name.lower()


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A token bucket: `tokens` come in every `per_ms`, evenly; at most `burst` are kept."""

    tokens: int
    per_ms: int
    burst: int


class Pressure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a backlog is too deep, and what is done then. Depth: pending and queued jobs."""

    max_depth: int | None = None
    """None: off, a backlog of a million is welcome."""
    at_percent: tuple[int, int, int] = (50, 80, 95)
    """Where moderate, high and critical begin, in percent of `max_depth`, inclusive."""
    reduce_parallelism: bool = False
    """Also run fewer jobs at once: all, three quarters, a quarter, one."""


PRESETS: Final = {
    "standard": Pressure(max_depth=10_000),
    "strict": Pressure(max_depth=1_000, at_percent=(30, 60, 85)),
    "permissive": Pressure(max_depth=50_000, at_percent=(70, 90, 98)),
}
"""Backpressure by the names that people know."""

HYSTERESIS_PERCENT: Final = 5
"""A mode is left this many points below where it begins."""


class Quota(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The most that a tenant, or one of its namespaces, may have; None: no limit."""

    queued: int | None = None
    """Jobs that wait: pending, queued or retrying."""
    running: int | None = None
    cpu_milli: int | None = None
    gpu: int | None = None
    submissions: Rate | None = None
    """Jobs that come in."""


class TenantRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one tenant is treated."""

    weight: int = 1
    """Its part against other tenants, by dominant share."""
    quota: Quota = Quota()
    starts: Rate | None = None
    """How fast its jobs may start."""
    namespaces: dict[str, Quota] = {}


class QueueRules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the configuration says of one queue; None: nothing."""

    limit: int | None = None
    weight: int | None = None
    starts: Rate | None = None
    """How fast its jobs may start."""
    pressure: Pressure | None = None


class Rules(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that scheduling and admission read of the configuration."""

    shares: dict[Priority, int] = msgspec.field(default_factory=lambda: dict(SHARES))
    """Grants of the four classes, against each other."""
    ageing: Ageing = Ageing.NONE
    ageing_period_ms: int = 600_000
    ageing_most: Priority = Priority.CRITICAL
    """No job rises above this class by waiting."""
    starvation_grants: int = 100
    """A head that could run is served within the larger of this and 2 x runnable lanes."""
    reserve_after_grants: int = 20
    """Grants that may pass a head that does not fit before room is kept for it."""
    preemption: bool = False
    """Critical jobs may displace preemptible ones."""
    inheritance: bool = False
    """The holder of a lock counts as urgent as the most urgent job that waits for it."""
    placing: Placing = Placing.SPREAD
    worker_order: tuple[str, ...] = ()
    """As configured; all others come after these, by name."""
    exploratory_phases: tuple[int, ...] = (1, 2)
    """Agent phases that never run on workers marked `production`."""
    region: str = ""
    """What `locality: region` means here: the workers with the label `region=…`."""
    breaker_failures: int = 5
    """A worker that failed so many attempts in a row is left alone for a while."""
    breaker_open_ms: int = 60_000
    """For how long, before a few attempts show whether it works again."""
    quarantine_after: int = 8
    """Failures in a row, at least, before a worker can be proven to be the reason; 0: never."""
    pressure: Pressure = Pressure()
    """Of all queues together."""
    groups: dict[str, int] = {}
    """Limits of concurrency groups; they go before what jobs say."""
    queues: dict[str, QueueRules] = {}
    tenants: dict[str, TenantRules] = {}


DEFAULT_RULES: Final = Rules()
