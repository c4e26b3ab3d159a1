"""Whose turn it is: contests inside contests, down to the lanes of one tenant."""

import heapq
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.snapshot import Lane
from engine.policy.decisions import Start

K = TypeVar("K", bound=str | int)
Path = tuple[object, ...]


class Cursor:
    """A lane, how many of its jobs have been granted in this round, and how it has waited."""

    __slots__ = (
        "_is_grantable",
        "_next",
        "_passed",
        "blocked",
        "blocked_from",
        "is_asked",
        "is_starving",
        "lane",
        "path",
        "since",
    )

    def __init__(self, lane: Lane, is_grantable: Callable[[Job], bool]) -> None:
        self.lane = lane
        self.path: tuple[str, Priority, str] = (
            lane.key.queue,
            lane.key.priority,
            lane.key.tenant,
        )
        """Where it contends: queue, class in effect, tenant."""
        self.since = 0
        """Grants when the candidate could first have run."""
        self.blocked = 0
        """Grants that went past the candidate in earlier rounds because it did not fit."""
        self.blocked_from: int | None = None
        """Grants when it was found in this round not to fit."""
        self.is_starving = False
        self.is_asked = False
        """Whether it was out of turn in this round already."""
        self._is_grantable = is_grantable
        self._next = 0
        self._passed: Job | None = None
        self._pass_ungrantable()

    @property
    def candidate(self) -> Job | None:
        """The next job that could be granted; None at the end of the window."""
        jobs = self.lane.jobs
        return jobs[self._next] if self._next < len(jobs) else None

    @property
    def head(self) -> Job | None:
        """The first job that was not granted."""
        return self._passed or self.candidate

    @property
    def place(self) -> int:
        """The sequence number by which the lane is in line; that of its last job at its end."""
        job = self.candidate
        if job is not None:
            return job.id
        return self.lane.jobs[-1].id if self.lane.jobs else 0

    @property
    def is_done(self) -> bool:
        """Whether nothing of the lane is left, here or behind the window."""
        return self.candidate is None and not self.lane.has_more

    def advance(self, grants: int) -> None:
        """The candidate was granted, as the last of so many."""
        self._next += 1
        self.since, self.blocked, self.blocked_from = grants, 0, None
        self.is_starving = self.is_asked = False
        self._pass_ungrantable()

    def skip(self) -> None:
        """The candidate may not have the lock of its goal; another of its lane may."""
        self._passed = self._passed or self.candidate
        self._next += 1
        self._pass_ungrantable()

    def _pass_ungrantable(self) -> None:
        while (job := self.candidate) is not None and not self._is_grantable(job):
            self._passed = self._passed or job
            self._next += 1


class Turn(Protocol):
    """One stage of the pipeline, seen from the stage above it."""

    def serve(self) -> Start | None:
        """Grant to the one whose turn it is; None once nobody here can take a grant."""
        ...

    def join(self, cursor: Cursor) -> None:
        """Let a lane contend here, and in the stages below."""
        ...

    def charge(self, path: Path) -> None:
        """Somebody on this path was granted something out of turn."""
        ...

    def owed(self) -> Iterator[tuple[Path, int]]:
        """What each contender is owed, here and in the stages below."""
        ...


class Contenders(Protocol[K]):
    """Who contends in one stage, and who of them is next."""

    def join(self, key: K, share: int) -> None: ...

    def leader(self) -> K | None: ...

    def charge(self, key: K | None = None) -> None: ...

    def drop(self) -> None: ...

    def owed(self) -> dict[K, int]: ...


class Fork(Generic[K]):
    """A stage with several contenders: the one that is owed most goes first."""

    def __init__(
        self,
        path: Path,
        contest: Contenders[K],
        share_of: Callable[[K], int],
        below: Callable[[Path], Turn],
    ) -> None:
        """Start with nobody.

        Args:
            path: The keys of the stages above.
            contest: Who is next; with what each is owed.
            share_of: What a contender gets against others.
            below: Makes the stage of a contender, by its path.
        """
        self._path = path
        self._contest = contest
        self._share_of = share_of
        self._make = below
        self._below: dict[K, Turn] = {}

    def join(self, cursor: Cursor) -> None:
        key: K = cursor.path[len(self._path)]  # type: ignore[assignment]
        if key not in self._below:
            self._below[key] = self._make((*self._path, key))
        self._below[key].join(cursor)
        self._contest.join(key, self._share_of(key))

    def serve(self) -> Start | None:
        while (leader := self._contest.leader()) is not None:
            start = self._below[leader].serve()
            if start is not None:
                self._contest.charge(leader)
                return start
            self._contest.drop()
        return None

    def charge(self, path: Path) -> None:
        key: K = path[len(self._path)]  # type: ignore[assignment]
        self._below[key].charge(path)
        self._contest.charge(key)

    def owed(self) -> Iterator[tuple[Path, int]]:
        for key, amount in self._contest.owed().items():
            yield (*self._path, key), amount
        for turn in self._below.values():
            yield from turn.owed()


class Line:
    """The lanes of one tenant in one class: first come, first served of those that can start.

    A lane that cannot is left for the rest of the round, for rooms only get fuller in it,
    and hides no other.
    """

    def __init__(self, path: Path, try_start: Callable[[Cursor], Start | None]) -> None:
        self._path = path
        self._try_start = try_start
        self._heap: list[tuple[int, int, Cursor]] = []
        self._joined = 0

    def join(self, cursor: Cursor) -> None:
        self._joined += 1
        heapq.heappush(self._heap, (cursor.place, self._joined, cursor))

    def serve(self) -> Start | None:
        heap = self._heap
        while heap:
            place, joined, cursor = heap[0]
            if cursor.path != self._path or cursor.is_done:
                heapq.heappop(heap)
            elif cursor.place != place:
                heapq.heapreplace(heap, (cursor.place, joined, cursor))
            elif (start := self._try_start(cursor)) is not None:
                return start
            else:
                heapq.heappop(heap)
        return None

    def charge(self, path: Path) -> None:
        """Within a line there is nothing to pay with: the smallest number is next."""

    def owed(self) -> Iterator[tuple[Path, int]]:
        return iter(())
