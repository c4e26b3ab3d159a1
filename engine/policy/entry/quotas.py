"""Quotas of what comes in: how many jobs may wait, and how fast they may be submitted."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from engine.errors import NotAdmitted, QuotaExceeded, RateExceeded
from engine.model.rules import Quota, Rate, Rules, TenantRules
from engine.model.snapshot import Bucket
from engine.policy.rates import level, next_token_at, take

RETRY_S: Final = 30.0
"""When to ask again if nothing says when there will be room."""

NO_QUOTA: Final = Quota()
NO_RULES: Final = TenantRules()


class Account(NamedTuple):
    """Whom a quota binds: a tenant, or one of its namespaces."""

    tenant: str
    namespace: str | None = None

    @property
    def text(self) -> str:
        """`tenant NAME`, or `namespace NAME of tenant NAME`."""
        whole = f"tenant {self.tenant}"
        return whole if self.namespace is None else f"namespace {self.namespace} of {whole}"


def quota_of(account: Account, rules: Rules) -> Quota:
    """What the configuration allows an account; nobody named has no limits."""
    of_tenant = rules.tenants.get(account.tenant, NO_RULES)
    if account.namespace is None:
        return of_tenant.quota
    return of_tenant.namespaces.get(account.namespace, NO_QUOTA)


def accounts(arrivals: Mapping[tuple[str, str], int]) -> dict[Account, int]:
    """How many jobs each account would be charged with; by (tenant, namespace) given."""
    sums: dict[Account, int] = {}
    for (tenant, namespace), number in sorted(arrivals.items()):
        for account in (Account(tenant), Account(tenant, namespace)):
            sums[account] = sums.get(account, 0) + number
    return sums


def over_quota(
    charged: Mapping[Account, int], waiting: Mapping[Account, int], rules: Rules
) -> NotAdmitted | None:
    """The first account that would have more jobs waiting than it may; None: none would."""
    for account, number in charged.items():
        most, has = quota_of(account, rules).queued, waiting.get(account, 0)
        if most is not None and has + number > most:
            return QuotaExceeded(
                f"{account.text} may have {most:,} jobs waiting: "
                f"{has:,} wait, no room for {number:,} more",
                retry_after_s=RETRY_S if number <= most else None,
                details=_details(account, queued=has, quota=most, count=number),
            )
    return None


def too_fast(
    charged: Mapping[Account, int],
    buckets: Mapping[Account, Bucket],
    rules: Rules,
    now_at: int,
) -> NotAdmitted | None:
    """The first account that has not the tokens for what it submits; None: all have."""
    for account, rate, number in _rated(charged, rules):
        at = next_token_at(rate, buckets.get(account), now_at, number)
        if at is None:
            return RateExceeded(
                f"{account.text} may submit at most {rate.burst:,} jobs at once, not "
                f"{number:,}: send them in smaller parts",
                details=_details(account, burst=rate.burst, count=number),
            )
        if at > now_at:
            return RateExceeded(
                f"{account.text} may submit {rate_text(rate)}, {rate.burst:,} at once: "
                f"{number:,} more are too many now",
                retry_after_s=(at - now_at) / 1_000_000,
                details=_details(account, burst=rate.burst, count=number),
            )
    return None


def charge(
    charged: Mapping[Account, int],
    buckets: Mapping[Account, Bucket],
    rules: Rules,
    now_at: int,
) -> dict[Account, Bucket]:
    """The buckets of those that are rated, with their tokens taken; all have enough."""
    return {
        account: take(rate, buckets.get(account), now_at, number)
        for account, rate, number in _rated(charged, rules)
    }


def refund(
    charged: Mapping[Account, int],
    buckets: Mapping[Account, Bucket],
    rules: Rules,
    now_at: int,
) -> dict[Account, Bucket]:
    """The buckets of those that are rated, with their tokens put back."""
    return {
        account: Bucket(level(rate, buckets.get(account), now_at) + number * 1_000_000, now_at)
        for account, rate, number in _rated(charged, rules)
    }


def rate_text(rate: Rate) -> str:
    """`10/s`, `5/min`, `100/h`, or `3 in 250 ms`."""
    unit = {1_000: "s", 60_000: "min", 3_600_000: "h"}.get(rate.per_ms)
    return f"{rate.tokens}/{unit}" if unit else f"{rate.tokens} in {rate.per_ms} ms"


def _rated(charged: Mapping[Account, int], rules: Rules) -> Iterator[tuple[Account, Rate, int]]:
    for account, number in charged.items():
        rate = quota_of(account, rules).submissions
        if rate is not None:
            yield account, rate, number


def _details(account: Account, **numbers: int) -> dict[str, object]:
    named = {"namespace": account.namespace} if account.namespace is not None else {}
    return {"tenant": account.tenant, **named, **numbers}
