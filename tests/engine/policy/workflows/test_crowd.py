"""When a crowd has ended, against one that is played place by place."""

import heapq

from hypothesis import given
from hypothesis import strategies as st

from engine.policy.workflows.crowd import Crowd, end_of

NOW = 10_000


def played(crowd: Crowd) -> int:
    """Each that waits takes the place that is free first."""
    places = [max(began + crowd.usual, NOW) for began in crowd.running]
    most = crowd.limit or len(places) + crowd.waiting
    places += [NOW] * max(min(most, len(places) + crowd.waiting) - len(places), 0)
    heapq.heapify(places)
    for _ in range(crowd.waiting):
        heapq.heappush(places, heapq.heappop(places) + crowd.usual)
    return max(places, default=NOW)


@given(
    running=st.lists(st.integers(0, NOW), max_size=6),
    waiting=st.integers(0, 20),
    usual=st.integers(0, 2 * NOW),
    limit=st.none() | st.integers(1, 9),
)
def test_the_last_ends_when_it_does_if_one_follows_the_other(
    running: list[int], waiting: int, usual: int, limit: int | None
) -> None:
    crowd = Crowd(running=running, waiting=waiting, usual=usual, limit=limit)
    assert end_of(crowd, NOW) == played(crowd)


def test_a_crowd_that_has_ended_ends_now() -> None:
    assert end_of(Crowd(running=(), waiting=0, usual=5), NOW) == NOW
