"""The bound on waiting: nobody who could run is passed by more often than is allowed."""

from collections import deque
from collections.abc import Iterable

from engine.policy.scheduling.cursor import Cursor


class Patience:
    """Heads that could run, in the order in which they could first, and when one is due.

    With a bound of B grants and n heads, the one that is j-th in line has to be served, or
    have room kept, before B - j more grants: so all of them keep the bound, even if they
    began to wait at once.
    """

    def __init__(self, runnable: Iterable[Cursor], least: int) -> None:
        """Start a round.

        Args:
            runnable: Lanes whose head passes every gate and fits an empty open worker.
            least: The bound in grants while few lanes can run.
        """
        first = sorted(runnable, key=lambda cursor: (cursor.since, cursor.place))
        self.bound = max(least, 2 * len(first))
        self._line = deque((cursor.since, cursor) for cursor in first)
        self._in_a_row = 0
        self._next_at = self._look()

    def due(self, grants: int) -> Cursor | None:
        """The head to be served next, out of turn, after so many grants; None if none is."""
        if self._in_a_row == 0 and grants >= self._next_at:
            self._in_a_row = self._how_many(grants)
            self._next_at = self._look()
        while self._in_a_row and self._line:
            self._in_a_row -= 1
            since, cursor = self._line.popleft()
            if cursor.since == since and cursor.candidate is not None and not cursor.is_asked:
                cursor.is_asked = True
                return cursor
        return None

    def again(self, cursor: Cursor) -> None:
        """The lane has a new head."""
        if cursor.candidate is not None:
            self._line.append((cursor.since, cursor))
            self._next_at = min(self._next_at, cursor.since + self.bound - len(self._line))

    def _live(self) -> None:
        self._line = deque(one for one in self._line if one[1].since == one[0])

    def _how_many(self, grants: int) -> int:
        """How many from the front have to go now, so that none of them is late."""
        self._live()
        late = [
            place
            for place, (since, _) in enumerate(self._line, 1)
            if grants + place >= since + self.bound
        ]
        return max(late, default=0)

    def _look(self) -> int:
        """The soonest number of grants at which somebody can be due."""
        line = enumerate(self._line, 1)
        return min((since + self.bound - place for place, (since, _) in line), default=2**62)
