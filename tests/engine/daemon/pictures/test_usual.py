"""How long jobs usually run: percentiles of few numbers."""

import pytest

from engine.daemon.pictures.usual import share_within


@pytest.mark.parametrize(
    ("times", "percent", "within"),
    [
        ([7], 50, 7),
        ([7], 90, 7),
        ([10, 20, 30], 50, 20),
        ([10, 20, 30], 90, 30),
        ([10, 20], 50, 10),
        (list(range(1, 21)), 90, 18),
    ],
)
def test_the_share_of_times_within(times: list[int], percent: int, within: int) -> None:
    assert share_within(times, percent) == within
