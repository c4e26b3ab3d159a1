"""The parts of a daemon, built once from the settings and wired to each other."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from random import SystemRandom

from engine.artifacts.folder import Folder
from engine.artifacts.hands import Hands, ThreadHands
from engine.artifacts.shelf import Shelf
from engine.backends.pool.toolbox import Toolbox
from engine.backends.protocol import Backend
from engine.clock import Clock
from engine.config import Config, Settings
from engine.config.zones import zone_of
from engine.control.messages import VERSION
from engine.daemon.configured import Configured
from engine.daemon.cron_runs import CronRuns
from engine.daemon.desk import Desk
from engine.daemon.door import serve
from engine.daemon.fleet.enrolment import Enrolment
from engine.daemon.fleet.fleet import Fleet
from engine.daemon.fleet.registration import Registrar
from engine.daemon.handlers.config import reload_on
from engine.daemon.hook_runs import HookRuns
from engine.daemon.intake.calls import Calls
from engine.daemon.intake.reception import Reception
from engine.daemon.news import News
from engine.daemon.own_size import rss_bytes, wal_bytes
from engine.errors import EngineError
from engine.ledger.attempts.attempts import Attempts
from engine.ledger.attempts.orders import Orders
from engine.ledger.attempts.reuse import Reuse
from engine.ledger.attempts.supplies import Supplies
from engine.ledger.ledger import Ledger
from engine.ledger.memory.gauges import Gauge
from engine.ledger.memory.histories import Histories
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.rows.growth import Grower
from engine.ledger.rows.submission import Submissions
from engine.ledger.setbacks import Setbacks
from engine.ledger.writer import Writer
from engine.loops.arrays import Arrays
from engine.loops.collect import Collecting
from engine.loops.dispatch import Dispatch
from engine.loops.fire_hooks import Hooks
from engine.loops.flows import Flows
from engine.loops.gather import Gathering
from engine.loops.gauge import Gauge as Looks
from engine.loops.judge import judge_workers
from engine.loops.keep_blobs import BlobKeeper
from engine.loops.lease_manager import renew_leases, sweep_leases
from engine.loops.link import Look
from engine.loops.observe import observe_ends, watch_logs
from engine.loops.promote import Promote
from engine.loops.record import record
from engine.loops.schedule_cron import Schedules
from engine.loops.supervisor import keep_running
from engine.policy.jobs.leases import LeaseTimes
from engine.store.protocol import Store
from engine.timeline import Timeline
from engine.wake import Wake

Loop = Callable[[], Awaitable[None]]

GATHER = 10
"""How many times longer than a start an attempt's cleaning up is kept back for company."""


class Parts:
    """What a running daemon consists of, besides its store."""

    def __init__(self, desk: Desk, settings: Settings, news: News) -> None:
        self.desk = desk
        self.dispatch_wake = news.dispatch
        self.promote_wake = news.promote
        self.reload_wake = Wake()
        self._hands: Hands
        self._blobs: BlobKeeper
        self._lease = LeaseTimes(
            ttl_s=settings.lease_ttl_s,
            renew_s=settings.lease_renew_s,
            sweep_s=settings.lease_sweep_s,
        )
        self.histories = Histories(
            desk.store, desk.working_set.epoch, desk.working_set.live.by_attempt.keys()
        )
        self._orders = Orders(
            desk.store,
            state_dir=str(settings.state_dir),
            outputs_max_bytes=settings.outputs_max_bytes,
            caches_max_bytes=settings.caches_max_bytes,
        )
        self._reuse = Reuse(
            desk.store, desk.working_set, desk.ledger.writer, desk.shelf, desk.clock
        )

    @classmethod
    async def build(
        cls,
        store: Store,
        settings: Settings,
        clock: Clock,
        fleet: Fleet,
        configured: Configured | None = None,
        toolbox: Toolbox | None = None,
    ) -> "Parts":
        """Take the store over and build everything on it. Nothing runs yet.

        Args:
            store: Open.
            settings: Of this daemon.
            clock: Of everything.
            fleet: Builds what drives workers; nobody has joined it yet.
            configured: All that was configured besides the settings; None: nothing was.
            toolbox: Where pools say what their tools are; None: there are no pools.
        """
        epoch = await store.take_over(clock.now())
        configured = configured or Configured(Config(settings=settings))
        working_set = WorkingSet(epoch)
        await working_set.load(store)
        timeline = Timeline(store, await store.head())
        rng = SystemRandom()
        news = News(timeline, working_set)
        writer = Writer(
            store,
            working_set,
            clock,
            on_commit=news.committed,
            on_trouble=news.trouble,
            company_s=settings.company_s,
        )
        ledger = Ledger(store, working_set, writer)
        submissions = Submissions(store, working_set, clock, rng)
        toolbox = toolbox or Toolbox()
        working_set.ahead = toolbox.ahead
        calls = Calls(toolbox, working_set, timeline, clock)
        submissions.finish = calls.finish
        configured.apply = partial(_apply, working_set, submissions, news)
        configured.apply(configured.now)
        attempts = Attempts(
            store=store,
            working_set=working_set,
            writer=writer,
            backends=fleet,
            clock=clock,
            rng=rng,
            lease_ttl_s=settings.lease_ttl_s,
            on_room=news.dispatch.knock,
            on_ended=fleet.tidy,
        )
        grower = Grower(store=store, ledger=ledger, submissions=submissions, clock=clock)
        hands = ThreadHands()
        keeping = Wake()
        shelf = Shelf(
            Folder(settings.blobs),
            store,
            hands,
            clock,
            epoch=epoch,
            max_bytes=settings.blobs_max_bytes,
            on_noted=keeping.knock,
        )
        await shelf.prepare()
        setbacks = Setbacks(clock)
        gathering = Gathering(
            store, ledger, shelf, clock, setbacks, max_bytes=settings.outputs_max_bytes
        )
        desk = Desk(
            shelf=shelf,
            gathering=gathering,
            setbacks=setbacks,
            store=store,
            working_set=working_set,
            ledger=ledger,
            attempts=attempts,
            reception=Reception(
                store=store,
                working_set=working_set,
                ledger=ledger,
                submissions=submissions,
                clock=clock,
            ),
            timeline=timeline,
            backends=fleet,
            fleet=fleet,
            enrolment=Enrolment(fleet, working_set, ledger, attempts.trust, clock),
            warnings=fleet.warnings,
            clock=clock,
            state_dir=settings.state_dir,
            version=VERSION,
            pid=os.getpid(),
            started_at=clock.now(),
            stopping=asyncio.Event(),
            arrays=Arrays(
                store=store,
                working_set=working_set,
                ledger=ledger,
                clock=clock,
                news=news.members,
                setbacks=setbacks,
                on_stopped=news.dispatch.knock,
            ),
            flows=Flows(
                store=store,
                ledger=ledger,
                grower=grower,
                clock=clock,
                news=news.tasks,
                setbacks=setbacks,
            ),
            grower=grower,
            configured=configured,
            tools=calls,
            round_ms=Gauge(),
            rss_bytes=rss_bytes,
            wal_bytes=partial(wal_bytes, settings),
        )
        desk.hook_runs = HookRuns(desk)
        desk.hooks = Hooks(
            store=store,
            working_set=working_set,
            ledger=ledger,
            clock=clock,
            runs=desk.hook_runs,
            setbacks=setbacks,
        )
        desk.cron_runs = CronRuns(desk)
        desk.crons = Schedules(
            store=store,
            working_set=working_set,
            ledger=ledger,
            clock=clock,
            rng=rng,
            runs=desk.cron_runs,
            zone_of=zone_of,
            setbacks=setbacks,
        )
        news.desk = desk
        desk.reception.on_fan_out = news.tasks.look_at
        configured.follow = desk.enrolment.follow
        parts = cls(desk, settings, news)
        parts._hands = hands
        parts._blobs = BlobKeeper(
            store, shelf, clock, keeping, setbacks, keep_days=settings.artifacts_keep_days
        )
        fleet.equip(
            store=store,
            working_set=working_set,
            ledger=ledger,
            attempts=attempts,
            gathering=gathering,
            registrar=Registrar(settings, working_set, ledger, clock),
            clock=clock,
            rng=rng,
            loops_of=parts.loops_of,
            look_of=parts.look_of,
            gather_s=GATHER * settings.company_s,
        )
        return parts

    def start_loops(
        self, tasks: asyncio.TaskGroup, door: socket.socket | None
    ) -> Sequence["asyncio.Task[None]"]:
        """Set everything in motion; each loop is started again if it breaks.

        Args:
            tasks: Their parent.
            door: Where clients come in; None if none do.
        """
        desk = self.desk
        dispatch = self._dispatch()
        promote = Promote(
            store=desk.store, ledger=desk.ledger, clock=desk.clock, wake=self.promote_wake
        )
        loops: dict[str, Loop] = {
            "dispatch": dispatch.run,
            "promote": promote.run,
            "arrays": desk.arrays.run,
            "flows": desk.flows.run,
            "crons": desk.crons.run,
            "hooks": desk.hooks.run,
            "blobs": self._blobs.run,
            "batches": desk.reception.undropped.run,
            "recall": partial(desk.past_hour.recall, desk.store),
            "record": partial(record, self.histories, desk.clock),
            "reload": partial(reload_on, self.reload_wake, desk),
            "sweep leases": partial(
                sweep_leases,
                store=desk.store,
                working_set=desk.working_set,
                ledger=desk.ledger,
                attempts=desk.attempts,
                clock=desk.clock,
                times=self._lease,
            ),
            "departures": desk.enrolment.see_off,
            "judge": partial(judge_workers, desk.attempts.trust, desk.ledger, desk.clock),
        }
        if door is not None:
            loops["door"] = partial(serve, desk, door)
        desk.fleet.start(tasks)
        return [
            tasks.create_task(keep_running(name, loop, desk.clock), name=name)
            for name, loop in loops.items()
        ]

    async def stop_loops(self, loops: Sequence["asyncio.Task[None]"]) -> None:
        """End all that `start_loops` has set in motion, and wait until it has ended."""
        for loop in loops:
            loop.cancel()
        await asyncio.wait(loops)
        await self.desk.fleet.rest()
        with suppress(EngineError):  # else the order of the last uses is lost, and no blob
            await self._blobs.write_down()
        self._hands.close()

    def loops_of(self, name: str, backend: Backend) -> dict[str, Loop]:
        """The loops that a worker needs besides its link."""
        desk = self.desk
        return {
            "observe": partial(observe_ends, backend, desk.attempts, desk.clock),
            "collect": Collecting(
                backend=backend,
                worker=name,
                attempts=desk.attempts,
                clock=desk.clock,
                early=partial(desk.gathering.early, backend, name),
                recheck=self._reuse.recheck,
                setbacks=desk.setbacks,
            ).run,
            "gather": partial(
                desk.gathering.run, backend, name, partial(desk.fleet.gathered, name)
            ),
            "renew": partial(
                renew_leases,
                backend,
                name,
                store=desk.store,
                working_set=desk.working_set,
                ledger=desk.ledger,
                attempts=desk.attempts,
                clock=desk.clock,
                times=self._lease,
            ),
            "logs": partial(
                watch_logs, backend, name, desk.working_set, desk.ledger, desk.clock
            ),
        }

    def look_of(self, name: str, backend: Backend) -> Look:
        """How a worker's host, and what its attempts use, are looked at."""
        desk = self.desk
        return Looks(
            backend,
            name,
            working_set=desk.working_set,
            ledger=desk.ledger,
            histories=self.histories,
            on_change=self.dispatch_wake.knock,
        ).look

    def _dispatch(self) -> Dispatch:
        desk = self.desk
        return Dispatch(
            store=desk.store,
            working_set=desk.working_set,
            ledger=desk.ledger,
            attempts=desk.attempts,
            orders=self._orders,
            reuse=self._reuse,
            supplies=Supplies(desk.shelf),
            backends=desk.backends,
            clock=desk.clock,
            wake=self.dispatch_wake,
            round_ms=desk.round_ms,
        )


def _apply(
    working_set: WorkingSet, submissions: Submissions, news: News, config: Config
) -> None:
    """Have everything go by a configuration from now on, at one instant."""
    working_set.set_rules(config.rules)
    submissions.retry = config.retry
    news.rules_changed()
