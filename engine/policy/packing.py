"""Fit, fast: what a worker has left as one integer, so that a test is one subtraction.

Each dimension has a field of bits with a guard bit above it. `(free | guards) - need` leaves
every guard standing if, and only if, the need fits in all dimensions at once. What may run
where never changes while the fleet does not, and is looked up once for each shape.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from engine.model.job import Shape
from engine.model.resources import Resources
from engine.model.rules import Placing, Rules
from engine.model.snapshot import Room
from engine.model.worker import Worker
from engine.policy.placement import (
    could_hold,
    device_types,
    devices,
    free,
    is_packed,
    wishes_met,
)
from engine.policy.shapes import amounts, needs

SLOTS: Final = ("slots",)
Fixed = tuple[str, str, tuple[str, ...], Resources, int, tuple[str, ...], bool]
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
        able = [
            index
            for index, worker in enumerate(self.workers)
            if could_hold(shape, worker, self._rules)
        ]
        packed = is_packed(shape, self._rules)
        if not able:
            return Demand(0, 0, 0, (), packed)
        wanted: dict[Hashable, int] = dict(needs(shape))
        wanted[SLOTS] = 1
        base = self.pack(wanted)
        if shape.gpu_type is not None and shape.gpu:
            wanted["gpu", shape.gpu_type] = shape.gpu
        tiers: dict[int, int] = {}
        for index in able:
            met = wishes_met(shape, self.workers[index])
            tiers[met] = tiers.get(met, 0) | 1 << index
        best_first = tuple(tiers[met] for met in sorted(tiers, reverse=True))
        return Demand(self.pack(wanted), base, sum(tiers.values()), best_first, packed)

    def left(self, room: Room) -> int:
        """What is left of a worker, packed, without guards."""
        worker = room.worker
        own: dict[Hashable, int] = {name: free(room, name) for name in amounts(worker.capacity)}
        own[SLOTS] = max(0, worker.slots - room.slots_taken)
        if worker.capacity.gpu:
            idle = devices(worker) & ~room.gpus_taken
            own["gpu"] = min(own["gpu"], idle.bit_count())
            for kind in device_types(worker):
                own["gpu", kind] = (devices(worker, kind) & idle).bit_count()
        return self.pack(own)


MOST_SHAPES: Final = 8192
"""Shapes that a fleet remembers."""


def fleet_of(rooms: Iterable[Room], rules: Rules) -> Fleet:
    """The fleet of these workers; the same object as long as nothing about them changes."""
    workers = sorted((room.worker for room in rooms), key=lambda worker: worker.name)
    fixed = tuple(_fixed(worker) for worker in workers)
    return _fleet(fixed, rules.region, rules.exploratory_phases, rules.placing)


@lru_cache(maxsize=4)
def _fleet(
    fixed: tuple[Fixed, ...], region: str, phases: tuple[int, ...], placing: Placing
) -> Fleet:
    rules = Rules(region=region, exploratory_phases=phases, placing=placing)
    return Fleet([_worker(one) for one in fixed], rules)


def _fixed(worker: Worker) -> Fixed:
    return (
        worker.name,
        worker.backend,
        worker.labels,
        worker.capacity,
        worker.slots,
        worker.gpu_types,
        worker.production,
    )


def _worker(fixed: Fixed) -> Worker:
    name, backend, labels, capacity, slots, gpu_types, production = fixed
    return Worker(
        name=name,
        backend=backend,
        labels=labels,
        capacity=capacity,
        slots=slots,
        gpu_types=gpu_types,
        production=production,
    )


def _owned(worker: Worker) -> dict[Hashable, int]:
    owned: dict[Hashable, int] = dict(amounts(worker.capacity).items())
    owned[SLOTS] = worker.slots
    if worker.capacity.gpu:
        for kind in device_types(worker):
            owned["gpu", kind] = devices(worker, kind).bit_count()
    return owned
