"""The gate of quotas: what a tenant, or one of its namespaces, may have at once."""

from collections.abc import Iterable, Mapping, Sequence

from engine.model.reasons import Gate, GateKind, Remedy
from engine.model.resources import amount_text
from engine.model.snapshot import NOTHING_TAKEN, Holder
from engine.policy.readiness import Case, over_quota, quotas_allow, tenant_of
from engine.policy.why import remedies
from engine.policy.why.expectation import first_to_end, next_end
from engine.policy.why.job_gates import longest

Over = Mapping[str, tuple[int, int, int]]
"""(asked, taken, allowed) of each thing of which one more such job would be too much."""


def quota_gate(case: Case) -> Gate:
    """Closed while one more such job would be more than its tenant or namespace may have."""
    tenant = case.job.spec.tenant
    if tenant not in case.snapshot.rules.tenants:
        return _open(f"tenant `{tenant}` has no quota")
    if quotas_allow(case.key, case.shape, case.snapshot):
        return _open(f"tenant `{tenant}` is within its quota")
    whose, holders, over = _over(case)
    never = next((one for one, (asked, _, most) in over.items() if asked > most), None)
    name = never or next(iter(over))
    _, has, most = over[name]
    remedy = _remedy(case, over, holders)
    return remedies.shut(
        GateKind.QUOTA,
        f"{whose} {_has(name, *over[name])}",
        facts={"whose": whose, "over": _facts(over), "most": _fraction(name, has, most)},
        holders=longest(holders),
        next_change_at=None if never is not None else next_end(holders, case.snapshot.now_at),
        remedy=remedy,
        look="" if remedy else remedies.TENANTS,
    )


def _open(text: str) -> Gate:
    return Gate(kind=GateKind.QUOTA, ok=True, text=text)


def _over(case: Case) -> tuple[str, Sequence[Holder], Over]:
    """Whose quota it is, who holds what counts against it, and what is too much."""
    tenant, space, snapshot = case.job.spec.tenant, case.shape.namespace, case.snapshot
    rules = tenant_of(tenant, snapshot)
    holders = [one for one in snapshot.holders if one.tenant == tenant]
    taken = snapshot.tenants.get(tenant, NOTHING_TAKEN)
    if over := over_quota(rules.quota, taken, case.shape):
        return f"tenant `{tenant}`", holders, over
    taken = snapshot.namespaces.get((tenant, space), NOTHING_TAKEN)
    over = over_quota(rules.namespaces[space], taken, case.shape)
    inside = [one for one in holders if one.namespace == space]
    return f"namespace `{tenant}/{space}`", inside, over


def _remedy(case: Case, over: Over, holders: Iterable[Holder]) -> Remedy | None:
    """To ask for a little less, or that others end; then, to ask for much less."""
    can_shrink = "running" not in over
    left = {name: most - has for name, (_, has, most) in over.items()}
    is_little = all(left[name] * 2 >= asked for name, (asked, _, _) in over.items())
    fits_alone = all(asked <= most for asked, _, most in over.values())
    if can_shrink and is_little:
        return remedies.give_up(case.job, less=left)
    if fits_alone and (awaited := _enough(over, holders)):
        return remedies.wait_for(awaited)
    most_of_it = {name: min(asked, most) for name, (asked, _, most) in over.items()}
    less = left if min(left.values()) > 0 else most_of_it
    return (
        remedies.give_up(case.job, less=less)
        if can_shrink and min(less.values()) > 0 and less != _asked(over)
        else None
    )


def _asked(over: Over) -> dict[str, int]:
    return {name: asked for name, (asked, _, _) in over.items()}


def _enough(over: Over, holders: Iterable[Holder]) -> list[int]:
    """Those whose end would leave enough, who are expected to end first; or nobody."""
    missing = {name: asked + has - most for name, (asked, has, most) in over.items()}
    found: list[int] = []
    for one in first_to_end(holders):
        found.append(one.job)
        for name, amount in (("running", 1), *one.amounts):
            if name in missing:
                missing[name] -= amount
        if max(missing.values()) <= 0:
            return found
    return []


def _facts(over: Over) -> dict[str, object]:
    return {
        name: {"asked": asked, "taken": has, "allowed": most}
        for name, (asked, has, most) in over.items()
    }


def _has(name: str, asked: int, has: int, most: int) -> str:
    """`runs 2 of at most 2`, `has 1 cpu of at most 2 cpu; it asks 2 cpu`."""
    if name == "running":
        return f"runs {has} of at most {most}"
    asks = f"it asks {amount_text(name, asked)}"
    if asked > most:
        return f"may never have more than {amount_text(name, most)}; {asks}"
    return f"has {amount_text(name, has)} of at most {amount_text(name, most)}; {asks}"


def _fraction(name: str, has: int, most: int) -> str:
    """`1/2 cpu`, `3/3 running`."""
    if name == "running":
        return f"{has}/{most} running"
    return f"{amount_text(name, has).partition(' ')[0]}/{amount_text(name, most)}"
