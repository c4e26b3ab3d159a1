"""Which worker: those that may, those that can, and of these the one with most left."""

from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import Final

from msgspec.structs import replace

from engine.model.burden import NO_BURDEN
from engine.model.job import COMMANDS, Shape
from engine.model.resources import amount_text
from engine.model.rules import DEFAULT_RULES, Placing, Rules
from engine.model.snapshot import Holder, Room
from engine.model.worker import BreakerState, Health, Worker
from engine.policy.shapes import amounts, needs

LOAD: Final = 1 << 20
"""A worker of which nothing is left."""


def may_run(shape: Shape, worker: Worker, rules: Rules = DEFAULT_RULES) -> bool:
    """Whether the job's constraints and the site's rules allow this worker."""
    return (
        shape.work in worker.runs
        and (not shape.workers or worker.name in shape.workers)
        and worker.name not in shape.not_workers
        and (not shape.backends or worker.backend in shape.backends)
        and worker.backend not in shape.not_backends
        and set(shape.labels) <= set(worker.labels)
        and not set(shape.not_labels) & set(worker.labels)
        and (shape.gpu_type is None or shape.gpu_type in device_types(worker))
        and is_near(shape, worker, rules)
        and is_right_side(shape, worker, rules)
    )


def is_near(shape: Shape, worker: Worker, rules: Rules) -> bool:
    """Whether the worker is where the job's locality wants it.

    `local` is this host's backend; `region` is the region of the rules, and every worker
    where they name none.
    """
    if shape.locality == "local":
        return worker.backend == "local"
    if shape.locality == "region" and rules.region:
        return f"region={rules.region}" in worker.labels
    return True


def is_right_side(shape: Shape, worker: Worker, rules: Rules) -> bool:
    """Whether gates stay on production workers, and exploratory phases off them."""
    if worker.production:
        return shape.phase not in rules.exploratory_phases
    return not shape.is_gate


def is_open(worker: Worker) -> bool:
    """Whether the worker takes new work; one that is only tried may have no permit left."""
    return (
        worker.health is Health.HEALTHY
        and not worker.draining
        and not worker.quarantined
        and worker.breaker is not BreakerState.OPEN
    )


def free_slots(room: Room) -> int:
    """How many more attempts may start there, whatever they ask for: slots, and permits."""
    if room.burden.overload:
        return 0
    left = max(0, room.worker.slots - room.slots_taken)
    permits = room.worker.permits
    return left if permits is None else min(left, permits)


def is_large_enough(shape: Shape, worker: Worker) -> bool:
    """Whether it would fit on this worker if nothing else ran there.

    Nobody knows what a worker has that was never reached: it may be enough.
    """
    is_unknown = bool(worker.way) and not worker.boot
    return is_unknown or (worker.slots > 0 and not _lacking(shape, worker))


def could_hold(shape: Shape, worker: Worker, rules: Rules = DEFAULT_RULES) -> bool:
    """Whether a job of this shape may run there and would fit on it when it is empty."""
    return may_run(shape, worker, rules) and is_large_enough(shape, worker)


def could_ever_hold(
    shape: Shape, workers: Iterable[Worker], rules: Rules = DEFAULT_RULES
) -> bool:
    """Whether any of these workers, healthy or not, could hold it when empty."""
    return any(could_hold(shape, worker, rules) for worker in workers)


def free(room: Room, dimension: str) -> int:
    """What is left of a worker in one dimension; never below 0."""
    has = amounts(room.worker.capacity).get(dimension, 0)
    if dimension == "memory_mb":
        has -= room.burden.memory_mb
    return max(0, has - room.taken.get(dimension, 0))


def shortage(shape: Shape, room: Room) -> dict[str, tuple[int, int]]:
    """(asked, free) for each dimension, and for `slots`, of which too little is free."""
    short = {
        name: (asked, left)
        for name, asked in needs(shape)
        if (left := _left(room, name, shape.gpu_type)) < asked
    }
    if not free_slots(room):
        short["slots"] = (1, 0)
    return short


def _left(room: Room, name: str, gpu_type: str | None) -> int:
    left = free(room, name)
    if name != "gpu" or (room.gpus_taken == 0 and gpu_type is None):
        return left
    return min(left, (devices(room.worker, gpu_type) & ~room.gpus_taken).bit_count())


def fits(shape: Shape, room: Room) -> bool:
    """Whether a job of this shape can start there now."""
    return not shortage(shape, room)


def fits_beside_others(shape: Shape, room: Room) -> bool:
    """Whether it would fit once all of ours there had ended; what others take stays."""
    burden = room.burden
    if burden is NO_BURDEN:
        return True
    empty = Room(replace(room.worker, permits=None), gpus_taken=burden.gpus, burden=burden)
    return fits(shape, empty)


def best_worker(
    shape: Shape,
    rooms: Mapping[str, Room],
    rules: Rules = DEFAULT_RULES,
    session_worker: str | None = None,
) -> str | None:
    """The worker that a job of this shape should start on; None if it fits nowhere now.

    The worker of its session comes first, then those that meet more of its wishes, then the
    one with most left (or with least, where jobs are packed), then the smaller name.
    """
    choices = [
        (
            name != session_worker,
            -wishes_met(shape, room.worker),
            _rank(shape, room, rules),
            name,
        )
        for name, room in rooms.items()
        if is_open(room.worker) and may_run(shape, room.worker, rules) and fits(shape, room)
    ]
    return min(choices)[3] if choices else None


def wishes_met(shape: Shape, worker: Worker) -> int:
    """How many of the job's wishes a worker meets."""
    return (
        (worker.name in shape.wished_workers)
        + (worker.backend in shape.wished_backends)
        + len(set(shape.wished_labels) & set(worker.labels))
    )


def is_packed(shape: Shape, rules: Rules) -> bool:
    """Whether the job goes where least is left."""
    return (shape.placing or rules.placing) is Placing.PACK


def _rank(shape: Shape, room: Room, rules: Rules) -> int:
    return -load(room) if is_packed(shape, rules) else load(room)


def load(room: Room) -> int:
    """What is taken of a worker's scarcest thing, in parts of `LOAD`."""
    shares = [part(room.taken.get(name, 0), has) for name, has in room.worker.capacity.items()]
    return max(part(room.slots_taken, room.worker.slots), *shares)


def part(taken: int, has: int) -> int:
    """What is taken of a thing, in parts of `LOAD`; 0 if there is nothing of it."""
    return min(max(taken, 0), has) * LOAD // has if has > 0 else 0


def devices(worker: Worker, gpu_type: str | None = None) -> int:
    """The worker's GPUs of this type as bits, device `i` at `1 << i`; None: all of them."""
    count = worker.capacity.gpu
    if gpu_type is None:
        return (1 << count) - 1
    types = (*worker.gpu_types, *(worker.capacity.gpu_type,) * count)[:count]
    return sum(1 << index for index, one in enumerate(types) if one == gpu_type)


def device_types(worker: Worker) -> set[str]:
    """Every type of GPU that the worker has."""
    own = worker.capacity.gpu_type
    if own is None or 0 < worker.capacity.gpu <= len(worker.gpu_types):
        return set(worker.gpu_types)
    return {*worker.gpu_types, own}


def chosen_devices(shape: Shape, room: Room) -> tuple[int, ...]:
    """Indices of the devices that a job of this shape gets there: the lowest free ones."""
    if not shape.gpu:
        return ()
    idle = devices(room.worker, shape.gpu_type) & ~room.gpus_taken
    found = (index for index in range(idle.bit_length()) if idle >> index & 1)
    return tuple(islice(found, shape.gpu))


def taking(room: Room, shape: Shape, gpus: Iterable[int] = ()) -> Room:
    """The room that is left once a job of this shape has started there on these devices."""
    taken = dict(room.taken)
    for name, asked in needs(shape):
        taken[name] = taken.get(name, 0) + asked
    devices_taken = room.gpus_taken
    for index in gpus:
        devices_taken |= 1 << index
    slots_taken = room.slots_taken + 1
    return Room(_with_less(room.worker), taken, slots_taken, devices_taken, room.burden)


def _with_less(worker: Worker) -> Worker:
    """The worker once one more attempt was let through."""
    if worker.permits is None:
        return worker
    return replace(worker, permits=max(0, worker.permits - 1))


def room_without(room: Room, holders: Iterable[Holder]) -> Room:
    """The room that is there once these holders have left; they are on this worker."""
    taken, slots, gpus = dict(room.taken), room.slots_taken, room.gpus_taken
    for holder in holders:
        slots -= 1
        for name, amount in holder.amounts:
            taken[name] = max(0, taken.get(name, 0) - amount)
        for index in holder.gpus:
            gpus &= ~(1 << index)
    gpus |= room.burden.gpus
    return Room(room.worker, taken, max(0, slots), gpus, room.burden)


def nearest_fit(shape: Shape, workers: Collection[Worker], rules: Rules = DEFAULT_RULES) -> str:
    """Why none of these workers could ever hold it, by the one that comes closest."""
    if not workers:
        return "there is no worker"
    allowed = [worker for worker in workers if may_run(shape, worker, rules)]
    if not allowed:
        return _why_not_allowed(shape, workers, rules)
    usable = [worker for worker in allowed if worker.slots > 0]
    if not usable:
        return "no worker that it may use has a slot"
    nearest = min(usable, key=lambda worker: (len(_lacking(shape, worker)), worker.name))
    (name, asked), kind = _lacking(shape, nearest)[0], shape.gpu_type
    largest = min(usable, key=lambda worker: (-_has(worker, name, kind), worker.name))
    of_type = f" of type `{kind}`" if name == "gpu" and kind else ""
    asks = f"asks {amount_text(name, asked)}{of_type}"
    if _has(largest, name, kind) < asked:
        return f"{asks}; the largest worker, {_owns(largest, name, kind)}"
    return f"{asks}; the nearest worker, {_owns(nearest, name, kind)}"


def _has(worker: Worker, name: str, gpu_type: str | None = None) -> int:
    if name == "gpu" and gpu_type is not None:
        return devices(worker, gpu_type).bit_count()
    return amounts(worker.capacity).get(name, 0)


def _owns(worker: Worker, name: str, kind: str | None) -> str:
    has = amount_text(name, _has(worker, name, kind))
    return f"`{worker.name}`, has {has.split(' ')[0]}"


def _lacking(shape: Shape, worker: Worker) -> list[tuple[str, int]]:
    has = {name: _has(worker, name, shape.gpu_type) for name, _ in needs(shape)}
    short = [(name, asked) for name, asked in needs(shape) if has[name] < asked]
    return sorted(short, key=lambda need: has[need[0]] / need[1])


def _why_not_allowed(shape: Shape, workers: Collection[Worker], rules: Rules) -> str:
    names = ", ".join(
        f"`{worker.name}`" for worker in sorted(workers, key=lambda w: w.name)[:8]
    )
    if shape.workers and not set(shape.workers) & {worker.name for worker in workers}:
        return f"wants worker {_quoted(shape.workers)}; there is {names}"
    named = [worker for worker in workers if worker.name in shape.workers]
    if named and not any(shape.work in worker.runs for worker in named):
        return f"wants worker {_quoted(shape.workers)}, which does not run {_work(shape)}"
    if lacks := missing_backend(shape, workers):
        return lacks
    for label in shape.labels:
        if not any(label in worker.labels for worker in workers):
            return f"wants label `{label}`; no worker has it"
    if shape.gpu_type and not any(shape.gpu_type in device_types(w) for w in workers):
        return f"wants a GPU of type `{shape.gpu_type}`; no worker has one"
    if not any(is_near(shape, worker, rules) for worker in workers):
        return f"wants a worker that is {_place(shape, rules)}; there is none"
    if not any(is_right_side(shape, worker, rules) for worker in workers):
        return _wrong_side(shape)
    return f"its constraints together leave none of {names}"


def missing_backend(shape: Shape, workers: Collection[Worker]) -> str:
    """Why no worker's backend would do, naming those there are; empty if one would."""
    if not workers:
        return ""
    told = _quoted(sorted({worker.backend for worker in workers}), "and")
    left = [one for one in workers if not shape.backends or one.backend in shape.backends]
    if not left:
        return f"wants backend {_quoted(shape.backends)}; there is {told}"
    left = [one for one in left if one.backend not in shape.not_backends]
    if not left:
        return f"excludes backend {_quoted(shape.not_backends)}; there is no other"
    if not any(shape.work in one.runs for one in left):
        return f"no worker's backend runs {_work(shape)}; there is {told}"
    return ""


def _work(shape: Shape) -> str:
    return "commands" if shape.work == COMMANDS else f"jobs of kind `{shape.work}`"


def _place(shape: Shape, rules: Rules) -> str:
    return "local" if shape.locality == "local" else f"in region `{rules.region}`"


def _wrong_side(shape: Shape) -> str:
    if shape.is_gate:
        return "is a promotion gate; no worker is marked production"
    return f"is of exploratory phase {shape.phase}; every worker is marked production"


def _quoted(words: Iterable[str], between: str = "or") -> str:
    return f" {between} ".join(f"`{word}`" for word in words)
