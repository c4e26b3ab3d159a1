"""Attempts whose host is out of sight: marked as soon as that is known, with one clock."""

from collections.abc import Collection, Iterable
from functools import partial

from engine.clock import Clock
from engine.ledger.attempts.reports import has_ended
from engine.ledger.ledger import Ledger
from engine.ledger.memory.live import Live
from engine.policy.jobs.lifecycle import lose_sight
from engine.policy.jobs.partitions import left_s


def proven_at(live: Live) -> int | None:
    """When its host last proved that it knows of it, UTC microseconds."""
    return live.evidence_at or live.attempt.evidence_at


def last_heard(lives: Iterable[Live], *looks: int | None) -> int | None:
    """When a host last gave any sign of life: of what runs there, or to a look; None: never."""
    told = (*looks, *map(proven_at, lives))
    return max((at for at in told if at is not None), default=None)


def seconds_left(live: Live, began_s: float, clock: Clock) -> float | None:
    """Until its host has ended it by itself; after a restart of ours counted from that."""
    now_s = clock.monotonic()
    answered_s = began_s if live.answered_s is None else live.answered_s
    if live.is_asked:
        answered_s = now_s
    return left_s(live.attempt, live.job, answered_s, now_s)


async def lose(
    lives: Collection[Live], since_at: int, *, ledger: Ledger, clock: Clock, began_s: float
) -> None:
    """Mark all that are open: nothing is known of them. That frees nothing.

    Args:
        lives: The attempts on one host.
        since_at: When it was heard last.
        ledger: Writes it, in few units.
        clock: Ours.
        began_s: Since when we would have heard of it; monotonic.
    """
    lost = [live for live in lives if _is_to_mark(live)]
    for live in lost:
        left = seconds_left(live, began_s, clock)
        live.gives_up_at = None if left is None else clock.now() + round(left * 1_000_000)
    await ledger.act_on_all([live.job for live in lost], partial(lose_sight, since_at=since_at))


def _is_to_mark(live: Live) -> bool:
    now = live.job.now
    is_on_disk = now.attempt == live.attempt.id
    return is_on_disk and now.unreachable_at is None and not has_ended(live.report)
