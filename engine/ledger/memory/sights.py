"""What was last seen of workers' hosts and of attempts, and what it means for new work."""

from collections.abc import Iterable, Mapping
from typing import Final

from engine.ledger.memory.live import Live
from engine.model.burden import NO_BURDEN, Burden
from engine.model.ids import AttemptId
from engine.model.sight import Sight, Usage
from engine.model.worker import Worker

FRESH_US: Final = 60_000_000
"""What is older says nothing about a host any more."""

FOREIGN_MB: Final = 64
"""Device memory that others may hold of a device that still counts as free."""


class Sights:
    """Kept in memory alone: after a restart every host is looked at anew."""

    def __init__(self) -> None:
        self.by_worker: dict[str, Sight] = {}
        self.usages: dict[AttemptId, Usage] = {}
        """Of attempts that live, as they were measured last."""
        self._known: dict[str, frozenset[int]] = {}
        """Devices that each host has ever shown; what was said by hand need not show."""
        self._burdens: dict[str, Burden] = {}

    def saw(self, worker: Worker, sight: Sight, lives: Iterable[Live]) -> bool:
        """Take in a look at a worker; whether what weighs on it has changed.

        Args:
            worker: As it is now.
            sight: What was seen.
            lives: The attempts that run there.
        """
        name = worker.name
        shown = {device.index for device in sight.devices}
        found = range(worker.capacity.gpu if worker.finds_gpus else 0)
        self._known[name] = self._known.get(name, frozenset()).union(shown, found)
        self.by_worker[name] = sight
        was = self._burdens.get(name, NO_BURDEN)
        devices = _devices_of_others(sight, self._known[name])
        self._burdens[name] = Burden(
            memory_mb=_memory_of_others(worker, sight, lives, self.usages),
            gpus=sum(1 << index for index in devices),
            devices=devices,
            overload=_overload(worker, sight),
        )
        return self._burdens[name] != was

    def measured(self, usages: Mapping[AttemptId, Usage]) -> None:
        """Take in what attempts use."""
        self.usages.update(usages)

    def ended(self, attempt: AttemptId) -> None:
        """It uses nothing any more."""
        self.usages.pop(attempt, None)

    def forget(self, worker: str) -> None:
        """It is no worker of ours any more, or its host is another."""
        self.by_worker.pop(worker, None)
        self._known.pop(worker, None)
        self._burdens.pop(worker, None)

    def burden(self, worker: str, now_at: int) -> Burden:
        """What weighs on a worker; nothing, if it was not seen for a minute."""
        sight = self.by_worker.get(worker)
        if sight is None or now_at - sight.at > FRESH_US:
            return NO_BURDEN
        return self._burdens.get(worker, NO_BURDEN)


def _devices_of_others(sight: Sight, known: frozenset[int]) -> dict[int, str]:
    """Why each device that is not ours to give away is not."""
    shown = {device.index for device in sight.devices}
    gone = dict.fromkeys(sorted(known - shown), "does not answer")
    held = {
        device.index: f"is used by somebody else ({_memory(device.foreign_mb)})"
        for device in sight.devices
        if device.foreign_mb > FOREIGN_MB
    }
    return gone | held


def _memory_of_others(
    worker: Worker, sight: Sight, lives: Iterable[Live], usages: Mapping[AttemptId, Usage]
) -> int:
    """Of what the worker lends, what ours could not have even if they took all they asked for.

    What ours use of what they asked for counts as theirs; what they use beyond it does not.
    """
    if sight.memory_free_mb is None:
        return 0
    within = sum(
        min(usage.memory_mb, live.job.spec.resources.memory_mb)
        for live in lives
        if (usage := usages.get(live.attempt.id)) is not None
    )
    return max(0, worker.capacity.memory_mb - sight.memory_free_mb - within)


def _overload(worker: Worker, sight: Sight) -> str:
    cores = worker.capacity.cpu_milli / 1000
    if worker.most_load is None or sight.load is None:
        return ""
    most = worker.most_load * cores
    if sight.load <= most:
        return ""
    return f"a load of {sight.load:.1f}, over its most of {most:g}"


def _memory(amount_mb: int) -> str:
    return f"{amount_mb / 1024:.0f} GB" if amount_mb >= 1024 else f"{amount_mb} MB"
