"""From values to the rules of scheduling and admission."""

from typing import Any

from msgspec.structs import replace

from engine.config.schema import Path
from engine.config.values import Values
from engine.model.priority import Priority
from engine.model.rules import Pressure, QueueRules, Quota, Rate, Rules, TenantRules

_SCHEDULER = {
    "ageing": "ageing",
    "ageing_period": "ageing_period_ms",
    "ageing_most": "ageing_most",
    "starvation_grants": "starvation_grants",
    "reserve_after_grants": "reserve_after_grants",
    "preemption": "preemption",
    "inheritance": "inheritance",
    "placing": "placing",
    "exploratory_phases": "exploratory_phases",
    "region": "region",
    "breaker_failures": "breaker_failures",
    "breaker_open": "breaker_open_ms",
    "quarantine_after": "quarantine_after",
}
"""Fields of Rules by their keys."""


def rules_of(values: Values) -> Rules:
    """The rules that `values` come to. Raises: InvalidSpec, if they contradict each other."""
    plain: dict[str, Any] = {
        field: values["scheduler", key] for key, field in _SCHEDULER.items()
    }
    groups = {
        name: values["limits", "groups", name] for name in values.names("limits", "groups")
    }
    return Rules(
        shares={level: values["scheduler", "shares", level.label] for level in Priority},
        pressure=_pressure(values, ("limits",), "max_queue_depth"),
        groups={name: limit for name, limit in groups.items() if limit is not None},
        queues={name: _queue(values, name) for name in values.names("queues")},
        tenants={name: _tenant(values, name) for name in values.names("tenants")},
        worker_order=tuple(values.as_written("workers")),
        **plain,
    )


def _queue(values: Values, name: str) -> QueueRules:
    at: Path = ("queues", name)
    weight: Path = (*at, "weight")
    depth: Path = (*at, "max_depth")
    return QueueRules(
        limit=values[(*at, "limit")],
        weight=values[weight] if values.is_given(weight) else None,
        starts=_rate(values, at),
        pressure=_pressure(values, at, "max_depth") if values[depth] is not None else None,
    )


def _pressure(values: Values, at: Path, depth: str) -> Pressure:
    return Pressure(
        max_depth=values[(*at, depth)],
        at_percent=values[(*at, "at_percent")],
        reduce_parallelism=values[(*at, "reduce_parallelism")],
    )


def _rate(values: Values, at: Path) -> Rate | None:
    rate: Rate | None = values[(*at, "rate")]
    burst = values[(*at, "burst")]
    if burst is None:
        return rate
    if rate is None:
        raise values.wrong((*at, "burst"), "there is no rate that it could belong to", "rate")
    return replace(rate, burst=burst)


def _tenant(values: Values, name: str) -> TenantRules:
    at: Path = ("tenants", name)
    spaces = values.names(*at, "namespaces")
    return TenantRules(
        weight=values[(*at, "weight")],
        quota=_quota(values, at),
        starts=_rate(values, at),
        namespaces={space: _quota(values, (*at, "namespaces", space)) for space in spaces},
    )


def _quota(values: Values, at: Path) -> Quota:
    return Quota(
        queued=values[(*at, "queued")],
        running=values[(*at, "running")],
        cpu_milli=values[(*at, "cpu")],
        gpu=values[(*at, "gpu")],
        submissions=values[(*at, "submissions")],
    )
