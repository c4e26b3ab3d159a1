"""A GPU as its driver tells it, with the processes that hold its memory."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process with memory on a device."""

    pid: int
    memory_mb: int
    """0 if the driver does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device; `index` is the driver's."""

    index: int
    kind: str
    memory_mb: int
    used_mb: int
    busy_percent: int | None
    holders: tuple[Holder, ...] = ()

    def foreign_mb(self, is_ours: Callable[[int], bool]) -> int:
        """Memory of processes that are not ours.

        Of one whose share is not told, it is all that ours do not hold; at least 1.
        """
        ours = [holder for holder in self.holders if is_ours(holder.pid)]
        others = [holder for holder in self.holders if holder not in ours]
        if any(not other.memory_mb for other in others):
            return max(self.used_mb - sum(one.memory_mb for one in ours), 1)
        return sum(other.memory_mb for other in others)
