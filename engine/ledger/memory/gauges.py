"""Numbers about the engine itself: recent values and their percentiles."""

from collections import deque

RECENT = 512
"""How many of the newest values a percentile is taken over."""


class Gauge:
    """The newest values of one measurement."""

    def __init__(self) -> None:
        self._values: deque[float] = deque(maxlen=RECENT)
        self.count = 0
        """How many values there ever were."""

    def add(self, value: float) -> None:
        self._values.append(value)
        self.count += 1

    def after(self, count: int) -> list[float]:
        """The values that came after the first `count`, as far as they are remembered."""
        new = min(self.count - count, len(self._values))
        return list(self._values)[len(self._values) - new :]

    def percentile(self, share: float) -> float:
        """The value below which `share` (0..1) of the recent ones lie; 0 if there are none."""
        if not self._values:
            return 0.0
        ordered = sorted(self._values)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]
