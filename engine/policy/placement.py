"""Which worker: those that may, those that can, and of these the one with most left."""

from collections.abc import Collection, Iterable, Mapping

from engine.model.job import Shape
from engine.model.resources import amount_text
from engine.model.snapshot import Room
from engine.model.spec import Constraints
from engine.model.worker import Health, Worker
from engine.policy.shapes import amounts, needs


def may_run(shape: Shape, worker: Worker) -> bool:
    """Whether the job's constraints allow this worker."""
    return (
        (not shape.workers or worker.name in shape.workers)
        and worker.name not in shape.not_workers
        and (not shape.backends or worker.backend in shape.backends)
        and worker.backend not in shape.not_backends
        and set(shape.labels) <= set(worker.labels)
        and shape.gpu_type in (None, worker.capacity.gpu_type)
    )


def is_open(worker: Worker) -> bool:
    """Whether the worker takes new work."""
    return worker.health is Health.HEALTHY and not worker.draining


def is_large_enough(shape: Shape, worker: Worker) -> bool:
    """Whether it would fit on this worker if nothing else ran there."""
    has = amounts(worker.capacity)
    return worker.slots > 0 and all(has.get(name, 0) >= asked for name, asked in needs(shape))


def could_hold(shape: Shape, worker: Worker) -> bool:
    """Whether a job of this shape may run there and would fit on it when it is empty."""
    return may_run(shape, worker) and is_large_enough(shape, worker)


def could_ever_hold(shape: Shape, workers: Iterable[Worker]) -> bool:
    """Whether any of these workers, healthy or not, could hold it when empty."""
    return any(could_hold(shape, worker) for worker in workers)


def free(room: Room, dimension: str) -> int:
    """What is left of a worker in one dimension; never below 0."""
    has = amounts(room.worker.capacity).get(dimension, 0)
    return max(0, has - room.taken.get(dimension, 0))


def shortage(shape: Shape, room: Room) -> dict[str, tuple[int, int]]:
    """(asked, free) for each dimension, and for `slots`, of which too little is free."""
    short = {
        name: (asked, left)
        for name, asked in needs(shape)
        if (left := free(room, name)) < asked
    }
    if room.slots_taken >= room.worker.slots:
        short["slots"] = (1, 0)
    return short


def fits(shape: Shape, room: Room) -> bool:
    """Whether a job of this shape can start there now."""
    if room.slots_taken >= room.worker.slots:
        return False
    has, taken = amounts(room.worker.capacity), room.taken
    return all(has.get(name, 0) - taken.get(name, 0) >= asked for name, asked in needs(shape))


def best_worker(
    shape: Shape, rooms: Mapping[str, Room], wishes: Constraints | None = None
) -> str | None:
    """The worker that a job of this shape should start on; None if it fits nowhere now.

    Preferred workers and backends come first, then the one whose scarcest thing is taken
    least, then the smaller name.
    """
    wishes = wishes or Constraints()
    choices = [
        (_is_unwished(room.worker, wishes), _load(room), name)
        for name, room in rooms.items()
        if is_open(room.worker) and may_run(shape, room.worker) and fits(shape, room)
    ]
    return min(choices)[2] if choices else None


def _is_unwished(worker: Worker, wishes: Constraints) -> bool:
    return (
        worker.name not in wishes.preferred_workers
        and worker.backend not in wishes.preferred_backends
    )


def _load(room: Room) -> float:
    has = amounts(room.worker.capacity)
    shares = [taken / has[name] for name, taken in room.taken.items() if has.get(name)]
    return max([room.slots_taken / room.worker.slots, *shares])


def taking(room: Room, shape: Shape) -> Room:
    """The room that is left once a job of this shape has started there."""
    taken = dict(room.taken)
    for name, asked in needs(shape):
        taken[name] = taken.get(name, 0) + asked
    return Room(room.worker, taken, room.slots_taken + 1)


def nearest_fit(shape: Shape, workers: Collection[Worker]) -> str:
    """Why none of these workers could ever hold it, by the one that comes closest."""
    if not workers:
        return "there is no worker"
    allowed = [worker for worker in workers if may_run(shape, worker)]
    if not allowed:
        return _why_not_allowed(shape, workers)
    usable = [worker for worker in allowed if worker.slots > 0]
    if not usable:
        return "no worker that it may use has a slot"
    nearest = min(usable, key=lambda worker: (len(_lacking(shape, worker)), worker.name))
    name, asked = _lacking(shape, nearest)[0]
    largest = min(usable, key=lambda worker: (-_has(worker, name), worker.name))
    if _has(largest, name) < asked:
        return f"asks {amount_text(name, asked)}; the largest worker, {_owns(largest, name)}"
    return f"asks {amount_text(name, asked)}; the nearest worker, {_owns(nearest, name)}"


def _has(worker: Worker, name: str) -> int:
    return amounts(worker.capacity).get(name, 0)


def _owns(worker: Worker, name: str) -> str:
    return f"`{worker.name}`, has {amount_text(name, _has(worker, name)).split(' ')[0]}"


def _lacking(shape: Shape, worker: Worker) -> list[tuple[str, int]]:
    has = amounts(worker.capacity)
    short = [(name, asked) for name, asked in needs(shape) if has.get(name, 0) < asked]
    return sorted(short, key=lambda need: has.get(need[0], 0) / need[1])


def _why_not_allowed(shape: Shape, workers: Collection[Worker]) -> str:
    names = ", ".join(
        f"`{worker.name}`" for worker in sorted(workers, key=lambda w: w.name)[:8]
    )
    if shape.workers and not set(shape.workers) & {worker.name for worker in workers}:
        return f"wants worker {_quoted(shape.workers)}; there is {names}"
    if shape.backends and not set(shape.backends) & {worker.backend for worker in workers}:
        return f"wants backend {_quoted(shape.backends)}; no worker has it"
    for label in shape.labels:
        if not any(label in worker.labels for worker in workers):
            return f"wants label `{label}`; no worker has it"
    if shape.gpu_type and shape.gpu_type not in {w.capacity.gpu_type for w in workers}:
        return f"wants a GPU of type `{shape.gpu_type}`; no worker has one"
    return f"its constraints together leave none of {names}"


def _quoted(words: Iterable[str]) -> str:
    return " or ".join(f"`{word}`" for word in words)
