"""How long jobs like one usually run."""

from collections.abc import Sequence
from typing import Final

from engine.control.views import UsualTimes
from engine.daemon.desk import Desk
from engine.model.job import Job

ALIKE: Final = 20
"""The newest successful runs, which are looked at."""


async def usual_times(desk: Desk, job: Job) -> UsualTimes | None:
    """Of jobs with its name in its queue that succeeded; None if it has no name, or no like."""
    if not job.spec.name:
        return None
    times = sorted(await desk.store.run_times_ms(job.spec.name, job.now.queue, ALIKE))
    if not times:
        return None
    return UsualTimes(
        p50_ms=share_within(times, 50), p90_ms=share_within(times, 90), runs=len(times)
    )


def share_within(times: Sequence[int], percent: int) -> int:
    """The shortest of these times, sorted, that so many percent of them keep within."""
    return times[max(-(-len(times) * percent // 100) - 1, 0)]
