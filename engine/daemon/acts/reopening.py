"""Reopening: an array or a flow that had ended goes on before members of it are run again.

Its limit and its key must hold from the first member on.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from engine.daemon.desk import Caller, Desk
from engine.errors import EngineError, NotAllowed, Refused, StaleLease
from engine.ledger.deciding import Decide
from engine.model.ids import JobId
from engine.model.job import Job
from engine.policy.arrays.composite import reopen
from engine.policy.jobs.change import Change


class Reopening:
    """The arrays whose members one act runs again; none of them ends meanwhile."""

    def __init__(self, desk: Desk, caller: Caller, decide: Decide) -> None:
        """Prepare.

        Args:
            desk: The daemon's parts.
            caller: Who wants it.
            decide: How a job is run again.
        """
        self._desk = desk
        self._caller = caller
        self._decide = decide
        self._kept: set[JobId] = set()
        self._refused: dict[JobId, EngineError] = {}

    async def take_up(self, jobs: Sequence[Job]) -> None:
        """Have the arrays and flows of these jobs go on, if any of their members can."""
        able = [job for job in jobs if job.spec.whole is not None and self._can_run(job)]
        await self.take_up_wholes({job.spec.whole for job in able if job.spec.whole})

    async def take_up_wholes(
        self, wholes: Collection[JobId], others: Collection[JobId] = ()
    ) -> None:
        """Have these composite jobs go on, and those within which they are tasks.

        Args:
            wholes: Which.
            others: Those among them that somebody else has go on.
        """
        new = sorted(set(wholes) - self._kept)
        while new:
            for whole in new:
                self._kept.add(whole)
                self._desk.arrays.keep(whole)
                self._desk.flows.keep(whole)
            ended = [one for one in new if one not in others and not self._goes_on(one)]
            await self._reopen(ended)
            around = await self._desk.store.jobs(new)
            new = sorted({job.spec.flow for job in around if job.spec.flow} - self._kept)

    def decide(self, job: Job) -> Change | None:
        """Run a job again. Raises: Refused, also if its array or flow cannot go on."""
        change = self._decide(job)
        error = self._refused.get(job.spec.whole or job.id)
        if error is not None:
            what = "array" if job.spec.array is not None else "workflow"
            raise NotAllowed(f"{what} #{job.spec.whole} cannot go on: {error.message}")
        return change

    def let_go(self) -> None:
        """Let the arrays and flows follow their members again."""
        for whole in self._kept:
            self._desk.arrays.let_go(whole)
            self._desk.flows.let_go(whole)

    def _can_run(self, job: Job) -> bool:
        try:
            return self._decide(job) is not None
        except Refused:
            return False

    def _goes_on(self, array: JobId) -> bool:
        return array in self._desk.working_set.arrays

    async def _reopen(self, ended: Sequence[JobId]) -> None:
        desk, actor = self._desk, self._caller.user
        counts = await desk.store.array_counts(ended)
        for composite in await desk.store.jobs(ended):
            now_at = desk.clock.now()
            again = partial(reopen, counts=counts.get(composite.id, {}), now_at=now_at)
            try:
                await desk.ledger.act(composite, again, actor=actor)
            except (Refused, StaleLease) as refusal:
                self._refused[composite.id] = refusal
                continue
            array = await desk.store.array(composite.id)
            if array is not None:
                desk.working_set.take_up(array, counts.get(array.id, {}))


@contextmanager
def reopening(desk: Desk, caller: Caller, decide: Decide) -> Iterator[Reopening]:
    """Have arrays go on for as long as one act runs members of them again."""
    act = Reopening(desk, caller, decide)
    try:
        yield act
    finally:
        act.let_go()
