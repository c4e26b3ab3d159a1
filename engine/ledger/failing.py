"""Arrays that stop after so many failures: how many there were, and which are stopping."""

from engine.model.array import Array
from engine.model.job import Job
from engine.model.states import State
from engine.policy.composite import FAILURES


class Failing:
    """Counts failures as they are committed, so that none of the rest starts after the last."""

    def __init__(self) -> None:
        self._failed: dict[int, int] = {}
        """Members that have failed, of each array that stops after some."""
        self.stopping: set[int] = set()
        """Arrays that had enough, and whose waiting members are not canceled yet."""

    def know(self, array: Array, failed: int = 0) -> None:
        """Count from here on, if the array stops at all."""
        if array.stop_after is None:
            return
        self._failed[array.id] = failed
        if failed >= array.stop_after:
            self.stopping.add(array.id)

    def forget(self, array: int) -> None:
        """The array has ended."""
        self._failed.pop(array, None)
        self.stopping.discard(array)

    def counts(self, job: Job) -> bool:
        """Whether it matters for others of its array how this member ends."""
        return job.spec.array in self._failed

    def moved(self, array: Array | None, was: State, now: State) -> None:
        """A member of this array went from one state to another."""
        step = (now in FAILURES) - (was in FAILURES)
        if array is None or array.stop_after is None or not step:
            return
        if array.id not in self._failed:
            return
        self._failed[array.id] += step
        if self._failed[array.id] < array.stop_after:
            self.stopping.discard(array.id)
        elif step > 0:
            self.stopping.add(array.id)
