"""Link: keep in touch with one worker's host: connect, adopt, look at it, connect again."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from random import Random
from typing import Any

from msgspec import structs

from engine.backends.protocol import Backend, HostFacts
from engine.clock import Clock
from engine.errors import (
    EngineError,
    LinkRefused,
    SpoolGone,
    StaleEpoch,
    StoreError,
    Unreachable,
)
from engine.ledger.attempts.attempts import Attempts
from engine.ledger.attempts.silence import last_heard, lose
from engine.ledger.ledger import Ledger
from engine.ledger.memory.live import Live
from engine.ledger.memory.working_set import WorkingSet
from engine.model.events import EventType
from engine.model.link import Link, LinkState
from engine.model.worker import Health, Worker
from engine.store.protocol import Draft
from engine.wake import Wake

log = logging.getLogger(__name__)

PROBE_S = 10.0
"""Between two looks at a host."""

DOWN_AFTER = 3
"""Looks that fail in a row make a worker down; fewer, degraded."""

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0

STEADY_S = 60.0
"""A link that stands for so long is not one of those that break again and again."""

FORGIVEN = 3
"""So many breaks in a row change nothing about how soon the host is tried again."""

ADOPTED_AT_ONCE = 200

_WHAT_THEN = (
    "nothing there is given up, all goes on when it is back; "
    "`crabtui workers reconnect {}` begins with a new one"
)

Register = Callable[[HostFacts], Awaitable[None]]
"""Writes down what a worker's host said of itself."""

Settle = Callable[[], Coroutine[Any, Any, None]]
"""Cleans up there what was left when nobody was connected."""

Outcome = asyncio.Future[EngineError | None]
"""What came of a look or an attempt to connect: nothing wrong, or what."""

Look = Callable[[], Awaitable[float | None]]
"""Looks at a host; how long an answer travels from there, ms, if it does travel."""


def pause_s(tries: int, rng: Random) -> float:
    """How long a host is left alone after so many attempts that failed."""
    return rng.random() * min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(tries, 10))


class Linking:
    """The link of one worker, kept for as long as the worker exists."""

    def __init__(
        self,
        worker: str,
        backend: Backend,
        *,
        working_set: WorkingSet,
        ledger: Ledger,
        attempts: Attempts,
        clock: Clock,
        rng: Random,
        register: Register,
        settle: Settle,
        look: Look,
    ) -> None:
        """Prepare; nothing is connected before `run` or `connect`.

        Args:
            worker: Its name.
            backend: Drives its host.
            working_set: Where links are kept for those who decide by them.
            ledger: Writes the worker's health.
            attempts: Told of what the host says of each attempt.
            clock: Paces looks and attempts to connect.
            rng: Draws the jitter of pauses.
            register: Called at each contact, before anything is adopted.
            settle: Called after each contact; the link does not wait for it.
            look: Looks at the host once, and raises Unreachable if it does not answer.
        """
        self._worker = worker
        self._backend = backend
        self._set = working_set
        self._ledger = ledger
        self._attempts = attempts
        self._clock = clock
        self._rng = rng
        self._register = register
        self._settle = settle
        self._look = look
        self._wake = Wake()
        self._anew = False
        self._began_s = clock.monotonic()
        self._asked: list[Outcome] = []
        self._has_looked = asyncio.Event()
        self._gone: SpoolGone | None = None
        """Its host answers, but has not the spool it had. Another `hello` makes
        a new one, in which all that runs is absent: only an operator has it said."""
        self._breaks = 0
        """How often in a row the link broke soon after it was made."""
        self.seen_at: int | None = None
        """When the host answered last."""
        self._turn(Link(state=LinkState.CONNECTING, since_at=clock.now()))

    @property
    def link(self) -> Link:
        return self._set.links[self._worker]

    @property
    def heard_at(self) -> int | None:
        """When the host last gave any sign of life, as far as is known; None: never."""
        known = self._set.workers.get(self._worker)
        stored = known.seen_at if known and self.seen_at is None else None
        return last_heard(self._mine(), self.seen_at, stored)

    def look_now(self) -> Outcome:
        """Look at the host, or try to reach it, without waiting for the time.

        Returns: what will have come of it: None, or what kept the host from answering. Ours
        is the first look or attempt that begins from now on.
        """
        asked: Outcome = asyncio.get_running_loop().create_future()
        self._asked.append(asked)
        self._wake.knock()
        return asked

    async def first_look(self) -> None:
        """Return when the host was looked at, whatever came of it; at once if it was."""
        await self._has_looked.wait()

    def connect_anew(self) -> Outcome:
        """Make contact again, connected or not. Returns: as `look_now`."""
        self._anew = True
        return self.look_now()

    def _tell(self, many: int, trouble: EngineError | None) -> None:
        """Answer those who asked before a look began: the first `many`."""
        self._has_looked.set()
        told, self._asked = self._asked[:many], self._asked[many:]
        for asked in told:
            if not asked.done():
                asked.set_result(trouble)

    def forget(self) -> None:
        """The worker is no more."""
        self._set.links.pop(self._worker, None)
        self._set.sights.forget(self._worker)

    async def run(self) -> None:
        """Connect, stay connected, and connect again, for ever."""
        while True:
            if self._gone:
                await self._await_spool(self._gone)
            elif self.link.state is not LinkState.CONNECTED:
                await self._try()
            elif why := await self._stay():
                await (self._be_refused(self._gone) if self._gone else self._lose(why))
            else:
                self._turn(replace(self.link, state=LinkState.CONNECTING))

    async def _try(self) -> None:
        many = len(self._asked)
        try:
            await self.connect()
        except (StaleEpoch, StoreError):
            raise
        except LinkRefused as error:
            await self._be_refused(error)
            self._tell(many, error)
            await self._wake.wait()
        except EngineError as error:
            await self._fail(error)
            self._tell(many, error)
            await self._rest()
        else:
            self._tell(many, None)

    async def _await_spool(self, gone: SpoolGone) -> None:
        """Look for the spool once more, after a while or when asked to."""
        await self._wake.wait_at_most(self._clock, PROBE_S)
        many = len(self._asked)
        try:
            if not self._anew:
                await self._look()
        except (StaleEpoch, StoreError):
            raise
        except EngineError:
            self._tell(many, gone)
        else:
            self._gone = None

    async def connect(self) -> None:
        """Make contact and take over what runs there; from then on it takes work.

        Raises:
            Unreachable: and everything else that a backend's `hello` and `adopt` raise.
        """
        self._anew = False
        facts = await self._backend.hello(self._set.epoch)
        await self._register(facts)
        await self.adopt()
        await self.take_work()

    async def adopt(self) -> None:
        """Hear of every attempt there that is open, and repeat the stops that it may miss."""
        await self._ledger.writer.post(lambda: None)  # grants posted before are on disk now
        mine = self._mine()
        for begin in range(0, len(mine), ADOPTED_AT_ONCE):
            some = [live.attempt.id for live in mine[begin : begin + ADOPTED_AT_ONCE]]
            for report in await self._backend.adopt(some):
                self._attempts.heard(report)
        for live in self._mine():
            if live.job.now.stopping:
                await self._attempts.stop(live)

    def _mine(self) -> list[Live]:
        lives = self._set.live.by_attempt.values()
        return [live for live in lives if live.attempt.worker == self._worker]

    async def take_work(self) -> None:
        """What runs there is taken over: grants may go there."""
        now_at = self.seen_at = self._clock.now()
        self._turn(Link(state=LinkState.CONNECTED, since_at=now_at, tried=True))
        await self._be(Health.HEALTHY, EventType.WORKER_CONNECTED)

    async def _stay(self) -> str:
        """Look at the host until it does not answer; why, empty if it is to begin anew."""
        async with asyncio.TaskGroup() as tasks:
            settling = tasks.create_task(self._settle())
            lost = tasks.create_task(self._backend.lost())
            looking = tasks.create_task(self._look_on())
            await asyncio.wait({lost, looking}, return_when=asyncio.FIRST_COMPLETED)
            first = lost if lost.done() else looking
            for task in (settling, lost, looking):
                task.cancel()
        return first.result()

    async def _look_on(self) -> str:
        failures = 0
        while not self._anew:
            trouble = await self._probe()
            if self._gone:
                return trouble
            failures = failures + 1 if trouble else 0
            if failures >= DOWN_AFTER:
                return f"{failures} looks in a row failed: {trouble}"
            health = Health.DEGRADED if failures else Health.HEALTHY
            await self._be(health, EventType.WORKER_CHANGED, trouble)
            await self._wake.wait_at_most(self._clock, PROBE_S)
        return ""

    async def _probe(self) -> str:
        """Look once; what kept it from answering, empty if nothing did."""
        round_trip_ms, many = self.link.round_trip_ms, len(self._asked)
        try:
            round_trip_ms = await self._look()
        except Unreachable as silence:
            self._tell(many, silence)
            return silence.message
        except SpoolGone as error:
            self._gone = SpoolGone(f"{error.message}; {_WHAT_THEN.format(self._worker)}")
            self._tell(many, self._gone)
            return self._gone.message
        except (StaleEpoch, StoreError):
            raise
        except EngineError as error:
            log.debug("%s answers, but is not to be seen: %s", self._worker, error)
        self.seen_at = self._clock.now()
        self._turn(replace(self.link, round_trip_ms=round_trip_ms))
        self._tell(many, None)
        return ""

    async def _lose(self, why: str) -> None:
        """It was connected: say that it is not, and try again."""
        now_at = self._clock.now()
        stood_s = (now_at - self.link.since_at) / 1_000_000
        self._breaks = 0 if stood_s >= STEADY_S else self._breaks + 1
        since_at = await self._lose_sight()
        self._turn(Link(state=LinkState.LOST, since_at=since_at, error=why, tried=True))
        await self._be(Health.DOWN, EventType.WORKER_DISCONNECTED, why)
        await self._rest()

    async def _fail(self, error: EngineError) -> None:
        """It could not be connected."""
        was = self.link
        is_news = was.state is not LinkState.LOST
        since_at = await self._lose_sight() if is_news else was.since_at
        self._turn(
            replace(
                was,
                state=LinkState.LOST,
                since_at=since_at,
                tries=was.tries + 1,
                error=error.message,
                tried=True,
            )
        )
        event = EventType.WORKER_DISCONNECTED
        await self._be(Health.DOWN, event, error.message, tell=is_news)

    async def _be_refused(self, error: LinkRefused) -> None:
        """A person must look: nothing is tried until somebody asks for it."""
        was = self.link
        is_news = (was.state, was.error) != (LinkState.REFUSED, error.message)
        since_at = await self._lose_sight() if is_news else was.since_at
        self._turn(
            Link(
                state=LinkState.REFUSED,
                since_at=since_at,
                tries=was.tries + 1,
                error=error.message,
                spool_taken="newest" in error.details,
                tried=True,
            )
        )
        event = EventType.WORKER_REFUSED
        await self._be(Health.DOWN, event, error.message, tell=is_news, **error.details)

    async def _lose_sight(self) -> int:
        """Mark what runs there; since when nothing is known of it."""
        self.seen_at = self.heard_at
        since_at = self._clock.now() if self.seen_at is None else self.seen_at
        mine, began_s = self._mine(), self._began_s
        await lose(mine, since_at, ledger=self._ledger, clock=self._clock, began_s=began_s)
        return since_at

    async def _rest(self) -> None:
        """Leave the host alone for a while, or until somebody asks for it."""
        tries = max(self.link.tries, self._breaks - FORGIVEN, 0)
        rest_s = pause_s(tries, self._rng)
        next_at = self._clock.now() + round(rest_s * 1_000_000)
        self._turn(replace(self.link, next_try_at=next_at))
        await self._wake.wait_at_most(self._clock, rest_s)
        self._turn(replace(self.link, next_try_at=None))

    def _turn(self, link: Link) -> None:
        self._set.links[self._worker] = link

    async def _be(
        self,
        health: Health,
        event: EventType,
        cause: str = "",
        *,
        tell: bool = False,
        **details: object,
    ) -> None:
        """Have the worker be of this health; `tell`: say so even if it is already."""
        known = self._set.workers.get(self._worker)
        if known is None or (known.health is health and not tell):
            return
        data: dict[str, object] = {"health": health.value, **details}
        draft = Draft(type=event, worker=self._worker, cause=cause, data=data)
        if known.health is health:
            await self._ledger.note(draft)
        else:
            await self._ledger.change_worker(self._worker, self._in(health), draft)

    def _in(self, health: Health) -> Callable[[Worker], Worker]:
        return lambda worker: structs.replace(worker, health=health, seen_at=self.seen_at)
