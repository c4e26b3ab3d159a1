"""What a job would be with some changes."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from engine.model.intake.changes import changed, must_be_editable
from engine.model.job import Job, Shape
from engine.model.spec import Command, JobSpec
from engine.policy.arrays.composite import is_composite
from engine.policy.jobs.editing import present_spec
from engine.policy.shapes import shape_of

_NEVER_RUN: Final = Command(argv=("true",))
"""In the place of that of a composite job, which has none."""


def is_new(job: Job, shape: Shape) -> bool:
    """Whether the job would have another shape."""
    return shape != shape_of(job.spec)


def wanted(job: Job, changes: Mapping[str, Any], now_at: int) -> JobSpec:
    """The spec that the job would have. Raises: InvalidSpec."""
    was = present_spec(job)
    if is_composite(job) and was.command == Command():
        was = replace(was, command=_NEVER_RUN)
    spec = changed(was, changes, now_at=now_at)
    must_be_editable(was, spec)
    return spec
