"""Fit, fast: what a worker has left as one integer, so that a test is one subtraction.

Each dimension has a field of bits with a guard bit above it. `(free | guards) - need` leaves
every guard standing if, and only if, the need fits in all dimensions at once. What may run
where never changes while the fleet does not, and is looked up once for each shape.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from engine.model.burden import NO_BURDEN
from engine.model.job import Shape
from engine.model.resources import Resources
from engine.model.rules import Placing, Rules
from engine.model.snapshot import Room
from engine.model.worker import Worker
from engine.policy.scheduling.placement import (
    could_hold,
    device_types,
    devices,
    free,
    free_slots,
    is_packed,
    load,
    part,
    wishes_met,
)
from engine.policy.shapes import amounts, needs

SLOTS: Final = ("slots",)
MEMORY: Final = "memory_mb"
Fixed = tuple[str, str, tuple[str, ...], Resources, int, tuple[str, ...], bool, tuple[str, ...]]
"""Of a worker, all that says what may ever run there."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a shape asks of this fleet."""

    need: int
    """Packed; devices of a type as well as devices at all."""
    base: int
    """Packed, without the field of the type: devices are counted by type one by one."""
    able: int
    """Workers that could hold it when empty, as bits."""
    tiers: tuple[int, ...]
    """The same workers, those that meet most wishes first."""
    is_packed: bool


class Fleet:
    """The workers of a site in the order of their names, without their condition."""

    def __init__(self, workers: Sequence[Worker], rules: Rules) -> None:
        self.workers = workers
        self.index = {worker.name: index for index, worker in enumerate(workers)}
        self._rules = rules
        self._demands: dict[Shape, Demand] = {}
        self._shift: dict[Hashable, int] = {}
        self._width: dict[Hashable, int] = {}
        self.guards = self._lay_out()
        self.has = [self.pack(_owned(worker)) for worker in workers]
        self._fields = [self._fields_of(worker) for worker in workers]
        self._kinds = _kinds(workers)

    def _lay_out(self) -> int:
        most: dict[Hashable, int] = {SLOTS: 1}
        for worker in self.workers:
            for name, amount in _owned(worker).items():
                most[name] = max(amount, most.get(name, 0))
        place = guards = 0
        for name, amount in most.items():
            self._shift[name], self._width[name] = place, amount.bit_length()
            place += amount.bit_length() + 1
            guards |= 1 << (place - 1)
        return guards

    def pack(self, wanted: Mapping[Hashable, int]) -> int:
        """These amounts as one number; each has to fit into its field."""
        shift = self._shift
        return sum(amount << shift[name] for name, amount in wanted.items() if amount > 0)

    def without(self, left: int, kept: int) -> int:
        """What is left when `kept` is taken away, in no field less than nothing."""
        found = 0
        for name, shift in self._shift.items():
            mask = (1 << self._width[name]) - 1
            found |= max(0, (left >> shift & mask) - (kept >> shift & mask)) << shift
        return found

    def lacking(self, left: int, need: int) -> int:
        """What is missing of a need, over all fields, in thousandths of what is asked."""
        total = 0
        for name, shift in self._shift.items():
            mask = (1 << self._width[name]) - 1
            asked = need >> shift & mask
            if asked:
                total += max(0, asked - (left >> shift & mask)) * 1000 // asked
        return total

    def device(self, index: int, device: int) -> int:
        """One device of a worker, packed: one of its type."""
        worker = self.workers[index]
        return sum(
            1 << self._shift["gpu", kind]
            for kind in device_types(worker)
            if devices(worker, kind) >> device & 1
        )

    def demand(self, shape: Shape) -> Demand:
        """What a shape asks, and of whom it can ask it."""
        found = self._demands.get(shape)
        if found is None:
            if len(self._demands) > MOST_SHAPES:
                self._demands.clear()
            found = self._demands[shape] = self._look(shape)
        return found

    def _look(self, shape: Shape) -> Demand:
        tiers: dict[int, int] = {}
        for worker, those in self._alike(shape):
            if could_hold(shape, worker, self._rules):
                met = wishes_met(shape, worker)
                tiers[met] = tiers.get(met, 0) | those
        packed = is_packed(shape, self._rules)
        if not tiers:
            return Demand(0, 0, 0, (), packed)
        wanted: dict[Hashable, int] = dict(needs(shape))
        wanted[SLOTS] = 1
        base = self.pack(wanted)
        if shape.gpu_type is not None and shape.gpu:
            wanted["gpu", shape.gpu_type] = shape.gpu
        best_first = tuple(tiers[met] for met in sorted(tiers, reverse=True))
        return Demand(self.pack(wanted), base, sum(tiers.values()), best_first, packed)

    def _alike(self, shape: Shape) -> Iterable[tuple[Worker, int]]:
        """Workers between which the shape makes no difference: one of them, and all as bits."""
        if shape.workers or shape.not_workers or shape.wished_workers:
            return ((worker, 1 << index) for index, worker in enumerate(self.workers))
        return self._kinds

    def gauge(self, index: int, room: Room) -> tuple[int, int]:
        """What is left of a worker, packed without guards, and its `placement.load`."""
        taken, slots_taken = room.taken, room.slots_taken
        is_counted = room.worker.permits is not None or room.burden is not NO_BURDEN
        if not (is_counted or slots_taken or room.gpus_taken or any(taken.values())):
            return self.has[index], 0
        if room.worker.capacity.gpu:
            return self._left(room), load(room)
        slots, fields = self._fields[index]
        others = {MEMORY: room.burden.memory_mb}
        left = free_slots(room) << self._shift[SLOTS]
        most = part(slots_taken, slots)
        for name, shift, has in fields:
            gone = taken.get(name, 0)
            if gone > 0:
                most = max(most, part(gone, has))
            left += max(0, has - others.get(name, 0) - gone) << shift
        return left, most

    def _fields_of(self, worker: Worker) -> tuple[int, tuple[tuple[str, int, int], ...]]:
        owned = amounts(worker.capacity)
        fields = tuple((name, self._shift[name], has) for name, has in owned.items())
        return worker.slots, fields

    def left(self, room: Room) -> int:
        """What is left of a worker, packed, without guards."""
        return self.gauge(self.index[room.worker.name], room)[0]

    def _left(self, room: Room) -> int:
        worker = room.worker
        own: dict[Hashable, int] = {name: free(room, name) for name in amounts(worker.capacity)}
        own[SLOTS] = free_slots(room)
        idle = devices(worker) & ~room.gpus_taken
        if "gpu" in own:
            own["gpu"] = min(own["gpu"], idle.bit_count())
        for kind in device_types(worker):
            own["gpu", kind] = (devices(worker, kind) & idle).bit_count()
        return self.pack(own)

    def most(self, lefts: Iterable[int]) -> int:
        """The largest amount of each field alone: what does not fit in it fits in none."""
        distinct = set(lefts)
        masks = (((1 << width) - 1) << self._shift[name] for name, width in self._width.items())
        return sum(max((left & mask for left in distinct), default=0) for mask in masks)


MOST_SHAPES: Final = 8192
"""Shapes that a fleet remembers."""


def fleet_of(rooms: Iterable[Room], rules: Rules) -> Fleet:
    """The fleet of these workers; the same object as long as nothing about them changes."""
    rank = {name: place for place, name in enumerate(rules.worker_order)}
    last = len(rank)
    workers = sorted(
        (room.worker for room in rooms),
        key=lambda worker: (rank.get(worker.name, last), worker.name),
    )
    fixed = tuple(_fixed(worker) for worker in workers)
    return _fleet(fixed, rules.region, rules.exploratory_phases, rules.placing)


@lru_cache(maxsize=4)
def _fleet(
    fixed: tuple[Fixed, ...], region: str, phases: tuple[int, ...], placing: Placing
) -> Fleet:
    rules = Rules(region=region, exploratory_phases=phases, placing=placing)
    return Fleet([_worker(one) for one in fixed], rules)


def _kinds(workers: Sequence[Worker]) -> Sequence[tuple[Worker, int]]:
    """The first worker of each kind, and all that differ from it in name alone, as bits."""
    found: dict[Fixed, tuple[Worker, int]] = {}
    for index, worker in enumerate(workers):
        kind = _fixed(replace(worker, name=""))
        first, those = found.get(kind, (worker, 0))
        found[kind] = first, those | 1 << index
    return tuple(found.values())


def _fixed(worker: Worker) -> Fixed:
    return (
        worker.name,
        worker.backend,
        worker.labels,
        worker.capacity,
        worker.slots,
        worker.gpu_types,
        worker.production,
        worker.runs,
    )


def _worker(fixed: Fixed) -> Worker:
    name, backend, labels, capacity, slots, gpu_types, production, runs = fixed
    return Worker(
        name=name,
        backend=backend,
        labels=labels,
        capacity=capacity,
        slots=slots,
        gpu_types=gpu_types,
        production=production,
        runs=runs,
    )


def _owned(worker: Worker) -> dict[Hashable, int]:
    owned: dict[Hashable, int] = dict(amounts(worker.capacity).items())
    owned[SLOTS] = worker.slots
    if worker.capacity.gpu:
        for kind in device_types(worker):
            owned["gpu", kind] = devices(worker, kind).bit_count()
    return owned
