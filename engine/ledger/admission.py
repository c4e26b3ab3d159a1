"""The admission desk: decides against the working set and what is on its way to the disk."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from engine.clock import Clock
from engine.ledger.memory.working_set import WorkingSet
from engine.model.job import Job
from engine.model.snapshot import Bucket
from engine.model.states import FINAL
from engine.policy.entry.admission import no_room, refusal, too_deep
from engine.policy.entry.arrivals import ALL, Arrivals, Backed
from engine.policy.entry.quotas import Account, accounts, charge, refund
from engine.policy.rates import rebased


class Seat:
    """Room that is kept for a submission until its write is through."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[Any] | None = None

    async def take(self, answer: "asyncio.Future[Any]") -> None:
        """Wait for the write of what has been admitted; it goes on if the waiting does not.

        Raises: as the write did.
        """
        self._answer = answer
        await asyncio.shield(answer)

    @property
    def pending(self) -> "asyncio.Future[Any] | None":
        """The write, if it is not through yet."""
        return None if self._answer is None or self._answer.done() else self._answer


class Admission:
    """Who may come in. What it has let in counts from that moment, not from the commit."""

    def __init__(self, working_set: WorkingSet, clock: Clock, group: Callable[[], int]) -> None:
        """Prepare.

        Args:
            working_set: What waits, as of the last commit.
            clock: Of the rates.
            group: How many groups of changes are through.
        """
        self._set = working_set
        self._clock = clock
        self._group = group
        self._formed = 0
        self._moving = Arrivals()
        """Jobs that the changes of this group bring back, or into other queues."""
        self._queues: Counter[str] = Counter()
        """Jobs that were admitted and are not on disk."""
        self._accounts: Counter[Account] = Counter()
        self._buckets: dict[Account, Bucket] = {}

    def must_admit(self, arrivals: Arrivals, leaving: Arrivals | None = None) -> None:
        """Let these jobs pass if they may come in now; keeps no room for them.

        Args:
            arrivals: They.
            leaving: Jobs that wait, and whose place they take.

        Raises:
            NotAdmitted: they may not; the leaf says what for.
        """
        backed = self._backed(arrivals.by_queue(), accounts(arrivals.of))
        refused = refusal(arrivals, backed, leaving)
        if refused is not None:
            raise refused

    def must_have_room(self, count: int) -> None:
        """The same when nothing is known of the jobs but their number."""
        refused = too_deep({ALL: count}, self._backed({ALL: count}, {}))
        if refused is not None:
            raise refused

    def must_take(self, job: Job, changed: Job) -> None:
        """Let a job pass that becomes another one; to be called as its change is formed.

        One that stays in its queue passes always, and so does one that ends.

        Raises:
            NotAdmitted: it is run again, or moved, where there is no room for it.
        """
        moving = self.could_take(job, changed)
        if moving is not None:
            coming, leaving = moving
            self._moving.queues += coming.queues - leaving.queues
            self._moving.of += coming.of - leaving.of

    def could_take(self, job: Job, changed: Job) -> tuple[Arrivals, Arrivals] | None:
        """The same, for a job that only might become another one; where it comes and leaves.

        Raises:
            NotAdmitted: as `must_take`.
        """
        if job.now.queue == changed.now.queue and job.now.state not in FINAL:
            return None
        coming, leaving = Arrivals(), Arrivals()
        coming.leave(changed)
        leaving.leave(job)
        charged = accounts(coming.of - leaving.of)
        refused = no_room(coming, self._backed(coming.by_queue(), charged), leaving)
        if refused is not None:
            raise refused
        return coming, leaving

    def _moved(self) -> tuple[Mapping[str, int], Mapping[Account, int]]:
        """What this group of changes adds to queues and accounts, before it is absorbed."""
        if self._formed != self._group():
            self._formed, self._moving = self._group(), Arrivals()
        return self._moving.by_queue(), accounts(self._moving.of)

    @contextmanager
    def reserve(self, arrivals: Arrivals, leaving: Arrivals | None = None) -> Iterator[Seat]:
        """Room for these jobs, while they are being written; all of it is given back.

        Between the commit and the end of the block they count twice: so somebody may be
        told to come again, but never are there more than may be.

        Raises:
            NotAdmitted: there is none.
        """
        self.must_admit(arrivals, leaving)
        seat, charged = Seat(), accounts(arrivals.of)
        now_at, rules = self._clock.now(), self._set.rules
        self._stage(arrivals, charged, 1)
        self._buckets |= charge(charged, self._buckets, rules, now_at)
        try:
            yield seat
        except BaseException:
            if seat.pending is None:
                self._buckets |= refund(charged, self._buckets, rules, self._clock.now())
            raise
        finally:
            if seat.pending is None:
                self._stage(arrivals, charged, -1)
            else:
                seat.pending.add_done_callback(lambda _: self._stage(arrivals, charged, -1))

    def _stage(self, arrivals: Arrivals, charged: Mapping[Account, int], sign: int) -> None:
        for queue, number in arrivals.by_queue().items():
            self._queues[queue] += sign * number
        for account, number in charged.items():
            self._accounts[account] += sign * number
        self._queues, self._accounts = +self._queues, +self._accounts

    def _backed(self, queues: Mapping[str, int], charged: Mapping[Account, int]) -> Backed:
        """What these would have to do with; nothing is copied of what does not concern them."""
        backlog, now_at = self._set.backlog, self._clock.now()
        moved, owed = self._moved()
        rated = {who: self._buckets[who] for who in charged if who in self._buckets}
        self._buckets |= rebased(rated, now_at)
        return Backed(
            now_at=now_at,
            rules=self._set.rules,
            pressures=backlog.pressures,
            depths={
                name: backlog.depths[name] + self._queues[name] + moved.get(name, 0)
                for name in queues
            },
            modes=backlog.modes,
            left_per_min={name: backlog.activity(name).left.per_min(now_at) for name in queues},
            waiting={
                who: backlog.waiting[who] + self._accounts[who] + owed.get(who, 0)
                for who in charged
            },
            buckets=self._buckets,
        )
