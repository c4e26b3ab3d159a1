"""Why jobs wait, and what would change it."""

from engine.control.views.jobs import Result
from engine.control.views.view import View
from engine.model.reasons import Gate


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
    array: int | None = None
    """The array that was asked about; `job` is then the first of its members that waits."""


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
    where: str = ""
    """A filter that lists them, and few others."""


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
    looked_ms: int | None = None
    """How far ahead was looked, where there was no time for all of these grants; of what
    comes later nothing is said. None: as far as `grants`."""
    displaced: tuple[int, ...] = ()
    """Jobs that would have to make room for others, and would not have to without the act."""
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
