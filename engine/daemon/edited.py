"""What a job would be with some changes."""

from collections.abc import Mapping
from typing import Any

from engine.model.intake.changes import changed, must_be_editable
from engine.model.job import Job, Shape
from engine.model.spec import JobSpec
from engine.policy.jobs.editing import present_spec
from engine.policy.shapes import shape_of


def is_new(job: Job, shape: Shape) -> bool:
    """Whether the job would have another shape."""
    return shape != shape_of(job.spec)


def wanted(job: Job, changes: Mapping[str, Any], now_at: int) -> JobSpec:
    """The spec that the job would have. Raises: InvalidSpec."""
    was = present_spec(job)
    spec = changed(was, changes, now_at=now_at)
    must_be_editable(was, spec)
    return spec
