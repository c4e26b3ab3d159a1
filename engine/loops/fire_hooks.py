"""Fire hooks: when a job starts or ends, its hooks are submitted, once for each event.

Each is submitted under a key that names the event and the hook, so that doing it again
stores nothing new. How far all of that is done is written down now and then; a new daemon
goes through the events since.
"""

import logging
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final, Protocol

from engine.clock import Clock
from engine.errors import EngineError, NotAdmitted, StaleEpoch, StoreError
from engine.ledger.ledger import Ledger
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.setbacks import Setbacks
from engine.ledger.writes import Receipt, Write
from engine.model.events import Event, EventType
from engine.model.hooks import Hook
from engine.model.ids import Seq
from engine.model.job import Job
from engine.policy.hooks.firing import Firing, fired, may_fire
from engine.store.protocol import Store
from engine.store.units import Draft, Unit
from engine.wake import Wake

log = logging.getLogger(__name__)

AT_ONCE: Final = 10_000
"""Events that a new daemon goes through before others get a turn."""

MARK_S: Final = 10.0
"""How often it is written down how far all is done."""

TRY_AGAIN_S: Final = 1.0
NO_ROOM_S: Final = (5.0, 10.0, 20.0, 40.0, 60.0)
"""How long a hook waits for which there was no room, the first time and later ones."""

LONGEST_S: Final = 60.0


class HookRuns(Protocol):
    """What is submitted for a hook."""

    @property
    def configured(self) -> Mapping[str, Hook]:
        """Those of the configuration, by name."""
        ...

    def matches(self, hook: Hook, job: Job) -> bool:
        """Whether a hook of the configuration is meant for a job."""
        ...

    async def submit(self, firing: Firing, event: Event, job: Job) -> None:
        """Store the job of a hook, once however often this is called. Raises: Refused."""
        ...


class Hooks:
    """Hears of every commit, and submits what that fires."""

    def __init__(
        self,
        *,
        store: Store,
        working_set: WorkingSet,
        ledger: Ledger,
        clock: Clock,
        runs: HookRuns,
        setbacks: Setbacks,
    ) -> None:
        self._store = store
        self._set = working_set
        self._ledger = ledger
        self._clock = clock
        self._runs = runs
        self._setbacks = setbacks
        self.wake = Wake()
        self._pending: deque[Event] = deque()
        self._without_room: dict[Seq, Event] = {}
        """Events with a hook for which there was no room."""
        self._times = 0
        """How often in a row there was none."""
        self._due_s = 0.0
        """When those are tried again."""
        self._heard = Seq(0)
        self._marked = Seq(0)
        self._marked_s: float | None = None

    def hear(self, receipt: Receipt) -> None:
        """Take in a commit."""
        if not receipt.events:
            return
        self._heard = receipt.events[-1].seq
        is_any = bool(self._runs.configured)
        if not is_any and not any(job.spec.hooks for job in receipt.jobs):
            return
        jobs = {job.id: job for job in receipt.jobs}
        for event in receipt.events:
            job = jobs.get(event.job) if event.job is not None else None
            if job is not None and may_fire(event, job, is_any_configured=is_any):
                self._pending.append(event)
                self.wake.knock()

    async def run(self) -> None:
        """See to what is left from before; then look, submit, mark, wait."""
        while True:
            try:
                await self._catch_up()
                while True:
                    await self._fire(self._pending)
                    await self._mark()
                    await self.wake.wait_at_most(self._clock, self._wait_s())
                    self._take_up()
            except StoreError as error:
                log.warning("hooks have to wait: %s", error)
                await self._clock.sleep(TRY_AGAIN_S)

    async def _catch_up(self) -> None:
        """Fire what no daemon has fired since the last mark."""
        head = await self._store.head()
        marked = await self._store.hooks_seq()
        after = head if marked is None else marked
        every = bool(self._runs.configured)
        while after < head:
            until = Seq(min(after + AT_ONCE, head))
            events = await self._store.hook_events(after, until, every=every)
            await self._fire(deque(events))
            after = until
        self._heard = max(self._heard, head)

    async def _fire(self, events: deque[Event]) -> None:
        """Submit what these fire, one after the other."""
        while events:
            event = events[0]
            subject = f"hooks of #{event.job}"
            try:
                done = await self._setbacks.contain(subject, self._fire_all_of(event))
            except (StaleEpoch, StoreError):
                raise
            except EngineError as error:  # nobody else's hooks have to do with it
                self._tell(event, f"its hooks could not be seen to: {error.message}")
                done = True
            if not done:
                self._set_aside(event)
            events.popleft()

    def _set_aside(self, event: Event) -> None:
        if not self._without_room:
            wait_s = NO_ROOM_S[min(self._times, len(NO_ROOM_S) - 1)]
            self._due_s = self._clock.monotonic() + wait_s
            self._times += 1
        self._without_room[event.seq] = event

    async def _fire_all_of(self, event: Event) -> bool:
        """Whether all hooks that an event fires have been seen to."""
        assert event.job is not None
        job = await self._store.job(event.job)
        if job is None:
            return True
        configured = self._runs.configured
        meant = {
            name: hook for name, hook in configured.items() if self._is_meant(hook, event, job)
        }
        done = [await self._submit(one, event, job) for one in fired(event, job, meant)]
        return all(done)

    def _is_meant(self, hook: Hook, event: Event, job: Job) -> bool:
        if not hook.where:
            return True
        try:
            return self._setbacks.check(
                f"hook {hook.name}", partial(self._runs.matches, hook, job)
            )
        except EngineError as error:
            cause = f"whether hook `{hook.name}` is meant is not known: {error.message}"
            self._tell(event, cause, job)
            return False

    async def _submit(self, firing: Firing, event: Event, job: Job) -> bool:
        """Whether it has been seen to; false if there was no room for it."""
        try:
            which = firing.hook.name or f"on {firing.on}"
            submitting = self._runs.submit(firing, event, job)
            await self._setbacks.contain(f"hook {which} of #{job.id}", submitting)
        except NotAdmitted as full:
            log.warning("a hook of #%d waits: %s", job.id, full.message)
            return False
        except (StaleEpoch, StoreError):
            raise
        except EngineError as error:
            self._tell(event, f"hook `{which}` could not be submitted: {error.message}", job)
        return True

    def _tell(self, event: Event, cause: str, job: Job | None = None) -> None:
        """Say what became of a hook that will not run."""
        tenant = event.tenant if job is None else job.spec.tenant
        kind = EventType.HOOK_REFUSED
        self._ledger.tell(Draft(type=kind, job=event.job, tenant=tenant, cause=cause))

    def _take_up(self) -> None:
        """Try again, after a while, those for which there was no room."""
        if not self._without_room:
            self._times = 0
        elif self._clock.monotonic() >= self._due_s:
            self._pending.extend(self._without_room.values())
            self._without_room.clear()

    def _wait_s(self) -> float:
        if not self._without_room:
            return LONGEST_S
        return max(self._due_s - self._clock.monotonic(), 0.0)

    async def _mark(self) -> None:
        """Write down how far all is done, not too often."""
        done = self._done(self._pending, self._without_room.values())
        now_s = self._clock.monotonic()
        is_early = self._marked_s is not None and now_s - self._marked_s < MARK_S
        if done <= self._marked or is_early:
            return
        unit = Unit(epoch=self._set.epoch, hooks_seq=done)
        await self._ledger.writer.post(lambda: Write(unit))
        self._marked, self._marked_s = done, now_s

    def _done(self, *left: Iterable[Event]) -> Seq:
        seqs: Sequence[int] = [event.seq for some in left for event in some]
        return Seq(min([self._heard, *(seq - 1 for seq in seqs)]))
