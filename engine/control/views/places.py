"""Where jobs wait and run, and for whom."""

from engine.control.views.view import View
from engine.model.sight import Sight


class QueueView(View, frozen=True):
    """A queue and what is in it."""

    name: str
    limit: int | None
    weight: int
    paused_by: str | None
    paused_why: str
    paused_at: int | None
    running: int
    queued: int
    pending: int
    retrying: int
    oldest_queued_at: int | None = None
    starts_per_min: int = 0
    """Jobs of it that started in the last minute."""
    ends_per_min: int = 0
    came_per_min: int = 0
    """Jobs that came into it."""
    depths: tuple[int, ...] = ()
    """Its depth (pending and queued) at the end of each of the last 15 minutes."""
    mode: str = "normal"
    max_depth: int | None = None
    limit_from: str = ""
    """Where the limit comes from: `config`, `hand`; empty if there is none."""
    own: tuple[str, ...] = ()
    """What of `limit` and `weight` was set by hand, and goes before the configuration."""
    rate: str = ""
    """How fast its jobs may start: `10/s`; empty: no limit."""


class QueuesView(View, frozen=True, omit_defaults=True):
    """All queues, by name."""

    queues: tuple[QueueView, ...]
    seq: int = 0
    mode: str = "normal"
    """Backpressure of all of them together."""
    depth: int = 0
    """Pending and queued jobs of all of them."""
    max_depth: int | None = None


class LinkView(View, frozen=True):
    """How a daemon is connected with a worker's host."""

    state: str
    """`connecting`, `connected`, `lost` (tried again) or `refused` (waits for a person)."""
    since_at: int
    next_try_at: int | None = None
    tries: int = 0
    """Attempts to connect that failed since it was connected last."""
    error: str = ""
    """Why it is not connected."""
    round_trip_ms: float | None = None
    spool_taken: bool = False
    """Refused since another daemon has its spool: no try helps, only a spool of its own."""


class WorkerView(View, frozen=True):
    """A worker and what of it is taken."""

    name: str
    backend: str
    health: str
    draining: bool
    slots: int
    slots_taken: int
    capacity: dict[str, int]
    taken: dict[str, int]
    seen_at: int | None
    warnings: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    production: bool = False
    gpus_taken: tuple[int, ...] = ()
    gpu_types: tuple[str, ...] = ()
    limits: str = ""
    """What holds jobs there to the memory they asked for: `scope`, `rlimit`; empty: nothing."""
    waits_for: tuple[int, ...] = ()
    """Of a draining worker: the jobs that still run there, at most 20."""
    address: str = ""
    """`user@host:port`; empty: this machine."""
    identity: str = ""
    """The private key that it is reached with; empty: the agent's, and the usual ones."""
    ssh_config: bool = True
    """Whether the account's own SSH configuration holds on the way there."""
    origin: str = "config"
    """Where it was defined: `config`, `command`; `gone` if the configuration has lost it."""
    link: LinkView | None = None
    quarantined: str = ""
    """Why it is kept from all work; empty: it is not."""
    breaker: str = "closed"
    permits: int | None = None
    """Attempts that a half-open breaker still lets through."""
    breaker_why: str = ""
    """What the last of the failures that opened it said."""
    breaker_failures: int = 0
    """In a row."""
    breaker_until_at: int | None = None
    """When an open one lets starts through, on trial; None: it does by now."""
    sight: Sight | None = None
    """What the last look at its host showed; None: it is not reached, or not looked at yet."""
    last_sight: Sight | None = None
    """While it is not reached: what was seen of its host last; `at` says when."""
    drift_ms: int | None = None
    """How far its clock is ahead of ours."""
    stale: bool = False
    """It was heard, but not for 60 s: what is told of its host may be old."""
    at_risk: tuple[int, ...] = ()
    """While it is not reached: the jobs that were last seen running there, at most 20."""
    boot: str = ""
    """Identity of its host's present boot."""
    registered_at: int = 0


class WorkersView(View, frozen=True):
    """All workers, by name."""

    workers: tuple["WorkerView", ...]
    now_at: int


class TenantView(View, frozen=True):
    """A tenant, or one of its namespaces: what it has, and what it may have."""

    tenant: str
    namespace: str | None
    """None: the whole tenant."""
    weight: int
    share: float
    """Its dominant share of all workers, 0..1."""
    running: int
    queued: int
    taken: dict[str, int]
    quota: dict[str, int]
    """Of `queued`, `running`, `cpu_milli`, `gpu`; unlimited ones left out."""


class TenantsView(View, frozen=True):
    """All tenants that are configured or have live jobs."""

    tenants: tuple[TenantView, ...]
