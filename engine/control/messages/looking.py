"""Looking at jobs, their logs and events; nothing changes."""

import msgspec

from engine.control import views
from engine.control.messages.request import Ms, Request, Stream, Whole
from engine.model.events import Event


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
    as_of: Whole | None = None
    """The event as of which; None: now."""


class ShowJob(Request[views.JobDetail], frozen=True, tag="show"):
    """Everything about one job."""

    id: Whole
    as_of: Whole | None = None
    """The event as of which; None: now."""


class ShowUsage(Request[views.JobUsage], frozen=True, tag="usage"):
    """What the attempts of a job used of their hosts, over time."""

    id: Whole
    as_of: Whole | None = None
    """The event as of which; None: now."""


class Explain(Request[views.Explanation], frozen=True, tag="explain"):
    """Why a job does or does not start; of the past, what was told of it then."""

    id: Whole
    as_of: Whole | None = None
    """The event as of which; None: now."""


class ListReasons(Request[views.ReasonsView], frozen=True, tag="reasons"):
    """Why jobs wait, counted; of all queues or one."""

    queue: str | None = None
    as_of: Whole | None = None
    """The event as of which; None: now."""


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


class ListEvents(Request[views.EventsPage], frozen=True, tag="events"):
    """Events past `after` and before `before`: the oldest, or with `last` the newest ones.

    Of a long log only so much is looked through at once: the answer says how far.
    """

    after: Whole = 0
    before: Whole | None = None
    last: bool = False
    limit: Whole = 200
    job: Whole | None = None
    where: str = ""
    """A filter of events, like `level>=warn worker:gpu-*`."""
    until_at: Whole | None = None
    """Only what the log had at this instant, UTC microseconds."""
    as_of: Whole | None = None
    """The log as it was when this event was the newest; None: all of it."""


class FollowEvents(Stream[Event], frozen=True, tag="follow_events"):
    """Every event past `after` (negative: from now on), without a gap, for ever."""

    after: Whole = -1
    job: Whole | None = None
    where: str = ""
    """A filter of events; what does not pass is left out."""


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


class Wait(Request[views.Waited], frozen=True, tag="wait"):
    """Answered when all these jobs (or the first, with `any`) have ended, or in time."""

    ids: tuple[Whole, ...]
    any: bool = False
    timeout_ms: Ms | None = None
