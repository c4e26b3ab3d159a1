"""What recurs, in words: when it is due next, and what is the matter with it."""

from collections.abc import Sequence
from typing import Final

from crabtui.data.wording import count, duration, plural
from engine.control.views import CronView

NO_CRONS: Final = "nothing recurs: `crabtui cron add NAME SPEC -- COMMAND`"


def next_text(cron: CronView, now_at: int) -> str:
    """`in 5m`, `paused by ana`, `due`, or `never`."""
    if cron.paused_by is not None:
        return f"paused by {cron.paused_by}"
    if cron.next_at is None:
        return "never"
    left = (cron.due_at or cron.next_at) - now_at
    return f"in {duration(left)}" if left > 0 else "due"


def matter_text(cron: CronView) -> str:
    """What is the matter, in a few words; empty if nothing is."""
    said = []
    if cron.missed_runs:
        said.append(f"{count(cron.missed_runs)} missed")
    if cron.trouble:
        said.append(cron.trouble)
    if cron.owed:
        said.append(f"{cron.owed} waiting")
    return "; ".join(said)


def cron_summary(crons: Sequence[CronView]) -> str:
    """`3 schedules, 1 paused, 1 missed runs`."""
    if not crons:
        return NO_CRONS
    said = [plural(len(crons), "schedule")]
    paused = sum(cron.paused_by is not None for cron in crons)
    missed = sum(cron.missed_runs > 0 for cron in crons)
    if paused:
        said.append(f"{paused} paused")
    if missed:
        said.append(f"{missed} with missed runs")
    return ", ".join(said)
