"""The parts of a daemon, built once from the settings and wired to each other."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from random import SystemRandom

import psutil

from engine.backends.protocol import Backend
from engine.clock import Clock
from engine.config import Config, Settings
from engine.control.messages import VERSION
from engine.daemon.configured import Configured
from engine.daemon.desk import Desk
from engine.daemon.door import serve
from engine.daemon.handlers.config import reload_on
from engine.daemon.leftovers import settle_spool
from engine.daemon.news import News
from engine.daemon.reception import Reception
from engine.ledger.attempts import Attempts
from engine.ledger.gauges import Gauge
from engine.ledger.ledger import Ledger
from engine.ledger.live import Live
from engine.ledger.orders import Orders
from engine.ledger.submission import Submissions
from engine.ledger.working_set import WorkingSet
from engine.ledger.writer import Writer
from engine.loops.arrays import Arrays
from engine.loops.dispatch import Dispatch
from engine.loops.lease_manager import renew_leases, sweep_leases
from engine.loops.observe import Tidy, observe_ends, watch_logs
from engine.loops.promote import Promote
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

    def __init__(self, desk: Desk, settings: Settings, news: News, tidies: list[Tidy]) -> None:
        self.desk = desk
        self.dispatch_wake = news.dispatch
        self.promote_wake = news.promote
        self.reload_wake = Wake()
        self._tidies = tidies
        self._lease = LeaseTimes(
            ttl_s=settings.lease_ttl_s,
            renew_s=settings.lease_renew_s,
            sweep_s=settings.lease_sweep_s,
        )
        self._orders = Orders(
            desk.store,
            state_dir=str(settings.state_dir),
            lease_ms=round(settings.lease_ttl_s * 1000),
        )

    @classmethod
    async def build(
        cls,
        store: Store,
        settings: Settings,
        clock: Clock,
        backends: Mapping[str, Backend],
        configured: Configured | None = None,
    ) -> "Parts":
        """Take the store over and build everything on it. Nothing runs yet.

        Args:
            store: Open.
            settings: Of this daemon.
            clock: Of everything.
            backends: By the name of the worker that each one drives.
            configured: All that was configured besides the settings; None: nothing was.
        """
        epoch = await store.take_over(clock.now())
        configured = configured or Configured(Config(settings=settings))
        working_set = WorkingSet(epoch)
        await working_set.load(store)
        timeline = Timeline(store, await store.head())
        rng = SystemRandom()
        gather_s = GATHER * settings.company_s
        tidies = [Tidy(one, name, clock, gather_s=gather_s) for name, one in backends.items()]
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
        configured.apply = partial(_apply, working_set, submissions, news)
        configured.apply(configured.now)
        attempts = Attempts(
            store=store,
            working_set=working_set,
            writer=writer,
            backends=backends,
            clock=clock,
            rng=rng,
            lease_ttl_s=settings.lease_ttl_s,
            on_room=news.dispatch.knock,
            on_ended=partial(_tidy, tidies),
        )
        desk = Desk(
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
            backends=backends,
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
                on_stopped=news.dispatch.knock,
            ),
            configured=configured,
            round_ms=Gauge(),
            rss_bytes=_rss_bytes,
            wal_bytes=partial(_wal_bytes, settings),
        )
        news.desk = desk
        return cls(desk, settings, news, tidies)

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
            "batches": desk.reception.undropped.run,
            "reload": partial(reload_on, self.reload_wake, desk),
            "sweep leases": partial(
                sweep_leases,
                store=desk.store,
                working_set=desk.working_set,
                ledger=desk.ledger,
                clock=desk.clock,
                times=self._lease,
            ),
        }
        if door is not None:
            loops["door"] = partial(serve, desk, door)
        for tidy in self._tidies:
            loops[f"tidy {tidy.worker}"] = tidy.run
            backend = desk.backends[tidy.worker]
            loops[f"leftovers {tidy.worker}"] = partial(settle_spool, backend, desk, tidy)
        for name, backend in desk.backends.items():
            loops |= self._loops_of(name, backend)
        return [
            tasks.create_task(keep_running(name, loop, desk.clock), name=name)
            for name, loop in loops.items()
        ]

    def _loops_of(self, name: str, backend: Backend) -> dict[str, Loop]:
        desk = self.desk
        return {
            f"observe {name}": partial(observe_ends, backend, desk.attempts),
            f"renew {name}": partial(
                renew_leases,
                backend,
                name,
                store=desk.store,
                working_set=desk.working_set,
                attempts=desk.attempts,
                clock=desk.clock,
                times=self._lease,
            ),
            f"logs {name}": partial(
                watch_logs, backend, name, desk.working_set, desk.ledger, desk.clock
            ),
        }

    def _dispatch(self) -> Dispatch:
        desk = self.desk
        return Dispatch(
            store=desk.store,
            working_set=desk.working_set,
            ledger=desk.ledger,
            attempts=desk.attempts,
            orders=self._orders,
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


def _tidy(tidies: Sequence[Tidy], live: Live) -> None:
    for tidy in tidies:
        tidy.add(live)


def _rss_bytes() -> int:
    return int(psutil.Process().memory_info().rss)


def _wal_bytes(settings: Settings) -> int:
    wal = settings.database.with_name(settings.database.name + "-wal")
    try:
        return wal.stat().st_size
    except FileNotFoundError:
        return 0
