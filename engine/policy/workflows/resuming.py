"""Taking a workflow up again from what failed: what runs at once, and what waits for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace as dataclass_replace

from msgspec.structs import replace

from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import FINAL, Signal, State, advance
from engine.model.workflow import MET_BY, Edge
from engine.policy.jobs.change import Change


def resumable(
    again: Mapping[JobId, Sequence[Edge]],
    skipped: Mapping[JobId, Sequence[Edge]],
    states: Mapping[JobId, State],
) -> dict[JobId, int]:
    """Tasks that are taken up again: all that failed, and what was skipped and can run now.

    Args:
        again: Tasks that failed or were canceled, and what each waits for.
        skipped: The same of those that were skipped.
        states: Of all other jobs that they wait for.

    Returns:
        How many of its dependencies are not met, by task, in an order in which each comes
        after all those of them that it waits for.
    """
    hopeless = _hopeless(skipped, states)
    states = {**states, **dict.fromkeys(hopeless, State.SKIPPED)}
    edges_of = {id_: on for id_, on in {**again, **skipped}.items() if id_ not in hopeless}
    left = {
        id_: {edge.on for edge in edges if edge.on in edges_of}
        for id_, edges in edges_of.items()
    }
    found: dict[JobId, int] = {}
    free = [id_ for id_, on in left.items() if not on]
    waiting = _followers(left)
    while free:
        id_ = free.pop()
        found[id_] = sum(not _is_met(edge, states) for edge in edges_of[id_])
        for follower in waiting.get(id_, ()):
            left[follower].discard(id_)
            if not left[follower]:
                free.append(follower)
    return found


def _hopeless(
    skipped: Mapping[JobId, Sequence[Edge]], states: Mapping[JobId, State]
) -> set[JobId]:
    """Those that wait for an end that has been another, or for one that is hopeless."""
    followers = _followers({id_: {e.on for e in edges} for id_, edges in skipped.items()})
    found: set[JobId] = set()
    new = [
        id_
        for id_, edges in skipped.items()
        if any(states.get(edge.on) in FINAL and not _is_met(edge, states) for edge in edges)
    ]
    while new:
        id_ = new.pop()
        if id_ in found:
            continue
        found.add(id_)
        new += [
            one
            for one in followers.get(id_, ())
            if any(e.on == id_ and State.SKIPPED not in MET_BY[e.after] for e in skipped[one])
        ]
    return found


def _followers(on: Mapping[JobId, set[JobId]]) -> dict[JobId, list[JobId]]:
    found: dict[JobId, list[JobId]] = {}
    for id_, some in on.items():
        for one in some:
            found.setdefault(one, []).append(id_)
    return found


def _is_met(edge: Edge, states: Mapping[JobId, State]) -> bool:
    state = states.get(edge.on)
    return state is not None and state in MET_BY[edge.after]


def await_again(job: Job, unmet: int, now_at: int, by: str) -> Change | None:
    """A skipped task waits once more; None if it is not skipped any more."""
    now = job.now
    if now.state is not State.SKIPPED:
        return None
    state = advance(now.state, Signal.REVIVE)
    if unmet:
        state = advance(state, Signal.POSTPONE)
    again = replace(
        now,
        state=state,
        unmet=unmet,
        queued_at=None if unmet else now_at,
        state_at=now_at,
        ended_at=None,
        cancel_by=None,
        cancel_why="",
        held_by=None,
        held_why="",
        trouble=None,
        note="",
    )
    event = EventType.JOB_BLOCKED if unmet else EventType.JOB_QUEUED
    cause = f"{by} resumed its workflow"
    return Change(Signal.REVIVE, again, event, cause)


def behind(change: Change | None, unmet: int) -> Change | None:
    """What has a task run again, once what it waits for has ended too."""
    if change is None or not unmet or change.now.state is not State.QUEUED:
        return change
    state = advance(change.now.state, Signal.POSTPONE)
    waits = replace(change.now, state=state, unmet=unmet, queued_at=None)
    cause = f"{change.cause}, after {unmet} others"
    return dataclass_replace(change, now=waits, event=EventType.JOB_BLOCKED, cause=cause)
