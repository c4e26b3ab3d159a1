"""Who may come in, decided on numbers alone."""

from dataclasses import replace

import pytest

from engine.errors import InvalidSpec, QueueCritical, QueueFull, QuotaExceeded, RateExceeded
from engine.model.priority import Priority
from engine.model.rules import Mode, Pressure, Quota, Rate, Rules, TenantRules
from engine.model.snapshot import Bucket
from engine.model.spec import Constraints, Kind
from engine.policy.entry.admission import must_be_satisfiable, refusal
from engine.policy.entry.arrivals import ALL, Arrivals, Backed
from engine.policy.entry.quotas import Account
from engine.policy.shapes import shape_of
from tests.kit.build import NOW, a_spec, a_worker

TEN = {"default": Pressure(max_depth=10)}


def arriving(number: int = 1, **fields: object) -> Arrivals:
    arrivals = Arrivals()
    for _ in range(number):
        arrivals.add(a_spec(**fields))  # type: ignore[arg-type]
    return arrivals


def backed(depth: int, **fields: object) -> Backed:
    depths = {"default": depth, ALL: depth}
    return Backed(now_at=NOW, pressures=TEN, depths=depths, **fields)  # type: ignore[arg-type]


def test_nothing_is_limited_by_default() -> None:
    assert refusal(arriving(1_000_000), Backed(now_at=NOW)) is None


def test_up_to_the_maximum_and_not_one_more() -> None:
    assert refusal(arriving(10), backed(0)) is None
    refused = refusal(arriving(2), backed(9))
    assert isinstance(refused, QueueFull)
    assert (refused.details["depth"], refused.details["max_depth"]) == (9, 10)
    assert refused.retry_after_s == 30


def test_the_hint_follows_what_drained_lately() -> None:
    refused = refusal(arriving(3), backed(10, left_per_min={"default": 6}))
    assert refused is not None
    assert refused.retry_after_s == 30
    faster = refusal(arriving(3), backed(10, left_per_min={"default": 60}))
    assert faster is not None
    assert faster.retry_after_s == 3


def test_what_never_fits_has_no_hint() -> None:
    refused = refusal(arriving(11), backed(0))
    assert isinstance(refused, QueueFull)
    assert refused.retry_after_s is None


def test_while_critical_only_critical_jobs_come_in() -> None:
    pressed = replace(backed(96), pressures={"default": Pressure(max_depth=100)}, modes={})
    assert isinstance(refusal(arriving(), pressed), QueueCritical)
    assert refusal(arriving(priority=Priority.CRITICAL), pressed) is None
    draining = replace(pressed, depths={"default": 92}, modes={"default": Mode.CRITICAL})
    assert isinstance(refusal(arriving(), draining), QueueCritical)
    drained = replace(draining, depths={"default": 90})
    assert refusal(arriving(), drained) is None


def test_all_queues_together_have_a_maximum_too() -> None:
    together = replace(backed(10), pressures={ALL: Pressure(max_depth=10)})
    refused = refusal(arriving(queue="other"), together)
    assert isinstance(refused, QueueFull)
    assert "all queues" in refused.message


def test_a_quota_binds_tenant_and_namespace() -> None:
    rules = Rules(
        tenants={"ana": TenantRules(quota=Quota(queued=5), namespaces={"ml": Quota(queued=2)})}
    )
    empty = Backed(now_at=NOW, rules=rules)
    assert refusal(arriving(5, tenant="ana"), empty) is None
    assert isinstance(refusal(arriving(6, tenant="ana"), empty), QuotaExceeded)
    assert refusal(arriving(6, tenant="ben"), empty) is None
    refused = refusal(arriving(3, tenant="ana", namespace="ml"), empty)
    assert isinstance(refused, QuotaExceeded)
    assert "namespace ml" in refused.message
    waiting = replace(empty, waiting={Account("ana"): 5})
    refused = refusal(arriving(tenant="ana"), waiting)
    assert isinstance(refused, QuotaExceeded)
    assert refused.retry_after_s is not None


def test_a_rate_says_when_the_next_token_comes() -> None:
    rate = Rate(tokens=2, per_ms=1_000, burst=4)
    rules = Rules(tenants={"ana": TenantRules(quota=Quota(submissions=rate))})
    full = Backed(now_at=NOW, rules=rules)
    assert refusal(arriving(4, tenant="ana"), full) is None
    empty = replace(full, buckets={Account("ana"): Bucket(0, NOW)})
    refused = refusal(arriving(1, tenant="ana"), empty)
    assert isinstance(refused, RateExceeded)
    assert refused.retry_after_s == 0.5
    never = refusal(arriving(5, tenant="ana"), full)
    assert isinstance(never, RateExceeded)
    assert never.retry_after_s is None


def test_what_stands_for_others_counts_for_nothing() -> None:
    assert refusal(arriving(kind=Kind.COMPOSITE), backed(10)) is None


def test_what_the_rules_of_the_site_forbid_everywhere_is_refused() -> None:
    shape = shape_of(a_spec(constraints=Constraints(locality="region")))
    abroad = a_worker("w1", labels=("region=us",))
    must_be_satisfiable(shape, [abroad], "job", Rules(region="us"))
    with pytest.raises(InvalidSpec, match="job"):
        must_be_satisfiable(shape, [abroad], "job", Rules(region="eu"))
