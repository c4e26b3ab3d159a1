"""Try again, and when; or give up, and why."""

from dataclasses import dataclass
from random import Random

from engine.errors import Category
from engine.model.limits import Backoff, RetryPolicy
from engine.model.outcome import Outcome, Verdict

NEVER_AGAIN = frozenset(
    {Category.CANCELED, Category.VALIDATION, Category.QUOTA, Category.PERMISSION}
)
"""Categories that another attempt cannot mend, whatever a policy says."""

LOWEST_JITTER = 0.95


@dataclass(frozen=True, slots=True)
class RetryIn:
    """Run it again after this wait."""

    delay_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not run it again."""

    why: str


def next_step(
    outcome: Outcome,
    policy: RetryPolicy,
    failures_so_far: int,
    rng: Random,
    cancel_requested: bool = False,
) -> RetryIn | GiveUp:
    """What follows an attempt that did not succeed.

    Args:
        outcome: How it ended; a lost attempt is a matter of the restart contract, not of this.
        policy: The job's.
        failures_so_far: Ends that count against `max_attempts`, this one included.
        rng: Where the jitter comes from.
        cancel_requested: Somebody wants the job gone; then it is never tried again.
    """
    if cancel_requested or outcome.verdict is Verdict.CANCELED:
        return GiveUp("it was canceled")
    why = worth_a_retry(outcome, policy)
    if why is None:
        return GiveUp("its retry policy does not cover this end")
    if failures_so_far >= policy.max_attempts:
        return GiveUp(f"failure {failures_so_far} of {policy.max_attempts}")
    asked_ms = outcome.trouble.retry_after_ms if outcome.trouble else None
    wait_ms = max(delay_ms(policy, failures_so_far, rng), asked_ms or 0)
    return RetryIn(wait_ms, f"{why}: failure {failures_so_far} of {policy.max_attempts}")


def worth_a_retry(outcome: Outcome, policy: RetryPolicy) -> str | None:
    """What about this end the policy retries; None if nothing."""
    trouble = outcome.trouble
    if trouble is None or trouble.category in NEVER_AGAIN:
        return None
    if trouble.retryable:
        return "an error that may pass"
    if trouble.category in policy.categories:
        return f"a {trouble.category} error"
    if outcome.verdict is Verdict.TIMEOUT:
        return "a timeout" if policy.on_timeout else None
    if outcome.verdict is not Verdict.FAILED:
        return None
    if trouble.code == "signal":
        return "a signal" if policy.on_signal else None
    failed = trouble.code in ("exit", "gate")
    if failed and outcome.exit_code in (policy.exit_codes or range(1, 256)):
        return f"exit {outcome.exit_code}"
    return None


def delay_ms(policy: RetryPolicy, failures: int, rng: Random) -> int:
    """Milliseconds to wait after the `failures`-th failure, counted from 1.

    Constant: base; linear: base x n; exponential: base x multiplier^(n-1). All capped, then
    jitter draws from the last twentieth below that.
    """
    wait_ms = min(_uncapped(policy, failures), float(policy.max_ms))
    if policy.jitter:
        wait_ms *= rng.uniform(LOWEST_JITTER, 1.0)
    return round(wait_ms)


def _uncapped(policy: RetryPolicy, failures: int) -> float:
    match policy.backoff:
        case Backoff.CONSTANT:
            return float(policy.base_ms)
        case Backoff.LINEAR:
            return float(policy.base_ms) * failures
        case Backoff.EXPONENTIAL:
            return _exponential(policy.base_ms, policy.multiplier, failures - 1)


def _exponential(base: float, multiplier: float, power: int) -> float:
    try:
        return base * float(multiplier**power)
    except OverflowError:
        return float("inf")
