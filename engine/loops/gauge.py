"""Gauge: look at a worker's host and at what its attempts use, when its link does."""

from collections.abc import Callable

from engine.backends.protocol import Backend
from engine.errors import BackendError, StaleLease, Unreachable
from engine.ledger.ledger import Ledger
from engine.ledger.memory.found_devices import with_found_devices
from engine.ledger.memory.histories import Histories
from engine.ledger.memory.live import Live
from engine.ledger.memory.working_set import WorkingSet
from engine.model.events import EventType
from engine.model.sight import Sight
from engine.model.worker import Worker
from engine.store.protocol import Draft


class Gauge:
    """Looks at one worker; what it sees goes into the working set and the histories."""

    def __init__(
        self,
        backend: Backend,
        worker: str,
        *,
        working_set: WorkingSet,
        ledger: Ledger,
        histories: Histories,
        on_change: Callable[[], None],
    ) -> None:
        """Look at nothing yet.

        Args:
            backend: Reaches its host.
            worker: Its name.
            working_set: Takes what is seen.
            ledger: Writes down what the worker turns out to have.
            histories: Takes what attempts use.
            on_change: Called when there may be room, or more in the way of it, than before.
        """
        self._backend = backend
        self._worker = worker
        self._set = working_set
        self._ledger = ledger
        self._histories = histories
        self._on_change = on_change

    async def look(self) -> float | None:
        """One look at the host and its attempts; how long an answer travels, ms, if it does.

        Raises:
            Unreachable: it does not answer.
        """
        lives = self._lives()
        if lives:
            await self._measure(lives)
        sight = await self._backend.look()
        worker = self._set.workers.get(self._worker)
        if worker is None:
            return sight.round_trip_ms
        await self._take_devices(worker, sight)
        worker = self._set.workers.get(self._worker, worker)
        if self._set.sights.saw(worker, sight, self._lives()):
            self._on_change()
        return sight.round_trip_ms

    async def _measure(self, lives: list[Live]) -> None:
        try:
            usages = await self._backend.usage([live.attempt.id for live in lives])
        except Unreachable:
            raise
        except BackendError:  # our key may look at the host, but not at attempts
            return
        usages = {
            attempt: usage
            for attempt, usage in usages.items()
            if attempt in self._set.live.by_attempt
        }
        self._set.sights.measured(usages)
        self._histories.add(usages)

    async def _take_devices(self, worker: Worker, sight: Sight) -> None:
        """Have the worker be as its host shows it; who else changes it goes first."""
        now = with_found_devices(worker, sight, self._set.workers.values())
        if now == worker:
            return
        has: dict[str, object] = {"gpu": now.capacity.gpu, "gpu_types": list(now.gpu_types)}
        if now.capacity.gpu_type:
            has["gpu_type"] = now.capacity.gpu_type
        cause = f"its host shows {now.capacity.gpu} devices"
        event = Draft(type=EventType.WORKER_CHANGED, worker=worker.name, cause=cause, data=has)
        try:
            await self._ledger.set_worker(worker, now, event)
        except StaleLease:
            return  # the next look sees what it has become
        self._on_change()

    def _lives(self) -> list[Live]:
        """Its attempts that run, as far as is known."""
        return [
            live
            for live in self._set.live.by_attempt.values()
            if live.attempt.worker == self._worker and live.attempt.pid is not None
        ]
