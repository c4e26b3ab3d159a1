"""What the scheduler reads of a spec."""

from engine.model.job import Shape
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
        group=rules.concurrency_group,
        group_limit=rules.max_concurrent_in_group if rules.concurrency_group else 1,
    )
