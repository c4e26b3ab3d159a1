"""Grant: look at what waits and what is free, plan a round, write it, start it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from engine.backends.protocol import Backend, Order, Report
from engine.clock import Clock
from engine.errors import EngineError, InvalidSpec, LinkRefused, StaleEpoch, Unreachable
from engine.ledger.attempts.attempts import Attempts, Granted
from engine.ledger.attempts.contexts import Before
from engine.ledger.attempts.orders import Orders
from engine.ledger.attempts.reports import has_ended
from engine.ledger.attempts.reuse import Reuse
from engine.ledger.attempts.strays import put_down
from engine.ledger.attempts.supplies import Supplies
from engine.ledger.ledger import Ledger
from engine.ledger.memory.gauges import Gauge
from engine.ledger.memory.lanes import WINDOW, LaneWindow
from engine.ledger.memory.live import Live
from engine.ledger.memory.working_set import WorkingSet
from engine.model.events import EventType
from engine.model.ids import AttemptId, JobId
from engine.model.job import Job
from engine.model.link import LinkState
from engine.model.reasons import Gate, GateKind
from engine.model.snapshot import Carried, LaneKey, Snapshot
from engine.model.states import Phase
from engine.model.worker import Worker
from engine.policy.jobs.lifecycle import displace
from engine.policy.reuse import Turn
from engine.policy.scheduling.decisions import Displace, Hold, Notice, Start
from engine.policy.scheduling.scheduler import schedule
from engine.policy.why.job_gates import reuse_gate
from engine.store.protocol import Draft, Store
from engine.wake import Wake

log = logging.getLogger(__name__)

AGAIN_S = 1.0
"""How long a worker that did not answer is left alone before the start is repeated."""

SHORTEST_S = 0.01
"""Look again because of time alone no sooner than this."""


class Dispatch:
    """The loop that grants. It sleeps until something could have changed its mind."""

    def __init__(
        self,
        *,
        store: Store,
        working_set: WorkingSet,
        ledger: Ledger,
        attempts: Attempts,
        orders: Orders,
        reuse: Reuse,
        supplies: Supplies,
        backends: Mapping[str, Backend],
        clock: Clock,
        wake: Wake,
        round_ms: Gauge,
    ) -> None:
        self._store = store
        self._set = working_set
        self._ledger = ledger
        self._attempts = attempts
        self._orders = orders
        self._reuse = reuse
        self._supplies = supplies
        self._looking: set[JobId] = set()
        """Jobs for which a result to reuse is being looked for."""
        self._returning: set[JobId] = set()
        """Jobs that are about to stand in their lanes again."""
        self._backends = backends
        self._clock = clock
        self._wake = wake
        self._round_ms = round_ms
        self._at_rest: Carried | None = None

    async def run(self) -> None:
        """Look, decide, write, wait."""
        await self._recover()
        async with asyncio.TaskGroup() as reading:
            self._refill(reading)  # who is not in memory yet may be the one to go first
        async with asyncio.TaskGroup() as tasks:
            look_again_at: int | None = None
            while True:
                await self._wait(look_again_at)
                self._refill(tasks)
                if freed := self._set.flights.take_freed():
                    self._returning.update(freed)
                    tasks.create_task(self._return(freed))
                if self._rests():
                    look_again_at = None
                    self._set.has_looked(self._clock.now())
                    continue
                began_s = self._clock.monotonic()
                snapshot = self._look()
                plan = schedule(snapshot)
                self._round_ms.add((self._clock.monotonic() - began_s) * 1000)
                self._set.carried = plan.carried
                self._at_rest = None if snapshot.lanes else plan.carried
                look_again_at = plan.look_again_at
                if plan.starts:
                    self._launch(plan.starts, tasks)
                    self._refill(tasks)
                self._displace(plan.displaced, tasks)
                self._remember(plan.holds, snapshot.now_at)
                if plan.notices or plan.carried.buckets != snapshot.carried.buckets:
                    self._ledger.tell(*map(_told, plan.notices), carried=plan.carried)

    def _rests(self) -> bool:
        """Whether nothing waits, and the last round, in which nothing did, has wound up.

        Every look at one of many hosts knocks; a round costs a look at each worker.
        """
        windows = self._set.lanes.windows.values()
        return self._set.carried is self._at_rest and not any(one.jobs for one in windows)

    def _look(self) -> Snapshot:
        """What there is to plan by: only workers that something can be started on."""
        snapshot = self._set.snapshot(self._clock.now())
        if snapshot.rooms.keys() <= self._backends.keys():
            return snapshot
        ours = {name: room for name, room in snapshot.rooms.items() if name in self._backends}
        return replace(snapshot, rooms=ours)

    async def _wait(self, until_at: int | None) -> None:
        """Sleep until somebody knocks, or until time alone may let another job start."""
        if until_at is None:
            await self._wake.wait()
            return
        left_s = (until_at - self._clock.now()) / 1_000_000
        await self._wake.wait_at_most(self._clock, max(left_s, SHORTEST_S))

    def _displace(self, displaced: Sequence[Displace], tasks: asyncio.TaskGroup) -> None:
        for one in displaced:
            live = self._set.live.by_attempt.get(one.holder.attempt)
            if live is not None and self._set.expect_stop(live):
                tasks.create_task(self._make_room(live, one))

    async def _make_room(self, live: Live, one: Displace) -> None:
        """Mark the attempt's job, so that it survives us, and then have it end."""
        decide = partial(displace, attempt=live.attempt.id, for_job=one.for_job, why=one.why)
        try:
            _, job = await self._ledger.act(live.job, decide)
        except StaleEpoch:
            raise
        except EngineError as refusal:
            log.debug("#%d is not displaced: %s", live.job.id, refusal)
            self._set.renew(live)
            return
        if job.now.displaced_for is not None and live.job.now.stopping:
            await self._attempts.stop(live)
        else:
            self._set.renew(live)

    async def _recover(self) -> None:
        """Take up what this loop had begun when it broke: reads, and grants not handed over."""
        for window in self._set.lanes.windows.values():
            window.refilling = False
        await self._ledger.writer.post(lambda: None)  # every grant posted before is answered
        for live in self._set.live.by_attempt.values():
            self._set.renew(live)
        begun = [
            live
            for live in self._set.live.by_attempt.values()
            if live.attempt.phase is Phase.INTENT and live.report is None
        ]
        for live in begun:
            await self._take_up(live)
        for live in list(self._set.live.by_attempt.values()):
            await self._attempts.recall(live)
        await self._reuse.recover()
        await self._return([*self._looking, *self._returning])

    async def _take_up(self, live: Live) -> None:
        attempt = live.attempt
        if live.job.now.attempt != attempt.id:
            await self._attempts.give_back(live)
        elif attempt.worker in self._backends:
            with suppress(Unreachable, LinkRefused):  # else it is adopted when its host is back
                [report] = await self._backends[attempt.worker].adopt([attempt.id])
                self._attempts.heard(report)

    def _refill(self, tasks: asyncio.TaskGroup) -> None:
        for key, window in self._set.lanes.windows.items():
            if window.wants_refill:
                window.refilling = True
                tasks.create_task(self._read(key, window))

    async def _read(self, key: LaneKey, window: LaneWindow) -> None:
        found = await self._store.lane(key, window.cursor, WINDOW)
        window.refill(found, asked=WINDOW)
        for job in found:
            if job.id in self._set.live.by_job:  # its grant is on the way to the disk
                window.discard(job.id)
        self._set.lanes.drop_if_empty(key)
        self._wake.knock()

    def _launch(self, starts: Sequence[Start], tasks: asyncio.TaskGroup) -> None:
        by_worker: dict[str, list[Granted]] = {}
        for start in starts:
            if self._stands_aside(start, tasks):
                self._set.put_off(start)
                continue
            by_worker.setdefault(start.worker, []).append(self._attempts.intend(start))
            self._set.flights.take_off(start.job)
        for worker, granted in by_worker.items():
            tasks.create_task(self._start(worker, granted))

    def _stands_aside(self, start: Start, tasks: asyncio.TaskGroup) -> bool:
        """Whether another's result may stand in for its run: one that is, or is to come."""
        job = start.job
        if job.id in self._looking:
            return True
        was = self._set.flights.waits.get(job.id)
        turn = self._set.flights.turn(job)
        if turn is Turn.LOOK:
            self._looking.add(job.id)
            tasks.create_task(self._look_for_result(job))
        elif turn is Turn.WAIT:
            self._tell_wait(job, was)
            self._wake.knock()
        return turn is not Turn.RUN

    def _tell_wait(self, job: Job, was: JobId | None) -> None:
        """Tell for whose result a job waits, unless it is the one for whom it waited."""
        gate = reuse_gate(job, self._set.flights.waits)
        if not gate.ok and gate.facts["ahead"] != was:
            self._ledger.tell(_blocked(job.id, job.spec.tenant, gate))

    async def _look_for_result(self, job: Job) -> None:
        """End a job with another's result, or have it wait for one, or stand in its lane."""
        was = self._set.flights.waits.get(job.id)
        is_aside = await self._reuse.consider(job)
        if is_aside:
            self._looking.discard(job.id)
            self._tell_wait(job, was)
            self._wake.knock()  # the room that was meant for it is there for others
        else:
            await self._return([job.id])

    async def _return(self, jobs: Sequence[JobId]) -> None:
        """Have jobs stand in their lanes again, as far as they still can be granted."""
        for job in await self._store.jobs(jobs) if jobs else ():
            self._set.put_back(job)
        self._looking.difference_update(jobs)
        self._returning.difference_update(jobs)
        self._wake.knock()

    async def _start(self, worker: str, granted: Sequence[Granted]) -> None:
        """Start what was granted on one worker, once the grants are on disk."""
        confirmed = [await self._attempts.confirm(grant) for grant in granted]
        lives = [live for live in confirmed if live is not None]
        if self._is_cut_off(worker):  # not even one try: nothing of them can ever arrive
            for live in lives:
                self._attempts.never_sent(live)
            return
        at = self._set.workers.get(worker)
        before = await self._orders.before(lives)
        orders = [order for live in lives if (order := await self._order(live, at, before))]
        is_first = True
        while orders := self._still_wanted(orders):
            again, strays = await self._hand_over(worker, orders)
            await self._put_down(worker, [one for one in lives if one.attempt.id in strays])
            if again and is_first:
                self._attempts.trust.not_reached(worker, "it could not be reached for a start")
            orders, is_first = again, False
            if orders:
                await self._clock.sleep(AGAIN_S)

    async def _order(self, live: Live, at: Worker | None, before: Before) -> Order | None:
        """What its host must know; None, and refused, if that cannot be said."""
        try:
            return await self._orders.order(live, at, before)
        except InvalidSpec as wrong:
            self._attempts.refused(live.attempt.id, wrong)
            return None

    def _is_cut_off(self, worker: str) -> bool:
        link = self._set.links.get(worker)
        return link is not None and link.state in (LinkState.LOST, LinkState.REFUSED)

    def _still_wanted(self, orders: Sequence[Order]) -> list[Order]:
        """Those whose attempts have not ended meanwhile: by word of their host or others."""
        return [order for order in orders if self._attempts.is_open(order.attempt)]

    async def _put_down(self, worker: str, lives: Sequence[Live]) -> None:
        """Have those end that were given up while their host was starting them."""
        if not lives:
            return
        strays = [live.attempt.id for live in lives]
        with suppress(Unreachable, LinkRefused):  # else they are found when it is back
            await put_down(self._backend(worker), strays, self._set.epoch, self._clock)
            for live in lives:
                self._attempts.clean_up(live)

    def _backend(self, worker: str) -> Backend:
        """What drives a worker; one that is just leaving, or joins anew, is silent."""
        backend = self._backends.get(worker)
        if backend is None:
            raise Unreachable(f"nothing drives {worker} just now")
        return backend

    async def _supplied(
        self, worker: str, backend: Backend, orders: Sequence[Order]
    ) -> Sequence[Order]:
        """Those for which all that they need is on the host; those that never will are refused.

        Raises: as `Supplies.supply`.
        """
        if not any(order.frozen for order in orders):
            return orders
        able = []
        for order in orders:
            if why := await self._supplies.supply(worker, backend, order):
                self._attempts.refused(order.attempt, why)
            else:
                able.append(order)
        return able

    async def _hand_over(
        self, worker: str, orders: Sequence[Order]
    ) -> tuple[list[Order], set[AttemptId]]:
        """Give orders to a backend.

        Returns:
            Those that got no answer and must be repeated; and attempts that began although
            they had been given up meanwhile.
        """
        try:
            backend = self._backend(worker)
            orders = await self._supplied(worker, backend, orders)
            answers = await backend.start(orders) if orders else []
        except StaleEpoch:
            raise
        except EngineError as silence:  # whatever it is, it is this worker's alone
            log.debug("%s did not answer a start: %s", worker, silence)
            return list(orders), set()
        again, strays = [], set()
        for order, answer in zip(orders, answers, strict=True):
            if isinstance(answer, Report):
                if not has_ended(answer) and self._attempts.is_given_up(order.attempt):
                    strays.add(order.attempt)
                self._attempts.heard(answer)
            elif isinstance(answer, StaleEpoch):
                raise answer
            elif isinstance(answer, (Unreachable, LinkRefused)):
                again.append(order)
            elif isinstance(answer, EngineError):
                self._attempts.refused(order.attempt, answer)
            else:
                raise answer
        return again, strays

    def _remember(self, holds: Sequence[Hold], now_at: int) -> None:
        """Keep why each head waits; tell it each kind of thing for which it waits once."""
        self._set.has_looked(now_at)
        told = [
            _blocked(hold.job, hold.lane.tenant, why, hold.kind)
            for hold in holds
            if (window := self._set.lanes.windows.get(hold.lane)) is not None
            and window.waits_for(hold.job, hold.kind)
            and (why := self._set.why_waits(hold.lane)) is not None
        ]
        if told:
            self._ledger.tell(*told)


def _told(notice: Notice) -> Draft:
    return Draft(
        type=notice.type,
        job=notice.job,
        tenant=notice.tenant,
        cause=notice.cause,
        data=notice.data,
    )


def _blocked(job: JobId, tenant: str, reason: Gate, kind: GateKind | None = None) -> Draft:
    return Draft(
        type=EventType.JOB_BLOCKED,
        job=job,
        tenant=tenant,
        cause=reason.text,
        data={"gate": (kind or reason.kind).value, "facts": reason.facts},
    )
