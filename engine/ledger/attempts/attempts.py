"""The life of attempts: intended, heard of, settled; each step one compare-and-set.

What is written about an attempt is put together when the writer is ready for it, from the
newest report. So an attempt that ends while its start is still waiting for the disk costs
one commit and not two.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TypeVar

from msgspec import to_builtins
from msgspec.structs import replace

from engine.backends.protocol import Backend, HostState, Report
from engine.clock import Clock
from engine.errors import (
    EngineError,
    InvalidSpec,
    LinkRefused,
    StaleEpoch,
    StaleLease,
    Unreachable,
)
from engine.ledger.attempts.granting import intended, written_intent
from engine.ledger.attempts.leavings import is_owed, leavings_of, told_of
from engine.ledger.attempts.reports import ALIVE, alive, ended, has_ended, result_of
from engine.ledger.attempts.uncollected import Uncollected
from engine.ledger.deciding import draft, job_move
from engine.ledger.memory.live import Live
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.trust import Trust
from engine.ledger.writer import Writer
from engine.ledger.writes import Receipt, Write
from engine.model.attempt import Attempt
from engine.model.events import EventType
from engine.model.ids import AttemptId, JobId
from engine.model.states import Phase
from engine.model.workflow import TaskResult
from engine.policy.jobs.change import Change
from engine.policy.jobs.settlement import has_gone_down, outcome_of
from engine.policy.scheduling.decisions import Start
from engine.policy.workers.signs import could_not_start
from engine.store.keeping import Leavings
from engine.store.protocol import AttemptMove, Draft, Store, Unit

T = TypeVar("T")

log = logging.getLogger(__name__)

MOST_NAMED = 1000
"""Jobs that an event names at most."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant that is on its way to the disk."""

    live: Live
    posted: "asyncio.Future[Receipt | None]"


class Attempts:
    """Brings every report of a host into the store, once, in whatever order they come."""

    def __init__(
        self,
        *,
        store: Store,
        working_set: WorkingSet,
        writer: Writer,
        backends: Mapping[str, Backend],
        clock: Clock,
        rng: Random,
        lease_ttl_s: float,
        trust: Trust | None = None,
        on_room: Callable[[], None],
        on_ended: Callable[[Live], None],
    ) -> None:
        """Prepare.

        Args:
            store: Asked for the newest image of a job whose grant was refused.
            working_set: Where live attempts and room are kept.
            writer: Writes.
            backends: By worker.
            clock: Stamps what is written.
            rng: Draws the jitter of retries.
            lease_ttl_s: How long a lease lasts without evidence; a host that ends attempts
                by itself counts as long.
            trust: Learns how workers do; None: one of its own.
            on_room: Told when room was given back.
            on_ended: Told when the end of an attempt is on disk.
        """
        self._store = store
        self._set = working_set
        self._writer = writer
        self._backends = backends
        self._clock = clock
        self._rng = rng
        self._lease_ms = round(lease_ttl_s * 1000)
        self._lease_ttl_us = round(lease_ttl_s * 1_000_000)
        self.trust = trust or Trust(working_set, clock, on_room)
        self.unheard: dict[str, set[AttemptId]] = {}
        """By worker, attempts that ended for us without a word of their host: when it is back,
        they must never start there. A new daemon's epoch sees to that for older ones."""
        self.uncollected = Uncollected()
        """Ends that count once what the attempts left on their hosts was read."""
        self._on_room = on_room
        self._on_ended = on_ended

    def intend(self, start: Start) -> Granted:
        """Stage a grant: room is taken at once, the rest follows when it is on disk."""
        worker, now_at = self._set.workers.get(start.worker), self._clock.now()
        live = intended(start, worker, self._set.epoch, now_at, self._lease_ms)
        live.granted = start
        self.trust.granted(start.worker, live.attempt.id)
        self._set.lanes.discard(start.job)
        self._set.take(live)
        intent = partial(written_intent, live, start, self._lease_ttl_us)
        return Granted(live, self._writer.post(intent))

    async def confirm(self, granted: Granted) -> Live | None:
        """The attempt, once its intent is on disk; None if somebody else was faster."""
        try:
            await asyncio.shield(granted.posted)
        except StaleEpoch:
            raise
        except EngineError as refusal:
            log.debug("the grant of #%d was refused: %s", granted.live.job.id, refusal)
            await self.give_back(granted.live)
            return None
        await self.recall(granted.live)
        return granted.live

    async def recall(self, live: Live) -> None:
        """Learn which workers went down with earlier attempts of its job."""
        if live.job.now.losses and not live.lost_on:
            earlier = await self._store.attempts(live.job.id)
            live.lost_on = tuple(one.worker for one in earlier if has_gone_down(one))

    async def give_back(self, live: Live) -> None:
        """Undo a grant that was refused, and look at the job again as it is now.

        Until then it counts as granted: were it granted again meanwhile, the new attempt
        would have the same id as this one.
        """
        self.trust.dropped(live.attempt.worker, live.attempt.id)
        seen = live.job
        found = await self._store.job(seen.id)
        job = found if live.job is seen else live.job
        self._set.withdraw(live, job)
        self._on_room()

    def heard(self, report: Report) -> None:
        """Take in what a host says; the first end that it reports is the end."""
        live = self._set.live.by_attempt.get(report.attempt)
        if live is None or has_ended(live.report):
            return  # whatever runs of one that has ended for us is put down by others
        if not has_ended(report) and report.state not in ALIVE:
            log.error("attempt %s is %s on its host", report.attempt, report.state)
            return
        if self.uncollected.keeps(live, report):
            return
        live.report = report
        live.answered_s = self._clock.monotonic()
        if not has_ended(report):
            live.proven_s, live.evidence_at = live.answered_s, self._clock.now()
        live.heard_at = live.heard_at or self._ago(report.began_ms, live.attempt.intent_at)
        if report.ended_ms is not None:
            live.ended_at = self._ago(report.ended_ms, live.attempt.started_at or live.heard_at)
        if report.why in ("nospawn", "nostart"):
            self._note_not_started(live.attempt.worker, report)
        is_told = has_ended(report) and not self._set.failing.counts(live.job)
        if is_told and self._set.release(report.attempt):
            self._on_room()
        self._post(live)

    def _note_not_started(self, worker: str, report: Report) -> None:
        """A worker that lacks something gets nothing more at once, not even that job again."""
        said = outcome_of(report.state, why=report.why, message=report.message).trouble
        if said is not None and could_not_start(said):
            self.trust.could_not_start(worker, said.message)

    def _ago(self, passed_ms: int | None, least_at: int) -> int:
        """By our clock, when something was that a host saw; now, if it does not know."""
        now_at = self._clock.now()
        return min(now_at, max(least_at, now_at - (passed_ms or 0) * 1000))

    async def stop(self, live: Live, *, is_kill: bool = False) -> None:
        """Tell the host of an attempt to end it; the end comes as a report.

        A host that does not answer is asked again when it does: what is asked of it is on
        our disk.
        """
        attempt = live.attempt
        backend = self._backends.get(attempt.worker)
        if backend is None:
            log.warning("nothing drives %s: %s is not told to end", attempt.worker, attempt.id)
            return
        grace_ms = 0 if is_kill else live.job.spec.timeouts.grace_ms
        signal = "KILL" if is_kill else "TERM"
        try:
            report = await backend.stop(attempt.id, self._set.epoch, grace_ms, signal)
            if report.state is HostState.ABSENT:
                [report] = await backend.adopt([attempt.id])
            self.heard(report)
        except (Unreachable, LinkRefused):
            log.warning("%s does not answer; %s is stopped later", attempt.worker, attempt.id)

    async def pause(self, live: Live, *, clocks_too: bool) -> Report:
        """Tell its host to make it stand still. Raises: BackendError: it did not."""
        backend, attempt = self._backend(live), live.attempt.id
        epoch = self._set.epoch
        return await _of(live, backend.hold_still(attempt, epoch, clocks_too=clocks_too))

    async def resume(self, live: Live) -> Report:
        """Tell its host to let it go on. Raises: BackendError: it did not."""
        going_on = self._backend(live).go_on(live.attempt.id, self._set.epoch)
        return await _of(live, going_on)

    async def feed(self, live: Live, data: bytes, *, end: bool, piece: int = 0) -> int:
        """Send to its standard input; how many bytes were taken. Raises: BackendError."""
        backend, attempt = self._backend(live), live.attempt.id
        return await _of(
            live, backend.feed(attempt, self._set.epoch, data, end=end, piece=piece)
        )

    def _backend(self, live: Live) -> Backend:
        worker = live.attempt.worker
        if worker not in self._backends:
            raise Unreachable(f"nothing drives `{worker}` now")
        return self._backends[worker]

    def refused(self, attempt: AttemptId, error: EngineError) -> None:
        """The host certainly did not start it, and says why; is it the job or the host?"""
        why = "nospawn" if isinstance(error, InvalidSpec) else "nostart"
        self.heard(
            Report(attempt=attempt, state=HostState.EXITED, why=why, message=error.message)
        )

    def is_open(self, attempt: AttemptId) -> bool:
        """Whether its end is neither known nor declared."""
        live = self._set.live.by_attempt.get(attempt)
        return live is not None and not has_ended(live.report)

    def gathered(self, attempt: AttemptId, leavings: Leavings) -> None:
        """Its outputs are here already, to be written down with its end."""
        live = self._set.live.by_attempt.get(attempt)
        if live is not None and not has_ended(live.report):
            live.gathered = leavings

    def is_given_up(self, attempt: AttemptId) -> bool:
        """Whether it has ended for us without a word of its host, which may still start it."""
        return any(attempt in some for some in self.unheard.values())

    def clean_up(self, live: Live) -> None:
        """Have its host clean up after an attempt whose end is on disk."""
        self._on_ended(live)

    def never_sent(self, live: Live) -> None:
        """Nobody has told its host of it, and nobody will."""
        self.heard(Report(attempt=live.attempt.id, state=HostState.VOID))

    def give_up(self, live: Live) -> None:
        """Its host was out of sight for so long that it has certainly ended it by itself."""
        log.warning("%s has given up %s by itself", live.attempt.worker, live.attempt.id)
        self._without_a_word(live)
        self.heard(Report(attempt=live.attempt.id, state=HostState.EXITED, why="lease"))

    async def declare_dead(self, worker: str, actor: str, why: str = "") -> Sequence[JobId]:
        """End every open attempt of a worker as lost: the operator's word is the proof.

        What follows is up to the restart contract of each job. Should the host come back,
        what still runs there is put down, and nothing it says changes a job.

        Args:
            worker: Its name.
            actor: Who says so.
            why: In words, if any.

        Returns:
            The jobs concerned, once all of it is on disk; none if there was nothing left to
            do, and then nothing is written.
        """
        lives = [
            live
            for live in self._set.live.by_attempt.values()
            if live.attempt.worker == worker and not has_ended(live.report)
        ]
        if not lives:
            return ()
        said = f"{actor} declared `{worker}` dead" + (f": {why}" if why else "")
        for live in lives:
            lost = HostState.LOST
            self._without_a_word(live)
            self.heard(
                Report(attempt=live.attempt.id, state=lost, why="declared_dead", message=said)
            )
        jobs = sorted(live.job.id for live in lives)
        event = Draft(
            type=EventType.WORKER_DECLARED_DEAD,
            worker=worker,
            actor=actor,
            cause=why,
            data={"attempts": len(lives), "jobs": jobs[:MOST_NAMED]},
        )
        unit = Unit(epoch=self._set.epoch, events=[event])
        await self._writer.post(lambda: Write(unit))
        return jobs

    def _without_a_word(self, live: Live) -> None:
        self.unheard.setdefault(live.attempt.worker, set()).add(live.attempt.id)

    def _post(self, live: Live) -> None:
        """Have its news written: an end with the next commit, a start when there is one."""
        if live.waiting is None:
            live.waiting = self._writer.post_lazily(partial(self._news, live))
            live.waiting.answer.add_done_callback(partial(self._posted, live))
        if has_ended(live.report):
            self._writer.hasten(live.waiting)

    def _posted(self, live: Live, posted: "asyncio.Future[Receipt | None]") -> None:
        """Write again what an act on the same job overtook; tell of an end on disk."""
        refusal = None if posted.cancelled() else posted.exception()
        if isinstance(refusal, StaleLease):
            if self._set.live.by_attempt.get(live.attempt.id) is live:  # else given back
                self._post(live)
        elif refusal is not None:
            log.error("what attempt %s did could not be written: %s", live.attempt.id, refusal)
        elif live.attempt.phase is Phase.ENDED:
            self.trust.ended(live.attempt, live.job)
            self._on_ended(live)

    def _news(self, live: Live) -> Write | None:
        """Everything about an attempt that is not on disk yet."""
        live.waiting = None
        report = live.report
        if report is None or live.attempt.phase is Phase.ENDED:
            return None
        if has_ended(report):
            stopped = self._set.stopped_array(live.job)
            now_at = self._clock.now()
            attempt, changes = ended(live, report, self._rng, now_at, stopped)
            said = result_of(live, report, changes[-1], now_at)
            left = leavings_of(live, report, attempt, now_at)
            live.owes_outputs = is_owed(left)
            told = told_of(live, changes)
            return self._write(live, attempt, changes, *told, results=said, leavings=left)
        news = alive(live, report, self._set.epoch, self._clock.now())
        return self._write(live, *news) if news else None

    def _write(
        self,
        live: Live,
        attempt: Attempt,
        changes: Sequence[Change],
        *drafts: Draft,
        results: Sequence[TaskResult] = (),
        leavings: Leavings | None = None,
    ) -> Write:
        """One unit for an attempt and the steps that its job takes with it."""
        job, last = live.job, changes[-1]
        attempt = replace(attempt, epoch=self._set.epoch)
        events = [draft(job, change, now=to_builtins(change.now)) for change in changes[:-1]]
        unit = Unit(
            epoch=self._set.epoch,
            moves=[job_move(job, last)],
            attempt_moves=[
                AttemptMove(
                    was_phase=live.attempt.phase, was_epoch=live.attempt.epoch, now=attempt
                )
            ],
            ended_leases=[attempt.id] if attempt.phase is Phase.ENDED else [],
            events=[*events, *drafts, draft(job, last, actor="engine", **last.data)],
            results=results,
            leavings=leavings,
        )
        return Write(unit, {job.id: job})


async def _of(live: Live, answer: Awaitable[T]) -> T:
    """What its host answers. Raises: as that does, naming the worker that is silent."""
    try:
        return await answer
    except (Unreachable, LinkRefused) as silence:
        raise type(silence)(f"no link to `{live.attempt.worker}`: {silence}") from silence
