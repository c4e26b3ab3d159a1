"""`tenants`: what each tenant and namespace has, against what it may have."""

from collections.abc import Iterator

from engine.control.messages import ListTenants
from engine.control.views import TenantsView, TenantView
from engine.daemon.desk import Caller, Desk
from engine.ledger.memory.working_set import WorkingSet
from engine.model.rules import DEFAULT_RULES, Quota
from engine.model.snapshot import NOTHING_TAKEN, Taken
from engine.policy.entry.quotas import NO_RULES, Account, quota_of
from engine.policy.scheduling.fairness import WHOLE, Shares


async def answer(desk: Desk, _: Caller, __: ListTenants) -> TenantsView:
    """All that are configured or have live jobs, by name; each before its namespaces."""
    working_set = desk.working_set
    found = sorted(set(_accounts(working_set)), key=lambda one: (one[0], one[1] or ""))
    return TenantsView(tenants=tuple(_view(working_set, account) for account in found))


def _accounts(working_set: WorkingSet) -> Iterator[Account]:
    for tenant, rules in working_set.rules.tenants.items():
        yield Account(tenant)
        yield from (Account(tenant, namespace) for namespace in rules.namespaces)
    yield from working_set.backlog.waiting
    yield from map(Account, working_set.usage.of_tenant)
    yield from (Account(*both) for both in working_set.usage.of_namespace)


def _view(working_set: WorkingSet, account: Account) -> TenantView:
    taken = _taken(working_set, account)
    rules = working_set.rules
    return TenantView(
        tenant=account.tenant,
        namespace=account.namespace,
        weight=rules.tenants.get(account.tenant, NO_RULES).weight,
        share=_share(working_set, taken),
        running=taken.running,
        queued=working_set.backlog.waiting[account],
        taken={name: amount for name, amount in taken.amounts.items() if amount},
        quota=_limits(quota_of(account, rules)),
    )


def _taken(working_set: WorkingSet, account: Account) -> Taken:
    usage = working_set.usage
    if account.namespace is None:
        return usage.of_tenant.get(account.tenant, NOTHING_TAKEN)
    return usage.of_namespace.get((account.tenant, account.namespace), NOTHING_TAKEN)


def _share(working_set: WorkingSet, taken: Taken) -> float:
    """The largest part of any dimension of the open workers, whatever the weight."""
    rooms = [working_set.usage.room(worker) for worker in working_set.workers.values()]
    return Shares(rooms, {"": taken}, DEFAULT_RULES).of("") / WHOLE


def _limits(quota: Quota) -> dict[str, int]:
    limits = {
        "queued": quota.queued,
        "running": quota.running,
        "cpu_milli": quota.cpu_milli,
        "gpu": quota.gpu,
    }
    return {name: limit for name, limit in limits.items() if limit is not None}
