"""One job and many: rows, details, and what a submission or an act came to."""

from engine.control.views.usage import UsageView
from engine.control.views.usual import UsualTimes
from engine.control.views.view import View


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
    paused_at: int | None = None
    """Since when it stands still."""
    paused_by: str | None = None
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
    scan: int = 0
    """Jobs that had to be looked at for it; 0: an index led to them."""


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
    """What on its host holds it to its memory: `scope`, `rlimit`; empty: nothing."""
    revision: str = ""
    """The commit in its workspace, in full, once it has ended; empty: it has none."""
    peak_memory_mb: int | None = None
    """The most memory that it was seen to hold; None: it was not measured."""
    cpu_ms: int | None = None
    """CPU time of all its processes, as it was measured last."""


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
    paused_at: int | None = None
    paused_by: str | None = None
    tmux: str = ""
    """Name of the tmux session on its worker in which it can be watched."""
    workspace: dict[str, object] = {}
    """`repo`, and if they are said `revision`, `base` and `keep`; empty: it has none."""
    outputs: tuple[dict[str, object], ...] = ()
    caches: tuple[dict[str, object], ...] = ()
    memo: dict[str, object] = {}
    """`ttl_ms`, and what belongs to the key; empty: no result is reused for it."""
    gate: str = ""
    """What it has to pass once its command has succeeded, as a person would write it."""
    frozen: str = ""
    """SHA-256 of the tree that it runs in; empty: none."""
    params: dict[str, str] = {}
    """A member's values of its array's parameters."""
    flow: int | None = None
    """The run of a workflow, or the composite task of one, that it is a task of."""
    task: str = ""
    """Its name there."""


class ArrayView(View, frozen=True):
    """What an array's members have in common."""

    first: int
    last: int
    limit: int | None
    """How many may run at once."""
    stop_after: int | None
    """After so many failures the others that wait are canceled."""


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
    followers: tuple[JobRow, ...] = ()
    """Jobs that depend on it, in any state, by id: at most 20."""
    after: dict[int, str] = {}
    """How jobs of `depends_on` have to end for it, where that is not with success."""
    awaited: dict[int, str] = {}
    """How it has to end for `followers`, where that is not with success."""
    usual: UsualTimes | None = None
    """How long its like ran; None: nothing is known of any."""
    usage: UsageView | None = None
    """Of its newest attempt that was measured; None: none was, or not yet."""
    seq: int = 0


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


class Fed(View, frozen=True):
    """What a job was sent."""

    id: int
    taken: int
    """Bytes; fewer than were sent if it does not read."""
    ended: bool = False
    """Nothing more will come."""


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
