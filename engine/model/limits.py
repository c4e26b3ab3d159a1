"""How long a job may take, and how often it may be tried."""

from enum import StrEnum

import msgspec

from engine.errors import Category


class Backoff(StrEnum):
    """How the wait grows from one attempt to the next."""

    CONSTANT = "constant"
    LINEAR = "linear"
    EXPONENTIAL = "exponential"


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a failed attempt is tried again, and after how long."""

    max_attempts: int = 1
    """All runs, the first one included."""
    backoff: Backoff = Backoff.EXPONENTIAL
    base_ms: int = 1_000
    multiplier: float = 2.0
    max_ms: int = 60_000
    jitter: bool = True
    """Draw the wait from the last twentieth below the computed one."""
    exit_codes: tuple[int, ...] = ()
    """Codes worth a retry; empty means every code but 0."""
    on_signal: bool = True
    on_timeout: bool = True
    categories: tuple[Category, ...] = ()
    """Further error categories worth a retry."""


PRESETS = {
    "work": RetryPolicy(max_attempts=3),
    "crab": RetryPolicy(max_attempts=3, base_ms=100, max_ms=30_000, jitter=False),
}
"""The policies that users of the earlier systems know by name."""

NEVER = RetryPolicy()


class Timeouts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Limits on one attempt, from the moment its process runs; None means no limit."""

    soft_ms: int | None = None
    """After this long the job gets TERM and may end in its own way."""
    hard_ms: int | None = None
    """After this long it gets KILL, and its outcome is `timeout`."""
    grace_ms: int = 5_000
    """Between TERM and KILL when the job is canceled."""


class Restart(StrEnum):
    """What happens to a job whose attempt was lost."""

    SAFE = "safe"  # run it again
    NEVER = "never"  # it failed
    ASK = "ask"  # wait for an operator


class Partition(StrEnum):
    """What happens to an attempt whose host falls silent."""

    KEEP = "keep"  # wait for the host
    REPLACE = "replace"  # the runner stops itself, then it runs elsewhere
