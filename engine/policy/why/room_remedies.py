"""Ways to room: to ask for less, to be less choosy, or that others end."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from engine.model.job import Shape
from engine.model.reasons import Remedy
from engine.model.rules import Rules
from engine.model.snapshot import Holder, Room
from engine.model.worker import Worker
from engine.policy.readiness import Case
from engine.policy.scheduling.placement import may_run, room_without, shortage
from engine.policy.why import remedies
from engine.policy.why.expectation import first_to_end

CHOICES: Final[Mapping[str, tuple[str, object]]] = {
    "workers": ("workers", ()),
    "excluded_workers": ("not_workers", ()),
    "labels": ("labels", ()),
    "excluded_labels": ("not_labels", ()),
    "required_backends": ("backends", ()),
    "excluded_backends": ("not_backends", ()),
    "gpu_type": ("gpu_type", None),
    "locality": ("locality", "any"),
}
"""Constraints that a job can do without, as `edit --clear` names them: (of a shape, free)."""


def shrunk(case: Case, rooms: Iterable[Room], *, at_most_half: bool) -> Remedy | None:
    """The edit after which it would fit where least is missing; None if none would do."""
    found = [
        (missing, {name: free for name, (_, free) in lacks.items()})
        for room in rooms
        if may_run(case.shape, room.worker, case.snapshot.rules)
        and (lacks := shortage(case.shape, room))
        and (missing := _missing(lacks)) is not None
        and not (at_most_half and any(free * 2 < asked for asked, free in lacks.values()))
    ]
    if not found:
        return None
    _, less = min(found, key=lambda one: one[0])
    return remedies.give_up(case.job, less=less)


def _missing(lacks: Mapping[str, tuple[int, int]]) -> float | None:
    """What part of what is asked is missing, over all dimensions; None: there is none."""
    if any(free <= 0 for _, free in lacks.values()):
        return None
    return sum(1 - free / asked for asked, free in lacks.values())


def least_given_up(case: Case, workers: Sequence[Worker]) -> Remedy | None:
    """The edit after which some worker could hold it when empty; None if none would do."""
    best: Remedy | None = None
    least = (0, 0.0)
    for worker in workers:
        fields, shape = _without_choices(case.shape, worker, case.snapshot.rules)
        if not may_run(shape, worker, case.snapshot.rules):
            continue
        lacks = shortage(shape, Room(worker))
        missing = _missing(lacks)
        if missing is not None and (best is None or (len(fields), missing) < least):
            least = len(fields), missing
            less = {name: free for name, (_, free) in lacks.items()}
            best = remedies.give_up(case.job, *fields, less=less)
    return best


def _without_choices(shape: Shape, worker: Worker, rules: Rules) -> tuple[list[str], Shape]:
    """The constraints that keep a shape off this worker, and the shape without them."""
    fields: list[str] = []
    for field, (name, free) in CHOICES.items():
        alone = replace(_UNCHOOSY, **{name: getattr(shape, name)})
        if not may_run(alone, worker, rules):
            fields.append(field)
            shape = replace(shape, **{name: free})
    return fields, shape


_UNCHOOSY: Final = Shape()


def first_to_fit(
    case: Case, rooms: Iterable[Room], held: Iterable[Holder]
) -> tuple[int | None, Sequence[int]]:
    """When room is expected on some worker, and whose ends make it: nobody's, if none do."""
    left = {room.worker.name: room for room in rooms}
    gone: dict[str, list[int]] = {}
    for holder in first_to_end(held):
        name = holder.worker
        gone.setdefault(name, []).append(holder.job)
        left[name] = room_without(left[name], [holder])
        if not shortage(case.shape, left[name]):
            return _later(holder.ends_at, case.snapshot.now_at), gone[name]
    return None, ()


def _later(at: int | None, now_at: int) -> int | None:
    return at if at is not None and at > now_at else None
