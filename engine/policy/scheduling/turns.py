"""Whose turn it is: contests inside contests, down to the lanes of one tenant."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from engine.policy.scheduling.cursor import Cursor
from engine.policy.scheduling.decisions import Start

K = TypeVar("K", bound=str | int)
Path = tuple[object, ...]


class Turn(Protocol):
    """One stage of the pipeline, seen from the stage above it."""

    def serve(self) -> Start | None:
        """Grant to the one whose turn it is; None once nobody here can take a grant."""
        ...

    def join(self, path: Path, cursors: Sequence[Cursor]) -> None:
        """Let lanes that stand on one path contend here, and in the stages below."""
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

    def join(self, path: Path, cursors: Sequence[Cursor]) -> None:
        key: K = path[len(self._path)]  # type: ignore[assignment]
        if key not in self._below:
            self._below[key] = self._make((*self._path, key))
        self._below[key].join(path, cursors)
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

    def join(self, _: Path, cursors: Sequence[Cursor]) -> None:
        for cursor in cursors:
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
