"""Renew leases by evidence from the attempts' hosts, and mark what has fallen silent."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from engine.backends.protocol import Backend
from engine.clock import Clock
from engine.errors import LinkRefused, Unreachable
from engine.ledger.attempts.attempts import Attempts
from engine.ledger.attempts.reports import ALIVE, has_ended
from engine.ledger.attempts.silence import proven_at, seconds_left
from engine.ledger.ledger import Ledger
from engine.ledger.memory.live import Live
from engine.ledger.memory.working_set import WorkingSet
from engine.model.ids import AttemptId
from engine.model.job import Job
from engine.model.link import LinkState
from engine.policy.jobs.handling import go_on
from engine.policy.jobs.leases import LeaseTimes, expired
from engine.policy.jobs.lifecycle import lose_sight
from engine.store.protocol import Store


async def renew_leases(
    backend: Backend,
    worker: str,
    *,
    store: Store,
    working_set: WorkingSet,
    ledger: Ledger,
    attempts: Attempts,
    clock: Clock,
    times: LeaseTimes,
) -> None:
    """Ask one worker for signs of life, for ever. No answer renews nothing.

    Paused attempts are looked at with each renewal, as their hosts may let them go on.
    """
    while True:
        await clock.sleep(times.renew_s)
        lives = _running_on(worker, working_set)
        running, paused = [live.attempt.id for live in lives], _paused(lives)
        link = working_set.links.get(worker)
        is_linked = link is None or link.state is LinkState.CONNECTED
        if not running or not is_linked:
            continue
        try:
            with _being_asked(lives, clock, is_anew=link is not None):
                alive = await backend.renew(running, working_set.epoch)
                _answered(lives, alive, clock)
            in_doubt = set(running) - set(alive) | _out_of_sight(working_set, alive)
            asked = sorted(in_doubt | paused.keys())
            reports = await backend.adopt(asked) if asked else []
        except (Unreachable, LinkRefused):
            _given_up(lives, clock, is_anew=link is not None)
            continue
        now_at = clock.now()
        for attempt in alive:
            attempts.trust.lives(worker, attempt)
        # before they are heard of: a lease that is still over would hide them again at once
        await store.renew(alive, working_set.epoch, now_at, times.until(now_at))
        for report in reports:
            attempts.heard(report)
            if report.attempt in paused and report.state in ALIVE and not report.paused:
                told = partial(go_on, since_at=paused[report.attempt], now_at=clock.now())
                await ledger.act(_job_of(lives, report.attempt), told)


def _running_on(worker: str, working_set: WorkingSet) -> list[Live]:
    return [
        live
        for live in working_set.live.by_attempt.values()
        if live.attempt.worker == worker and live.attempt.pid is not None
    ]


def _paused(lives: Iterable[Live]) -> dict[AttemptId, int]:
    """Those that stand still, as far as is known, and since when."""
    since = {live.attempt.id: live.job.now.paused_at for live in lives}
    return {attempt: at for attempt, at in since.items() if at is not None}


def _job_of(lives: Iterable[Live], attempt: AttemptId) -> Job:
    return next(live.job for live in lives if live.attempt.id == attempt)


@contextmanager
def _being_asked(lives: Iterable[Live], clock: Clock, *, is_anew: bool) -> Iterator[None]:
    """A renewal is under way: its host may work on it at any moment until it is answered.

    Whatever breaks it off, be it our own end, gives it up; as `_given_up` has it.
    """
    for live in lives:
        live.is_asked = True
    try:
        yield
    finally:
        _given_up([live for live in lives if live.is_asked], clock, is_anew=is_anew)


def _answered(lives: Iterable[Live], alive: Iterable[AttemptId], clock: Clock) -> None:
    """Their host has renewed these: not later than now."""
    proven = set(alive)
    for live in lives:
        live.is_asked = False
        if live.attempt.id in proven:
            live.answered_s = live.proven_s = clock.monotonic()
            live.evidence_at, live.is_in_doubt = clock.now(), False


def _given_up(lives: Iterable[Live], clock: Clock, *, is_anew: bool) -> None:
    """Nobody knows whether a renewal reached the host; from now on none does any more.

    Args:
        lives: Whose renewal it was.
        clock: Ours.
        is_anew: It was asked over a link that stood; else only the first silence counts, for
            what is asked after it is not sent at all.
    """
    for live in lives:
        live.is_asked = False
        if is_anew or not live.is_in_doubt:
            live.answered_s, live.is_in_doubt = clock.monotonic(), True


def _out_of_sight(working_set: WorkingSet, alive: Iterable[AttemptId]) -> set[AttemptId]:
    """Those that are marked unreachable and, as it turns out, are not."""
    lives = [working_set.live.by_attempt.get(attempt) for attempt in alive]
    return {
        live.attempt.id
        for live in lives
        if live is not None and live.job.now.unreachable_at is not None
    }


async def sweep_leases(
    *,
    store: Store,
    working_set: WorkingSet,
    ledger: Ledger,
    attempts: Attempts,
    clock: Clock,
    times: LeaseTimes,
) -> None:
    """Mark attempts whose lease ran out as unreachable, for ever.

    That frees nothing, but for those that their hosts have certainly ended by themselves
    meanwhile. Until a host was asked what runs there, or tried to be, silence means nothing.
    """
    began_s = clock.monotonic()
    while True:
        await clock.sleep(times.sweep_s)
        now_at = clock.now()
        for lease in expired(await store.leases(), now_at):
            live = working_set.live.by_attempt.get(lease.attempt)
            if live is None or not _is_silent(live, working_set, clock, times):
                continue
            left = seconds_left(live, began_s, clock)
            live.gives_up_at = None if left is None else now_at + round(left * 1_000_000)
            if left is not None and left <= 0:
                attempts.give_up(live)
            else:
                since_at = proven_at(live) or now_at
                await ledger.act(live.job, partial(lose_sight, since_at=since_at))


def _is_silent(live: Live, working_set: WorkingSet, clock: Clock, times: LeaseTimes) -> bool:
    """Whether its lease ran out for want of proof, and not for want of asking."""
    link = working_set.links.get(live.attempt.worker)
    was_tried = link is None or link.tried
    is_proven = live.proven_s is not None and clock.monotonic() - live.proven_s < times.ttl_s
    return was_tried and not is_proven and not has_ended(live.report)
