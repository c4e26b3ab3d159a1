"""The fleet: every worker that belongs to us now, with what drives it and looks after it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from random import Random
from typing import TypeVar

from engine.backends.making import Driver
from engine.backends.protocol import Backend, HostFacts
from engine.clock import Clock
from engine.config import WorkerRules
from engine.daemon.fleet.leftovers import settle_spool
from engine.daemon.fleet.member import Loop, Member, Origin
from engine.daemon.fleet.registration import Registrar
from engine.errors import EngineError
from engine.ledger.attempts.attempts import Attempts
from engine.ledger.ledger import Ledger
from engine.ledger.memory.live import Live
from engine.ledger.memory.working_set import WorkingSet
from engine.loops.gather import Gathering
from engine.loops.link import Linking, Look
from engine.loops.observe import Tidy
from engine.loops.supervisor import contain
from engine.model.ids import AttemptId
from engine.store.protocol import Store
from engine.wake import Wake

log = logging.getLogger(__name__)

T = TypeVar("T")

CLOSE_S = 5.0
"""How long a link may take to be closed in order."""


Make = Callable[[str, WorkerRules], Driver]
"""Builds what drives a worker; connects nothing."""

LoopsOf = Callable[[str, Backend], Mapping[str, Loop]]
"""The loops that a worker needs besides its link."""

LookOf = Callable[[str, Backend], Look]
"""How a worker's host is looked at."""


async def _carry(name: str, work: Awaitable[T], done: "asyncio.Future[T]") -> None:
    try:
        result = await contain(name, work)
    except (EngineError, OSError) as error:
        done.set_exception(error)
    except asyncio.CancelledError:
        done.cancel()
        raise
    else:
        done.set_result(result)


def _unheard(done: "asyncio.Future[T]") -> None:
    """Whoever asked may have left: then its error is nobody's."""
    if not done.cancelled():
        done.exception()


class Fleet(Mapping[str, Backend]):
    """Backends by worker, as they are now: whoever holds it sees workers come and go."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.members: dict[str, Member] = {}
        self.warnings: dict[str, tuple[str, ...]] = {}
        """What could end jobs, by worker; sentences for people."""
        self.changing = asyncio.Lock()
        """Held while workers are added or removed: one at a time."""
        self.departures = Wake()
        """Knocked on when a worker that is to leave may have ended what it ran."""
        self._tasks: asyncio.TaskGroup | None = None

    def equip(
        self,
        *,
        store: Store,
        working_set: WorkingSet,
        ledger: Ledger,
        attempts: Attempts,
        gathering: Gathering,
        registrar: Registrar,
        clock: Clock,
        rng: Random,
        look_of: LookOf,
        loops_of: LoopsOf,
        gather_s: float,
    ) -> None:
        """Hand over what members work with; before it there are none."""
        self._store = store
        self._set = working_set
        self._ledger = ledger
        self._attempts = attempts
        self._gathering = gathering
        self.registrar = registrar
        self._clock = clock
        self._rng = rng
        self._look_of = look_of
        self._loops_of = loops_of
        self._gather_s = gather_s

    def __getitem__(self, name: str) -> Backend:
        return self.members[name].driver.backend

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def join(
        self, name: str, origin: Origin, rules: WorkerRules, driver: Driver | None = None
    ) -> Member:
        """A new member; its loops begin with those of all, or at once if these have begun.

        Args:
            name: Of the worker.
            origin: Where it is defined.
            rules: What is configured of it.
            driver: What drives it, if there is something already.
        """
        driver = driver or self.make(name, rules)
        backend = driver.backend
        tidy = Tidy(backend, name, self._clock, gather_s=self._gather_s)
        linking = Linking(
            name,
            backend,
            working_set=self._set,
            ledger=self._ledger,
            attempts=self._attempts,
            clock=self._clock,
            rng=self._rng,
            register=partial(self.register, name),
            settle=partial(
                settle_spool,
                backend,
                self._store,
                self.warnings,
                tidy,
                epoch=self._set.epoch,
                clock=self._clock,
                unheard=self._attempts.unheard.setdefault(name, set()),
            ),
            look=self._look_of(name, backend),
        )
        member = self.members[name] = Member(
            name=name,
            origin=origin,
            rules=rules,
            driver=driver,
            tidy=tidy,
            linking=linking,
        )
        return member

    def set_off(self, member: Member) -> None:
        """Start the loops of a member that joined after all others' were started."""
        if self._tasks is not None:
            member.start(
                self._loops_of(member.name, member.driver.backend), self._tasks, self._clock
            )

    async def leave(self, name: str) -> None:
        """End a member's loops, let go of its host, and forget it. Its jobs go on."""
        member = self.members.pop(name)
        await member.rest()
        member.linking.forget()
        self.warnings.pop(name, None)
        await self._close(member)

    def start(self, tasks: asyncio.TaskGroup) -> None:
        """Set all loops in motion, and from now on those of whoever joins."""
        self._tasks = tasks
        for member in self.members.values():
            self.set_off(member)

    async def rest(self) -> None:
        """End all loops."""
        self._tasks = None
        async with asyncio.TaskGroup() as resting:
            for member in self.members.values():
                resting.create_task(member.rest())

    async def close(self) -> None:
        """Let go of all hosts at once; jobs go on."""
        async with asyncio.TaskGroup() as closing:
            for member in self.members.values():
                closing.create_task(self._close(member))

    async def whole(self, name: str, work: Awaitable[T]) -> T:
        """The result of work that goes on to its end even if nobody waits for it any more."""
        if self._tasks is None:
            return await work
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        done.add_done_callback(_unheard)
        self._tasks.create_task(_carry(name, work, done), name=name)
        return await asyncio.shield(done)

    def tidy(self, live: Live) -> None:
        """The end of this attempt is on disk: its host may clean up."""
        member = self.members.get(live.attempt.worker)
        if member is not None:
            if live.owes_outputs:
                self._gathering.wake(member.name).knock()
            else:
                member.tidy.add(live)
            if member.is_leaving:
                self.departures.knock()

    def gathered(self, worker: str, attempt: AttemptId) -> None:
        """What this attempt left was brought from its host: that may clean up."""
        member = self.members.get(worker)
        if member is not None:
            member.tidy.add_ended([attempt])

    def lives_on(self, name: str) -> list[Live]:
        """Open attempts of a worker."""
        lives = self._set.live.by_attempt.values()
        return [live for live in lives if live.attempt.worker == name]

    async def _close(self, member: Member) -> None:
        try:
            await self._clock.within(CLOSE_S, member.driver.backend.close())
        except TimeoutError:
            log.warning("%s was let go without a word: it does not answer", member.name)

    def heard(self, name: str, facts: HostFacts) -> None:
        """Keep what a worker's host has just said of itself."""
        self.members[name].facts = facts
        self.warnings[name] = facts.warnings

    def heard_of(self, name: str) -> tuple[str, ...]:
        """What could end jobs of this worker; sentences for people."""
        return self.warnings.get(name, ())

    def told_of(self, name: str) -> tuple[str, ...]:
        """Everything that people are to know of a worker, as of now; sentences."""
        return (*self.heard_of(name), *self._twins(name))

    def _twins(self, name: str) -> Iterator[str]:
        """Who else is the same host, although one of them is reached over a line."""
        others = self._others_on(name)
        if others:
            workers = "workers" if others[1:] else "worker"
            times = _times(len(others) + 1)
            yield f"its host is {workers} {_listed(others)} too: what it has is counted {times}"
        lenders = [other for other in others if self._gpus(other)]
        if lenders and not self._gpus(name):
            yield f"its devices are lent by worker {_listed(lenders)}, and not twice"

    def _others_on(self, name: str) -> list[str]:
        mine = self.members.get(name)
        if mine is None:
            return []
        others = (one for one in self.members.values() if one is not mine)
        return sorted(other.name for other in others if _are_twins(mine, other))

    def shared_hosts(self) -> Iterator[str]:
        """Which workers are one host, a sentence for each such host."""
        hosts = {
            tuple(sorted((name, *others)))
            for name in self.members
            if (others := self._others_on(name))
        }
        for names in sorted(hosts):
            times = _times(len(names))
            yield f"workers {_listed(names)} are one host: what it has is counted {times}"

    def _gpus(self, name: str) -> int:
        worker = self._set.workers.get(name)
        return worker.capacity.gpu if worker else 0

    async def register(self, name: str, facts: HostFacts) -> None:
        """Write down what a host said, unless the worker only ends what it runs."""
        member = self.members[name]
        self.heard(name, facts)
        if member.origin is Origin.GONE:
            self.warnings[name] += (f"worker {name} left the configuration",)
        else:
            await self.registrar.register(name, facts, member.rules)


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"


def _listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _are_twins(one: Member, other: Member) -> bool:
    """Whether two workers are one host, although one of them is reached over a line."""
    if one.facts is None or other.facts is None or (one.rules.is_here and other.rules.is_here):
        return False
    return one.facts.ident == other.facts.ident
