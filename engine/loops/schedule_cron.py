"""Schedule cron: submits recurring work when it is due, once for each instant.

What starts is decided and written first, then submitted under a key that names the instant,
then written as submitted. A daemon that dies in between leaves it to the next one to submit
the same again, which stores nothing new.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import tzinfo
from itertools import islice, takewhile
from random import Random
from typing import Final, Protocol

from msgspec.structs import replace

from engine.clock import Clock
from engine.errors import EngineError, Refused, StaleEpoch, StaleLease, StoreError
from engine.ledger.cron_drafts import cause_of, drafts, left_out, named
from engine.ledger.ledger import Ledger
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.setbacks import Setbacks
from engine.ledger.writes import Write
from engine.model.cron import MOST_MADE_UP, Cron
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.states import FINAL
from engine.policy.crons.firing import arranged, fired, given_up, look, refused
from engine.policy.crons.instants import instants
from engine.policy.crons.reading import read_schedule
from engine.policy.crons.turned import earlier
from engine.store.crons import CronMove
from engine.store.protocol import Store
from engine.store.units import Draft, Unit
from engine.wake import Wake

log = logging.getLogger(__name__)

AT_ONCE: Final = 100
"""Schedules that are looked at before the loop looks around again."""

MOST_COUNTED: Final = 10_000
"""Missed runs of one schedule are counted up to here."""

BACK_S: Final = 1.0
"""A wall clock that has lost more than this against the other one was set back."""

LONGEST_S: Final = 60.0
"""Look again after this long even if nothing is due: the wall clock may have been set."""

TRIES: Final = 20
"""How often an act looks again at a schedule that others keep changing."""

TRY_AGAIN_S: Final = 1.0
"""How long the database is left alone after it refused to write."""


class Runs(Protocol):
    """What starts and ends runs."""

    async def submit(self, cron: Cron, at: int) -> JobId:
        """The job of the run of this instant, which is on disk, however often asked for.

        Raises: Refused: it cannot be submitted as things are.
        """
        ...

    async def cancel(self, job: JobId, cron: Cron) -> None:
        """End a run that makes way for the next one."""
        ...


class Schedules:
    """Looks at schedules when they are due, or when a job has ended that one waits for."""

    def __init__(
        self,
        *,
        store: Store,
        working_set: WorkingSet,
        ledger: Ledger,
        clock: Clock,
        rng: Random,
        runs: Runs,
        zone_of: Callable[[str], tzinfo],
        setbacks: Setbacks,
    ) -> None:
        self._store = store
        self._set = working_set
        self._ledger = ledger
        self._clock = clock
        self.rng = rng
        self._runs = runs
        self._zone_of = zone_of
        self._setbacks = setbacks
        self.wake = Wake()
        self._watched: dict[JobId, str] = {}
        """Jobs whose end lets an owed run start, with the name of its schedule."""
        self._ended: set[str] = set()
        self._lead_s = float("inf")
        """Of the wall clock over the other one, when last looked at."""

    def hear(self, jobs: Sequence[Job]) -> None:
        """Take in jobs as a commit left them."""
        if not self._watched:
            return
        for job in jobs:
            if job.now.state in FINAL and job.id in self._watched:
                self._ended.add(self._watched.pop(job.id))
                self.wake.knock()

    def look_again(self, name: str) -> None:
        """Have the loop look at a schedule that somebody has changed."""
        self._ended.add(name)
        self.wake.knock()

    async def run(self) -> None:
        """Look, decide, write, submit, wait. Begins with all that owe a run."""
        self._ended |= {cron.name for cron in await self._store.owing_crons()}
        while True:
            try:
                if self._was_set_back():
                    await self._arrange_anew()
                if await self._look_around():
                    continue
                wait_s = await self._wait_s()
                if wait_s <= 0:  # it has come due meanwhile
                    continue
            except StoreError as error:
                log.warning("schedules have to wait: %s", error)
                wait_s = TRY_AGAIN_S
            await self.wake.wait_at_most(self._clock, wait_s)

    def _was_set_back(self) -> bool:
        """Whether the clock was set back since this was last asked; at first, perhaps."""
        lead_s = self._clock.now() / 1_000_000 - self._clock.monotonic()
        was_s, self._lead_s = self._lead_s, lead_s
        return lead_s < was_s - BACK_S

    async def _arrange_anew(self) -> None:
        """Let no schedule wait for a run that is far off by the clock as it is now."""
        for cron in await self._store.crons():
            try:
                await self._setbacks.contain(cause_of(cron), self._arrange_earlier(cron))
            except (StaleEpoch, StoreError):
                raise
            except EngineError as error:  # it is looked at again when it is due
                log.warning("cron %s stays as it was arranged: %s", cron.name, error.message)

    async def _arrange_earlier(self, cron: Cron) -> None:
        schedule, zone = read_schedule(cron.spec), self._zone_of(cron.zone)
        first = earlier(cron, schedule, zone, self._clock.now())
        if first is not None:
            cause = f"{cause_of(cron)}: the clock was set back"
            told = Draft(type=EventType.CRON_CHANGED, cause=cause, data=named(cron))
            await self._write(cron, arranged(cron, first, self.rng), [told])

    async def _look_around(self) -> bool:
        """Whether there may be more to do at once."""
        due = await self._store.due_crons(self._clock.now(), AT_ONCE)
        names = dict.fromkeys([*(cron.name for cron in due), *sorted(self._ended)])
        for name in names:
            self._ended.discard(name)
            try:
                await self._setbacks.contain(f"cron {name}", self.look_at(name))
            except StaleLease:  # somebody has changed it meanwhile
                self._ended.add(name)
            except StaleEpoch:
                raise
            except StoreError:
                self._ended.add(name)
                raise
            except EngineError as error:
                await self._pause(name, error)
        return bool(names)

    async def _pause(self, name: str, error: EngineError) -> None:
        """Keep what cannot be looked at from hurting the others, until somebody resumes it."""
        log.error("cron %s is paused: %s", name, error.message)
        cron = await self._store.cron(name)
        if cron is not None:
            now = given_up(cron, error.message, self._clock.now())
            told = Draft(
                type=EventType.CRON_CHANGED,
                cause=f"{cause_of(cron)} is paused: {error.message}",
                data=named(cron) | {"act": "pause"},
            )
            with suppress(StaleLease):  # somebody has changed it: it is looked at again
                await self._write(cron, now, [told])

    async def _wait_s(self) -> float:
        next_at = await self._store.next_cron_at()
        if next_at is None:
            return LONGEST_S
        return min(max((next_at - self._clock.now()) / 1_000_000, 0.0), LONGEST_S)

    async def look_at(self, name: str) -> None:
        """Start, make up or leave out what of a schedule is due.

        Raises:
            StaleLease: it has been changed meanwhile; look again.
            StoreError: the rest is done when it is looked at again.
        """
        seen = await self._store.cron(name)
        if seen is None:
            return
        cron = await self._with_live(seen)
        now_at = self._clock.now()
        due, next_at = self._due(cron, now_at)
        plan = look(cron, due, next_at, now_at, self.rng)
        cron = await self._write(seen, plan.cron, drafts(plan))
        for job in plan.cancel:
            await self._runs.cancel(job, cron)
        for at in cron.starting:
            cron = await self._start(cron, at)
        if not cron.owed:
            self._watched = {job: of for job, of in self._watched.items() if of != name}

    async def _with_live(self, cron: Cron) -> Cron:
        """Without the jobs that have ended; the end of the others will be heard."""
        if not cron.live:
            return cron
        self._watched |= dict.fromkeys(cron.live, cron.name)
        found = await self._store.jobs(cron.live)
        live = tuple(job.id for job in found if job.now.state not in FINAL)
        return cron if live == cron.live else replace(cron, live=live)

    def _due(self, cron: Cron, now_at: int) -> tuple[Sequence[int], int | None]:
        """The newest instants that have come, and the first that has not."""
        first, due_at = cron.next_at, cron.due_at
        if first is None or due_at is None or due_at > now_at:
            return (), first
        schedule, zone = read_schedule(cron.spec), self._zone_of(cron.zone)
        last_at = now_at if cron.end_at is None else min(now_at, cron.end_at)

        def come(start_at: int) -> list[int]:
            all_ = instants(schedule, zone, start_at - 1, cron.added_at)
            return list(islice(takewhile(lambda at: at <= last_at, all_), MOST_COUNTED))

        due = come(first)
        if len(due) == MOST_COUNTED:
            share = (due[-1] - due[0]) * 2 * MOST_MADE_UP // MOST_COUNTED
            due = [*due, *come(max(due[-1] + 1, last_at - share))]
        return due, next(instants(schedule, zone, now_at, cron.added_at), None)

    async def _start(self, cron: Cron, at: int) -> Cron:
        """Submit the run of an instant, and write that down."""
        try:
            job = await self._runs.submit(cron, at)
        except Refused as refusal:
            why = f"it could not be submitted: {refusal.message}"
            event = left_out(cron, at, why)
            return await self._write(cron, refused(cron, at, refusal.message), [event])
        now = fired(cron, at, job, self._clock.now())
        late_ms = max(self._clock.now() - at, 0) // 1000
        data: dict[str, object] = {"cron": cron.name, "at": at, "late_ms": late_ms}
        event = Draft(type=EventType.CRON_FIRED, job=job, cause=cause_of(cron), data=data)
        if now.owed:
            self._watched[job] = cron.name
        return await self._write(cron, now, [event])

    async def run_now(self, cron: Cron, at: int, by: str) -> JobId:
        """Submit a run beside the schedule, whatever runs of it there are; its job.

        Raises:
            Refused: it cannot be submitted.
        """
        job = await self._runs.submit(cron, at)
        data: dict[str, object] = {"cron": cron.name, "at": at, "by_hand": True}
        event = Draft(
            type=EventType.CRON_FIRED,
            job=job,
            actor=by,
            cause=f"{cause_of(cron)}, now",
            data=data,
        )
        for _ in range(TRIES):
            seen = await self._store.cron(cron.name)
            if seen is None or seen.added_at != cron.added_at:
                break
            with suppress(StaleLease):
                await self._write(seen, fired(seen, at, job, self._clock.now()), [event])
                break
        return job

    async def _write(self, was: Cron, now: Cron, events: Sequence[Draft]) -> Cron:
        """The schedule as it is on disk then. Raises: StaleLease: it was changed."""
        if now == was and not events:
            return was
        move = CronMove(name=was.name, was_version=was.version, now=now)
        unit = Unit(epoch=self._set.epoch, crons=[move], events=events)
        await self._ledger.writer.post(lambda: Write(unit))
        return replace(now, version=was.version + 1)
