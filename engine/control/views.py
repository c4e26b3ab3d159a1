"""What the daemon answers: values made for reading, in the names that scripts rely on.

Field names and units are those of the documented JSON output. Instants (`*_at`) are UTC
microseconds, durations `*_ms`; None means that it has not happened.
"""

import msgspec

from engine.model.events import Event
from engine.model.reasons import Gate


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all answers."""


class JobRow(View, frozen=True, omit_defaults=True):
    """One line of a job table."""

    id: int
    version: int
    state: str
    name: str
    """The given name, or the command on one line, at most 200 characters."""
    queue: str
    priority: str
    tenant_id: str = "default"
    namespace: str = "default"
    owner: str = ""
    tags: tuple[str, ...] = ()
    worker_id: str | None = None
    attempt: int = 0
    """Attempts so far."""
    max_attempts: int = 1
    created_at: int = 0
    queued_at: int | None = None
    started_at: int | None = None
    completed_at: int | None = None
    state_at: int = 0
    wake_at: int | None = None
    deadline_at: int | None = None
    held_by: str | None = None
    cancel_at: int | None = None
    """A cancel with grace takes effect then; `u` withdraws it until then."""
    stopping: bool = False
    unreachable_at: int | None = None
    needs_operator: bool = False
    unmet: int = 0
    exit_code: int | None = None
    signal: int | None = None
    error_code: str | None = None
    note: str = ""
    """Why it waits, or how it ended; may be empty."""
    kind: str = "command"
    array: int | None = None
    """The composite job of its array."""
    array_index: int | None = None
    members: dict[str, int] = {}
    """Of a composite job: its members by state."""


class JobsPage(View, frozen=True):
    """A window into a list of jobs."""

    jobs: tuple[JobRow, ...]
    offset: int
    total: int
    total_is_exact: bool
    seq: int
    """The picture is as of this event."""
    next: int | None = None
    """Id to ask `after` for the next page; None at the end."""


class AttemptView(View, frozen=True, omit_defaults=True):
    """One attempt of a job."""

    id: str
    number: int
    worker_id: str
    phase: str
    epoch: int
    intent_at: int
    started_at: int | None = None
    completed_at: int | None = None
    duration_ms: int | None = None
    pid: int | None = None
    verdict: str | None = None
    exit_code: int | None = None
    signal: int | None = None
    error: dict[str, object] | None = None
    gpus: tuple[int, ...] = ()
    limits: str = ""
    """What on its host enforces memory and cpu: `cgroup`, `rlimit`, `none`; or unknown."""


class JobView(View, frozen=True):
    """Everything about one job. `payload`, `resources` and `constraints` as submitted."""

    id: int
    parent_id: int | None
    tenant_id: str
    namespace: str
    owner: str
    kind: str
    name: str
    description: str
    queue: str
    priority: str
    tags: tuple[str, ...]
    payload: dict[str, object]
    """`argv` or `shell`, `cwd`, `env` (the job's own part), `stdin`."""
    resources: dict[str, object]
    constraints: dict[str, object]
    """With `retry_policy`, `soft_timeout_ms`, `timeout_ms` and `grace_ms`."""
    state: str
    created_at: int
    queued_at: int | None
    started_at: int | None
    completed_at: int | None
    state_at: int
    wake_at: int | None
    duration_ms: int | None
    backend: str | None
    worker_id: str | None
    attempt: int
    max_attempts: int
    failures: int
    losses: int
    exit_code: int | None
    signal: int | None
    error: dict[str, object] | None
    held_by: str | None
    held_why: str
    cancel_at: int | None
    cancel_by: str | None
    cancel_why: str
    stopping: bool
    unreachable_at: int | None
    needs_operator: bool
    key: str | None
    trace_id: str
    span_id: str
    metadata: dict[str, object]
    note: str
    version: int
    array: int | None = None
    """The composite job of its array."""
    array_index: int | None = None
    params: dict[str, str] = {}
    """A member's values of its array's parameters."""


class JobDetail(View, frozen=True):
    """A job with its attempts, oldest first, and the jobs that it depends on."""

    job: JobView
    attempts: tuple[AttemptView, ...]
    members: dict[str, int] = {}
    """Of a composite job: its members by state."""
    array: "ArrayView | None" = None
    """Of a composite job."""
    depends_on: tuple[JobRow, ...] = ()
    dependents: int = 0
    """Pending jobs that depend on it: skipped if it does not succeed. At most 1000."""
    seq: int = 0


class ArrayView(View, frozen=True):
    """What an array's members have in common."""

    first: int
    last: int
    limit: int | None
    """How many may run at once."""
    stop_after: int | None
    """After so many failures the others that wait are canceled."""


class Explanation(View, frozen=True):
    """Every gate between a job and its start."""

    job: int
    state: str
    gates: tuple[Gate, ...]
    place: int | None
    """Its place in its lane, from 1; None if it is in none; 10001 means beyond that."""
    holders: tuple["HolderView", ...] = ()
    """The jobs that gates name as holders, and when they are expected to end."""
    short: tuple["ShortView", ...] = ()
    """Each worker on which there is no room for it, and why."""
    seq: int = 0


class HolderView(View, frozen=True):
    """A job that holds what another one waits for."""

    id: int
    name: str
    priority: str
    worker_id: str | None
    started_at: int | None
    ends_at: int | None
    """When it is expected to end; None: nobody knows."""
    ends_by: str
    """What that is taken from: `estimate`, `timeout`, `history`; or nothing."""


class ShortView(View, frozen=True):
    """Why a job cannot start on one worker now."""

    worker: str
    text: str
    """`2 cpu short`, `draining`, `lacks label gpu`."""
    lacks: dict[str, tuple[int, int]]
    """(asked, free) of each dimension of which there is too little."""


class ReasonView(View, frozen=True):
    """Jobs that wait for the same kind of thing in the same queue."""

    kind: str
    """A gate's kind."""
    queue: str
    text: str
    """The reason of the first of them, with its numbers."""
    count: int
    is_exact: bool
    oldest_at: int
    first: int
    """A job of them, to ask for all its gates."""
    priorities: dict[str, int]
    remedy: str


class ReasonsView(View, frozen=True):
    """Why jobs wait, most jobs first."""

    reasons: tuple[ReasonView, ...]
    waiting: int
    seq: int = 0


class MovedView(View, frozen=True):
    """A job that would start at another time."""

    id: int
    name: str
    queue: str
    was_place: int | None
    """Its place among the next grants, from 1; None: it is not among them."""
    place: int | None
    was_starts_ms: int | None
    """How long from now until it starts, as estimated; None: not in sight."""
    starts_ms: int | None
    worker: str | None


class Preview(View, frozen=True):
    """What an act would change in the next grants."""

    act: str
    """In words, as it will be done."""
    token: str
    """For `apply`; empty if the act is one that cannot be applied (a worker to be added)."""
    earlier: tuple[MovedView, ...]
    later: tuple[MovedView, ...]
    unchanged: int
    grants: int
    """How many grants were looked at."""
    assumed_ms: int
    """How long a job is taken to run of which nothing is known."""
    seq: int = 0


class Applied(View, frozen=True):
    """A preview that was applied."""

    act: str
    results: tuple["Result", ...]
    preview: Preview
    """As it was shown, but computed from how things were when it was applied."""


class GoalView(View, frozen=True):
    """A goal lock."""

    goal: str
    holders: tuple[int, ...]
    """The first took the lock; others share it as its children."""
    since_at: int | None
    waiting: int
    first_waiter: int | None


class InversionView(View, frozen=True):
    """An urgent job waits for a lock that a less urgent one holds."""

    waiter: int
    holder: int
    lock: str
    since_at: int
    waiter_priority: str
    holder_priority: str


class GoalsView(View, frozen=True):
    """Locks, and who suffers from them."""

    goals: tuple[GoalView, ...]
    inversions: tuple[InversionView, ...]


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


class WorkersView(View, frozen=True):
    """All workers, by name."""

    workers: tuple["WorkerView", ...]
    now_at: int


class SettingView(View, frozen=True):
    """One setting."""

    key: str
    """Dotted: `queues.gpu.limit`."""
    value: str
    """As it would be written in the file."""
    source: str
    """`default`, `FILE:LINE`, a variable's name, `--flag`, or `set by NAME`."""
    about: str
    needs_restart: bool = False


class ConfigView(View, frozen=True):
    """All settings in effect."""

    settings: tuple[SettingView, ...]
    files: tuple[str, ...]
    """Those that were read, and those that would be if they existed."""


class Reloaded(View, frozen=True):
    """What a reload changed."""

    changed: tuple[str, ...]
    """`queues.gpu.limit: 8 -> 9`."""
    needs_restart: tuple[str, ...]


class CreatedJob(View, frozen=True):
    """One job of a submission; not `created` if its key found a live one."""

    id: int
    created: bool


class Submitted(View, frozen=True):
    """What a submission stored: on disk when this is read."""

    count: int
    ids: tuple[tuple[int, int], ...]
    """Ranges of ids, first and last."""
    jobs: tuple[CreatedJob, ...] = ()
    """Filled for up to 100 jobs."""


class Result(View, frozen=True, omit_defaults=True):
    """What an act did to one object."""

    id: int | str
    ok: bool
    was: str | None = None
    now: str | None = None
    error: str | None = None
    """Why it did nothing, in words."""


class Acted(View, frozen=True):
    """What an act did to each object."""

    results: tuple[Result, ...]
    matched: int = 0
    """How many objects the target named; more than `results` if it was cut."""


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
    depths: tuple[int, ...] = ()
    """Its depth (pending and queued) at the end of each of the last 15 minutes."""
    mode: str = "normal"
    max_depth: int | None = None
    limit_from: str = ""
    """Where the limit comes from: `config`, `hand`; empty if there is none."""
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
    waits_for: tuple[int, ...] = ()
    """Of a draining worker: the jobs that still run there, at most 20."""


class DaemonView(View, frozen=True):
    """The daemon itself."""

    pid: int
    epoch: int
    version: str
    state_dir: str
    started_at: int
    granting: bool = True
    trouble: str = ""
    """What keeps it from working normally, in words; empty if nothing does."""


class JobCounts(View, frozen=True):
    """How many jobs there are, by what they do."""

    by_state: dict[str, int]
    by_queue: dict[str, dict[str, int]]
    """Queue, then state."""


class EngineStats(View, frozen=True):
    """How the engine itself is doing, since its start."""

    seq: int
    rounds: int
    round_ms_p50: float
    round_ms_p95: float
    commits: int
    units: int
    commit_ms_p50: float
    commit_ms_p95: float
    live_attempts: int
    resident_jobs: int
    """Jobs in memory: bounded, whatever the backlog."""
    lanes: int
    wal_bytes: int
    clients: int
    rss_bytes: int


class Stats(View, frozen=True):
    """Counters, exact and cheap: never a scan."""

    daemon: DaemonView
    jobs: JobCounts
    workers: tuple[WorkerView, ...]
    engine: EngineStats
    now_at: int
    schema: int = 1


class LogChunk(View, frozen=True):
    """A piece of a log. `data` is base64 on the wire."""

    data: bytes
    offset: int
    size: int
    dropped: int
    attempt: str
    final: bool
    """The attempt has ended and nothing will be added past `size`."""


class EventsPage(View, frozen=True):
    """A piece of the event log, oldest first."""

    events: tuple[Event, ...]
    head: int
    """Newest sequence number at the moment of reading."""


class Finished(View, frozen=True):
    """How a job ended, for those who waited for it."""

    id: int
    state: str
    exit_code: int | None
    signal: int | None
    error: dict[str, object] | None


class Waited(View, frozen=True):
    """Answers a wait: all jobs that have ended by now, and those that have not."""

    finished: tuple[Finished, ...]
    unfinished: tuple[int, ...]


class Hello(View, frozen=True):
    """The daemon introduces itself."""

    daemon: DaemonView
    protocol: int
    user: str
    rights: tuple[str, ...]
    """`read`, and `act` unless the client asked for less."""
    now_at: int


class Checked(View, frozen=True):
    """What the daemon finds wrong with its own house."""

    problems: tuple[str, ...]


class Done(View, frozen=True):
    """Nothing more to say."""
