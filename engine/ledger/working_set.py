"""The working set: what the daemon keeps in memory to decide quickly.

It is a cache. Everything in it can be rebuilt from the store, it changes only when a
commit has reached the disk (or, for room taken, when a grant is staged), and its size
does not grow with the backlog.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from engine.ledger.counters import Counters, key_of
from engine.ledger.lanes import Lanes, is_grantable
from engine.ledger.live import Live, LiveAttempts
from engine.ledger.queues import in_effect, overlaid
from engine.ledger.tally import Tally
from engine.ledger.usage import Usage, claim_of
from engine.model.attempt import Attempt
from engine.model.ids import Epoch, JobId
from engine.model.job import Job, Progress, Shape
from engine.model.rules import DEFAULT_RULES, Rules
from engine.model.snapshot import Carried, Holder, Lane, Snapshot
from engine.model.states import Phase
from engine.model.worker import Queue, Worker
from engine.store.protocol import NewJob, Store, Unit, Written

DEFAULT_QUEUE = Queue(name="default")


class WorkingSet:
    """Lanes, open attempts, room, queues, workers and counters, as of the last commit."""

    def __init__(self, epoch: Epoch) -> None:
        self.epoch = epoch
        self.lanes = Lanes()
        self.live = LiveAttempts()
        self.usage = Usage()
        self.counters = Counters()
        self.rules = DEFAULT_RULES
        self.stored_queues: dict[str, Queue] = {}
        """As they are on disk; a write compares their versions."""
        self.queues: dict[str, Queue] = {}
        """As they are in effect: the configuration, and over it what was set by hand."""
        self.workers: dict[str, Worker] = {}
        self.shapes: dict[int, Shape] = {}
        self.carried = Carried()
        self.granting = False
        self.not_granting_why = "starting"

    async def load(self, store: Store) -> None:
        """Rebuild everything from the store."""
        self.stored_queues = {queue.name: queue for queue in await store.queues()}
        self.stored_queues.setdefault(DEFAULT_QUEUE.name, DEFAULT_QUEUE)
        self.set_rules(self.rules)
        self.workers = {worker.name: worker for worker in await store.workers()}
        self.shapes = dict(await store.shapes())
        self.counters.load(await store.counts())
        self.lanes.load(await store.lanes())
        for attempt, job in await store.open_attempts():
            self.live.add(Live(attempt, job))
            self.usage.take(attempt.id, claim_of(job, self.shapes[job.shape], attempt.worker))

    def set_rules(self, rules: Rules) -> None:
        """Have the next snapshot go by these rules; whoever calls knocks on dispatch."""
        self.queues = in_effect(self.stored_queues, rules)
        self.rules = rules

    def absorb(self, unit: Unit, known: Mapping[JobId, Job], written: Written) -> list[Job]:
        """Take over a committed unit.

        Args:
            unit: What was written.
            known: The jobs it moved, as they were before.
            written: The store's answer.

        Returns:
            The jobs it inserted or moved, as they are now.
        """
        for was, queue in unit.queues:
            self._absorb_queue(replace(queue, version=was + 1))
        for worker in unit.workers:
            self.workers[worker.name] = worker
        for attempt_move in unit.attempt_moves:
            self._absorb_attempt(attempt_move.now)
        jobs = [self._absorb_new(new, written) for new in unit.new_jobs]
        return jobs + [
            self._absorb_move(known[move.id], move.now, written) for move in unit.moves
        ]

    def absorb_batch(self, unit: Unit, tally: Tally) -> None:
        """Take over a bulk submission that has become visible."""
        self.absorb(unit, {}, Written((), {}))
        for key, number in tally.counters.items():
            self.counters.added(key, number)
        for lane in tally.lanes:
            self.lanes.mark_more(lane)

    def _absorb_queue(self, queue: Queue) -> None:
        self.stored_queues[queue.name] = queue
        self.queues[queue.name] = overlaid(queue, self.rules.queues.get(queue.name))

    def _absorb_attempt(self, attempt: Attempt) -> None:
        live = self.live.by_attempt.get(attempt.id)
        if live is None:
            return
        live.attempt = attempt
        if attempt.phase is Phase.ENDED:
            self.live.remove(live)
            self.usage.release(attempt.id)

    def _absorb_new(self, new: NewJob, written: Written) -> Job:
        job = Job(
            id=new.id,
            spec=new.spec,
            surroundings=new.surroundings,
            shape=new.shape,
            created_at=new.created_at,
            now=_at_version(new.now, written.versions[new.id]),
        )
        self.counters.added(key_of(job.spec.tenant, job.now))
        if is_grantable(job):
            self.lanes.add(job)
        return job

    def _absorb_move(self, was: Job, now: Progress, written: Written) -> Job:
        job = was.with_progress(_at_version(now, written.versions[was.id]))
        self.counters.moved(was, job.now)
        if is_grantable(was):
            self.lanes.discard(was)
        live = self.live.by_job.get(job.id)
        if live is not None:
            live.job = job
        elif is_grantable(job):  # with a grant on its way to the disk it stands in no lane
            self.lanes.add(job)
        return job

    def snapshot(self, now_at: int) -> Snapshot:
        """What the scheduler may know, without a copy of what does not change meanwhile."""
        return Snapshot(
            now_at=now_at,
            lanes=[
                Lane(key, self.shapes[key.shape], window.jobs)
                for key, window in self.lanes.windows.items()
                if window.jobs
            ],
            queues=self.queues,
            rooms={name: self.usage.room(worker) for name, worker in self.workers.items()},
            running_in_queue=self.usage.in_queue,
            running_in_group=self.usage.in_group,
            rules=self.rules,
            carried=self.carried,
            granting=self.granting,
            not_granting_why=self.not_granting_why,
        )

    def holders(self) -> list[Holder]:
        """Every open attempt, as explanations name them."""
        return [
            Holder(
                live.job.id,
                live.attempt.worker,
                live.job.now.queue,
                live.job.spec.constraints.concurrency_group,
                live.attempt.started_at or live.attempt.intent_at,
            )
            for live in self.live.by_attempt.values()
        ]


def _at_version(now: Progress, version: int) -> Progress:
    return replace(now, version=version)
