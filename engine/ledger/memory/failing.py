"""Arrays that stop after so many failures: how many there were, and which are stopping."""

from engine.model.array import Array
from engine.model.job import Job
from engine.model.states import State
from engine.policy.arrays.composite import FAILURES


class Failing:
    """Counts failures as they are committed, so that none of the rest starts after the last."""

    def __init__(self) -> None:
        self._failed: dict[int, int] = {}
        """Members that have failed, of each array that is known from its beginning."""
        self._most: dict[int, int] = {}
        """After how many an array stops, if it does."""
        self.stopping: set[int] = set()
        """Arrays that had enough, and whose waiting members are not canceled yet."""

    def know(self, array: Array, failed: int | None = None) -> None:
        """Go by an array as it is now.

        Args:
            array: New, changed, or read from the store.
            failed: How many members have failed; None: as many as were counted.
        """
        if failed is not None:
            self._failed[array.id] = failed
        if array.id not in self._failed:
            return
        self._most.pop(array.id, None)
        self.stopping.discard(array.id)
        if array.stop_after is not None:
            self._most[array.id] = array.stop_after
            self._look(array.id)

    def forget(self, array: int) -> None:
        """The array has ended."""
        self._failed.pop(array, None)
        self._most.pop(array, None)
        self.stopping.discard(array)

    def counts(self, job: Job) -> bool:
        """Whether it matters for others of its array how this member ends."""
        return job.spec.array in self._most

    def moved(self, member: Job, was: State) -> None:
        """A member of an array went to another state."""
        array, now = member.spec.array, member.now.state
        step = (now in FAILURES) - (was in FAILURES)
        if not step or array not in self._failed:
            return
        self._failed[array] += step
        if step > 0:
            self._look(array)
        elif self._failed[array] < self._most.get(array, 0):
            self.stopping.discard(array)

    def _look(self, array: int) -> None:
        most = self._most.get(array)
        if most is not None and self._failed[array] >= most:
            self.stopping.add(array)
