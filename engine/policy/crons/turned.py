"""What becomes of a schedule whose next run was arranged by a clock that has been set back."""

from datetime import tzinfo
from typing import Final

from engine.model.cron import Cron
from engine.policy.crons.instants import after
from engine.policy.crons.schedule import Schedule

SMALL_US: Final = 3 * 3_600_000_000
"""A clock set back by less than this was a little wrong: what ran in that time has run. By
more, it was all wrong, and so was the time of what ran: it is due again."""


def earlier(cron: Cron, schedule: Schedule, zone: tzinfo, now_at: int) -> int | None:
    """When a schedule is due before the run that it waits for; None: that one is the first.

    Args:
        cron: As it stands.
        schedule: What its text means.
        zone: Its own.
        now_at: UTC microseconds, by the clock as it is now.
    """
    if cron.next_at is None or cron.is_paused:
        return None
    base = now_at
    if cron.last_at is not None and cron.last_at - now_at <= SMALL_US:
        base = max(base, cron.last_at)
    if cron.start_at is not None:
        base = max(base, cron.start_at - 1)
    first = after(schedule, zone, base, cron.added_at)
    return first if first is not None and first < cron.next_at else None
