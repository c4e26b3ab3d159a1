"""Admission: may this job come in, and as what?"""

from collections.abc import Collection

from engine.errors import InvalidSpec
from engine.model.job import Progress, Shape
from engine.model.spec import JobSpec
from engine.model.states import State
from engine.model.worker import Worker
from engine.policy.placement import could_ever_hold, nearest_fit


def admit(spec: JobSpec, unmet: int, now_at: int) -> Progress:
    """The first columns of a job with this spec.

    Args:
        spec: Validated.
        unmet: How many of its dependencies have not succeeded yet.
        now_at: When it comes in.
    """
    starts_at = spec.constraints.not_before_at
    waits = unmet > 0 or (starts_at is not None and starts_at > now_at)
    return Progress(
        state=State.PENDING if waits else State.QUEUED,
        queue=spec.queue,
        priority=spec.priority,
        version=0,
        queued_at=None if waits else now_at,
        state_at=now_at,
        wake_at=starts_at if waits else None,
        unmet=unmet,
        held_by=spec.owner if spec.held else None,
        held_why="submitted on hold" if spec.held else "",
    )


def must_be_satisfiable(shape: Shape, workers: Collection[Worker], where: str) -> None:
    """Let a job pass that some worker could hold if it were empty.

    Raises:
        InvalidSpec: none ever could; names the nearest fit.
    """
    if not could_ever_hold(shape, workers):
        raise InvalidSpec(f"{where}: {nearest_fit(shape, workers)}", field=f"{where}.resources")
