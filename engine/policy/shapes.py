"""The shape of a job: what eligibility reads of it, so that like jobs can share a lane."""

from functools import lru_cache

from engine.model.job import Shape
from engine.model.resources import Resources
from engine.model.spec import JobSpec


def shape_of(spec: JobSpec) -> Shape:
    """The shape of a job with this spec; the order in which it lists things does not matter."""
    needs, where = spec.resources, spec.constraints
    group = where.concurrency_group
    return Shape(
        cpu_milli=needs.cpu_milli,
        memory_mb=needs.memory_mb,
        gpu=needs.gpu,
        gpu_type=needs.gpu_type,
        storage_mb=needs.storage_mb,
        custom=tuple(sorted(needs.custom)),
        workers=_names(where.required_workers),
        not_workers=_names(where.excluded_workers),
        labels=_names(where.required_labels),
        backends=_names(where.required_backends),
        not_backends=_names(where.excluded_backends),
        group=group,
        group_limit=where.max_concurrent_in_group if group else 1,
    )


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


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
