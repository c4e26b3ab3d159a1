"""Renew leases by evidence from the attempts' hosts, and mark what has fallen silent."""

from collections.abc import Iterable
from functools import partial

from engine.backends.protocol import Backend
from engine.clock import Clock
from engine.errors import Unreachable
from engine.ledger.attempts import Attempts
from engine.ledger.ledger import Ledger
from engine.ledger.working_set import WorkingSet
from engine.model.ids import AttemptId
from engine.policy.jobs.leases import LeaseTimes, expired
from engine.policy.jobs.lifecycle import lose_sight
from engine.store.protocol import Store


async def renew_leases(
    backend: Backend,
    worker: str,
    *,
    store: Store,
    working_set: WorkingSet,
    attempts: Attempts,
    clock: Clock,
    times: LeaseTimes,
) -> None:
    """Ask one worker for signs of life, for ever. No answer renews nothing."""
    while True:
        await clock.sleep(times.renew_s)
        running = [
            live.attempt.id
            for live in working_set.live.by_attempt.values()
            if live.attempt.worker == worker and live.attempt.pid is not None
        ]
        if not running:
            continue
        try:
            alive = await backend.renew(running, working_set.epoch)
            in_doubt = sorted(set(running) - set(alive) | _out_of_sight(working_set, alive))
            reports = await backend.adopt(in_doubt) if in_doubt else []
        except Unreachable:
            continue
        now_at = clock.now()
        # before they are heard of: a lease that is still over would hide them again at once
        await store.renew(alive, working_set.epoch, now_at, times.until(now_at))
        for report in reports:
            attempts.heard(report)


def _out_of_sight(working_set: WorkingSet, alive: Iterable[AttemptId]) -> set[AttemptId]:
    """Those that are marked unreachable and, as it turns out, are not."""
    lives = [working_set.live.by_attempt.get(attempt) for attempt in alive]
    return {
        live.attempt.id
        for live in lives
        if live is not None and live.job.now.unreachable_at is not None
    }


async def sweep_leases(
    *, store: Store, working_set: WorkingSet, ledger: Ledger, clock: Clock, times: LeaseTimes
) -> None:
    """Mark attempts whose lease ran out as unreachable, for ever. Nothing is freed by it."""
    while True:
        await clock.sleep(times.sweep_s)
        now_at = clock.now()
        for lease in expired(await store.leases(), now_at):
            live = working_set.live.by_attempt.get(lease.attempt)
            if live is not None and live.attempt.pid is not None:
                await ledger.act(live.job, partial(lose_sight, now_at=now_at))
