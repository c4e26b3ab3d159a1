"""The working set: what the daemon keeps in memory to decide quickly.

It is a cache. Everything in it can be rebuilt from the store, it changes only when a
commit has reached the disk (or, for room taken, when a grant is staged), and its size
does not grow with the backlog.
"""

import dataclasses
from collections.abc import Collection, Mapping

from msgspec.structs import replace

from engine.ledger.memory.backlog import Backlog
from engine.ledger.memory.counters import Counters
from engine.ledger.memory.failing import Failing
from engine.ledger.memory.flights import Flights
from engine.ledger.memory.goals import Goals
from engine.ledger.memory.holders import Holders
from engine.ledger.memory.lanes import Lanes, is_grantable, lane_of
from engine.ledger.memory.live import Live, LiveAttempts
from engine.ledger.memory.queues import in_effect, overlaid, pressures
from engine.ledger.memory.sessions import MOST as MOST_SESSIONS
from engine.ledger.memory.sessions import Sessions
from engine.ledger.memory.sights import Sights
from engine.ledger.memory.usage import Usage, claim_of
from engine.ledger.rows.tally import Tally
from engine.model.array import Array
from engine.model.attempt import Attempt
from engine.model.attention import Acknowledged
from engine.model.ids import AttemptId, Epoch, JobId
from engine.model.job import Job, Progress
from engine.model.link import Link, Tripped
from engine.model.reasons import Gate
from engine.model.rules import DEFAULT_RULES, Rules
from engine.model.snapshot import Carried, Holder, Lane, LaneKey, Room, Snapshot
from engine.model.states import FINAL, Phase
from engine.model.worker import BreakerState, Queue, Worker, widened
from engine.policy.arrays.composite import FAILURES, is_stopped, number
from engine.policy.jobs.lifecycle import keeps_goal
from engine.policy.scheduling.decisions import Start
from engine.policy.scheduling.undoing import undone
from engine.policy.why.explain import why_held
from engine.store.protocol import JobEdit, NewJob, Store, Unit, WorkerMove, Written

DEFAULT_QUEUE = Queue(name="default")


class WorkingSet:
    """Lanes, open attempts, room, queues, workers and counters, as of the last commit."""

    def __init__(self, epoch: Epoch) -> None:
        self.epoch = epoch
        self.lanes = Lanes()
        self.live = LiveAttempts()
        self.usage = Usage()
        self.counters = Counters()
        self.backlog = Backlog()
        self.rules = DEFAULT_RULES
        self.stored_queues: dict[str, Queue] = {}
        """As they are on disk; a write compares their versions."""
        self.queues: dict[str, Queue] = {}
        """As they are in effect: the configuration, and over it what was set by hand."""
        self.workers: dict[str, Worker] = {}
        self.overlays: dict[str, tuple[BreakerState, int | None]] = {}
        """Breaker and permits of each worker as of now, where they ever moved."""
        self.tripped: dict[str, Tripped] = {}
        """Workers whose breaker is not closed."""
        self.ahead: Mapping[str, Mapping[str, tuple[int, int]]] = {}
        """By worker and dimension: places, and how many more it takes just now."""
        self.resting: dict[str, str] = {}
        """Workers that get nothing for a moment, and why."""
        self.arrays: dict[int, Array] = {}
        """Those whose composite job has not ended, by its id."""
        self.failing = Failing()
        self._stopped: set[int] = set()
        """Of them, those that were stopped after too many failures."""
        self.goals = Goals()
        self.flights = Flights()
        self.sessions = Sessions()
        self.sights = Sights()
        self.links: dict[str, Link] = {}
        """How each worker is connected now."""
        self.carried = Carried()
        self.acknowledged: Mapping[str, Acknowledged] = {}
        """Matters that somebody knows of, by their keys."""
        self.granting = False
        self.not_granting_why = "starting"
        self._holders = Holders()
        self._rounds = 0
        self._looked_at = 0
        self._seen: Snapshot | None = None
        """As it was after the last round, if somebody has asked since."""

    async def load(self, store: Store) -> None:
        """Rebuild everything from the store."""
        self.stored_queues = {queue.name: queue for queue in await store.queues()}
        self.stored_queues.setdefault(DEFAULT_QUEUE.name, DEFAULT_QUEUE)
        self.set_rules(self.rules)
        self.workers = {worker.name: worker for worker in await store.workers()}
        counts = await store.counts()
        self.counters.load(counts)
        self.backlog.load(counts, await store.waiting_by_namespace())
        self.lanes.load(await store.lanes())
        self.arrays = {array.id: array for array in await store.arrays()}
        members = await store.array_counts([array.id for array in self.arrays.values()])
        for array in self.arrays.values():
            self.failing.know(array, number(members.get(array.id, {}), FAILURES))
        for composite in await store.jobs([array.id for array in self.arrays.values()]):
            self.counters.leave_out(composite)
            self.backlog.leave_out(composite)
            self._absorb_whole(composite)
        self.carried = await store.carried()
        self.backlog.modes = dict(await store.modes())
        self.acknowledged = await store.acknowledged()
        self.sessions.load(await store.last_workers(MOST_SESSIONS))
        for job in await store.goal_holders():
            if keeps_goal(job.now):
                self.goals.take(job)
                if is_grantable(job):
                    self.lanes.has_lock(job)
        for attempt, job in await store.open_attempts():
            self.take(Live(attempt, job))

    def take(self, live: Live) -> None:
        """An attempt is open from now on, and holds what its job asks for."""
        job, attempt = live.job, live.attempt
        self.live.add(live)
        self.usage.take(attempt.id, claim_of(job, live.shape, attempt))
        self._holders.put(live)
        self.goals.take(job)
        self.sessions.ran(job.spec.constraints.session_id, attempt.worker)

    def release(self, attempt: AttemptId) -> bool:
        """Give back what an attempt holds; whether it still held it."""
        self._holders.drop(attempt)
        self.sights.ended(attempt)
        return self.usage.release(attempt)

    def expect_stop(self, live: Live) -> bool:
        """Have rounds know that it is about to be told to end; false if they do already."""
        return self._holders.expect_stop(live.attempt.id)

    def renew(self, live: Live) -> None:
        """Have rounds see the attempt as it is on disk."""
        self._holders.renew(live)

    def withdraw(self, live: Live, job: Job | None) -> None:
        """Undo `take`: nothing of the attempt is on disk. `job` is as it is now, if it is."""
        self.live.remove(live)
        self.flights.land(live.job.id)
        self.release(live.attempt.id)
        if job is None or not keeps_goal(job.now):
            self.goals.give_back(live.job)
        if job is not None and is_grantable(job):
            self.lanes.add(job, has_lock=self.goals.has(job))
        if live.granted is not None:
            self._undo(live.granted, job)

    def put_off(self, start: Start) -> None:
        """A grant is not made for now: its job leaves its lane, and is owed what it was."""
        self.lanes.discard(start.job)
        self._undo(start, start.job)

    def put_back(self, job: Job) -> None:
        """A job that was put off stands in its lane again, if it can be granted."""
        if is_grantable(job) and job.id not in self.live.by_job:
            self.lanes.add(job, has_lock=self.goals.has(job))

    def _undo(self, start: Start, job: Job | None) -> None:
        is_waiting = job is not None and is_grantable(job) and lane_of(job) == start.lane
        self.carried = undone(
            self.carried, start, queues=self.queues, rules=self.rules, is_waiting=is_waiting
        )

    def set_rules(self, rules: Rules) -> None:
        """Have the next snapshot go by these rules; whoever calls knocks on dispatch."""
        self.queues = in_effect(self.stored_queues, rules)
        self.rules = rules
        self.backlog.set_pressures(pressures(self.queues, rules))

    def absorb(self, unit: Unit, known: Mapping[JobId, Job], written: Written) -> list[Job]:
        """Take over a committed unit.

        Args:
            unit: What was written.
            known: The jobs it moved, as they were before.
            written: The store's answer.

        Returns:
            The jobs it inserted or moved, as they are now.
        """
        if unit.acknowledged is not None:
            self.acknowledged = unit.acknowledged
        for was, queue in unit.queues:
            self._absorb_queue(replace(queue, version=was + 1))
        for worker in unit.workers:
            self._absorb_worker(worker)
        for was, array in unit.arrays:
            if not was or array.id in self.arrays:  # else its composite has ended meanwhile
                self.arrays[array.id] = replace(array, version=was + 1)
                self.failing.know(array, None if was else 0)
            self._stopped.discard(array.id)  # if it still is, its composite is marked anew
        for attempt_move in unit.attempt_moves:
            self._absorb_attempt(attempt_move.now)
        jobs = [self._absorb_new(new, written) for new in unit.new_jobs]
        edits = {edit.id: edit for edit in unit.edits}
        for move in unit.moves:
            now = _at_version(move.now, written.versions[move.id])
            jobs.append(self._absorb_move(known[move.id], now, edits.get(move.id)))
        return jobs

    def absorb_batch(self, unit: Unit, tally: Tally) -> None:
        """Take over a bulk submission that has become visible."""
        self.absorb(unit, {}, Written((), {}))
        for key, many in tally.counters.items():
            self.counters.added(key, many)
        self.backlog.arrived(tally.arrivals)
        for lane, first in tally.lanes.items():
            self.lanes.mark_more(lane, first)

    def _absorb_queue(self, queue: Queue) -> None:
        self.stored_queues[queue.name] = queue
        queue = overlaid(queue, self.rules.queues.get(queue.name))
        self.queues[queue.name] = queue
        self.backlog.set_pressure(queue.name, queue.pressure)

    def _absorb_worker(self, move: WorkerMove) -> None:
        if move.now is None:
            self.workers.pop(move.name, None)
        else:
            self.workers[move.name] = replace(move.now, version=move.was_version + 1)

    def _absorb_attempt(self, attempt: Attempt) -> None:
        live = self.live.by_attempt.get(attempt.id)
        if live is None:
            return
        live.attempt = attempt
        self._holders.renew(live)
        if attempt.phase is Phase.ENDED:
            self.live.remove(live)
            self.release(attempt.id)

    def _absorb_new(self, new: NewJob, written: Written) -> Job:
        job = Job(
            id=new.id,
            spec=new.spec,
            surroundings=new.surroundings,
            shape=new.shape,
            created_at=new.created_at,
            now=_at_version(new.now, written.versions[new.id]),
        )
        self.counters.came(job)
        self.backlog.added(job.spec, job.now)
        if is_grantable(job):
            self.lanes.add(job)
        return job

    def _absorb_move(self, was: Job, now: Progress, edit: JobEdit | None) -> Job:
        job = was.with_progress(now)
        if edit is not None:
            job = replace(job, spec=edit.spec, shape=edit.shape)
        self.counters.moved(was, job.now)
        self.backlog.moved(was, job)
        self.failing.moved(job, was.now.state)
        self.flights.hear(job)
        if is_grantable(was):
            self.lanes.discard(was)
        live = self.live.by_job.get(job.id)
        if live is None and not keeps_goal(job.now):
            self.goals.give_back(job)
        else:
            self.goals.renew(job)
        if live is not None:
            live.job = job
            self._holders.renew(live)
        elif is_grantable(job):  # with a grant on its way to the disk it stands in no lane
            self.lanes.add(job, has_lock=self.goals.has(job))
        self._absorb_whole(job)
        return job

    def _absorb_whole(self, job: Job) -> None:
        """Have an array be as its composite job says it is."""
        array = self.arrays.get(job.id)
        if array is None:
            return
        if job.now.state in FINAL:
            del self.arrays[job.id]
            self.failing.forget(job.id)
        if is_stopped(job, array):
            self._stopped.add(job.id)
        else:
            self._stopped.discard(job.id)

    def take_up(self, array: Array, members: Mapping[str, int]) -> None:
        """Go by an array that had ended, and goes on. `members`: how many by state."""
        if array.id not in self.arrays:
            self.arrays[array.id] = array
            self.failing.know(array, number(members, FAILURES))

    def stopped_array(self, job: Job) -> Array | None:
        """The array of this member, if it was stopped after too many failures."""
        number = job.spec.array
        if number is None or number not in self._stopped:
            return None
        return self.arrays.get(number)

    def room(self, name: str, now_at: int) -> Room:
        """A worker with what is taken of it: by ours, and as its host was seen by others."""
        worker = self.seen(self.workers[name])
        if ahead := self.ahead.get(name):
            worker = widened(worker, ahead)
        burden = self.sights.burden(name, now_at)
        if (why := self.resting.get(name)) is not None:
            burden = dataclasses.replace(burden, overload=why)
        return self.usage.room(worker, burden)

    def snapshot(self, now_at: int) -> Snapshot:
        """What the scheduler may know, without a copy of what does not change meanwhile.

        It is good until the next commit: most of it is a view of what is here.
        """
        return Snapshot(
            now_at=now_at,
            lanes=[
                Lane(key, window.shape, window.waiting, has_more=not window.complete)
                for key, window in self.lanes.windows.items()
                if window.jobs
            ],
            queues=self.queues,
            rooms={name: self.room(name, now_at) for name in self.workers},
            running_in_queue=self.usage.in_queue,
            running_in_group=self.usage.in_group,
            running_in_array=self.usage.in_array,
            tenants=self.usage.of_tenant,
            namespaces=self.usage.of_namespace,
            arrays=self.arrays,
            stopping=self.failing.stopping,
            goals=self.goals.holders,
            goal_priorities=self.goals.priorities,
            waits=self.flights.waits,
            sessions=self.sessions.workers,
            modes=self.backlog.modes,
            rules=self.rules,
            carried=self.carried,
            holders=self._holders.view(),
            links=self.links,
            tripped=self.tripped,
            granting=self.granting,
            not_granting_why=self.not_granting_why,
        )

    def seen(self, worker: Worker) -> Worker:
        """The worker with its breaker as it is now, on disk or not yet."""
        known = self.overlays.get(worker.name)
        if known is None or known == (worker.breaker, worker.permits):
            return worker
        return replace(worker, breaker=known[0], permits=known[1])

    def holders(self) -> Collection[Holder]:
        """Every attempt that holds room, as explanations name it."""
        return self._holders.view()

    def has_looked(self, now_at: int) -> None:
        """A round has looked and granted; what was said of heads that wait may be old."""
        self._rounds += 1
        self._looked_at = now_at
        self._seen = None

    def why_waits(self, key: LaneKey) -> Gate | None:
        """Why the head of a lane waits, in words with the numbers after the last round.

        They are put together when somebody asks, once a round at most. None: no round has
        looked at it yet.
        """
        window = self.lanes.windows.get(key)
        if window is None or window.held_by is None:
            return None
        if window.worded_in != self._rounds and window.jobs:
            window.worded_in = self._rounds
            self._seen = self._seen or self.snapshot(self._looked_at)
            window.hold = why_held(window.jobs[0], window.shape, self._seen)
        return window.hold


def _at_version(now: Progress, version: int) -> Progress:
    return replace(now, version=version)
