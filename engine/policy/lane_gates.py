"""Gates that are the same for all jobs of a lane: its queue, its group, the workers."""

from collections.abc import Callable, Iterable, Sequence
from heapq import nsmallest
from typing import Final

from engine.model.job import Shape
from engine.model.reasons import Gate, GateKind
from engine.model.resources import amount_text
from engine.model.snapshot import Holder, LaneKey, Room, Snapshot
from engine.model.worker import Health, Worker
from engine.policy import remedies
from engine.policy.job_gates import MOST_NAMED, because
from engine.policy.placement import could_hold, is_open, nearest_fit, shortage
from engine.policy.readiness import (
    Case,
    group_has_room,
    group_limit,
    queue_has_room,
    queue_of,
)


def paused_gate(case: Case) -> Gate:
    """Closed while the queue is paused."""
    queue = queue_of(case.job.now.queue, case.snapshot)
    if queue.paused_by is None:
        text = f"queue `{queue.name}` is not paused"
        return Gate(kind=GateKind.QUEUE_PAUSED, ok=True, text=text)
    return Gate(
        kind=GateKind.QUEUE_PAUSED,
        ok=False,
        text=because(f"queue `{queue.name}` is paused by {queue.paused_by}", queue.paused_why),
        facts={"queue": queue.name, "by": queue.paused_by, "since_at": queue.paused_at},
        remedy=remedies.resume(queue.name),
    )


def limit_gate(case: Case) -> Gate:
    """Closed while as many jobs of the queue run as may."""
    queue = queue_of(case.job.now.queue, case.snapshot)
    running = case.snapshot.running_in_queue.get(queue.name, 0)
    if queue.limit is None:
        text = f"queue `{queue.name}` has no limit"
        return Gate(kind=GateKind.QUEUE_LIMIT, ok=True, text=text)
    text = f"{running} of at most {queue.limit} jobs of queue `{queue.name}` run"
    facts: dict[str, object] = {
        "queue": queue.name,
        "running": running,
        "limit": queue.limit,
    }
    if queue_has_room(_key(case), case.shape, case.snapshot):
        return Gate(kind=GateKind.QUEUE_LIMIT, ok=True, text=text, facts=facts)
    return Gate(
        kind=GateKind.QUEUE_LIMIT,
        ok=False,
        text=text,
        facts=facts,
        holders=longest(h for h in case.snapshot.holders if h.queue == queue.name),
        remedy=remedies.widen(queue.name, running + 1),
    )


def group_gate(case: Case) -> Gate:
    """Closed while as many jobs of its concurrency group run as may."""
    group, limit = case.shape.group, group_limit(case.shape, case.snapshot)
    if group is None:
        return Gate(kind=GateKind.GROUP, ok=True, text="it is in no concurrency group")
    running = case.snapshot.running_in_group.get(group, 0)
    text = f"{running} of at most {limit} jobs of group `{group}` run"
    facts: dict[str, object] = {"group": group, "running": running, "limit": limit}
    if group_has_room(_key(case), case.shape, case.snapshot):
        return Gate(kind=GateKind.GROUP, ok=True, text=text, facts=facts)
    return Gate(
        kind=GateKind.GROUP,
        ok=False,
        text=text,
        facts=facts,
        holders=longest(h for h in case.snapshot.holders if h.group == group),
    )


def unsatisfiable_gate(case: Case) -> Gate:
    """Closed if no worker could hold it, were it empty."""
    able = _able(case.shape, case.snapshot)
    if able:
        text = f"{_workers(able)} could hold it"
        return Gate(kind=GateKind.UNSATISFIABLE, ok=True, text=text)
    return Gate(
        kind=GateKind.UNSATISFIABLE,
        ok=False,
        text=nearest_fit(case.shape, [room.worker for room in case.snapshot.rooms.values()]),
        remedy=remedies.workers(),
    )


def worker_gate(case: Case) -> Gate:
    """Closed if every worker that could hold it is drained or not healthy."""
    able = _able(case.shape, case.snapshot)
    if not able or any(is_open(worker) for worker in able):
        return Gate(kind=GateKind.WORKER, ok=True, text="a worker is healthy and takes work")
    conditions = {worker.name: _condition(worker) for worker in able[:MOST_NAMED]}
    return Gate(
        kind=GateKind.WORKER,
        ok=False,
        text=", ".join(f"`{name}` is {condition}" for name, condition in conditions.items()),
        facts={"workers": conditions},
    )


def fit_gate(case: Case) -> Gate:
    """Closed while every worker that could hold it is too full."""
    rooms = [
        room
        for room in case.snapshot.rooms.values()
        if is_open(room.worker) and could_hold(case.shape, room.worker)
    ]
    short = {room.worker.name: shortage(case.shape, room) for room in rooms}
    if not rooms or not all(short.values()):
        return Gate(kind=GateKind.FIT, ok=True, text="there is room for it")
    name, lacking = min(short.items(), key=lambda item: (len(item[1]), item[0]))
    return Gate(
        kind=GateKind.FIT,
        ok=False,
        text=f"no room: {_shortage_text(case.snapshot.rooms[name], lacking)}",
        facts={"short": _short_facts(short), "most": _most_text(lacking)},
        holders=longest(h for h in case.snapshot.holders if h.worker in short),
    )


def daemon_gate(case: Case) -> Gate:
    """Closed while the engine starts nothing at all."""
    if case.snapshot.granting:
        return Gate(kind=GateKind.DAEMON, ok=True, text="the engine is granting")
    text = because("the engine is not granting", case.snapshot.not_granting_why)
    facts: dict[str, object] = {"why": case.snapshot.not_granting_why}
    return Gate(kind=GateKind.DAEMON, ok=False, text=text, facts=facts)


def turn_gate(*, is_next: bool) -> Gate:
    """Closed for a job with nothing else in its way: it starts with the next round."""
    text = "nothing is in its way: it starts with the next round"
    return Gate(kind=GateKind.TURN, ok=not is_next, text=text if is_next else "not asked yet")


SHARED: Final[Sequence[Callable[[Case], Gate]]] = (
    paused_gate,
    limit_gate,
    group_gate,
    unsatisfiable_gate,
    worker_gate,
    fit_gate,
)
"""In the order of GateKind."""


def first_closed(case: Case) -> Gate | None:
    """The first gate of the job's lane that is closed; None if all are open."""
    gates = (look(case) for look in SHARED)
    return next((gate for gate in gates if not gate.ok), None)


def longest(holders: Iterable[Holder]) -> tuple[int, ...]:
    """Ids of the holders that have run longest, at most eight."""

    def since(holder: Holder) -> tuple[bool, int, int]:
        return holder.started_at is None, holder.started_at or 0, holder.job

    return tuple(holder.job for holder in nsmallest(MOST_NAMED, holders, key=since))


def _key(case: Case) -> LaneKey:
    now, spec = case.job.now, case.job.spec
    return LaneKey(now.queue, now.priority, spec.tenant, case.job.shape)


def _able(shape: Shape, snapshot: Snapshot) -> list[Worker]:
    workers = (room.worker for room in snapshot.rooms.values())
    able = [worker for worker in workers if could_hold(shape, worker)]
    return sorted(able, key=lambda worker: worker.name)


def _workers(workers: list[Worker]) -> str:
    return f"`{workers[0].name}`" if len(workers) == 1 else f"{len(workers)} workers"


def _condition(worker: Worker) -> str:
    return "draining" if worker.health is Health.HEALTHY else worker.health.value


def _shortage_text(room: Room, lacking: dict[str, tuple[int, int]]) -> str:
    name = next(iter(lacking))
    asked, left = lacking[name]
    if name == "slots":
        return f"`{room.worker.name}` has {room.slots_taken} of {room.worker.slots} slots taken"
    has = amount_text(name, left)
    return f"asks {amount_text(name, asked)}; `{room.worker.name}` has {has} free"


def _most_text(lacking: dict[str, tuple[int, int]]) -> str:
    name = next(iter(lacking))
    return "slots" if name == "slots" else amount_text(name, lacking[name][0])


def _short_facts(short: dict[str, dict[str, tuple[int, int]]]) -> dict[str, object]:
    return {
        worker: {name: {"asked": asked, "free": left} for name, (asked, left) in lacks.items()}
        for worker, lacks in sorted(short.items())[:MOST_NAMED]
    }
