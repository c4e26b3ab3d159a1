"""PoolBackend: a worker that runs calls of tools and stages on this machine."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import psutil

from engine.backends.pool.accepting import kind_of
from engine.backends.pool.leftovers import Book
from engine.backends.pool.logs import Folders, cut_stray
from engine.backends.pool.options import PoolOptions
from engine.backends.pool.pool import HARD_GRACE_S, IMPORT_S, Pool, Said
from engine.backends.pool.process import Process
from engine.backends.pool.running import Running
from engine.backends.pool.sizing import SHARED, size
from engine.backends.pool.sources import Sources, changed, sources
from engine.backends.pool.toolbox import Toolbox
from engine.backends.pool.usage import usages
from engine.backends.protocol import (
    Chunk,
    HostFacts,
    HostState,
    Order,
    Report,
)
from engine.clock import Clock
from engine.errors import Category, InvalidSpec, StaleEpoch, Unreachable
from engine.model.calls import STAGES, TOOLS, Call
from engine.model.ids import AttemptId, Epoch
from engine.model.outcome import Trouble
from engine.model.resources import Resources
from engine.model.sight import Sight, Usage
from engine.runner.log_search import Found, Wanted
from engine.tools.frames import Describe, Described
from engine.tools.staging import CHECK, DESCRIBE

T = TypeVar("T")

DESCRIBE_MS = 20_000
"""How long a stage may take to describe itself."""

CLOSE_S = 2.0
"""How long killed processes may take to be gone."""

DIMENSION = "tool_{}"
"""The named resource that calls of a kind take one of."""

_SIGNALS = {"TERM": 15, "INT": 2, "HUP": 1, "KILL": 9}


class PoolBackend:
    """Calls end with the daemon: what ran when it ended is reported as lost by the next one."""

    def __init__(
        self,
        worker: str,
        options: PoolOptions,
        folder: Path,
        clock: Clock,
        toolbox: Toolbox,
        environ: Mapping[str, str],
    ) -> None:
        """Touch nothing yet.

        Args:
            worker: Its name.
            options: Its modules and sizes.
            folder: For logs and processes; made by `hello`.
            clock: Ours.
            toolbox: Told what the tools are.
            environ: The environment of its processes.
        """
        self._worker = worker
        self._options = options
        self._folder = folder
        self._clock = clock
        self._toolbox = toolbox
        self._environ = dict(environ)
        self._logs = Folders(folder)
        self._book = Book(folder / "processes")
        self._cores = os.cpu_count() or 1
        self._most = options.most(self._cores)
        self._pool = Pool(self._spawn, clock, self._logs.of, self._most)
        self._epoch = Epoch(0)
        self._known: dict[AttemptId, Report] = {}
        """Ends that were not tidied yet."""
        self._sources: Sources = {}
        self._asked: dict[AttemptId, asyncio.Future[Report]] = {}
        """Who waits for what a stage says of itself."""
        self._questions = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pool")

    async def hello(self, epoch: Epoch) -> HostFacts:
        if epoch < self._epoch:
            raise StaleEpoch(f"epoch {self._epoch} has been here", details={"newest": epoch})
        if not self._epoch:
            await self._in_thread(self._prepare)
        self._epoch = epoch
        told = await self._described()
        self._toolbox.put(self._worker, told)
        return HostFacts(
            ident=f"pool-{epoch}",
            capacity=Resources(
                cpu_milli=self._cores * 1000,
                memory_mb=psutil.virtual_memory().total >> 20,
                custom=tuple(
                    sorted((DIMENSION.format(kind), most) for kind, most in self._most.items())
                ),
            ),
            epoch=epoch,
            warnings=tuple(
                f"tools of {module.name} cannot be called: {module.error}"
                for module in told.modules
                if module.error
            ),
            speaks="local",
            runs=(TOOLS, STAGES),
        )

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        taken: list[Running] = []
        answers = [self._taken(order, taken) for order in orders]
        self._pool.take(taken)
        return answers

    async def ends(self) -> AsyncIterator[Report]:
        pool = self._pool
        while True:
            while pool.ended:
                report = pool.ended.popleft()
                if asked := self._asked.pop(report.attempt, None):
                    if not asked.done():
                        asked.set_result(report)
                    continue
                self._known[report.attempt] = report
                yield report
            ahead = pool.ahead()
            self._toolbox.ahead[self._worker] = {
                DIMENSION.format(k): n for k, n in ahead.items()
            }
            due_s = pool.timers.next_s()
            if due_s is None:
                await pool.wake.wait()
            else:
                await pool.wake.wait_at_most(self._clock, due_s - self._clock.monotonic())
            pool.timers.run(self._clock.monotonic())

    async def adopt(self, attempts: Sequence[AttemptId]) -> list[Report]:
        return [self._found(attempt) or self._unknown(attempt) for attempt in attempts]

    async def foreign(self) -> list[Report]:
        return []

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Report:
        self._check(epoch)
        call = self._pool.running.get(attempt)
        if call is None:
            return self._found(attempt) or Report(attempt=attempt, state=HostState.ABSENT)
        self._pool.stop(call, "stop", grace_ms / 1000, _SIGNALS.get(signal, 15))
        return self._found(attempt) or call.report()

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        self._check(epoch)
        return [attempt for attempt in attempts if attempt in self._pool.running]

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        if stream not in ("out", "err"):
            return self._kept(attempt, stream, offset, limit)
        return await self._in_thread(self._logs.tail, attempt, stream, offset, limit)

    async def find(
        self, attempt: AttemptId, stream: str, offset: int, length: int, wanted: Wanted
    ) -> Found:
        return await self._in_thread(self._logs.find, attempt, stream, offset, length, wanted)

    async def trim_logs(self, attempt: AttemptId, cap_bytes: int) -> int:
        return await self._in_thread(self._logs.trim, attempt, cap_bytes)

    async def tidy(self, attempts: Sequence[AttemptId]) -> None:
        ended = [attempt for attempt in attempts if attempt not in self._pool.running]
        for attempt in ended:
            self._known.pop(attempt, None)
        await self._in_thread(self._logs.tidy, ended)

    async def forget(self, attempt: AttemptId, epoch: Epoch) -> None:
        self._check(epoch)
        self._known.pop(attempt, None)
        await self._in_thread(self._logs.forget, attempt)

    async def lost(self) -> str:
        await asyncio.Event().wait()
        return ""

    async def look(self) -> Sight:
        load = os.getloadavg()[0]
        per_core = load / self._cores
        self._pool.resize(
            {kind: size(kind, per_core, most) for kind, most in self._most.items()}
        )
        await self._end_those_that_say_too_much()
        await self._in_thread(cut_stray, self._folder / "stray")
        if await self._in_thread(self._has_changed):
            await self._describe_anew()
        return Sight(
            at=self._clock.now(),
            load=load,
            memory_free_mb=psutil.virtual_memory().available >> 20,
        )

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        pids = {
            attempt: call.process.pid
            for attempt in attempts
            if (call := self._pool.running.get(attempt)) is not None
            and call.process is not None
            and call.kind not in SHARED
        }
        return await self._in_thread(usages, pids, self._clock.now())

    async def hold_still(self, attempt: AttemptId, epoch: Epoch, *, clocks_too: bool) -> Report:
        self._check(epoch)
        call = self._alone(attempt)
        self._pool.pause(call, clocks_too=clocks_too)
        return call.report()

    async def go_on(self, attempt: AttemptId, epoch: Epoch) -> Report:
        self._check(epoch)
        call = self._alone(attempt)
        self._pool.go_on(call)
        return call.report()

    async def feed(
        self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool, piece: int = 0
    ) -> int:
        raise InvalidSpec(f"{attempt} is a call, which reads no input")

    async def give(self, sha: str, source: Path) -> None:
        raise InvalidSpec("calls run in no frozen tree")

    async def close(self) -> None:
        self._toolbox.ahead.pop(self._worker, None)
        self._pool.close()
        with suppress(TimeoutError):
            await self._clock.within(CLOSE_S, self._pool.wait_gone())
        self._thread.shutdown(wait=False)

    async def describe_stage(self, stage: str, opts: Mapping[str, Any], check: str) -> Report:
        """Have a stage describe itself for these options; how that went. Runs nothing."""
        self._questions += 1
        attempt = AttemptId(f"0-{self._questions}-{self._epoch}")
        context = {DESCRIBE: True, CHECK: check}
        order = Order(
            attempt=attempt,
            epoch=self._epoch,
            call=Call(stage=stage, args=dict(opts), context=context),
            hard_ms=DESCRIBE_MS,
        )
        asked = self._asked[attempt] = asyncio.get_running_loop().create_future()
        await self.start([order])
        try:
            report: Report = await asked
            return report
        finally:
            await self._in_thread(self._logs.forget, attempt)

    def _taken(self, order: Order, taken: list[Running]) -> Report | Exception:
        """What is said of an order at once; a call that is new is added to those to be run."""
        if order.epoch < self._epoch:
            return StaleEpoch("a newer daemon has been here", details={"newest": self._epoch})
        if known := self._found(order.attempt):
            return known
        if order.call is None:
            return InvalidSpec("a pool runs calls of tools and stages, and no commands")
        kind = kind_of(order.call, self._pool.described)
        call = Running(order=order, kind="io", pid=os.getpid())
        if isinstance(kind, Trouble):
            report = self._known[order.attempt] = call.not_run(kind)
            return report
        call.kind = kind
        taken.append(call)
        return call.report()

    def _found(self, attempt: AttemptId) -> Report | None:
        """What is known of an attempt; None: it was never heard of."""
        call = self._pool.running.get(attempt)
        if call is not None:
            return call.report()
        if attempt in self._known:
            return self._known[attempt]
        return next((one for one in self._pool.ended if one.attempt == attempt), None)

    def _unknown(self, attempt: AttemptId) -> Report:
        """One of this daemon was never sent, and will never run; an older one is lost."""
        if attempt.rpartition("-")[2] == str(self._epoch):
            report = Report(attempt=attempt, state=HostState.VOID)
            self._known[attempt] = report
            return report
        message = "the daemon that ran it has ended, and its calls have ended with it"
        trouble = Trouble(category=Category.LOST, code="lost", message=message)
        return Report(attempt=attempt, state=HostState.LOST, message=message, trouble=trouble)

    def _alone(self, attempt: AttemptId) -> Running:
        """A call that has a process to itself. Raises: InvalidSpec."""
        call = self._pool.running.get(attempt)
        if call is None or call.process is None:
            raise InvalidSpec(f"{attempt} is not running")
        if call.kind in SHARED:
            raise InvalidSpec(
                f"{attempt} shares its process with other calls, which would stand still too"
            )
        return call

    def _kept(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        """A piece of what a call came to; of anything else there is nothing."""
        report = self._found(attempt)
        data = (report.result or b"") if report and stream == "result" else b""
        start = min(max(offset if offset >= 0 else len(data) + offset, 0), len(data))
        return Chunk(data=data[start : start + limit], offset=start, size=len(data))

    def _check(self, epoch: Epoch) -> None:
        if epoch < self._epoch:
            raise StaleEpoch("a newer daemon has been here", details={"newest": self._epoch})

    def _prepare(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._book.end_all()

    def _spawn(self, role: str, said: Said, gone: Callable[[Process], None]) -> Process:
        """A process, told to import its modules."""
        process = Process(
            role,
            python=self._options.python,
            env=self._environ,
            folder=self._folder,
            said=said,
            gone=gone,
        )
        self._book.add(process.pid)
        process.tell(Describe(self._options.modules, self._options.path))
        return process

    async def _described(self) -> Described:
        """What modules have, imported anew. Raises: Unreachable, if they cannot be."""
        try:
            self._pool.describe()
        except OSError as error:
            raise Unreachable(f"the pool cannot make a process: {error}") from error
        try:
            told = await self._clock.within(IMPORT_S, self._wait_described())
        except TimeoutError:
            modules = ", ".join(self._options.modules)
            raise Unreachable(f"{modules}: not imported within {IMPORT_S:.0f} s") from None
        self._sources = sources(told)
        return told

    async def _wait_described(self) -> Described:
        while self._pool.described is None or not self._pool.is_told:
            await self._pool.told.wait()
            if not self._pool.is_told and not self._pool.is_importing:
                raise Unreachable(
                    f"its process ended while it imported {', '.join(self._options.modules)}; "
                    f"see {self._folder / 'stray'}"
                )
        return self._pool.described

    async def _end_those_that_say_too_much(self) -> None:
        caps = {
            call.id: call.order.log_stop_bytes
            for call in self._pool.running.values()
            if call.order.log_stop_bytes is not None
        }
        if not caps:
            return
        for id_ in await self._in_thread(self._logs.over, caps):
            if call := self._pool.running.get(id_):
                self._pool.stop(call, "logcap", HARD_GRACE_S, _SIGNALS["KILL"])

    def _has_changed(self) -> bool:
        """Whether a module's source is another one than that which was imported."""
        return changed(self._sources)

    async def _describe_anew(self) -> None:
        self._toolbox.put(self._worker, await self._described())

    async def _in_thread(self, work: Callable[..., T], *args: object) -> T:
        """The result of `work`, done in the one thread that may wait for a disk."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, partial(work, *args))
        except OSError as error:
            raise Unreachable(f"{self._folder} does not answer: {error}") from error
