"""Whose turn it is: contests inside contests, down to the lanes of one tenant."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from engine.model.job import Job
from engine.model.snapshot import Lane
from engine.policy.decisions import Start
from engine.policy.slices import Contest

K = TypeVar("K", bound=str | int)
Path = tuple[object, ...]


class Turn(Protocol):
    """One stage of the pipeline, seen from the stage above it."""

    def serve(self) -> Start | None:
        """Grant to the one whose turn it is; None once nobody here can take a grant."""
        ...

    def owed(self) -> Iterator[tuple[Path, int]]:
        """What each contender is owed, here and in the stages below."""
        ...


class Fork(Generic[K]):
    """A stage with several contenders: the one that is owed most goes first."""

    def __init__(self, path: Path, contest: Contest[K], below: Mapping[K, Turn]) -> None:
        self._path = path
        self._contest = contest
        self._below = below

    def serve(self) -> Start | None:
        while (leader := self._contest.leader()) is not None:
            start = self._below[leader].serve()
            if start is not None:
                self._contest.charge()
                return start
            self._contest.drop()
        return None

    def owed(self) -> Iterator[tuple[Path, int]]:
        for key, amount in self._contest.owed().items():
            yield (*self._path, key), amount
        for turn in self._below.values():
            yield from turn.owed()


class Cursor:
    """A lane and how many of its jobs have been granted in this round."""

    def __init__(self, lane: Lane, is_grantable: Callable[[Job], bool]) -> None:
        self.lane = lane
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

    def advance(self) -> None:
        """The candidate was granted."""
        self._next += 1
        self._pass_ungrantable()

    def _pass_ungrantable(self) -> None:
        while (job := self.candidate) is not None and not self._is_grantable(job):
            self._passed = self._passed or job
            self._next += 1


class Line:
    """The lanes of one tenant: first come, first served among those that can start.

    A lane that cannot is left for the rest of the round, for rooms only get fuller in it,
    and hides no other. (A large job that small ones keep passing is a matter of
    reservations, which belong before this choice.)
    """

    def __init__(
        self, cursors: Sequence[Cursor], try_start: Callable[[Cursor], Start | None]
    ) -> None:
        self._try_start = try_start
        self._heap = [
            (job.id, place, cursor)
            for place, cursor in enumerate(cursors)
            if (job := cursor.candidate) is not None
        ]
        heapq.heapify(self._heap)

    def serve(self) -> Start | None:
        while self._heap:
            _, place, cursor = self._heap[0]
            start = self._try_start(cursor)
            if start is None:
                heapq.heappop(self._heap)
                continue
            cursor.advance()
            self._return(place, cursor)
            return start
        return None

    def owed(self) -> Iterator[tuple[Path, int]]:
        return iter(())

    def _return(self, place: int, cursor: Cursor) -> None:
        job = cursor.candidate
        if job is None:
            heapq.heappop(self._heap)
        else:
            heapq.heapreplace(self._heap, (job.id, place, cursor))
