"""Lanes in memory: the next grantable jobs of each, in bounded windows."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from operator import attrgetter

from engine.model.ids import JobId
from engine.model.job import Job, Shape
from engine.model.reasons import Gate, GateKind
from engine.model.snapshot import LaneKey
from engine.model.spec import Kind
from engine.model.states import State
from engine.policy.shapes import shape_of

WINDOW = 256
"""Jobs of one lane that are held in memory at most."""

LOW_WATER = 64
"""A window with fewer jobs than this is refilled, if the store has more."""

_by_id = attrgetter("id")


def is_grantable(job: Job) -> bool:
    """Whether the job stands in a lane: it could start, as far as it alone is concerned."""
    now = job.now
    return (
        now.state is State.QUEUED
        and now.attempt is None
        and now.held_by is None
        and now.cancel_at is None
        and job.spec.kind is not Kind.COMPOSITE
    )


def lane_of(job: Job) -> LaneKey:
    """The lane in which the job stands, if it stands in one."""
    return LaneKey(job.now.queue, job.now.priority, job.spec.tenant, job.shape)


class LaneWindow:
    """The first jobs of one lane, and whether the store has more behind them."""

    def __init__(self, *, complete: bool) -> None:
        self.jobs: list[Job] = []
        self.cursor = JobId(0)
        """The largest id that was ever in the window: a refill reads behind it."""
        self.owners: dict[JobId, Job] = {}
        """Those of its jobs that have the lock of their goal, behind the cursor or not: while
        one has it nobody before it may go, so a refill would never come to it."""
        self.complete = complete
        """Nothing grantable of this lane lies behind the cursor."""
        self.refilling = False
        self.stale = False
        """Something behind the cursor changed while a refill was being read."""
        self.hold: Gate | None = None
        """Why the head did not start when it was last looked at."""
        self.held_by: GateKind | None = None
        """The same as the last round said it, without words."""
        self._told: tuple[JobId | None, set[GateKind]] = (None, set())
        """The head, and what was told of its wait: each kind once, however they alternate."""
        self.worded_in = 0
        """The round with whose numbers `hold` was put into words."""
        self._shape: Shape | None = None

    @property
    def shape(self) -> Shape:
        """The shape that its jobs share; there must be one in it."""
        if self._shape is None:
            self._shape = shape_of(self.jobs[0].spec)
        return self._shape

    @property
    def waiting(self) -> Sequence[Job]:
        """The window, and the jobs behind it that may go before all of the lane's others."""
        behind = [job for id_, job in sorted(self.owners.items()) if id_ > self.cursor]
        return [*self.jobs, *behind] if behind else self.jobs

    @property
    def wants_refill(self) -> bool:
        return not self.complete and not self.refilling and len(self.jobs) < LOW_WATER

    def waits_for(self, job: JobId, kind: GateKind) -> bool:
        """Remember for what the head waits; whether that is news about this job."""
        if self.held_by is kind or not self.jobs or self.jobs[0].id != job:
            return False
        self.held_by = kind
        if self._told[0] != job:
            self._told = job, set()
        is_news = kind not in self._told[1]
        self._told[1].add(kind)
        return is_news

    def add(self, job: Job) -> None:
        """Take in a job that became grantable; or remember that the store has it."""
        if self.complete and job.id > self.cursor and len(self.jobs) < WINDOW:
            self.jobs.append(job)
            self.cursor = job.id
        elif job.id <= self.cursor:
            self.discard(job.id)
            insort(self.jobs, job, key=_by_id)
            self._shed()
        else:
            self.mark_more()

    def discard(self, job: JobId) -> None:
        """Take a job out, if it is in."""
        self.owners.pop(job, None)
        place = bisect_left(self.jobs, job, key=_by_id)
        if place < len(self.jobs) and self.jobs[place].id == job:
            del self.jobs[place]
        elif job > self.cursor:
            self.stale = self.refilling

    def mark_more(self, first: JobId | None = None) -> None:
        """The store has jobs that were not handed to `add`.

        Args:
            first: Smallest id among them; None: all of them are behind the cursor. Ids are
                reserved before jobs are visible, so others may have come in between.
        """
        if first is not None and first <= self.cursor:
            del self.jobs[bisect_left(self.jobs, first, key=_by_id) :]
            self.cursor = JobId(first - 1)
        self.complete = False
        self.stale = self.refilling

    def _shed(self) -> None:
        """Leave the tail to the store when jobs that come back would fill the memory."""
        if len(self.jobs) > 2 * WINDOW:
            del self.jobs[WINDOW:]
            self.cursor = self.jobs[-1].id
            self.mark_more()

    def refill(self, found: Sequence[Job], *, asked: int) -> None:
        """Append what the store had behind the cursor, unless that has changed since."""
        self.refilling = False
        if self.stale:
            self.stale = False
            return
        self.jobs.extend(found)
        if found:
            self.cursor = found[-1].id
        self.complete = len(found) < asked


class Lanes:
    """All lanes that have, or may have, a grantable job."""

    def __init__(self) -> None:
        self.windows: dict[LaneKey, LaneWindow] = {}

    def load(self, keys: Iterable[LaneKey]) -> None:
        """Know these lanes from the store; nothing of them is in memory yet."""
        self.windows = {key: LaneWindow(complete=False) for key in keys}

    def add(self, job: Job, *, has_lock: bool = False) -> None:
        """Take in a job that became grantable; whether it has the lock of its goal."""
        key = lane_of(job)
        window = self.windows.get(key)
        if window is None:
            window = self.windows[key] = LaneWindow(complete=True)
        window.add(job)
        if has_lock:
            window.owners[job.id] = job

    def has_lock(self, job: Job) -> None:
        """A waiting job, which may be in the store alone, has the lock of its goal."""
        window = self.windows.get(lane_of(job))
        if window is not None:
            window.owners[job.id] = job

    def mark_more(self, key: LaneKey, first: JobId) -> None:
        """Jobs from this id on were committed to this lane without passing through memory."""
        window = self.windows.get(key)
        if window is None:
            window = self.windows[key] = LaneWindow(complete=False)
        window.mark_more(first)

    def discard(self, job: Job) -> None:
        """Take a job out of its lane; forget the lane if it is empty for certain."""
        key = lane_of(job)
        window = self.windows.get(key)
        if window is None:
            return
        window.discard(job.id)
        self.drop_if_empty(key)

    def drop_if_empty(self, key: LaneKey) -> None:
        """Forget a lane in which nothing can be waiting."""
        window = self.windows.get(key)
        if window and not window.jobs and window.complete and not window.refilling:
            del self.windows[key]

    def oldest_queued_at(self) -> dict[str, int]:
        """Since when the longest waiting lane head of each queue is queued; in one look."""
        oldest: dict[str, int] = {}
        for key, window in self.windows.items():
            at = window.jobs[0].now.queued_at if window.jobs else None
            if at is not None:
                oldest[key.queue] = min(at, oldest.get(key.queue, at))
        return oldest

    @property
    def resident(self) -> int:
        """How many jobs are in memory; bounded, whatever the backlog."""
        return sum(len(window.jobs) for window in self.windows.values())
