"""How long things took, as counts on a scale of logarithms: small, and it can be added up.

Source: C. Masson et al., DDSketch, VLDB 2019.
"""

from math import ceil, log, sqrt
from typing import Final

GROWTH: Final = 1.1
"""Each step of the scale is so much longer than the one before: an error of 5 % at most."""

LEAST: Final = 0.01
"""What is shorter counts as this long: the scale has no zero."""

MOST: Final = 1e15
"""What is longer counts as this long, so that the scale has an end."""

_LOG: Final = log(GROWTH)


class Histogram:
    """Counts of lengths; which unit they have is up to whoever adds them."""

    __slots__ = ("steps",)

    def __init__(self) -> None:
        self.steps: dict[int, int] = {}

    @property
    def count(self) -> int:
        """How many lengths were added."""
        return sum(self.steps.values())

    def add(self, length: float) -> None:
        """Count one length."""
        step = ceil(log(min(max(length, LEAST), MOST)) / _LOG)
        self.steps[step] = self.steps.get(step, 0) + 1

    def merge(self, other: "Histogram") -> None:
        """Count all that the other one has counted."""
        for step, number in other.steps.items():
            self.steps[step] = self.steps.get(step, 0) + number

    def quantile(self, share: float) -> float | None:
        """The length that a share (0..1) of all do not exceed, within 5 %; None if none is
        known.
        """
        left = max(1, ceil(share * self.count))
        for step in sorted(self.steps):
            left -= self.steps[step]
            if left <= 0:
                return float(GROWTH**step / sqrt(GROWTH))
        return None
