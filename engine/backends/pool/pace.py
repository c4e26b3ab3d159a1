"""How fast calls of a kind are done, and how many more a pool takes than it runs at once.

A grant costs a commit, and whoever waits for each is idle meanwhile. So a pool whose calls
are brief takes some ahead: no more than it gets done within `AHEAD_S`, which is how long an
urgent call may have to wait behind them.
"""

from collections.abc import Mapping
from typing import Final

from engine.backends.pool.sizing import KINDS

AHEAD_S: Final = 0.2

MOST_TAKEN: Final = 256
"""A kind that runs as many at once takes none ahead: that is what one round grants."""

WEIGHT: Final = 1 / 8
"""Of the last call in the mean: a single long one stops it for some dozens of brief ones."""


class Pace:
    """How long calls of each kind take of late; nothing is taken ahead of a kind unknown."""

    def __init__(self) -> None:
        self._mean_s: dict[str, float] = {}

    def ended(self, kind: str, seconds: float) -> None:
        """A call has ended that took so long."""
        mean_s = self._mean_s.get(kind, seconds)
        self._mean_s[kind] = mean_s + WEIGHT * (seconds - mean_s)

    def stalled(self, kind: str) -> None:
        """Calls wait although they should have begun: what was known of them is wrong."""
        self._mean_s.pop(kind, None)

    def ahead(self, sizes: Mapping[str, int], most: Mapping[str, int]) -> dict[str, int]:
        """Calls of each kind that are taken besides those for which there are places.

        Args:
            sizes: How many of each kind run at once now.
            most: How many of each kind have places.

        Returns:
            Some for each place, by powers of two, so that the answer seldom changes; kinds
            of which nothing is taken ahead are left out.
        """
        found = {kind: self._ahead(kind, sizes[kind], most[kind]) for kind in KINDS}
        return {kind: number for kind, number in found.items() if number}

    def _ahead(self, kind: str, size: int, most: int) -> int:
        mean_s = self._mean_s.get(kind)
        if mean_s is None:
            return 0
        done = size * AHEAD_S / max(mean_s, 1e-6)
        times = int(min(done, MOST_TAKEN)) // most
        return most * (1 << times.bit_length() - 1) - most if times > 1 else 0
