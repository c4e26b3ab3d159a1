"""Which runs of workflows have failed and want somebody, now or at a moment of the past."""

from typing import Final

from engine.model.attention import Matter
from engine.model.ids import MAX_ID, JobId
from engine.policy.why.failed_runs import Run, failed, of_runs
from engine.store.flows import Flows
from engine.store.moments import Reads

PAGE: Final = 100
PAGES: Final = 10
"""So many pages of runs are looked through for those that had begun at a past moment."""


async def failed_runs(flows: Flows, reads: Reads, now_at: int) -> list[Matter]:
    """As of the moment that `reads` tells of, among its newest `PAGE` runs or some more."""
    found = failed(await _begun(flows, reads), now_at)
    counts = await reads.array_counts([flow.id for flow, _ in found]) if found else {}
    return list(of_runs(found, counts))


async def _begun(flows: Flows, reads: Reads) -> list[Run]:
    """Runs that had begun by then, the newest first."""
    begun: list[Run] = []
    below = JobId(MAX_ID)
    for _ in range(PAGES):
        page = await flows.runs(name=None, below=below, limit=PAGE)
        jobs = {job.id: job for job in await reads.jobs([flow.id for flow in page])}
        begun += [(flow, jobs[flow.id]) for flow in page if flow.id in jobs]
        if len(page) < PAGE or len(begun) >= PAGE:
            break
        below = page[-1].id
    return begun
