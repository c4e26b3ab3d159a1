"""A whole engine in this process: real store, real loops, and hosts that tests play."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from engine.backends import log_reading
from engine.backends.making import Driver
from engine.backends.protocol import Chunk, HostFacts, HostState, Order, Report
from engine.clock import Clock, SystemClock
from engine.config import Config, Settings, WorkerRules
from engine.control import messages as ask
from engine.daemon.configured import Configured
from engine.daemon.desk import Caller, Desk
from engine.daemon.fleet.fleet import Fleet
from engine.daemon.handlers import ANSWERS
from engine.daemon.parts import Parts
from engine.errors import EngineError, LinkRefused, Unreachable
from engine.model.events import Event, EventType
from engine.model.ids import AttemptId, Epoch, JobId, Seq
from engine.model.job import Job
from engine.model.resources import Resources
from engine.model.sight import Sight, Usage
from engine.model.states import FINAL, State
from engine.runner.log_search import Found, Wanted
from engine.store.sqlite.store import SqliteStore


class FakeBackend:
    """A host of which the test says what happens on it. Attempts run until told to end."""

    def __init__(self, cpus: int = 4, gpus: int = 0) -> None:
        self.cpus = cpus
        self.gpus = gpus
        self.epoch = Epoch(0)
        self.orders: dict[AttemptId, Order] = {}
        self.reports: dict[AttemptId, Report] = {}
        self.stops: list[tuple[AttemptId, int, str]] = []
        self.tidied: list[AttemptId] = []
        self.refuse: EngineError | None = None
        """What `start` answers instead of starting."""
        self.refusals = 0
        self.silent: set[AttemptId] = set()
        """Attempts that are not proven to be alive."""
        self.ends_at_once: int | None = None
        """With which code everything ends before its start is reported."""
        self.logs: dict[AttemptId, bytes] = {}
        self.errors: dict[AttemptId, bytes] = {}
        """What they wrote to stderr."""
        self.results: dict[AttemptId, bytes] = {}
        self.notes: dict[AttemptId, bytes] = {}
        self.blobs: dict[str, bytes] = {}
        """What it was given."""
        self.outputs: dict[AttemptId, bytes] = {}
        self.ident = "host/boot/1"
        self.refuse_link: LinkRefused | None = None
        self.blind: LinkRefused | None = None
        """What every look is answered with, until the next `hello`."""
        """What keeps anybody from connecting, retried or not."""
        self.trusted: list[str] = []
        self.contacts: list[str] = []
        """What was asked of it, of `hello`, `adopt`, `look` and `close`, in order."""
        self.sight = Sight(at=0)
        self.is_closed = False
        self._ended: asyncio.Queue[Report] = asyncio.Queue()
        self._cut = ""
        self._broke = asyncio.Event()

    def cut(self, why: str = "no route") -> None:
        """The link breaks, and stays broken until `mend`."""
        self._cut = why
        self._broke.set()

    @property
    def is_cut(self) -> bool:
        """Whether it cannot be reached."""
        return bool(self._cut)

    def mend(self) -> None:
        """It can be reached again."""
        self._cut = ""

    def _reach(self, verb: str = "") -> None:
        if verb:
            self.contacts.append(verb)
        if self._cut:
            raise Unreachable(self._cut)

    async def trust(self, fingerprint: str) -> None:
        """Accept a key: whatever refused the link was that."""
        self._reach()
        self.trusted.append(fingerprint)
        self.refuse_link = None

    async def authorize(self, key: str, verbs: str | None) -> str:
        """The line, as a real host would have it, more or less."""
        self._reach()
        return f'command="/bin/sh door --verbs {verbs}",restrict {key}'

    async def hello(self, epoch: Epoch) -> HostFacts:
        self._reach("hello")
        if self.refuse_link is not None:
            raise self.refuse_link
        self._broke.clear()
        self.blind = None
        self.epoch = epoch
        capacity = Resources(cpu_milli=1000 * self.cpus, memory_mb=8000, gpu=self.gpus)
        return HostFacts(ident=self.ident, capacity=capacity, epoch=epoch)

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        self._reach()
        return [self._start(order) for order in orders]

    def _start(self, order: Order) -> Report | Exception:
        if self.refuse is not None:
            self.refusals += 1
            return self.refuse
        self.orders[order.attempt] = order
        state = HostState.RUNNING if self.ends_at_once is None else HostState.EXITED
        report = Report(
            attempt=order.attempt,
            state=state,
            pid=1000 + len(self.orders),
            pid_start="77",
            ident="host/boot/1",
            code=self.ends_at_once,
        )
        self.reports[order.attempt] = report
        return report

    def end(self, attempt: AttemptId, code: int | None = 0, **facts: object) -> None:
        """The attempt's process ends."""
        facts = {"state": HostState.EXITED, "code": code} | facts
        report = Report(attempt=attempt, **facts)  # type: ignore[arg-type]
        self.reports[attempt] = report
        self._ended.put_nowait(report)

    async def ends(self) -> AsyncIterator[Report]:
        while True:
            yield await self._ended.get()

    async def adopt(self, attempts: Sequence[AttemptId]) -> list[Report]:
        self._reach("adopt")
        void = [Report(attempt=attempt, state=HostState.VOID) for attempt in attempts]
        return [self.reports.get(report.attempt, report) for report in void]

    async def foreign(self) -> list[Report]:
        self._reach()
        return list(self.reports.values())

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Report:
        self._reach()
        self.stops.append((attempt, grace_ms, signal))
        absent = Report(attempt=attempt, state=HostState.ABSENT)
        return self.reports.get(attempt, absent)

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        self._reach()
        return [attempt for attempt in attempts if attempt not in self.silent]

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        self._reach()
        streams = {"out": self.logs, "err": self.errors, "result": self.results}
        streams |= {"outputs": self.outputs, "notes": self.notes}
        logs = streams.get(stream, {})
        data = logs.get(attempt, b"")
        begin = max(len(data) + offset, 0) if offset < 0 else min(offset, len(data))
        return Chunk(data=data[begin : begin + limit], offset=begin, size=len(data))

    async def find(
        self, attempt: AttemptId, stream: str, offset: int, length: int, wanted: Wanted
    ) -> Found:
        return await log_reading.find(self.tail, attempt, stream, offset, length, wanted)

    async def trim_logs(self, attempt: AttemptId, cap_bytes: int) -> int:
        return 0

    async def tidy(self, attempts: Sequence[AttemptId]) -> None:
        self._reach()
        self.tidied += attempts

    async def forget(self, attempt: AttemptId, epoch: Epoch) -> None:
        self.reports.pop(attempt, None)

    async def give(self, sha: str, source: Path) -> None:
        self._reach()
        self.blobs[sha] = source.read_bytes()

    async def lost(self) -> str:
        await self._broke.wait()
        return self._cut

    async def look(self) -> Sight:
        self._reach("look")
        if self.blind is not None:
            raise self.blind
        return self.sight

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        return {}

    async def hold_still(self, attempt: AttemptId, epoch: Epoch, *, clocks_too: bool) -> Report:
        self._reach()
        return self.stand(attempt, paused=True)

    async def go_on(self, attempt: AttemptId, epoch: Epoch) -> Report:
        self._reach()
        return self.stand(attempt, paused=False)

    def stand(self, attempt: AttemptId, *, paused: bool) -> Report:
        """The attempt's processes stand still, or go on."""
        self.reports[attempt] = replace(self.reports[attempt], paused=paused)
        return self.reports[attempt]

    async def feed(
        self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool, piece: int = 0
    ) -> int:
        return len(data)

    async def close(self) -> None:
        self.contacts.append("close")
        self.is_closed = True


class Engine:
    """The engine with one fake host, and short words for what tests do with it."""

    def __init__(self, parts: Parts, host: FakeBackend) -> None:
        self.parts = parts
        self.desk: Desk = parts.desk
        self.host = host
        self.caller = Caller(user="ana", version="test")

    async def ask(self, request: object) -> object:
        """What the daemon answers."""
        return await ANSWERS[type(request)](self.desk, self.caller, request)

    async def submit(self, *jobs: dict[str, object], **ways: object) -> list[JobId]:
        """Submit; the ids."""
        request = ask.Submit(jobs=tuple(jobs), **ways)  # type: ignore[arg-type]
        answer = await ANSWERS[ask.Submit](self.desk, self.caller, request)
        return [JobId(job.id) for job in answer.jobs]

    async def job(self, id_: JobId) -> Job:
        found = await self.desk.store.job(id_)
        assert found is not None
        return found

    async def until(self, *types: EventType, job: JobId | None = None) -> Event:
        """The first event of one of these types about this job, past or to come."""
        async with asyncio.timeout(60):
            async for event in self.desk.timeline.follow(Seq(0), job):
                if event.type in types:
                    return event
        raise AssertionError("the timeline ended")

    async def until_state(self, id_: JobId, *states: State) -> Job:
        """The job once it is in one of these states."""
        async with asyncio.timeout(60):
            head = self.desk.timeline.head
            job = await self.job(id_)
            if job.now.state in states:
                return job
            async for event in self.desk.timeline.follow(head, id_):
                job = await self.job(id_)
                if event.seq >= head and job.now.state in states:
                    return job
        raise AssertionError("the timeline ended")

    async def running(self, id_: JobId) -> AttemptId:
        """The attempt of the job, once it runs."""
        job = await self.until_state(id_, State.RUNNING, *FINAL)
        assert job.now.attempt is not None, f"#{id_} {job.now.state}"
        return job.now.attempt

    async def story(self, id_: JobId) -> list[str]:
        """The types of the job's events, in order."""
        events = await self.desk.store.events(Seq(0), 1000, job=id_)
        return [event.type.value for event in events]


def listeners(engine: Engine) -> int:
    """How many hear of every commit for a client: not those that always do."""
    return len(engine.desk.timeline._listeners - {engine.desk.past_hour.hear})


def _driver(hosts: dict[str, FakeBackend], name: str, _: WorkerRules) -> Driver:
    host = hosts.setdefault(name, FakeBackend())
    return Driver(host, host.trust, host.authorize)


@asynccontextmanager
async def an_engine(
    folder: Path,
    host: FakeBackend | None = None,
    *,
    clock: Clock | None = None,
    others: dict[str, FakeBackend] | None = None,
    config: Config | None = None,
    store_type: type[SqliteStore] = SqliteStore,
    **settings: float,
) -> AsyncIterator[Engine]:
    """An engine that runs until the block ends. The same folder again is a restart.

    `others` are the hosts of workers other than `local`, by name; who is configured or added
    and not among them gets a new one there.
    """
    others = {} if others is None else others
    clock = clock or SystemClock()
    host = host or FakeBackend()
    store = await store_type.open(folder / "crabtui.db", clock)
    told = Settings(state_dir=folder, **{"company_s": 0.0, **settings})  # type: ignore[arg-type]
    others["local"] = host
    configured = Configured(config or Config(settings=told))
    try:
        fleet = Fleet(partial(_driver, others))
        parts = await Parts.build(store, told, clock, fleet, configured)
        desk = parts.desk
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(desk.ledger.writer.run())
            await desk.enrolment.muster(configured.now)
            await desk.enrolment.greet()
            await desk.enrolment.take_over()
            desk.working_set.granting = True
            parts.dispatch_wake.knock()
            parts.promote_wake.knock()
            loops = parts.start_loops(tasks, None)
            yield Engine(parts, host)
            await parts.stop_loops(loops)
            desk.ledger.writer.finish()
    finally:
        await store.close()
