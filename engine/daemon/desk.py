"""The desk: everything that a handler may use, and who is asking."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.artifacts.folder import Incoming
from engine.artifacts.shelf import Shelf
from engine.backends.protocol import Backend
from engine.clock import Clock
from engine.control.views import DaemonView
from engine.daemon.acts.account import Account
from engine.daemon.acts.accounts import Accounts
from engine.daemon.configured import Configured
from engine.daemon.cron_runs import CronRuns
from engine.daemon.fleet.enrolment import Enrolment
from engine.daemon.fleet.fleet import Fleet
from engine.daemon.flows.pictures import FlowPictures
from engine.daemon.hook_runs import HookRuns
from engine.daemon.intake.calls import Calls
from engine.daemon.intake.reception import Reception
from engine.daemon.past.hour import PastHour
from engine.daemon.pictures.minding import Minding
from engine.daemon.pictures.standings import Standings
from engine.errors import NotAllowed
from engine.ledger.attempts.attempts import Attempts
from engine.ledger.ledger import Ledger
from engine.ledger.memory.gauges import Gauge
from engine.ledger.memory.working_set import WorkingSet
from engine.ledger.rows.batch import Batch
from engine.ledger.rows.growth import Grower
from engine.ledger.setbacks import Setbacks
from engine.loops.arrays import Arrays
from engine.loops.fire_hooks import Hooks
from engine.loops.flows import Flows
from engine.loops.gather import Gathering
from engine.loops.schedule_cron import Schedules
from engine.store.protocol import Store
from engine.timeline import Timeline


@dataclass(slots=True, kw_only=True)
class Desk:
    """The parts of the running daemon."""

    store: Store
    working_set: WorkingSet
    ledger: Ledger
    attempts: Attempts
    reception: Reception
    timeline: Timeline
    backends: Mapping[str, Backend]
    """Those of the fleet."""
    fleet: Fleet
    enrolment: Enrolment
    clock: Clock
    state_dir: Path
    version: str
    pid: int
    started_at: int
    arrays: Arrays
    shelf: Shelf
    gathering: Gathering
    setbacks: Setbacks
    """What broke lately and was contained."""
    flows: Flows
    grower: Grower
    crons: Schedules = field(init=False)
    cron_runs: CronRuns = field(init=False)
    hooks: Hooks = field(init=False)
    hook_runs: HookRuns = field(init=False)
    tools: Calls
    stopping: asyncio.Event
    """Set to end the daemon; jobs go on."""
    configured: Configured
    round_ms: Gauge
    rss_bytes: Callable[[], int]
    wal_bytes: Callable[[], int]
    warnings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What could end jobs, by worker; sentences for people."""
    previews: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a preview is made: one at a time, for they take a whole core."""
    clients: int = 0
    trouble: str = ""
    """What keeps the daemon from working normally, in words; empty if nothing does."""
    flow_pictures: FlowPictures = field(default_factory=FlowPictures)
    standings: Standings = field(init=False)
    past_hour: PastHour = field(init=False)
    minding: Minding = field(default_factory=Minding)
    accounts: Accounts = field(init=False)
    """The acts of operators."""

    def __post_init__(self) -> None:
        self.standings = Standings(self.store, self.clock, self.timeline)
        backlog, head = self.working_set.backlog, self.timeline.head
        self.past_hour = PastHour(self.clock, self.round_ms, lambda: backlog.depths, head)
        self.timeline.listen(self.past_hour.hear)
        epoch = self.working_set.epoch
        self.accounts = Accounts(self.ledger, self.timeline, self.clock, epoch)

    def introduce(self) -> DaemonView:
        """The daemon as clients see it."""
        return DaemonView(
            pid=self.pid,
            epoch=self.working_set.epoch,
            version=self.version,
            state_dir=str(self.state_dir),
            started_at=self.started_at,
            granting=self.working_set.granting,
            trouble=self.trouble,
        )


@dataclass(slots=True, kw_only=True)
class Caller:
    """One connection: who is on it, and what it has begun."""

    user: str
    read_only: bool = False
    version: str = ""
    client: str = ""
    """What it is: `console`, `cli`, `python`; empty if it did not say."""
    account: Account = field(default_factory=Account)
    """Of the act that is being done for it."""
    batch: Batch | None = None
    """The bulk submission that is open on this connection."""
    upload: tuple[str, Incoming] | None = None
    """The blob that comes on this connection, by what it will be."""
    bulk: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Bulk requests are worked on in the order in which they came."""
    expected: Mapping[int, int] = field(default_factory=dict)
    """Versions of jobs that it has seen; what has changed since is not acted on."""
    sees_us_off: bool = False
    """It has asked us to stop, and its connection closes when the process has ended."""

    def must_act(self) -> None:
        """Let an act pass.

        Raises:
            NotAllowed: the connection was opened for reading only.
        """
        if self.read_only:
            raise NotAllowed("this connection is read-only; nothing was changed")
