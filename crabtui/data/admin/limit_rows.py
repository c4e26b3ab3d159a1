"""Everything that is limited: what of it is taken, how much may be, and who says so."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.control.views import QueuesView, QueueView, TenantsView, TenantView

_UNITS = {"cpu_milli": ("cpus", 1_000)}
"""How amounts are told: by which name, and by what they are divided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """One limit."""

    of: str
    """`queue gpu`, `tenant lab`, `everything`."""
    what: str
    """`running`, `waiting`, `cpus`."""
    now: float
    most: float
    source: str = ""
    note: str = ""

    @property
    def part(self) -> float:
        """How much of it is taken, from 0 on."""
        return self.now / self.most if self.most else 1.0


def limit_rows(queues: QueuesView | None, tenants: TenantsView | None) -> list[LimitRow]:
    """All limits: of everything, of queues, of tenants, in this order."""
    rows: list[LimitRow] = []
    if queues is not None:
        if queues.max_depth is not None:
            rows.append(_depth("everything", queues.depth, queues.max_depth, queues.mode))
        for queue in queues.queues:
            rows += _of_queue(queue)
    for tenant in tenants.tenants if tenants is not None else ():
        rows += _of_tenant(tenant)
    return rows


def _depth(of: str, now: int, most: int, mode: str) -> LimitRow:
    note = "" if mode == "normal" else f"backpressure {mode}"
    return LimitRow(of=of, what="waiting", now=now, most=most, source="config", note=note)


def _of_queue(queue: QueueView) -> Iterator[LimitRow]:
    name = f"queue {queue.name}"
    if queue.limit is not None:
        note = f"paused by {queue.paused_by}" if queue.paused_by is not None else ""
        yield LimitRow(
            of=name,
            what="running",
            now=queue.running,
            most=queue.limit,
            source=queue.limit_from or "hand",
            note=note,
        )
    if queue.max_depth is not None:
        depth = queue.queued + queue.pending
        yield _depth(name, depth, queue.max_depth, queue.mode)


def _of_tenant(tenant: TenantView) -> Iterator[LimitRow]:
    space = f"/{tenant.namespace}" if tenant.namespace is not None else ""
    have = {"queued": tenant.queued, "running": tenant.running, **tenant.taken}
    for what, most in tenant.quota.items():
        called, unit = _UNITS.get(what, ("waiting" if what == "queued" else what, 1))
        yield LimitRow(
            of=f"tenant {tenant.tenant}{space}",
            what=called,
            now=have.get(what, 0) / unit,
            most=most / unit,
            source="config",
        )
