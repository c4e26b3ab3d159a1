"""Devices that a look at a host showed become what its worker has, if nobody said otherwise."""

import re
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from engine.config import LOCAL
from engine.model.sight import Device, Sight
from engine.model.worker import Worker

_MAKERS: Final = re.compile(
    r"\b(nvidia|amd|ati|advanced micro devices|inc|geforce|tesla|quadro|radeon|instinct)\b"
)


def with_found_devices(worker: Worker, sight: Sight, others: Iterable[Worker]) -> Worker:
    """The worker with the devices that its host shows.

    Devices that no longer answer stay: they are not given away, but they are not forgotten.

    Args:
        worker: As it is.
        sight: Of its host.
        others: All workers; those on one host share its devices, which are counted from 0
            for each of them: they go to the one that was told of them or found them first,
            on this machine to the one that is it itself.
    """
    count = max((device.index + 1 for device in sight.devices), default=0)
    if not worker.finds_gpus or count < worker.capacity.gpu or not count:
        return worker
    if not _owns_devices(worker, others):
        return worker
    kinds = tuple(kind_of(device) for device in _each(sight, count))
    only = kinds[0] if len(set(kinds)) == 1 else None
    capacity = replace(worker.capacity, gpu=count, gpu_type=only)
    return replace(worker, capacity=capacity, gpu_types=() if only else kinds)


def with_known_devices(worker: Worker, known: Worker | None) -> Worker:
    """The worker with the devices that were found on it before; unless its host is new."""
    if known is None or not worker.finds_gpus or not known.finds_gpus:
        return worker
    if known.boot != worker.boot or worker.capacity.gpu:
        return worker
    has = known.capacity
    capacity = replace(worker.capacity, gpu=has.gpu, gpu_type=has.gpu_type)
    return replace(worker, capacity=capacity, gpu_types=known.gpu_types)


def kind_of(device: Device) -> str:
    """Its kind as jobs ask for it: `a100-sxm4-40gb` for `NVIDIA A100-SXM4-40GB`."""
    name = _MAKERS.sub(" ", device.kind.lower())
    return re.sub(r"[^a-z0-9.]+", "-", name).strip("-.") or "gpu"


def _owns_devices(worker: Worker, others: Iterable[Worker]) -> bool:
    having = [one for one in others if one.capacity.gpu and one.name != worker.name]
    if worker.backend == LOCAL:
        return worker.name == LOCAL and all(one.backend != LOCAL for one in having)
    return not worker.boot or all(one.boot != worker.boot for one in having)


def _each(sight: Sight, count: int) -> list[Device]:
    """A device for every index; one that does not answer has no kind."""
    shown = {device.index: device for device in sight.devices}
    return [shown.get(index, Device(index=index)) for index in range(count)]
