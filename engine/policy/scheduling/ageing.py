"""Ageing: as how urgent a job counts that has waited for long. Computed, never stored."""

from engine.model.job import Job
from engine.model.priority import Priority
from engine.model.rules import Ageing, Rules

MOST_LEVELS = len(Priority) - 1


def risen(job: Job, rules: Rules, now_at: int) -> Priority:
    """The class to which a job has risen by waiting: its own, or a more urgent one.

    It rises once per period, never above the rules' most, and anew once it is queued again.
    """
    own = job.now.priority
    if rules.ageing is Ageing.NONE or job.now.queued_at is None or own <= rules.ageing_most:
        return own
    levels = _levels(rules, now_at - job.now.queued_at)
    return max(own.raised(levels), rules.ageing_most)


def _levels(rules: Rules, waited_us: int) -> int:
    periods = max(0, waited_us) // max(1, rules.ageing_period_ms * 1000)
    if rules.ageing is Ageing.LINEAR:
        return min(periods, MOST_LEVELS)
    return (1 << min(periods, MOST_LEVELS)) - 1
