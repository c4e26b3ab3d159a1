"""Gates about workers: whether one could hold the job, is open, has room, and may use it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.model.job import Shape
from engine.model.reasons import Gate, GateKind, Remedy
from engine.model.resources import amount_text
from engine.model.snapshot import Holder, Reservation, Room, Snapshot
from engine.model.worker import Worker
from engine.policy.readiness import Case
from engine.policy.scheduling.placement import (
    could_hold,
    device_types,
    is_large_enough,
    is_near,
    is_open,
    is_right_side,
    may_run,
    missing_backend,
    nearest_fit,
    shortage,
)
from engine.policy.scheduling.reservation import admits, kept_on
from engine.policy.why import remedies
from engine.policy.why.burdens import burden_text
from engine.policy.why.conditions import condition, opens_at, readmitting, retried
from engine.policy.why.job_gates import MOST_NAMED, longest
from engine.policy.why.room_remedies import first_to_fit, least_given_up, shrunk

Lacks = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Short:
    """Why a job cannot start on one worker now."""

    worker: str
    text: str
    """`2 cpu short`, `draining`, `lacks label gpu`."""
    lacks: Lacks
    """(asked, free) of each dimension of which there is too little."""


def unsatisfiable_gate(case: Case) -> Gate:
    """Closed if no worker could hold it, were it empty."""
    able = _able(case.shape, case.snapshot)
    if able:
        text = f"{_workers(able)} could hold it"
        return Gate(kind=GateKind.UNSATISFIABLE, ok=True, text=text)
    workers = [room.worker for room in case.snapshot.rooms.values()]
    remedy = least_given_up(case, workers)
    there = sorted({worker.backend for worker in workers})
    return remedies.shut(
        GateKind.UNSATISFIABLE,
        nearest_fit(case.shape, workers, case.snapshot.rules),
        facts=(
            {"code": "NO_BACKEND", "backends": there}
            if missing_backend(case.shape, workers)
            else {}
        ),
        remedy=remedy,
        look="" if remedy else remedies.WORKERS,
    )


def worker_gate(case: Case) -> Gate:
    """Closed if every worker that could hold it is drained or not healthy."""
    able = _able(case.shape, case.snapshot)
    if not able or any(is_open(worker) for worker in able):
        return Gate(kind=GateKind.WORKER, ok=True, text="a worker is healthy and takes work")
    snapshot = case.snapshot
    conditions = {worker.name: condition(worker, snapshot) for worker in able[:MOST_NAMED]}
    return remedies.shut(
        GateKind.WORKER,
        ", ".join(f"`{name}` is {text}" for name, text in conditions.items()),
        facts={"workers": conditions},
        next_change_at=opens_at(able, snapshot),
        remedy=readmitting(able, snapshot),
        look=remedies.WORKERS,
    )


def fit_gate(case: Case) -> Gate:
    """Closed while every worker that could hold it is too full."""
    rooms = _rooms(case)
    short = {room.worker.name: shortage(case.shape, room) for room in rooms}
    if not rooms or not all(short.values()):
        return Gate(kind=GateKind.FIT, ok=True, text="there is room for it")
    name, lacking = min(short.items(), key=lambda item: (len(item[1]), item[0]))
    held = [one for one in case.snapshot.holders if _is_in_the_way(one, short)]
    ends_at, awaited = first_to_fit(case, rooms, held)
    return remedies.shut(
        GateKind.FIT,
        f"no room: {_shortage_text(case.snapshot.rooms[name], lacking)}",
        facts={"short": _short_facts(short), "most": _most_text(lacking)},
        holders=longest(held),
        next_change_at=ends_at,
        remedy=_for_room(case, rooms, awaited),
        look=remedies.WORKERS,
    )


def _about(seconds: int) -> str:
    """A length of time in its largest unit: `45s`, `9m`, `3h`."""
    if seconds < 120:
        return f"{max(0, seconds)}s"
    return f"{seconds // 60}m" if seconds < 7200 else f"{seconds // 3600}h"


def _is_in_the_way(holder: Holder, short: Mapping[str, Lacks]) -> bool:
    """Whether it holds any of what its worker has too little of."""
    lacking = short.get(holder.worker, {})
    return "slots" in lacking or any(
        amount > 0 and name in lacking for name, amount in holder.amounts
    )


def reserved_gate(case: Case) -> Gate:
    """Closed while there is room, and all of it is kept for jobs that waited longer."""
    with_room = [room for room in _rooms(case) if not shortage(case.shape, room)]
    kept = [reservation for room in with_room if (reservation := keeper(case, room))]
    if not with_room or len(kept) < len(with_room):
        return Gate(kind=GateKind.RESERVED, ok=True, text="no room is kept from it")
    first = min(kept, key=lambda one: (one.starts_at is None, one.starts_at or 0, one.job))
    waited = _about((case.snapshot.now_at - first.made_at) // 1_000_000)
    return remedies.shut(
        GateKind.RESERVED,
        f"the room on `{first.worker}` is kept for #{first.job}, since {waited}",
        facts={
            "for": first.job,
            "worker": first.worker,
            "since_at": first.made_at,
            "starts_at": first.starts_at,
        },
        holders=(first.job,),
        next_change_at=_expected(first, case.snapshot),
        remedy=remedies.wait_for(_in_the_way(case, with_room)),
    )


def _expected(reservation: Reservation, snapshot: Snapshot) -> int | None:
    """When whom room is kept for can start, by what is known now and not when it was made."""
    for lane in snapshot.lanes:
        if lane.key == reservation.lane and lane.jobs:
            opens_at = fit_gate(Case(lane.jobs[0], lane.shape, snapshot)).next_change_at
            return _later(opens_at or reservation.starts_at, snapshot.now_at)
    return _later(reservation.starts_at, snapshot.now_at)


def shorts(case: Case) -> tuple[Short, ...]:
    """Each worker on which there is no room for it now, and why; by name."""
    found = (_short(case, room) for _, room in sorted(case.snapshot.rooms.items()))
    return tuple(one for one in found if one is not None)


def keeper(case: Case, room: Room) -> Reservation | None:
    """The first for whom room that is there is kept, from this job; None if it may start."""
    key = case.key
    if admits(case.job, key, case.shape, room, case.snapshot):
        return None
    kept = kept_on(room.worker.name, key, case.snapshot)
    return kept[0][1] if kept else None


def _short(case: Case, room: Room) -> Short | None:
    shape, worker = case.shape, room.worker
    if not may_run(shape, worker, case.snapshot.rules):
        return Short(worker.name, _excluded(case, worker), {})
    lacks = shortage(shape, room)
    if not is_large_enough(shape, worker):
        never = shortage(shape, Room(worker))
        return Short(worker.name, f"too small: {_lacks_text(Room(worker), never)}", never)
    if not is_open(worker):
        return Short(worker.name, condition(worker, case.snapshot), lacks)
    if lacks:
        return Short(worker.name, _lacks_text(room, lacks), lacks)
    reservation = keeper(case, room)
    return Short(worker.name, f"kept for #{reservation.job}", {}) if reservation else None


def _excluded(case: Case, worker: Worker) -> str:
    shape, rules = case.shape, case.snapshot.rules
    missing = [label for label in shape.labels if label not in worker.labels]
    unwanted = [label for label in shape.not_labels if label in worker.labels]
    told = (
        (shape.workers and worker.name not in shape.workers, "not among its workers"),
        (worker.name in shape.not_workers, "excluded by name"),
        (shape.work not in worker.runs, f"runs no {shape.work}"),
        (shape.backends and worker.backend not in shape.backends, "of another backend"),
        (worker.backend in shape.not_backends, f"excludes backend {worker.backend}"),
        (missing, f"lacks label {', '.join(missing)}"),
        (unwanted, f"has label {', '.join(unwanted)}"),
        (
            shape.gpu_type is not None and shape.gpu_type not in device_types(worker),
            f"has no GPU of type {shape.gpu_type}",
        ),
        (not is_near(shape, worker, rules), f"not {shape.locality}"),
        (not is_right_side(shape, worker, rules), _wrong_side(worker)),
    )
    return next((text for holds, text in told if holds), "excluded by its constraints")


def _wrong_side(worker: Worker) -> str:
    if worker.production:
        return "production: no exploratory phases"
    return "not production: no promotion gates"


def _rooms(case: Case) -> list[Room]:
    return [
        room
        for room in case.snapshot.rooms.values()
        if is_open(room.worker) and could_hold(case.shape, room.worker, case.snapshot.rules)
    ]


def _able(shape: Shape, snapshot: Snapshot) -> list[Worker]:
    workers = (room.worker for room in snapshot.rooms.values())
    able = [worker for worker in workers if could_hold(shape, worker, snapshot.rules)]
    return sorted(able, key=lambda worker: worker.name)


def _for_room(case: Case, rooms: Sequence[Room], awaited: Sequence[int]) -> Remedy | None:
    """To ask for a little less, or that others end; then, to ask for much less."""
    return (
        retried(case.shape, rooms)
        or shrunk(case, rooms, at_most_half=True)
        or remedies.wait_for(awaited)
        or shrunk(case, rooms, at_most_half=False)
    )


def _in_the_way(case: Case, rooms: Iterable[Room]) -> Sequence[int]:
    """For whom room is kept where the fewest have it."""
    found: list[list[int]] = [
        [one.job for _, one in kept_on(room.worker.name, case.key, case.snapshot)]
        for room in rooms
    ]
    return min(found, key=len, default=[])


def _later(at: int | None, now_at: int) -> int | None:
    return at if at is not None and at > now_at else None


def _workers(workers: list[Worker]) -> str:
    return f"`{workers[0].name}`" if len(workers) == 1 else f"{len(workers)} workers"


def _lacks_text(room: Room, lacks: Lacks) -> str:
    return ", ".join(
        _slots_text(room) if name == "slots" else _lack_text(room, name, asked - free)
        for name, (asked, free) in lacks.items()
    )


def _lack_text(room: Room, name: str, missing: int) -> str:
    others = burden_text(name, room.burden)
    return f"{amount_text(name, missing)} short" + (f" ({others})" if others else "")


def _shortage_text(room: Room, lacking: Lacks) -> str:
    name = next(iter(lacking))
    asked, left = lacking[name]
    if name == "slots":
        return f"`{room.worker.name}` has {_slots_text(room)}"
    has = amount_text(name, left)
    free = f"asks {amount_text(name, asked)}; `{room.worker.name}` has {has} free"
    others = burden_text(name, room.burden)
    return f"{free}: {others}" if others else free


def _slots_text(room: Room) -> str:
    """`8 of 8 slots taken`, or that its host has enough to do, or it is only tried as yet."""
    if room.burden.overload:
        return room.burden.overload
    if room.slots_taken < room.worker.slots:
        return "no permit left while its breaker is half-open"
    return f"{room.slots_taken} of {room.worker.slots} slots taken"


def _most_text(lacking: Lacks) -> str:
    name = next(iter(lacking))
    return "slots" if name == "slots" else amount_text(name, lacking[name][0])


def _short_facts(short: dict[str, Lacks]) -> dict[str, object]:
    return {
        worker: {name: {"asked": asked, "free": left} for name, (asked, left) in lacks.items()}
        for worker, lacks in sorted(short.items())[:MOST_NAMED]
    }
