"""What an action can know when it is asked whether it is allowed and what it would do."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from crabtui.data.wording import plural
from engine.control.messages import Targets
from engine.control.views import CronView, FlowView, JobRow, QueueView, WorkerView
from engine.model.attention import Matter
from engine.model.states import FINAL

EVERY_JOB: Final = "id>0"
"""The engine takes an empty filter for a slip."""


class Scope(StrEnum):
    """Where an action works; the nearest scope to the focus wins a key."""

    GLOBAL = "global"
    TABLE = "table"
    PULSE = "pulse"
    JOBS = "jobs"
    GROUPS = "groups"
    QUEUES = "queues"
    STUCK = "stuck"
    WORKERS = "workers"
    EVENTS = "events"
    FLOWS = "flows"
    FLOW = "flow"
    WHY = "why"
    ATTEMPTS = "attempts"
    KIN = "kin"
    ARTIFACTS = "artifacts"
    DETAIL = "detail"
    LOG = "log"
    FOUND = "found"
    ADMIN = "admin"
    AUDIT = "audit"
    LOOKS = "looks"
    CRONS = "crons"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The objects that an act would be for, frozen, and what stands in its way."""

    scopes: tuple[Scope, ...] = (Scope.GLOBAL,)
    """Nearest first."""
    jobs: tuple[JobRow, ...] = ()
    """The targets as last seen; with `where`, those of them that are on screen."""
    where: str | None = None
    """The query that names the targets, when all that match are marked."""
    seq: int | None = None
    """With `where`: the newest event of which this console had heard."""
    count: int = 0
    """How many jobs the target names; more than `jobs` only with `where`."""
    hidden: int = 0
    """How many of the marked jobs the filter hides."""
    queue: QueueView | None = None
    worker: WorkerView | None = None
    matter: Matter | None = None
    flow: FlowView | None = None
    """The run that is looked at, or that the cursor is on."""
    cron: CronView | None = None
    link: str = ""
    """Why the daemon cannot be asked now; empty if it can."""
    past: str = ""
    """Why nothing can be changed at the moment that is looked at; empty if it is now."""
    read_only: bool = False
    never_acts: bool = False
    """Read-only for good."""
    can_undo: bool = False

    @property
    def targets(self) -> Targets:
        """The same objects, as a request names them."""
        if self.where is not None:
            return Targets(where=self.where or EVERY_JOB, seq=self.seq)
        return Targets(ids=tuple(job.id for job in self.jobs))

    @property
    def subject(self) -> tuple[object, ...]:
        """Whatever an act would be for, by name: equal for two that mean the same things."""
        jobs = frozenset(job.id for job in self.jobs) if self.where is None else self.where
        names = (each.name if each else "" for each in (self.queue, self.worker, self.cron))
        flow = self.flow.id if self.flow else 0
        return jobs, *names, self.matter.key if self.matter else "", flow

    @property
    def states(self) -> Counter[str]:
        """How many targets are in each state, as last seen; of an array its members."""
        found: Counter[str] = Counter()
        for job in self.jobs:
            found.update(job.members or {job.state: 1})
        return found

    @property
    def all_ended(self) -> bool:
        """Whether nothing more can happen to any target by itself."""
        return self.where is None and all(job.state in FINAL for job in self.jobs)


def objects(situation: Situation, most: int = 3) -> str:
    """The targets by name: `#12 train`, or `3 jobs (#12, #13, #14)`."""
    jobs = situation.jobs
    if situation.where == "":
        return f"all {plural(situation.count, 'job')}"
    if situation.where is not None:
        one = situation.count == 1
        named = "1 job that matches" if one else f"{situation.count:,} jobs that match"
        return f"{named}  {situation.where}"
    if len(jobs) == 1:
        members = sum(jobs[0].members.values())
        return f"#{jobs[0].id} {jobs[0].name}" + (
            f", {plural(members, 'member')}" if members else ""
        )
    ids = ", ".join(f"#{job.id}" for job in jobs[:most])
    return f"{len(jobs)} jobs ({ids}{', …' if len(jobs) > most else ''})"
