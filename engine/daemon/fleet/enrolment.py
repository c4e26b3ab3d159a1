"""Enrolment: which workers belong to the fleet, by configuration, by command, or by duty."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace

from engine.backends.making import Driver
from engine.backends.protocol import HostFacts
from engine.clock import Clock
from engine.config import Config, WorkerRules, read_worker
from engine.daemon.fleet.fleet import Fleet
from engine.daemon.fleet.member import Member, Origin
from engine.errors import InvalidSpec
from engine.ledger.ledger import Ledger
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.trust import Trust
from engine.model.events import EventType
from engine.model.worker import Worker
from engine.store.protocol import Draft

log = logging.getLogger(__name__)

LINGER_S = 2.0
"""How long a worker that leaves has for cleaning up after its last attempt."""

LEFT = "left the configuration"


class Enrolment:
    """Has workers join and leave the fleet, and writes down that they did."""

    def __init__(
        self,
        fleet: Fleet,
        working_set: WorkingSet,
        ledger: Ledger,
        trust: Trust,
        clock: Clock,
    ) -> None:
        self._fleet = fleet
        self._trust = trust
        self._set = working_set
        self._ledger = ledger
        self._clock = clock

    async def muster(self, config: Config) -> None:
        """At the daemon's start: who is wanted joins; who is not, and runs nothing, goes."""
        wanted = {name: (Origin.CONFIG, rules) for name, rules in config.workers.items()}
        for name, worker in sorted(self._set.workers.items()):
            if name not in wanted and worker.setup and (rules := _told(worker, worker.setup)):
                wanted[name] = (Origin.COMMAND, rules)
        busy = {live.attempt.worker for live in self._set.live.by_attempt.values()}
        for name, (origin, rules) in wanted.items():
            self._join_first(name, origin, rules, is_busy=name in busy)
        for name in sorted(busy - wanted.keys()):
            self._join_gone(name)
        await self._expect_all()
        told = {name for name, worker in self._set.workers.items() if worker.setup}
        await self._forget(self._set.workers.keys() - wanted.keys() - busy - told)

    def _join_first(
        self, name: str, origin: Origin, rules: WorkerRules, *, is_busy: bool
    ) -> None:
        """Where attempts may run under another address, it is reached there first."""
        known = self._set.workers.get(name)
        old = _told(known, known.way) if known and known.way and is_busy else None
        if old is None or old.is_same_place(rules):
            self._fleet.join(name, origin, rules)
            return
        self._fleet.join(name, origin, old).successor = rules

    def _join_gone(self, name: str) -> None:
        """It is in no configuration any more, but something of it may run."""
        known = self._set.workers.get(name)
        rules = _told(known, known.way) if known and known.way else WorkerRules()
        if rules is not None:
            self._fleet.join(name, Origin.GONE, rules)
        if known is not None:
            self._set.workers[name] = replace(known, draining=True)

    async def _expect_all(self) -> None:
        """Until hosts elsewhere have been reached, their workers take nothing."""
        for member in self._elsewhere():
            await self._expect(member)

    async def _expect(self, member: Member) -> None:
        known = self._set.workers.get(member.name)
        setup = known.setup if known and member.origin is Origin.COMMAND else {}
        await self._fleet.registrar.expect(member.name, member.rules, setup)

    async def _forget(self, names: set[str]) -> None:
        for name in sorted(names):
            await self._remove(name, cause=LEFT)

    async def _remove(self, name: str, actor: str = "engine", cause: str = "") -> None:
        worker = self._set.workers.get(name)
        if worker is not None:
            draft = Draft(type=EventType.WORKER_REMOVED, worker=name, actor=actor, cause=cause)
            await self._ledger.remove_worker(worker, draft)
            self._trust.forget(name)
            self._set.sights.forget(name)

    async def greet(self) -> None:
        """Ask this machine's workers what they are. Raises as `hello`."""
        for member in self._here():
            facts = await member.driver.backend.hello(self._set.epoch)
            await self._fleet.register(member.name, facts)

    async def take_over(self) -> None:
        """Hear of what runs on this machine's workers; from then on they take work."""
        for member in self._here():
            await member.linking.adopt()
            await member.linking.take_work()

    def _here(self) -> list[Member]:
        members = self._fleet.members.values()
        return [member for member in members if member.rules.is_here]

    def _elsewhere(self) -> list[Member]:
        members = self._fleet.members.values()
        return [member for member in members if not member.rules.is_here]

    async def follow(self, config: Config) -> None:
        """Have the workers elsewhere be those of another configuration, from now on."""
        await self._fleet.whole("reload of workers", self._follow(config))

    async def _follow(self, config: Config) -> None:
        async with self._fleet.changing:
            for name, rules in _elsewhere(config):
                await self._be_as(name, rules)
            for member in self._elsewhere():
                if member.origin is Origin.CONFIG and member.name not in config.workers:
                    await self._let_go(member)

    async def _be_as(self, name: str, rules: WorkerRules) -> None:
        """A worker of the configuration, as it is there now."""
        member = self._fleet.members.get(name)
        if member is None:
            await self._join(name, rules)
        elif member.rules.is_here or (member.origin, member.rules) == (Origin.CONFIG, rules):
            member.successor = None
        elif member.rules.is_reached_as(rules):
            await self._go_by(member, rules)
        elif member.rules.is_same_place(rules) or not self._fleet.lives_on(name):
            await self._fleet.leave(name)
            await self._join(name, rules)
        else:
            member.successor = rules
            await self._drain(name, f"moves to {rules.address}")
            self._fleet.departures.knock()

    async def _join(self, name: str, rules: WorkerRules) -> None:
        member = self._fleet.join(name, Origin.CONFIG, rules)
        await self._expect(member)
        self._fleet.set_off(member)

    async def _go_by(self, member: Member, rules: WorkerRules) -> None:
        """Other rules over the same link."""
        was_gone = member.origin is Origin.GONE
        member.origin, member.rules, member.successor = Origin.CONFIG, rules, None
        if was_gone:
            await self._take_back(member.name)
        if member.facts is not None:
            await self._fleet.registrar.register(member.name, member.facts, rules, setup={})
        else:
            await self._expect(member)

    async def _let_go(self, member: Member) -> None:
        """It is in the configuration no more: it goes once it runs nothing."""
        if not self._fleet.lives_on(member.name):
            await self._fleet.leave(member.name)
            await self._remove(member.name, cause=LEFT)
            return
        member.origin = Origin.GONE
        self._fleet.warnings[member.name] = (
            *self._fleet.warnings.get(member.name, ()),
            f"worker {member.name} {LEFT}",
        )
        await self._drain(member.name, LEFT)
        self._fleet.departures.knock()

    async def _drain(self, name: str, why: str) -> None:
        draft = Draft(
            type=EventType.WORKER_CHANGED, worker=name, cause=why, data={"draining": True}
        )
        await self._ledger.change_worker(name, lambda now: replace(now, draining=True), draft)

    async def _take_back(self, name: str) -> None:
        data: dict[str, object] = {"draining": False}
        cause = "it stands in the configuration again"
        draft = Draft(type=EventType.WORKER_CHANGED, worker=name, cause=cause, data=data)
        await self._ledger.change_worker(name, lambda now: replace(now, draining=False), draft)

    async def see_off(self) -> None:
        """Have workers go that were only here to end what they ran, for ever."""
        while True:
            await self._fleet.departures.wait()
            await self._clock.sleep(LINGER_S)
            async with self._fleet.changing:
                for member in self._elsewhere():
                    if member.is_leaving and not self._fleet.lives_on(member.name):
                        await self._depart(member)

    async def _depart(self, member: Member) -> None:
        await self._fleet.leave(member.name)
        if member.successor is None:
            await self._remove(member.name, cause=LEFT)
            return
        await self._take_back(member.name)
        await self._join(member.name, member.successor)

    async def admit(
        self,
        name: str,
        rules: WorkerRules,
        table: Mapping[str, Any],
        *,
        trust: str = "",
        actor: str,
        is_free: Callable[[], None],
    ) -> None:
        """Reach a new worker's host, and have it take work from now on.

        Args:
            name: Of the worker.
            rules: What `table` says.
            table: Kept, so that it is there after a restart.
            trust: Fingerprint of the host key to accept; empty: it must be known.
            actor: Who wants it.
            is_free: Raises if the name is taken, as it may be by now.

        Raises:
            Unreachable, LinkRefused, UnusableState: as its host is; nothing was added.
        """
        driver = self._fleet.make(name, rules)
        try:
            if trust:
                await driver.trust(trust)
            facts = await driver.backend.hello(self._set.epoch)
        except BaseException:
            await driver.backend.close()
            raise
        register = partial(self._fleet.registrar.register, setup=table, actor=actor)
        registering = partial(register, name, facts, rules)
        enlisting = self._enlist(name, rules, driver, facts, is_free, registering)
        await self._fleet.whole(f"add {name}", enlisting)

    async def _enlist(
        self,
        name: str,
        rules: WorkerRules,
        driver: Driver,
        facts: HostFacts,
        is_free: Callable[[], None],
        register: Callable[[], Awaitable[None]],
    ) -> None:
        """Write a worker down that was reached, and look after it from now on."""
        try:
            async with self._fleet.changing:
                is_free()
                await register()
                member = self._fleet.join(name, Origin.COMMAND, rules, driver)
        except BaseException:
            await driver.backend.close()
            raise
        self._fleet.heard(name, facts)
        try:
            await member.linking.take_work()
        finally:
            self._fleet.set_off(member)

    async def dismiss(self, name: str, actor: str, why: str) -> None:
        """Have a worker that runs nothing leave for good."""
        await self._fleet.whole(f"remove {name}", self._dismiss(name, actor, why))

    async def _dismiss(self, name: str, actor: str, why: str) -> None:
        if name in self._fleet.members:
            await self._fleet.leave(name)
        await self._remove(name, actor, why)


def _elsewhere(config: Config) -> Iterator[tuple[str, WorkerRules]]:
    return ((name, rules) for name, rules in config.workers.items() if not rules.is_here)


def _told(worker: Worker, table: Mapping[str, Any]) -> WorkerRules | None:
    """How a worker of the database is reached; None if that cannot be read any more."""
    try:
        return read_worker(worker.name, table, "the database")
    except InvalidSpec as error:
        log.error("worker %s is not reached: %s", worker.name, error)
        return None
