"""What each act on jobs would do, said before it is done: pure plans."""

from dataclasses import replace
from typing import Final

from crabtui.acts.plan import TYPED_ABOVE, Plan, Planner, WhyNot, why_not_act
from crabtui.acts.situation import Situation, objects
from engine.control.messages import (
    Cancel,
    Hold,
    Release,
    Retry,
    SetPriority,
)
from engine.control.views import JobRow
from engine.model.priority import Priority, parse_priority
from engine.model.states import FINAL, WAITING, State

UNDO_MS: Final = 5_000
"""The engine's grace for canceling jobs that wait."""

COUNTED_TO: Final = 1000
"""The engine counts dependents no further than this."""

SKIPS: Final = "jobs that depend on them will be skipped"

AGAIN: Final = frozenset(
    {State.FAILED, State.CANCELED, State.TIMEOUT, State.SKIPPED, State.RETRYING}
)
"""States of jobs that may run again."""

LIVE: Final = frozenset(State) - FINAL
"""States of jobs that can still be canceled."""

COMPOSITE: Final = "composite"
"""The kind of a job that stands for an array: an act on it is for all its members."""


def on_jobs(*, why_not: WhyNot | None = None) -> WhyNot:
    """Allowed where there is a job to act on and `why_not` has no objection."""

    def reason(now: Situation) -> str | None:
        if not now.jobs and now.where is None:
            return "no job here"
        return why_not_act(now) or (why_not(now) if why_not else None)

    return reason


def _ended(now: Situation) -> str | None:
    if not now.all_ended:
        return None
    if len(now.jobs) == 1:
        return f"#{now.jobs[0].id} has ended: {now.jobs[0].state}"
    return f"all {len(now.jobs)} have ended"


def _none_running(now: Situation) -> str | None:
    if now.where is None and not now.states[State.RUNNING]:
        return "kill is for running jobs; x cancels those that wait"
    return None


def has_begun(job: JobRow) -> bool:
    """Whether it has started or ended; an array that runs has members that wait."""
    return job.state in FINAL or (job.state == State.RUNNING and job.kind != COMPOSITE)


def _none_waits(now: Situation) -> str | None:
    if now.all_ended or now.where is not None or not all(map(has_begun, now.jobs)):
        return _ended(now)
    return "only what waits can be held; K makes what runs stand still"


def _started(now: Situation) -> str | None:
    if now.where is None and all(map(has_begun, now.jobs)):
        return (
            "priority counts until a job starts; this one has"
            if (len(now.jobs) == 1)
            else "priority counts until a job starts; all of these have"
        )
    return None


def _not_retryable(now: Situation) -> str | None:
    if now.where is None and not AGAIN & now.states.keys():
        [first, *more] = [job.state for job in now.jobs]
        return "nothing to retry: " + ("none of them failed" if more else f"it is {first}")
    return None


why_not_cancel = on_jobs(why_not=_ended)
why_not_kill = on_jobs(why_not=_none_running)
why_not_hold = on_jobs(why_not=_none_waits)
why_not_priority = on_jobs(why_not=_started)
why_not_retry = on_jobs(why_not=_not_retryable)


def reach(now: Situation, of: frozenset[State] = LIVE) -> int:
    """How many jobs it is for: of an array its members in one of these states."""
    if now.where is not None:
        return now.count
    return sum(_members(job, of) if job.members else 1 for job in now.jobs)


def _members(array: JobRow, of: frozenset[State]) -> int:
    return sum(number for state, number in array.members.items() if state in of)


def plan_cancel(now: Situation, why: str = "") -> Plan:
    """Cancel; only one waiting job goes without a question, as it can be undone."""
    count, states = reach(now), now.states
    waits = now.where is None and count == 1 and not states[State.RUNNING]
    return Plan(
        verb="canceled",
        title=f"Cancel {objects(now)}?",
        request=Cancel(targets=now.targets, why=why, undo_ms=UNDO_MS),
        effects=tuple(_cancel_effects(now)),
        confirm=not waits,
        count=count,
        undo="uncancel",
        ends=only(now),
    )


def with_dependents(plan: Plan, dependents: int) -> Plan:
    """The same plan, knowing how many jobs wait for the one that it ends."""
    if not dependents:
        return plan
    number = f"{dependents:,}" if dependents < COUNTED_TO else f"{COUNTED_TO:,} or more"
    word = "dependent" if dependents == 1 else "dependents"
    line = f"{number} {word} will be skipped"
    return replace(plan, effects=(*plan.effects, line), confirm=True)


def only(now: Situation) -> int | None:
    """The one job that it is for; None: there are several, or they are not known."""
    return now.jobs[0].id if now.where is None and len(now.jobs) == 1 else None


def _cancel_effects(now: Situation) -> list[str]:
    if now.where is not None:
        return [
            "running: TERM, then KILL after 5 s (or its own grace)",
            f"waiting: gone after {UNDO_MS // 1000} s, undone with u until then",
            SKIPS,
        ]
    running = now.states[State.RUNNING]
    ended = sum(n for state, n in now.states.items() if state in FINAL)
    waiting = now.states.total() - running - ended
    lines = {
        f"{running} running: TERM, then KILL after 5 s (or its own grace)": running,
        "what runs cannot be had back": running,
        f"{waiting} waiting: gone after {UNDO_MS // 1000} s, undone with u until then": waiting,
        SKIPS: len(now.jobs) > 1 and running + waiting,
        f"{ended} ended: skipped": ended,
    }
    return [line for line, count in lines.items() if count]


def plan_kill(now: Situation) -> Plan:
    """KILL at once what runs; cancel what waits."""
    count, running = reach(now), now.states[State.RUNNING]
    others = now.states.total() - running
    effects = [f"{running or 'all'} running: KILL at once, no time to clean up; no undo"]
    if others or now.where is not None:
        effects += [f"{others or 'all'} not running: canceled if waiting, else skipped", SKIPS]
    return Plan(
        verb="killed",
        title=f"Kill {objects(now)}?",
        request=Cancel(targets=now.targets, kill=True),
        effects=tuple(effects),
        confirm=True,
        count=count,
        ends=only(now),
    )


def plan_hold(now: Situation, why: str = "") -> Plan:
    """Hold what is free; if all targets are held, release them."""
    held = bool(now.jobs) and all(job.held_by for job in now.jobs)
    count = reach(now, WAITING)
    if held:
        return Plan(
            verb="released",
            title=f"Release {objects(now)}?",
            request=Release(targets=now.targets),
            effects=(f"{count} held: may start again when their turn comes",),
            confirm=count > 1,
            count=count,
            undo="hold",
        )
    return Plan(
        verb="held",
        title=f"Hold {objects(now)}?",
        request=Hold(targets=now.targets, why=why),
        effects=(f"{count} waiting: cannot start until released with H; what runs goes on",),
        confirm=count > 1,
        count=count,
        undo="release",
    )


def plan_raise(levels: int) -> Planner:
    """Raise (or lower, if negative) the priority by some levels."""

    def plan(now: Situation) -> Plan:
        count = reach(now, WAITING)
        word = "up" if levels > 0 else "down"
        return Plan(
            verb=f"priority {word}",
            title=f"Priority {word} for {objects(now)}?",
            request=SetPriority(targets=now.targets, raise_by=levels),
            effects=(_levels(now.jobs, levels), "order changes only for what waits"),
            confirm=count > TYPED_ABOVE,
            count=count,
            undo="priority",
        )

    return plan


def _levels(jobs: tuple[JobRow, ...], levels: int) -> str:
    moves = {
        (old, parse_priority(old).raised(levels).label) for old in {j.priority for j in jobs}
    }
    return ", ".join(sorted(f"{old} → {new}" for old, new in moves))


def plan_priority(now: Situation, to: Priority) -> Plan:
    """Set the priority to one level."""
    count = reach(now, WAITING)
    return Plan(
        verb=f"priority {to.label}",
        title=f"Set {objects(now)} to {to.label}?",
        request=SetPriority(targets=now.targets, to=to.label),
        effects=("order changes only for what waits",),
        confirm=count > TYPED_ABOVE,
        count=count,
        undo="priority",
    )


def plan_retry(now: Situation) -> Plan:
    """Run failed jobs again, and waiting retries at once."""
    count, states = reach(now, AGAIN), now.states
    again = sum(states[state] for state in AGAIN - {State.RETRYING})
    told = f"{again or 'all'} ended: queued again, same id, next attempt"
    effects = [told] if again or now.where is not None else []
    if states[State.RETRYING]:
        effects.append(f"{states[State.RETRYING]} retrying: queued now")
    return Plan(
        verb="retried",
        title=f"Retry {objects(now)}?",
        request=Retry(targets=now.targets),
        effects=tuple(effects),
        confirm=count > 1 or now.where is not None,
        count=count,
    )
