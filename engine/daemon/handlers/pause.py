"""`pause` and `resume`: make running jobs stand still, and let them go on."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from engine.backends.protocol import Report
from engine.control.messages import Pause, Resume
from engine.control.views import Acted
from engine.daemon.acts.targets import act_on
from engine.daemon.desk import Caller, Desk
from engine.errors import EngineError, NotAllowed
from engine.ledger.attempts.reports import has_ended
from engine.ledger.deciding import Decide
from engine.ledger.memory.live import Live
from engine.model.ids import JobId
from engine.model.job import Job
from engine.policy.jobs import handling
from engine.policy.jobs.change import Change

Tell = Callable[[Live], Awaitable[Report]]
"""Tells the host of an attempt."""


async def answer(desk: Desk, caller: Caller, ask: Pause) -> Acted:
    """Pause jobs: their hosts first, so that what is told to be paused is."""
    decide = partial(
        handling.pause, now_at=desk.clock.now(), by=caller.user, clocks_too=ask.clocks
    )
    tell = partial(desk.attempts.pause, clocks_too=ask.clocks)
    hosts = _Hosts(desk, decide, tell)
    return await act_on(desk, caller, ask.targets, hosts.decide, before=hosts.tell)


async def go_on(desk: Desk, caller: Caller, ask: Resume) -> Acted:
    """Let paused jobs go on."""
    hosts = _Hosts(desk, partial(handling.resume, by=caller.user), desk.attempts.resume)
    return await act_on(desk, caller, ask.targets, hosts.decide, before=hosts.tell)


class _Hosts:
    """What the hosts of some jobs said when they were told; each is told once."""

    def __init__(self, desk: Desk, decide: Decide, tell: Tell) -> None:
        self._desk = desk
        self._decide = decide
        self._tell = tell
        self._said: dict[JobId, str] = {}
        """Why a host did not do it; empty: it did."""

    async def tell(self, jobs: Sequence[Job]) -> None:
        """Tell the hosts of those jobs to which it can be done and was not."""
        for job in jobs:
            live = self._desk.working_set.live.by_job.get(job.id)
            if live is not None and self._is_wanted(live.job):
                self._said[job.id] = await self._outcome(live)

    def decide(self, job: Job) -> Change | None:
        """What is then on record. Raises: NotAllowed: the host did not do it."""
        change = self._decide(job)
        said = self._said.get(job.id, "it has just started; ask again")
        if change is not None and said:
            raise NotAllowed(f"#{job.id}: {said}")
        return change

    def _is_wanted(self, job: Job) -> bool:
        try:
            return self._decide(job) is not None
        except NotAllowed:
            return False

    async def _outcome(self, live: Live) -> str:
        try:
            report = await self._tell(live)
        except EngineError as error:
            return error.message
        return "it has just ended" if has_ended(report) else ""
