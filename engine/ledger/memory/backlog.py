"""The backlog: how deep each queue is, who waits, and the backpressure that follows.

Everything here is counted by addition as commits are absorbed. Jobs that only stand for
others (composite ones) count for nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from engine.ledger.memory.activity import Activity
from engine.ledger.writes import Receipt
from engine.model.events import EventType
from engine.model.job import Job, Progress
from engine.model.rules import Mode, Pressure
from engine.model.spec import JobSpec, Kind
from engine.model.worker import Count
from engine.policy.entry.arrivals import ALL, DEEP, WAITING, Arrivals
from engine.policy.entry.backpressure import next_mode
from engine.policy.entry.quotas import Account, accounts
from engine.store.protocol import Draft

ENDS: Final = frozenset(
    {
        EventType.JOB_COMPLETED,
        EventType.JOB_FAILED,
        EventType.JOB_TIMEOUT,
        EventType.JOB_RETRY,
    }
)
TOLD: Final = ENDS | {EventType.JOB_STARTED}
OFF: Final = Pressure()


class Backlog:
    """Depths, modes and jobs that wait, as of the last commit. `ALL`: all queues."""

    def __init__(self) -> None:
        self.depths: Counter[str] = Counter()
        self.waiting: Counter[Account] = Counter()
        self.modes: dict[str, Mode] = {}
        """Those that are not normal."""
        self.pressures: dict[str, Pressure] = {}
        """Of those queues that have a maximum."""
        self._activities: dict[str, Activity] = {}
        self._left: Counter[str] = Counter()
        """Jobs that have left each queue's depth since the last turn."""
        self._came: Counter[str] = Counter()
        """Jobs that have come into each queue since then."""
        self._at = 0
        """Of the newest event that was heard of."""
        self._changed: set[str] = set()
        """Whose depth or pressure is another than at the last turn."""

    def load(self, counts: Iterable[Count], waiting: Mapping[tuple[str, str], int]) -> None:
        """Begin with what the store has counted.

        Args:
            counts: All jobs; `leave_out` is told of the composite ones among them.
            waiting: By tenant and namespace, without composite ones.
        """
        self.depths = Counter()
        for count in counts:
            if count.state in DEEP:
                self._deepen(count.queue, count.number)
        self.waiting = Counter(accounts(waiting))
        self._changed |= self.depths.keys() | self.pressures.keys()

    def leave_out(self, job: Job) -> None:
        """A job of which `load` was told only stands for others."""
        if job.now.state in DEEP:
            self._deepen(job.now.queue, -1)

    def set_pressures(self, pressures: Mapping[str, Pressure | None]) -> None:
        """What is in effect from now on, by queue, and `ALL`; the next turn heeds it."""
        self._changed |= self.pressures.keys() | pressures.keys()
        self.pressures = {}
        for queue, pressure in pressures.items():
            self.set_pressure(queue, pressure)

    def set_pressure(self, queue: str, pressure: Pressure | None) -> None:
        """The same for one queue."""
        self._changed.add(queue)
        self.pressures.pop(queue, None)
        if pressure is not None and pressure.max_depth is not None:
            self.pressures[queue] = pressure

    def added(self, spec: JobSpec, now: Progress) -> None:
        """A job has come in."""
        self._count(spec, now, 1)
        self._came[now.queue] += _counts(spec)

    def moved(self, was: Job, job: Job) -> None:
        """A job has become another one."""
        if was.spec is job.spec and _is_alike(was.now, job.now):
            return
        self._count(was.spec, was.now, -1)
        self._count(job.spec, job.now, 1)
        if was.now.state in DEEP and job.now.state not in DEEP and _counts(was.spec):
            self._left[was.now.queue] += 1

    def arrived(self, arrivals: Arrivals) -> None:
        """Many jobs have come in at once."""
        for (queue, _), number in arrivals.queues.items():
            self._deepen(queue, number)
            self._came[queue] += number
        self.waiting.update(accounts(arrivals.of))

    def _count(self, spec: JobSpec, now: Progress, number: int) -> None:
        if not _counts(spec):
            return
        if now.state in DEEP:
            self._deepen(now.queue, number)
        if now.state in WAITING:
            self._wait(Account(spec.tenant), number)
            self._wait(Account(spec.tenant, spec.namespace), number)

    def _wait(self, account: Account, number: int) -> None:
        self.waiting[account] += number
        if not self.waiting[account]:
            del self.waiting[account]

    def _deepen(self, queue: str, number: int) -> None:
        self.depths[queue] += number
        self.depths[ALL] += number
        self._changed |= {queue, ALL}

    def turn(self, receipts: Sequence[Receipt]) -> list[Draft]:
        """Take note of commits that were absorbed, or of none; changes of mode to be told."""
        at = max(
            (event.at for receipt in receipts for event in receipt.events), default=self._at
        )
        self._at = at
        for receipt in receipts:
            self._hear(receipt)
        for queue, number in self._left.items():
            self._activity(queue).left.add(at, number)
            self._activity(ALL).left.add(at, number)
        self._left.clear()
        for queue, number in self._came.items():
            self._activity(queue).came.add(at, number)
        self._came.clear()
        changed, self._changed = self._changed, set()
        for queue in changed:
            self._activity(queue).depth.note(at, self.depths[queue])
        return [told for queue in sorted(changed) if (told := self._turn(queue))]

    def _hear(self, receipt: Receipt) -> None:
        told = [event for event in receipt.events if event.type in TOLD]
        if not told:
            return
        jobs = {job.id: job for job in receipt.jobs}
        for event in told:
            job = None if event.job is None else jobs.get(event.job)
            if job is not None:
                activity = self._activity(job.now.queue)
                is_start = event.type is EventType.JOB_STARTED
                (activity.starts if is_start else activity.ends).add(event.at)

    def _turn(self, queue: str) -> Draft | None:
        was, depth = self.modes.get(queue, Mode.NORMAL), self.depths[queue]
        pressure = self.pressures.get(queue, OFF)
        now = next_mode(was, depth, pressure)
        if now is was:
            return None
        self.modes = {**self.modes, queue: now}
        if now is Mode.NORMAL:
            del self.modes[queue]
        return _mode_changed(queue, was, now, depth, pressure)

    def activity(self, queue: str) -> Activity:
        """What happened in a queue of late; to be read only."""
        return self._activities.get(queue) or Activity()

    def _activity(self, queue: str) -> Activity:
        found = self._activities.get(queue)
        if found is None:
            found = self._activities[queue] = Activity()
        return found


def _is_alike(was: Progress, now: Progress) -> bool:
    """Whether two moments of one job count for the same."""
    return was.queue == now.queue and (
        was.state is now.state
        or (was.state in DEEP, was.state in WAITING)
        == (now.state in DEEP, now.state in WAITING)
    )


def _counts(spec: JobSpec) -> bool:
    return spec.kind is not Kind.COMPOSITE


def _mode_changed(queue: str, was: Mode, now: Mode, depth: int, pressure: Pressure) -> Draft:
    most = pressure.max_depth
    of = f" of {most:,}" if most is not None else ""
    named = {"queue": queue} if queue else {}
    return Draft(
        type=EventType.QUEUE_MODE,
        cause=f"{queue or 'all queues'} {was.label} → {now.label}: {depth:,}{of} jobs wait",
        data={
            **named,
            "was": was.label,
            "mode": now.label,
            "depth": depth,
            "max_depth": most,
        },
    )
