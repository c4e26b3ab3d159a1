"""Flows: composite jobs follow their tasks; fan-outs unfold, failures may stop the rest."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from functools import partial

from engine.clock import Clock
from engine.errors import EngineError, Refused, StaleEpoch, StaleLease, StoreError
from engine.ledger.deciding import Decide, Done
from engine.ledger.ledger import Ledger
from engine.ledger.rows.growth import Grower
from engine.ledger.setbacks import Setbacks
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.spec import Kind
from engine.model.states import FINAL, WAITING, State
from engine.model.workflow import Flow, OnFailure
from engine.policy.arrays.composite import FAILURES, Counts, is_composite, number
from engine.policy.jobs.change import Change
from engine.policy.workflows.following import (
    MOST_NAMED,
    follow,
    is_spoiled,
    must_stop,
    must_unfold,
    named,
    skipped_for,
    stop_task,
    stop_within,
)
from engine.store.protocol import Draft, Store
from engine.wake import Wake

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Flows, or tasks of one, that are looked at before others get a turn."""

KEPT = 64
"""Flows that are remembered."""

SKIPPED = frozenset({State.SKIPPED})
UNSUCCESSFUL = FAILURES | {State.CANCELED}

Those = Callable[[Sequence[Job]], Awaitable[list[Job]]]
"""Picks some of these tasks."""

SPEAKING = FINAL | {State.RUNNING, State.RETRYING, State.QUEUED}
"""A task that has come to one of these may be news to its flow."""


class TaskNews:
    """Which flows have tasks that moved; bounded by the number of flows."""

    def __init__(self) -> None:
        self.wake = Wake()
        self._flows: set[JobId] = set()

    def hear(self, jobs: Iterable[Job]) -> None:
        """Take in jobs as a commit left them."""
        for job in jobs:
            if job.spec.flow is not None and job.now.state in SPEAKING:
                self.look_at(job.spec.flow)
            if job.spec.kind is Kind.COMPOSITE and job.spec.array is None:
                self.look_at(job.id)  # it may have been let go, and have to be unfolded

    def look_at(self, flow: JobId) -> None:
        """Have the loop look at a flow."""
        self._flows.add(flow)
        self.wake.knock()

    def take(self) -> list[JobId]:
        """Those that moved since this was last asked, the innermost first."""
        taken, self._flows = sorted(self._flows, reverse=True), set()
        return taken


class Flows:
    """Brings composite jobs to where their tasks are. What counts is in the store."""

    def __init__(
        self,
        *,
        store: Store,
        ledger: Ledger,
        grower: Grower,
        clock: Clock,
        news: TaskNews,
        setbacks: Setbacks,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._grower = grower
        self._clock = clock
        self._news = news
        self._setbacks = setbacks
        self._kept: Counter[JobId] = Counter()
        """Flows of which tasks are just being run again, by how many acts."""
        self._known: dict[JobId, Flow] = {}
        """Flows of which tasks moved lately."""
        self._lame: set[JobId] = set()
        """Flows that were told of as not able to follow."""

    async def run(self) -> None:
        """Look, decide, write, wait. Begins with all flows: much may have been missed."""
        for live in await self._store.live_flows():
            self._news.look_at(live.id)
        while True:
            await self._news.wake.wait()
            moved = self._news.take()
            try:
                await self.settle(moved)
            except BaseException:
                for flow in moved:
                    self._news.look_at(flow)
                raise

    def keep(self, flow: JobId) -> None:
        """Leave a flow as it is until `let_go`: tasks of it are being run again."""
        self._kept[flow] += 1

    def let_go(self, flow: JobId) -> None:
        """Follow its tasks again, once everybody who kept it has let it go."""
        self._kept[flow] -= 1
        if self._kept[flow] <= 0:
            del self._kept[flow]
            self._news.look_at(flow)

    async def settle(self, flows: Sequence[JobId]) -> None:
        """Bring these flows' composite jobs to where their tasks are."""
        for begin in range(0, len(flows), AT_ONCE):
            some = flows[begin : begin + AT_ONCE]
            jobs = await self._store.jobs(some)
            counts = await self._store.array_counts(some)  # no older than the jobs
            for job in jobs:
                await self._settle_alone(job, counts.get(job.id, {}))

    async def _settle_alone(self, job: Job, counts: Counts) -> None:
        """Settle one; what breaks in it is told, and costs no other flow anything."""
        try:
            await self._setbacks.contain(f"flow #{job.id}", self._settle_if_any(job, counts))
        except (StaleEpoch, StoreError):
            raise
        except StaleLease:
            self._news.look_at(job.id)
        except EngineError as error:
            self._tell(job, error)

    async def _settle_if_any(self, job: Job, counts: Counts) -> None:
        flow = await self._flow(job.id)
        if flow is not None and flow.id not in self._kept:
            await self._settle(job, flow, counts)

    async def _flow(self, composite: JobId) -> Flow | None:
        """What is remembered of it, which stays as it was made."""
        if composite not in self._known:
            found = await self._store.flow(composite)
            if found is None:
                return None
            if len(self._known) >= KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[composite] = found
        return self._known[composite]

    async def _settle(self, job: Job, flow: Flow, counts: Counts) -> None:
        if must_unfold(job, flow, counts):
            await self._unfold(job, flow)
            return
        failed = await self._spoiling(flow, counts)
        await self._bring(job, flow, counts, failed)
        if must_stop(flow, failed, counts) and job.now.state not in FINAL:
            await self._stop(job, failed)

    async def _spoiling(self, flow: Flow, counts: Counts) -> Sequence[Job]:
        """The first tasks whose ends are that of the whole, as far as it matters by now."""
        has_ended = number(counts, FINAL) == sum(counts.values())
        if not has_ended and flow.on_failure is not OnFailure.STOP:
            return ()
        failed: Sequence[Job] = ()
        if number(counts, FAILURES):
            failed = await self._first(flow.id, FAILURES, _spoiled)
        if not failed and has_ended and number(counts, SKIPPED):
            failed = await self._first(flow.id, SKIPPED, self._left_out)
        return failed

    async def _first(
        self, flow: JobId, states: Collection[State], those: Those
    ) -> Sequence[Job]:
        after, found = JobId(0), list[Job]()
        while len(found) <= MOST_NAMED:
            tasks = await self._store.tasks_in(flow, states, after, AT_ONCE)
            found += await those(tasks)
            if len(tasks) < AT_ONCE:
                break
            after = tasks[-1].id
        return found

    async def _left_out(self, tasks: Sequence[Job]) -> list[Job]:
        """Those that were skipped for what has not succeeded to this day."""
        roots = {job.id: root for job in tasks if (root := skipped_for(job)) is not None}
        jobs = await self._store.jobs(sorted(set(roots.values())))
        bad = {one.id for one in jobs if one.now.state in UNSUCCESSFUL}
        return [job for job in tasks if roots.get(job.id) in bad]

    async def _unfold(self, job: Job, flow: Flow) -> None:
        """Make the tasks of a fan-out; one that cannot be unfolded has failed."""
        try:
            await self._grower.unfold(job, flow)
        except StaleLease:
            self._news.look_at(job.id)
        except Refused as refusal:
            await self._grower.cannot_unfold(job, refusal)

    async def _bring(self, job: Job, flow: Flow, counts: Counts, failed: Sequence[Job]) -> None:
        decide = partial(self._follow, job, flow, counts, failed)
        try:
            await self._ledger.act(job, decide)
        except StaleLease:
            self._news.look_at(job.id)
        except Refused as refusal:
            self._tell(job, refusal)
        else:
            self._lame.discard(job.id)

    def _follow(
        self, seen: Job, flow: Flow, counts: Counts, failed: Sequence[Job], job: Job
    ) -> Change | None:
        if job.id in self._kept:
            return None
        if job.now.version != seen.now.version:  # and so its tasks may have moved too
            self._news.look_at(job.id)
            return None
        return follow(job, flow, counts, failed, self._clock.now())

    async def _stop_tasks(self, flow: JobId, stop: Decide, why: str) -> bool:
        """Do it to the tasks that wait, and to all within them; whether anything was."""
        after, has_stopped = JobId(0), False
        within = partial(stop_within, why=why, now_at=self._clock.now())
        while tasks := await self._store.tasks_in(flow, WAITING, after, AT_ONCE):
            stopped = _changed(await self._ledger.act_on_all(tasks, stop))
            has_stopped |= bool(stopped)
            for whole in (one for one in stopped if is_composite(one)):
                await self._stop_tasks(whole.id, within, why)
                await self._stop_members(whole.id, within)
            after = tasks[-1].id
        return has_stopped

    async def _stop_members(self, array: JobId, stop: Decide) -> None:
        offset = 0
        while members := await self._store.members(array, offset, AT_ONCE):
            await self._ledger.act_on_all(members, stop)
            offset += len(members)

    def _tell(self, job: Job, refusal: EngineError) -> None:
        """Say once that a composite cannot follow: its tasks go on, and so do we."""
        if job.id in self._lame:
            return
        self._lame.add(job.id)
        cause = f"it stays {job.now.state} while tasks of it move: {refusal.message}"
        log.warning("flow #%d: %s", job.id, cause)
        tenant = job.spec.tenant
        self._ledger.tell(
            Draft(type=EventType.JOB_BLOCKED, job=job.id, tenant=tenant, cause=cause)
        )

    async def _stop(self, job: Job, failed: Sequence[Job]) -> None:
        """Cancel the tasks that wait, but for those that are there for a failure."""
        why = f"{named(failed)}, and the workflow stops at a failure"
        stop = partial(stop_task, why=why, now_at=self._clock.now())
        if await self._stop_tasks(job.id, stop, why):
            self._ledger.tell(
                Draft(
                    type=EventType.WORKFLOW_STOPPED,
                    job=job.id,
                    tenant=job.spec.tenant,
                    cause=why,
                )
            )


async def _spoiled(tasks: Sequence[Job]) -> list[Job]:
    return [job for job in tasks if is_spoiled(job)]


def _changed(done: Iterable[Done]) -> list[Job]:
    """The jobs to which something was done, as they are now."""
    return [one[1] for one in done if isinstance(one, tuple) and one[0] is not one[1]]
