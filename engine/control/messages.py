"""What clients ask: one tagged request for each verb, typed by its answer.

A request travels as `{"id": N, "ask": {"verb": …, …}}`. The answer is `{"id": N, "ok": …}`
or `{"id": N, "error": {code, message, field, nearest, retry_after_s, details}}`. A
`Stream` request is answered by any number of `{"id": N, "item": …}` before `ok` (an empty
`Done`) or `error`; `{"id": N, "drop": true}` from the client ends it early.
"""

from typing import Annotated, Any, Generic, TypeVar, Union, get_args

import msgspec

from engine.control import views
from engine.model.events import Event

PROTOCOL = 1

VERSION = "0.1.0"
"""Of both packages, where a client can read it without looking for its metadata."""

R = TypeVar("R")


Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""A number that a database can hold; what is possible and does not exist is not found."""

Ms = Annotated[int, msgspec.Meta(ge=-(10**13), le=10**13)]
"""Milliseconds, three centuries at most."""


class Request(msgspec.Struct, Generic[R], frozen=True, kw_only=True, tag_field="verb"):
    """A question with one answer of type R."""


class Stream(msgspec.Struct, Generic[R], frozen=True, kw_only=True, tag_field="verb"):
    """A question answered by many R, until the daemon or the client ends it."""


class Targets(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which jobs an act is for: `ids`, or all that match the filter `where`."""

    ids: tuple[Whole, ...] = ()
    where: str | None = None


class SayHello(Request[views.Hello], frozen=True, tag="hello"):
    """The first request on a connection."""

    version: str
    protocol: Whole = PROTOCOL
    read_only: bool = False
    """The daemon refuses every act on this connection."""


class Submit(Request[views.Submitted], frozen=True, tag="submit"):
    """Store jobs, all or none."""

    jobs: tuple[dict[str, Any], ...]
    """As people write them; the daemon validates (see `engine.model.intake`)."""
    defaults: dict[str, Any] = {}
    cwd: str = "/"
    env: dict[str, str] = {}
    request_key: str = ""
    """Repeating a submission with the same key stores nothing new."""
    on_key: str = "return"
    """What a live job with the same key means: `return`, `reject` or `replace`."""


class SubmitArray(Request[views.Submitted], frozen=True, tag="submit_array"):
    """Store an array: a composite job, and a member for each set of parameters.

    The answer's ids are one range: the composite job first, its members after it. Words of
    the template's command, name, cwd and env may hold `{NAME}` for a parameter and
    `{index}`; a shell line gets them quoted. Members see them as `CRAB_PARAM_NAME` and
    `CRAB_ARRAY_INDEX`. Exactly one of `values`, `grid` and `lines` says what they are.
    """

    job: dict[str, Any]
    """The template, as people write jobs."""
    values: tuple[str, ...] = ()
    """Items of a list, or ranges like `1-10` and `0-100:5`; the parameter is `item`."""
    grid: dict[str, tuple[str, ...]] = {}
    """Each combination of these values (or ranges), the last parameter turning fastest."""
    lines: tuple[str, ...] = ()
    """One member for each; the parameter is `line`."""
    limit: Whole | None = None
    """How many may run at once."""
    stop_after: Whole | None = None
    """After so many failures those that wait are canceled."""
    cwd: str = "/"
    env: dict[str, str] = {}
    request_key: str = ""


class SubmitBegin(Request[views.Done], frozen=True, tag="submit_begin"):
    """Open a bulk submission on this connection; losing the connection drops it."""

    count: Whole
    """How many jobs will come; their ids are contiguous."""
    defaults: dict[str, Any] = {}
    cwd: str = "/"
    env: dict[str, str] = {}
    request_key: str = ""


class SubmitChunk(Request[views.Done], frozen=True, tag="submit_chunk"):
    """Up to 1 MiB of whole NDJSON lines."""

    lines: str


class SubmitCommit(Request[views.Submitted], frozen=True, tag="submit_commit"):
    """Make all chunks since `submit_begin` real, at once."""


class ListJobs(Request[views.JobsPage], frozen=True, tag="jobs"):
    """A window: one of `at`, `after`, `before`, `around` at most."""

    where: str = ""
    sort: str = "activity"
    descending: bool = False
    at: Whole | None = None
    after: Whole | None = None
    before: Whole | None = None
    around: Whole | None = None
    count: Whole = 50
    fold: bool = False
    """Leave members of arrays out, but for those in `unfolded`."""
    unfolded: tuple[Whole, ...] = ()
    """Arrays whose members follow their composite job; at most 16."""


class ShowJob(Request[views.JobDetail], frozen=True, tag="show"):
    """Everything about one job."""

    id: Whole


class Explain(Request[views.Explanation], frozen=True, tag="explain"):
    """Why a job does or does not start."""

    id: Whole


class ListReasons(Request[views.ReasonsView], frozen=True, tag="reasons"):
    """Why jobs wait, counted; of all queues or one."""

    queue: str | None = None


class WhatIf(Request[views.Preview], frozen=True, tag="whatif"):
    """Who would start earlier or later if this were done; nothing is. One act at a time.

    `act` is one of `priority`, `cancel`, `hold`, `release` (of `targets`), `drain`,
    `resume_worker` (of `name`), `add_worker` (as `worker`), `limit`, `weight`, `pause`,
    `resume` (of queue `name`) and `edit` (of `targets`, with `changes`).
    """

    act: str
    targets: Targets = Targets()
    name: str = ""
    to: str | None = None
    limit: Whole | None = None
    """For `limit`, None: no limit; for `weight` the weight."""
    worker: dict[str, Any] = {}
    """`cpus`, `memory`, `gpus`, `gpu_type`, `slots`, `labels`, as people write them."""
    changes: dict[str, Any] = {}


class Apply(Request[views.Applied], frozen=True, tag="apply"):
    """Do what a preview showed, if what it was based on has not moved."""

    token: str


class Edit(Request[views.Acted], frozen=True, tag="edit"):
    """Change jobs that have not started: `changes` as people write jobs.

    Name, description, tags, metadata, queue, priority, resources, timeouts, retries,
    constraints. None takes a thing back to its default.
    """

    targets: Targets
    changes: dict[str, Any]


class Clone(Request[views.Submitted], frozen=True, tag="clone"):
    """Submit a copy of a past or present job, with some things changed."""

    id: Whole
    changes: dict[str, Any] = {}
    request_key: str = ""


class SetArray(Request[views.Acted], frozen=True, tag="set_array"):
    """Change how many members of an array run at once, or after how many failures it stops."""

    id: Whole
    limit: Whole | None = None
    no_limit: bool = False
    stop_after: Whole | None = None


class ListGoals(Request[views.GoalsView], frozen=True, tag="goals"):
    """Goal locks: who has them, who waits; and inversions of priority."""


class ListTenants(Request[views.TenantsView], frozen=True, tag="tenants"):
    """Tenants and namespaces: what they have against their quotas and shares."""


class ListWorkers(Request[views.WorkersView], frozen=True, tag="workers"):
    """All workers with what is taken of them."""


class SetWorker(Request[views.Acted], frozen=True, tag="set_worker"):
    """Drain a worker, or let it take work again."""

    name: str
    drain: bool
    why: str = ""


class ShowConfig(Request[views.ConfigView], frozen=True, tag="config"):
    """Every setting with its value in effect, and where that came from."""


class Reload(Request[views.Reloaded], frozen=True, tag="reload"):
    """Read the configuration file again; if anything in it is wrong nothing changes."""


class ReadLog(Request[views.LogChunk], frozen=True, tag="logs"):
    """Bytes of a log; a negative offset counts from the end."""

    id: Whole
    stream: str = "out"
    attempt: Whole | None = None
    """Number of the attempt; None: the newest."""
    offset: Whole = 0
    limit: Whole = 65_536


class FollowLog(Stream[views.LogChunk], frozen=True, tag="follow_log"):
    """The log as it grows, ending with the job.

    With `attempt` None it begins, at `offset`, with the newest attempt that has begun when
    this is asked, or the first one if none has, and goes on through all that follow.
    """

    id: Whole
    stream: str = "out"
    attempt: Whole | None = None
    offset: Whole = 0


class Cancel(Request[views.Acted], frozen=True, tag="cancel"):
    """End jobs; the attempts of running ones get TERM, and KILL after their grace."""

    targets: Targets
    why: str = ""
    undo_ms: Ms = 0
    """Grace for jobs that wait: they cannot start, and `uncancel` takes it back."""
    kill: bool = False
    """For running jobs: KILL at once instead of TERM, grace, KILL."""


class Uncancel(Request[views.Acted], frozen=True, tag="uncancel"):
    """Withdraw cancels that are in their grace."""

    targets: Targets


class Hold(Request[views.Acted], frozen=True, tag="hold"):
    """Keep waiting jobs from starting."""

    targets: Targets
    why: str = ""


class Release(Request[views.Acted], frozen=True, tag="release"):
    """Take jobs off hold."""

    targets: Targets


class SetPriority(Request[views.Acted], frozen=True, tag="priority"):
    """To a level by name, or up (`raise_by` > 0) or down some levels."""

    targets: Targets
    to: str | None = None
    raise_by: Whole = 0


class Retry(Request[views.Acted], frozen=True, tag="retry"):
    """Run ended jobs again, or waiting retries at once: same id, next attempt."""

    targets: Targets


class ListQueues(Request[views.QueuesView], frozen=True, tag="queues"):
    """All queues with what is in them."""


class SetQueue(Request[views.Acted], frozen=True, tag="set_queue"):
    """Change a queue, making it if it does not exist; None leaves a thing as it is."""

    name: str
    pause: bool | None = None
    why: str = ""
    limit: Whole | None = None
    no_limit: bool = False
    weight: Whole | None = None
    reset: bool = False
    """Limit and weight as the configuration says again."""
    unset: tuple[str, ...] = ()
    """Of `limit` and `weight` those alone that are as the configuration says again."""


class ListEvents(Request[views.EventsPage], frozen=True, tag="events"):
    """Events past `after`; or, with `last`, the newest ones before `before`."""

    after: Whole = 0
    before: Whole | None = None
    last: bool = False
    limit: Whole = 200
    job: Whole | None = None


class FollowEvents(Stream[Event], frozen=True, tag="follow_events"):
    """Every event past `after` (negative: from now on), without a gap, for ever."""

    after: Whole = -1
    job: Whole | None = None


class Pulse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What changed since the last pulse, merged: enough to know what to look at again."""

    seq: int
    now_at: int
    jobs: tuple[int, ...] = ()
    """Ids of jobs that changed; at most 1000."""
    many: bool = False
    """More changed than are named: look at everything again."""
    queues: bool = False
    by_state: dict[str, int] = {}
    """Number of jobs in each state, now."""
    trouble: str = ""
    """What keeps the daemon from working normally."""


class Watch(Stream[Pulse], frozen=True, tag="watch"):
    """A pulse at once, then whenever something changed, at most every `gap_ms`.

    And at least every `quiet_ms`, so that a client can tell a quiet daemon from a dead one.
    """

    gap_ms: Ms = 100
    quiet_ms: Ms = 1_000


class GetStats(Request[views.Stats], frozen=True, tag="stats"):
    """All counters."""


class Wait(Request[views.Waited], frozen=True, tag="wait"):
    """Answered when all these jobs (or the first, with `any`) have ended, or in time."""

    ids: tuple[Whole, ...]
    any: bool = False
    timeout_ms: Ms | None = None


class Check(Request[views.Checked], frozen=True, tag="check"):
    """Database and spool, looked at thoroughly."""


class Stop(Request[views.Done], frozen=True, tag="stop"):
    """End the daemon; jobs go on running and the next daemon takes them over.

    The connection closes when its process has ended and has let go of everything.
    """


AnyRequest = Union[(*Request.__subclasses__(), *Stream.__subclasses__())]  # type: ignore[valid-type]
"""All verbs, for decoding."""


def answer_type(kind: type[Any]) -> Any:
    """The type that answers (or, for a Stream, each item that answers) a request class."""
    return get_args(kind.__orig_bases__[0])[0]
