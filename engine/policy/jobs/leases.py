"""Leases: which to renew, and which have run out; silence alone never frees a job."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.model.attempt import Lease


@dataclass(frozen=True, slots=True)
class LeaseTimes:
    """How long leases live, in seconds."""

    ttl_s: float = 30.0
    renew_s: float = 5.0
    """Between two looks for evidence that an attempt lives."""
    sweep_s: float = 10.0
    """Between two looks for leases that have run out."""

    def until(self, now_at: int) -> int:
        """When a lease that is granted or renewed now runs out."""
        return now_at + round(self.ttl_s * 1_000_000)


def expired(leases: Iterable[Lease], now_at: int) -> list[Lease]:
    """Leases whose time is over, the oldest expiry first."""
    over = [lease for lease in leases if lease.expires_at <= now_at]
    return sorted(over, key=lambda lease: (lease.expires_at, lease.attempt))
