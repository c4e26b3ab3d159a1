"""Inversion of priority: who urgent waits for a lock that someone less urgent holds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from engine.model.ids import JobId
from engine.model.job import Job, Shape
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.snapshot import Inversion, LaneKey, Snapshot

MOST_DEEP: Final = 8
"""Links of a chain of waiting holders that are followed."""

LOCKS = frozenset({GateKind.GOAL, GateKind.GROUP})

MOST_RECORDS: Final = 256

Waiting = tuple[Job, LaneKey, Shape, GateKind]


@dataclass(frozen=True, slots=True)
class _Wait:
    """A job that waits for a lock, and as how urgent it counts."""

    job: JobId
    priority: Priority
    lock: str
    holders: tuple[JobId, ...]


def inversions(waiting: Iterable[Waiting], snapshot: Snapshot) -> tuple[Inversion, ...]:
    """Every pair of a waiting job and a less urgent holder that it waits for, at any depth.

    A holder may wait for a lock itself: then those who hold that one are in the way of both.
    Chains are followed eight links deep, and at most 256 pairs are told, the most urgent
    waiters' first. A pair that was known keeps the instant since which it is.

    Args:
        waiting: Heads of lanes with the gate that is closed for them; of any kind.
        snapshot: Who holds what, and what was known before.
    """
    heads = list(waiting)
    if not any(kind in LOCKS for _, _, _, kind in heads):
        return ()
    classes = _classes(heads, snapshot)
    waits = {wait.job: wait for wait in _waits(heads, classes, snapshot)}
    known = {(one.waiter, one.holder, one.lock): one.since_at for one in _known(snapshot)}
    found = (
        Inversion(
            waiter=wait.job,
            holder=holder,
            lock=lock,
            since_at=known.get((wait.job, holder, lock), snapshot.now_at),
            waiter_priority=wait.priority,
            holder_priority=classes[holder],
        )
        for wait in sorted(waits.values(), key=lambda wait: (wait.priority, wait.job))
        for holder, lock in _blockers(wait, waits)
        if holder in classes and classes[holder] > wait.priority
    )
    return tuple(islice(found, MOST_RECORDS))


def boosts(found: Iterable[Inversion]) -> Mapping[JobId, Priority]:
    """As how urgent each holder counts under inheritance: as its most urgent waiter."""
    classes: dict[JobId, Priority] = {}
    for one in found:
        classes[one.holder] = min(one.waiter_priority, classes.get(one.holder, Priority.LOW))
    return classes


def _known(snapshot: Snapshot) -> Iterable[Inversion]:
    return snapshot.carried.inversions


def _classes(heads: Iterable[Waiting], snapshot: Snapshot) -> dict[JobId, Priority]:
    """How urgent everybody in sight is; who waits may have risen by ageing."""
    classes = dict(snapshot.goal_priorities)
    classes |= {
        job.id: lane.key.priority for lane in snapshot.lanes for job in islice(lane.jobs, 1)
    }
    classes |= {holder.job: holder.priority for holder in snapshot.holders}
    for job, key, _, _ in heads:
        passed = snapshot.carried.passed.get(key)
        risen = passed.level if passed and passed.job == job.id else key.priority
        classes[job.id] = min(key.priority, risen)
    return classes


def _waits(
    heads: Iterable[Waiting], classes: Mapping[JobId, Priority], snapshot: Snapshot
) -> Iterator[_Wait]:
    in_group: dict[str, list[JobId]] = {}
    for holder in snapshot.holders:
        if holder.group is not None:
            in_group.setdefault(holder.group, []).append(holder.job)
    for job, _, shape, kind in heads:
        if kind is GateKind.GOAL and shape.goal is not None:
            holders = tuple(snapshot.goals.get(shape.goal, ()))
            yield _Wait(job.id, classes[job.id], f"goal {shape.goal}", holders)
        elif kind is GateKind.GROUP and shape.group is not None:
            holders = tuple(in_group.get(shape.group, ()))
            yield _Wait(job.id, classes[job.id], f"group {shape.group}", holders)


def _blockers(wait: _Wait, waits: Mapping[JobId, _Wait]) -> Iterator[tuple[JobId, str]]:
    """Who is in the way of this job, nearest first, each once, with the lock it holds."""
    seen, level = {wait.job}, [wait]
    for _ in range(MOST_DEEP):
        below: list[_Wait] = []
        for link in level:
            for holder in link.holders:
                if holder in seen:
                    continue
                seen.add(holder)
                yield holder, link.lock
                if holder in waits:
                    below.append(waits[holder])
        level = below
