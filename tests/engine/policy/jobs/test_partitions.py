"""Replacing what is out of sight: never while the old attempt could still run."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model.attempt import Attempt
from engine.model.ids import AttemptId, Epoch
from engine.model.limits import Timeouts
from engine.model.states import Phase
from engine.policy.jobs.partitions import gives_up_after_ms, left_s
from tests.kit.build import NOW, a_job


@dataclass(frozen=True, slots=True)
class Renewal:
    """One question of the daemon to go on, in seconds from the one before."""

    rests_s: float
    """Until it is sent."""
    travels_s: float
    """Until the host takes it in, if it does."""
    returns_s: float
    """Until the answer is here, or the link is given up for want of one."""
    arrives: bool
    is_answered: bool


renewals = st.builds(
    Renewal,
    rests_s=st.floats(0, 20),
    travels_s=st.floats(0, 40),
    returns_s=st.floats(0, 40),
    arrives=st.booleans(),
    is_answered=st.booleans(),
)


def an_attempt(lease_ms: int | None, pid: int | None = 7) -> Attempt:
    return Attempt(
        id=AttemptId("1-1-1"),
        job=a_job().id,
        number=1,
        epoch=Epoch(1),
        worker="w",
        phase=Phase.RUNNING,
        intent_at=NOW,
        pid=pid,
        lease_ms=lease_ms,
    )


@given(
    asked=st.lists(renewals, max_size=12),
    lease_ms=st.integers(1_000, 86_400_000),
    grace_ms=st.integers(0, 600_000),
    rate=st.floats(0.99, 1.01),
    killing_s=st.floats(0, 4.9),
)
def test_the_old_attempt_is_dead_before_a_new_one_may_start(
    asked: list[Renewal], lease_ms: int, grace_ms: int, rate: float, killing_s: float
) -> None:
    """The host counts by a clock that is up to 1 % off; questions are late, and get lost."""
    now_s = answered_s = 0.0
    host_took_s = 0.0
    for one in asked:
        now_s += one.rests_s
        arrived_s = now_s + one.travels_s
        now_s = arrived_s + one.returns_s
        if one.arrives:
            host_took_s = arrived_s
        answered_s = now_s  # answered, or the link was given up: nothing is on its way
    dead_s = host_took_s + (lease_ms + grace_ms) / 1000 / rate + killing_s
    job = a_job(timeouts=Timeouts(grace_ms=grace_ms))
    left = left_s(an_attempt(lease_ms), job, answered_s, now_s)
    assert left is not None
    assert now_s + left >= dead_s


@given(lease_ms=st.integers(1_000, 3_600_000), grace_ms=st.integers(0, 60_000))
def test_the_wait_is_the_lease_the_grace_five_seconds_and_a_percent(
    lease_ms: int, grace_ms: int
) -> None:
    whole_ms = lease_ms + grace_ms + 5_000
    assert whole_ms * 1.01 <= gives_up_after_ms(lease_ms, grace_ms) <= whole_ms * 1.0102 + 1


def test_without_a_host_lease_or_a_confirmed_start_it_waits_for_ever() -> None:
    job = a_job()
    assert left_s(an_attempt(None), job, 0.0, 1e9) is None
    assert left_s(an_attempt(30_000, pid=None), job, 0.0, 1e9) is None
    assert left_s(replace(an_attempt(30_000), pid=7), job, 0.0, 1e9) is not None
