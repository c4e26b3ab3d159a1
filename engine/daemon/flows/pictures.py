"""Runs of workflows seen as plans: levels, the critical path, and when what is left will end.

Working that out costs as much as the run has tasks. So it is kept for a while, and a run
with more than `MOST_PLANNED` tasks has no such picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.daemon.aside import Aside
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import FINAL
from engine.model.workflow import After
from engine.policy.workflows.graph import Graph, ordered
from engine.policy.workflows.plan import GUESS_MS, Plan, Span, plan

MOST_PLANNED: Final = 10_000
KEPT: Final = 8
"""Pictures that are kept."""
FRESH_S: Final = 0.5
"""A picture is as good as new for so long, or for `SHARE` times as long as it took."""
SHARE: Final = 20
MARK_EVERY: Final = 1_000
"""Tasks between two of which the place is remembered."""


@dataclass(frozen=True, slots=True)
class FlowPicture:
    """One run, worked out. Times of the plan are in ms from `began_at`."""

    plan: Plan
    ids: tuple[JobId, ...]
    """Its tasks in order."""
    began_at: int
    level_of: Mapping[str, int]
    critical: frozenset[str]
    critical_ids: tuple[JobId, ...]
    """Tasks of the critical path, by id."""
    is_guess: bool

    def span(self, task: str) -> Span | None:
        """When a task runs; None if it came after the picture was made."""
        return self.plan.spans.get(task)

    def at(self, ms: int) -> int:
        """An instant of the plan, in UTC microseconds."""
        return self.began_at + ms * 1000


def picture_of(
    jobs: Sequence[Job],
    times: Mapping[str, int],
    began_at: int,
    now_at: int,
    within: Mapping[str, int] | None = None,
) -> FlowPicture:
    """Work a run out.

    Args:
        jobs: All of its tasks, by id.
        times: By task, how long it took in an earlier run, in ms.
        began_at: When the run came.
        now_at: What has not started does not before.
        within: By composite task, how long it takes as its own jobs tell, in ms.
    """
    known = {job.spec.task: took for job in jobs if (took := _known(job, times)) is not None}
    known |= within or {}
    usual = sum(known.values()) // len(known) if known else GUESS_MS
    edges = _edges(jobs)
    found = plan(
        Graph(edges, ordered(edges)),
        {job.spec.task: known.get(job.spec.task, usual) for job in jobs},
        begun={
            job.spec.task: _ms(job.now.started_at, began_at)
            for job in jobs
            if job.now.started_at is not None
        },
        ended={
            job.spec.task: _ms(job.now.ended_at, began_at)
            for job in jobs
            if job.now.ended_at is not None and job.now.state in FINAL
        },
        now=_ms(now_at, began_at),
    )
    critical = frozenset(found.critical_path)
    return FlowPicture(
        plan=found,
        ids=tuple(job.id for job in jobs),
        began_at=began_at,
        level_of=found.level_of,
        critical=critical,
        critical_ids=tuple(job.id for job in jobs if job.spec.task in critical),
        is_guess=any(job.spec.task not in known and job.now.state not in FINAL for job in jobs),
    )


def _known(job: Job, times: Mapping[str, int]) -> int | None:
    said = job.spec.estimated_duration_ms
    return said if said is not None else times.get(job.spec.task)


def _edges(jobs: Sequence[Job]) -> dict[str, tuple[tuple[str, After], ...]]:
    name = {job.id: job.spec.task for job in jobs}
    return {
        job.spec.task: tuple(
            (name[edge.on], edge.after)
            for edge in job.spec.constraints.edges
            if edge.on in name
        )
        for job in jobs
    }


def _ms(at: int, began_at: int) -> int:
    return max(at - began_at, 0) // 1000


@dataclass(slots=True)
class FlowPictures:
    """The pictures that were made lately."""

    aside: Aside = field(default_factory=lambda: Aside("plans"))
    _kept: dict[JobId, tuple[float, FlowPicture]] = field(default_factory=dict)
    _marks: dict[JobId, list[JobId]] = field(default_factory=dict)

    def marks(self, flow: JobId) -> list[JobId]:
        """Ids of each `MARK_EVERY`-th task of a run, as far as they are known.

        Tasks come at the end alone, so what is known stays true.
        """
        known = self._marks.pop(flow, [])
        while len(self._marks) >= KEPT:
            del self._marks[next(iter(self._marks))]
        self._marks[flow] = known
        return known

    def fresh(self, flow: JobId, now_s: float) -> FlowPicture | None:
        """The picture of a run, if it is still as good as new."""
        until_s, picture = self._kept.get(flow, (0.0, None))
        return picture if now_s < until_s else None

    def keep(self, flow: JobId, picture: FlowPicture, began_s: float, now_s: float) -> None:
        """Keep a picture that was begun at `began_s`, in place of the oldest."""
        self._kept.pop(flow, None)
        while len(self._kept) >= KEPT:
            del self._kept[next(iter(self._kept))]
        fresh_s = max(FRESH_S, SHARE * (now_s - began_s))
        self._kept[flow] = (now_s + fresh_s, picture)
