"""Shapes: what the scheduler reads of a spec, what it takes, and what a worker has."""

from functools import lru_cache

from engine.model.job import COMMANDS, Shape
from engine.model.resources import Resources
from engine.model.spec import JobSpec


def shape_of(spec: JobSpec) -> Shape:
    """The shape of a job with this spec: equal for jobs that could stand in for each other."""
    needs, rules = spec.resources, spec.constraints
    return Shape(
        cpu_milli=needs.cpu_milli,
        memory_mb=needs.memory_mb,
        gpu=needs.gpu,
        gpu_type=needs.gpu_type,
        storage_mb=needs.storage_mb,
        custom=needs.custom,
        workers=tuple(sorted(rules.required_workers)),
        not_workers=tuple(sorted(rules.excluded_workers)),
        labels=tuple(sorted(rules.required_labels)),
        backends=tuple(sorted(rules.required_backends)),
        not_backends=tuple(sorted(rules.excluded_backends)),
        not_labels=tuple(sorted(rules.excluded_labels)),
        wished_workers=tuple(sorted(rules.preferred_workers)),
        wished_backends=tuple(sorted(rules.preferred_backends)),
        wished_labels=tuple(sorted(rules.preferred_labels)),
        session=rules.session_id,
        locality=rules.locality,
        placing=rules.placing,
        is_gate=spec.is_promotion_gate,
        phase=spec.agent_phase,
        namespace=spec.namespace,
        array=spec.array,
        goal=rules.goal,
        parent=spec.parent_id if rules.goal is not None else None,
        group=rules.concurrency_group,
        work=COMMANDS if spec.call is None else spec.call.work,
        group_limit=rules.max_concurrent_in_group if rules.concurrency_group else 1,
    )


@lru_cache(maxsize=8192)
def needs(shape: Shape) -> tuple[tuple[str, int], ...]:
    """The amounts that a job of this shape takes, by dimension; zeros left out."""
    asked = Resources(
        cpu_milli=shape.cpu_milli,
        memory_mb=shape.memory_mb,
        gpu=shape.gpu,
        storage_mb=shape.storage_mb,
        custom=shape.custom,
    )
    return tuple((name, amount) for name, amount in asked.items() if amount)


@lru_cache(maxsize=1024)
def amounts(capacity: Resources) -> dict[str, int]:
    """What a worker has, by dimension. Not to be changed."""
    return dict(capacity.items())
