"""Mock: attempts that are only said to run, for tests of what stands above backends.

What each does is told by its command: `succeed`, `fail 3`, `hang`, `lose`, `refuse`, with
`WORD after 2.5` for what takes its time; any other word is a command that succeeds at once.
Time is its clock's, so that a manual one makes hours pass at once. Its history says what it
was asked. `MockHost` is the machine: it outlives the backends of daemons that come and go.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.backends.mock_host import LIVE, MockHost, Play, Script, ended, played, words_of
from engine.backends.protocol import Chunk, HostFacts, HostState, Order, Report
from engine.clock import Clock
from engine.errors import StaleEpoch, StartFailed, Unreachable
from engine.model.ids import AttemptId, Epoch
from engine.model.resources import Resources
from engine.model.sight import Sight, Usage
from engine.runner.log_search import Found, Wanted


class MockBackend:
    """Keeps the protocol Backend towards a machine that is not there."""

    def __init__(
        self, clock: Clock, script: Script | None = None, host: MockHost | None = None
    ) -> None:
        """Start nothing.

        Args:
            clock: Its time.
            script: How it behaves; None: at once, and well.
            host: The machine, if it has been there before; None: a new one.
        """
        self._clock = clock
        self.host = host or MockHost(script or Script())
        self._watched: set[AttemptId] = set()
        self._is_connected = False

    async def hello(self, epoch: Epoch) -> HostFacts:
        self._ask("hello", must_be_connected=False)
        self._must_be_new(epoch)
        self.host.epoch = epoch
        self._is_connected = True
        script = self.host.script
        capacity = Resources(cpu_milli=script.cpus * 1000, memory_mb=script.memory_mb)
        return HostFacts(ident="mock", capacity=capacity, epoch=epoch, system="Mock")

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        self._ask("start")
        for order in orders:
            self._must_be_new(order.epoch)
        if self.host.script.start_s:
            await self._clock.sleep(self.host.script.start_s)
        return [self._start(order) for order in orders]

    def _start(self, order: Order) -> Report | Exception:
        self.host.history.append(("started", order.attempt))
        play = self.host.plays.get(order.attempt)
        if play is None:
            words, after_s = words_of(order)
            if words[:1] == ["refuse"]:
                return StartFailed(f"{order.attempt} was refused, as it was told")
            play = self.host.plays[order.attempt] = played(order, words)
            if play.end is not None:
                play.ends_at_s = self._clock.monotonic() + after_s
        if play.report.state in LIVE:
            self._watched.add(order.attempt)
            self._settle()
        self.host.tell()
        return play.report

    async def ends(self) -> AsyncIterator[Report]:
        while True:
            changed = self.host.changed
            self._settle()
            for attempt in sorted(self._watched):
                report = self.host.plays[attempt].report
                if report.state not in LIVE:
                    self._watched.discard(attempt)
                    yield report
            await self._wait(changed)

    async def _wait(self, changed: asyncio.Event) -> None:
        """Until something changes, or the next end is due."""
        due = [p.ends_at_s for p in self.host.plays.values() if p.ends_at_s is not None]
        if not due:
            await changed.wait()
            return
        left_s = min(due) - self._clock.monotonic()
        if left_s > 0:
            async with asyncio.TaskGroup() as tasks:
                waits = {
                    tasks.create_task(changed.wait()),
                    tasks.create_task(self._clock.sleep(left_s)),
                }
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for wait in waits:
                    wait.cancel()

    def _settle(self) -> None:
        """End what is due by now."""
        now_s = self._clock.monotonic()
        for play in self.host.plays.values():
            if play.ends_at_s is not None and play.end is not None and play.ends_at_s <= now_s:
                play.report, play.ends_at_s = play.end, None

    async def adopt(self, attempts: Sequence[AttemptId]) -> list[Report]:
        self._ask("adopt")
        self._settle()
        for attempt in attempts:
            void = Report(attempt=attempt, state=HostState.VOID)
            play = self.host.plays.setdefault(attempt, Play(None, void))
            if play.report.state in LIVE:
                self._watched.add(attempt)
        self.host.tell()
        return [self.host.plays[attempt].report for attempt in attempts]

    async def foreign(self) -> list[Report]:
        self._ask("foreign")
        self._settle()
        plays = self.host.plays.values()
        return [p.report for p in plays if p.report.state is not HostState.GONE and p.order]

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Report:
        self._ask("stop", attempt, epoch)
        self._settle()
        play = self._of(attempt)
        if play.report.state in LIVE:
            number = 9 if signal == "KILL" else 15
            play.report = ended(attempt, signal=number, why="stop")
            play.ends_at_s = None
            self.host.tell()
        return play.report

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        self._ask("renew", None, epoch)
        self._settle()
        known = ((attempt, self.host.plays.get(attempt)) for attempt in attempts)
        return [attempt for attempt, play in known if play and play.report.state in LIVE]

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        self._ask("tail", attempt)
        play = self.host.plays.get(attempt)
        data = play.out if play and play.has_logs and stream == "out" else b""
        begin = max(0, len(data) + offset) if offset < 0 else min(offset, len(data))
        return Chunk(data=data[begin : begin + limit], offset=begin, size=len(data))

    async def find(
        self, attempt: AttemptId, stream: str, offset: int, length: int, wanted: Wanted
    ) -> Found:
        self._ask("find", attempt)
        size = (await self.tail(attempt, stream, 0, 0)).size
        return Found((), start=size, next=size, count=0, size=size, dropped=0)

    async def give(self, sha: str, source: Path) -> None:
        self._ask("give")

    async def trim_logs(self, attempt: AttemptId, cap_bytes: int) -> int:
        self._ask("trim_logs", attempt)
        return 0

    async def tidy(self, attempts: Sequence[AttemptId]) -> None:
        self._ask("tidy")
        for attempt in attempts:
            play = self.host.plays.get(attempt)
            if play and play.report.state not in LIVE:
                play.report = Report(attempt=attempt, state=HostState.GONE)

    async def forget(self, attempt: AttemptId, epoch: Epoch) -> None:
        self._ask("forget", attempt, epoch)
        play = self._of(attempt)
        play.report, play.has_logs = Report(attempt=attempt, state=HostState.GONE), False

    async def lost(self) -> str:
        while not self.host.unreachable:
            await self.host.changed.wait()
        self._is_connected = False
        return "the mock host was cut off"

    async def look(self) -> Sight:
        self._ask("look")
        return Sight(at=self._clock.now())

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        self._ask("usage")
        return {}

    async def hold_still(self, attempt: AttemptId, epoch: Epoch, *, clocks_too: bool) -> Report:
        self._ask("hold_still", attempt, epoch)
        play = self._of(attempt)
        play.report = replace(play.report, paused=True)
        return play.report

    async def go_on(self, attempt: AttemptId, epoch: Epoch) -> Report:
        self._ask("go_on", attempt, epoch)
        play = self._of(attempt)
        play.report = replace(play.report, paused=False)
        return play.report

    async def feed(
        self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool, piece: int = 0
    ) -> int:
        self._ask("feed", attempt, epoch)
        return len(data)

    async def close(self) -> None:
        self._is_connected = False

    def _of(self, attempt: AttemptId) -> Play:
        absent = Report(attempt=attempt, state=HostState.ABSENT)
        return self.host.plays.setdefault(attempt, Play(None, absent))

    def _ask(
        self,
        verb: str,
        attempt: AttemptId | None = None,
        epoch: Epoch | None = None,
        *,
        must_be_connected: bool = True,
    ) -> None:
        self.host.history.append((verb, attempt))
        if self.host.unreachable or (must_be_connected and not self._is_connected):
            raise Unreachable("the mock host does not answer")
        if epoch is not None:
            self._must_be_new(epoch)

    def _must_be_new(self, epoch: Epoch) -> None:
        if epoch < self.host.epoch:
            newest = self.host.epoch
            raise StaleEpoch(f"epoch {newest} has been here", details={"newest": newest})
