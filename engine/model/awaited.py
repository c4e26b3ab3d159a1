"""How the jobs stand for which a job waits."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.model.job import Job
from engine.model.states import FINAL
from engine.model.workflow import MET_BY, After, Edge


@dataclass(frozen=True, slots=True)
class Awaited:
    """The dependencies of one job, added up."""

    total: int = 0
    unmet: int = 0
    """Those that have not ended as they must; those that never will included."""
    broken: Job | None = None
    """One that has ended in another way, so that what waits for it is skipped."""


def awaited(edges: Iterable[Edge], jobs: Iterable[Job]) -> Awaited:
    """How these jobs stand to one that waits for them, of which `edges` say how."""
    after = {edge.on: edge.after for edge in edges}
    seen = list(jobs)
    unmet = [one for one in seen if one.now.state not in MET_BY[after.get(one.id, _USUAL)]]
    broken = (one for one in unmet if one.now.state in FINAL)
    return Awaited(len(seen), len(unmet), min(broken, key=lambda one: one.id, default=None))


_USUAL = After.SUCCESS
