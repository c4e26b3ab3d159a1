"""Which leases have run out, and which are to be renewed."""

from engine.policy.jobs.leases import LeaseTimes, expired
from tests.kit.build import NOW, SECOND, a_job, a_lease, an_attempt


def test_the_times_are_those_promised() -> None:
    times = LeaseTimes()
    assert (times.ttl_s, times.renew_s, times.sweep_s) == (30, 5, 10)
    assert times.until(NOW) == NOW + 30 * SECOND


def test_a_lease_lives_until_its_time_is_over() -> None:
    lease = a_lease(an_attempt(a_job()))
    assert expired([lease], lease.expires_at - 1) == []
    assert expired([lease], lease.expires_at) == [lease]


def test_the_longest_expired_is_first() -> None:
    new, old = (a_lease(an_attempt(a_job()), ttl_s=ttl) for ttl in (20, 10))
    assert expired([new, old], NOW + 60 * SECOND) == [old, new]
