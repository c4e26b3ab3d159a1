"""Which runs of a schedule are started, made up, left out or owed when it is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from msgspec.structs import replace as changed

from engine.model.cron import MOST_MADE_UP, Cron, Missed, Overlap
from engine.model.ids import JobId

ON_TIME_US: Final = 60_000_000
"""A run that can be started no later than this is on time, as cron has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of a schedule, and what is to be told of it."""

    cron: Cron
    """As it shall be: what is to be submitted stands in `starting`."""
    missed: Sequence[int] = ()
    """Instants that passed while nobody could start them."""
    made_up: int = 0
    """Runs that stand in for those."""
    left_out: Sequence[tuple[int, str]] = ()
    """Instants at which nothing is started although they were on time, and why."""
    cancel: Sequence[JobId] = ()
    """Jobs that make way."""


def look(cron: Cron, due: Sequence[int], next_at: int | None, now_at: int, rng: Random) -> Plan:
    """What becomes of the runs that have come due.

    Missed runs that are made up wait for each other, unless runs may overlap.

    Args:
        cron: Its `live` are the jobs that have not ended by now.
        due: Instants since it was last looked at, in order; of very many the newest.
        next_at: The first one that is not due.
        now_at: UTC microseconds.
        rng: Where the jitter comes from.
    """
    if cron.is_paused:
        return Plan(cron=cron)
    if not due:
        return _one_by_one(Plan(cron=cron), [])
    late_us = ON_TIME_US + cron.jitter_ms * 1000
    on_time = due[-1:] if now_at - due[-1] <= late_us else due[:0]
    missed = due[: len(due) - len(on_time)]
    made_up = _made_up(cron.missed, missed, has_one=bool(on_time))
    cron = _counted(arranged(cron, next_at, rng), missed, is_on_time=bool(on_time))
    plan = Plan(cron=cron, missed=missed, made_up=len(made_up))
    return _by_overlap(plan, made_up, on_time)


def _made_up(policy: Missed, missed: Sequence[int], *, has_one: bool) -> Sequence[int]:
    if policy is Missed.ALL:
        return missed[-MOST_MADE_UP:]
    return () if policy is Missed.SKIP or has_one else missed[-1:]


def _counted(cron: Cron, missed: Sequence[int], *, is_on_time: bool) -> Cron:
    if not missed:
        return changed(cron, missed_runs=0, missed_at=None)
    before = 0 if is_on_time else cron.missed_runs
    return changed(cron, missed_runs=before + len(missed), missed_at=missed[-1])


def _by_overlap(plan: Plan, made_up: Sequence[int], on_time: Sequence[int]) -> Plan:
    """What of it starts now, by how runs may overlap."""
    cron, wanted = plan.cron, [*made_up, *on_time]
    match cron.overlap:
        case Overlap.ALLOW:
            return _starting(plan, wanted)
        case Overlap.CANCEL_RUNNING:
            over = [(at, "a later run of it starts at the same time") for at in wanted[:-1]]
            plan = replace(plan, cancel=cron.live if wanted else ())
            return _starting(_without(plan, over), wanted[-1:])
        case Overlap.SKIP if on_time and (why := _busy(cron)):
            return _one_by_one(_without(plan, [(on_time[0], why)]), made_up)
    return _one_by_one(plan, wanted)


def _busy(cron: Cron) -> str:
    """Why a run on time would not be alone; empty if it would."""
    if cron.live:
        return f"#{cron.live[-1]} of it has not ended"
    return "an earlier run of it waits" if cron.owed or cron.starting else ""


def _one_by_one(plan: Plan, more: Sequence[int]) -> Plan:
    """The first starts if nothing runs, the others wait; not endlessly many."""
    cron = plan.cron
    owed = [*cron.owed, *more]
    start = () if cron.live or cron.starting else owed[:1]
    owed = owed[len(start) :]
    excess = owed[: max(len(owed) - MOST_MADE_UP, 0)]
    plan = _without(
        plan, [(at, f"{MOST_MADE_UP} later ones of it wait already") for at in excess]
    )
    kept = tuple(owed[len(excess) :])
    return _starting(replace(plan, cron=changed(plan.cron, owed=kept)), start)


def _starting(plan: Plan, instants: Sequence[int]) -> Plan:
    starting = (*plan.cron.starting, *instants)
    return replace(plan, cron=changed(plan.cron, starting=starting))


def _without(plan: Plan, left_out: Sequence[tuple[int, str]]) -> Plan:
    skipped = plan.cron.skipped + len(left_out)
    return replace(
        plan,
        cron=changed(plan.cron, skipped=skipped),
        left_out=[*plan.left_out, *left_out],
    )


def arranged(cron: Cron, next_at: int | None, rng: Random) -> Cron:
    """The schedule with its next run, and when that is due; none after its end."""
    if next_at is None or (cron.end_at is not None and next_at > cron.end_at):
        return changed(cron, next_at=None, due_at=None)
    jitter_us = rng.randrange(cron.jitter_ms * 1000 + 1) if cron.jitter_ms else 0
    due_at = None if cron.is_paused else next_at + jitter_us
    return changed(cron, next_at=next_at, due_at=due_at)


def fired(cron: Cron, at: int, job: JobId, now_at: int) -> Cron:
    """The schedule once a run of it has been submitted."""
    return changed(
        cron,
        starting=tuple(each for each in cron.starting if each != at),
        live=(*cron.live, job) if job not in cron.live else cron.live,
        last_at=at,
        last_job=job,
        last_submitted_at=now_at,
        fired=cron.fired + 1,
        trouble="",
    )


def refused(cron: Cron, at: int, why: str) -> Cron:
    """The schedule once a run of it could not be submitted."""
    return changed(
        cron,
        starting=tuple(each for each in cron.starting if each != at),
        skipped=cron.skipped + 1,
        trouble=why,
    )


def given_up(cron: Cron, why: str, now_at: int) -> Cron:
    """The schedule that nothing can be made of, as it waits for somebody to mend it."""
    return changed(
        cron, paused_by="engine", paused_at=now_at, due_at=None, starting=(), trouble=why
    )
