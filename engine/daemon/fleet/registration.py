"""Registration: what a worker's host said of itself, laid under what was configured."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from engine.backends.protocol import HostFacts
from engine.clock import Clock
from engine.config import UNTOUCHED, Settings, WorkerRules
from engine.ledger.ledger import Ledger
from engine.ledger.memory.found_devices import with_known_devices
from engine.ledger.memory.working_set import WorkingSet
from engine.model.events import EventType
from engine.model.job import COMMANDS
from engine.model.resources import NOTHING, Resources
from engine.model.worker import Health, Worker
from engine.store.protocol import Draft


class Registrar:
    """Writes workers down as their hosts and the configuration have them."""

    def __init__(
        self, settings: Settings, working_set: WorkingSet, ledger: Ledger, clock: Clock
    ) -> None:
        self._settings = settings
        self._set = working_set
        self._ledger = ledger
        self._clock = clock

    async def register(
        self,
        name: str,
        facts: HostFacts,
        rules: WorkerRules = UNTOUCHED,
        *,
        setup: Mapping[str, Any] | None = None,
        actor: str = "engine",
    ) -> None:
        """Write down what a worker has now, and whether its host was started anew.

        Args:
            name: Its name.
            facts: As its host has just told them.
            rules: What is configured over them.
            setup: Its table, if it was added by command.
            actor: Who wants it.
        """
        known = self._set.workers.get(name)
        worker = self._as_told(name, facts, rules, known, setup)
        if known is not None and _without_what_drifts(known) == _without_what_drifts(worker):
            self._set.workers[name] = worker
            return
        is_new = known is None or known.boot != worker.boot
        type_ = EventType.WORKER_REGISTERED if is_new else EventType.WORKER_CHANGED
        data: dict[str, object] = {"boot": worker.boot, **dict(worker.capacity.items())}
        if is_new:
            self._set.sights.forget(name)
        if known is not None and known.boot and is_new:
            data["was_boot"] = known.boot
        draft = Draft(type=type_, worker=name, actor=actor, data=data)
        await self._ledger.set_worker(known, worker, draft)

    async def expect(self, name: str, rules: WorkerRules, setup: Mapping[str, Any]) -> None:
        """Write down a worker that was not reached yet: it is down until it is."""
        known = self._set.workers.get(name)
        base = known or Worker(name=name, capacity=NOTHING, registered_at=self._clock.now())
        worker = replace(
            self._configured(base, rules, base.capacity, base.slots if known else 0),
            health=Health.DOWN,
            setup=dict(setup),
        )
        if worker != known:
            cause = "not reached yet since the daemon started"
            draft = Draft(type=EventType.WORKER_DISCONNECTED, worker=name, cause=cause)
            await self._ledger.set_worker(known, worker, draft)

    def _as_told(
        self,
        name: str,
        facts: HostFacts,
        rules: WorkerRules,
        known: Worker | None,
        setup: Mapping[str, Any] | None,
    ) -> Worker:
        now_at = self._clock.now()
        base = known or Worker(name=name, registered_at=now_at)
        if known is None and not rules.is_here:
            base = replace(base, health=Health.DOWN)
        worker = replace(
            self._configured(base, rules, facts.capacity, self._slots(facts, rules)),
            limits=facts.limits if rules.limits else "",
            boot=facts.ident,
            runs=facts.runs,
            env={} if rules.is_here else _account(facts),
            seen_at=now_at,
            setup=base.setup if setup is None else dict(setup),
        )
        return with_known_devices(worker, known)

    def _configured(
        self, base: Worker, rules: WorkerRules, found: Resources, slots: int
    ) -> Worker:
        return replace(
            base,
            backend=rules.backend,
            address=rules.address,
            labels=rules.labels,
            capacity=rules.overlay(found),
            slots=slots if rules.slots is None else rules.slots,
            gpu_types=rules.gpu_types,
            production=rules.production,
            finds_gpus=rules.gpu is None and (base.finds_gpus or not found.gpu),
            most_load=rules.most_load,
            clone_base=rules.clone_base or "",
            way=rules.way(),
        )

    def _slots(self, facts: HostFacts, rules: WorkerRules) -> int:
        """By the cores there are; where no commands are run, by the places that it names."""
        found = facts.capacity
        if COMMANDS not in facts.runs and found.custom:
            return sum(amount for _, amount in found.custom)
        cpus = max(1, rules.overlay(found).cpu_milli // 1000)
        return max(self._settings.fewest_slots, self._settings.slots_per_cpu * cpus)


def _account(facts: HostFacts) -> dict[str, str]:
    told = {
        "HOME": facts.home,
        "USER": facts.user,
        "LOGNAME": facts.user,
        "PATH": facts.path,
    }
    return {name: text for name, text in told.items() if text}


def _without_what_drifts(worker: Worker) -> Worker:
    """What of a worker is worth an event when it changes: not the free disk of the hour."""
    return replace(worker, seen_at=None, capacity=replace(worker.capacity, storage_mb=0))
