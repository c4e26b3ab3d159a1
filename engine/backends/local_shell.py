"""The runner's verbs on this machine, by plain system calls."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from engine.backends import log_reading
from engine.backends.local_looks import LocalLooks
from engine.backends.protocol import Chunk, HostFacts
from engine.backends.shell import Launch
from engine.errors import Unreachable
from engine.model.ids import AttemptId, Epoch
from engine.model.resources import Resources
from engine.model.sight import Sight, Usage
from engine.runner import (
    blobs,
    bounds,
    feeding,
    host_facts,
    identity,
    log_search,
    logs,
    machine,
    pausing,
    starting,
    verbs,
)
from engine.runner.answers import Answers
from engine.runner.exits import Exits, ours
from engine.runner.faults import RunnerError, TakenError
from engine.runner.log_search import Found, Wanted
from engine.runner.records import Status
from engine.runner.spool import Spool
from engine.runner.starting import Begun
from engine.runner.supervisors import keep_descriptors, keeper, stop
from engine.runner.verdicts import Verdicts

T = TypeVar("T")

FIND_AT_ONCE = 1024 * 1024
"""Bytes of a log that are searched before a start gets its turn at the disk."""

TIDY_AT_ONCE = 3
"""Attempts that are cleaned up before a start gets its turn at the disk."""


@dataclass(frozen=True, slots=True)
class _Expected:
    """An attempt whose supervisor is about to answer."""

    begun: Begun
    answer: asyncio.Future[str]


class LocalShell:
    """Executes verbs on a spool of this machine; disks are waited for in one thread."""

    def __init__(self, root: Path, sh: str = "/bin/sh") -> None:
        """Touch nothing yet; `hello` prepares the spool.

        Args:
            root: Absolute path of the spool, on a local disk.
            sh: The shell that runs the runner's own scripts.
        """
        self._spool = Spool(root)
        self._sh = sh
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._bulk = ThreadPoolExecutor(1, thread_name_prefix="blobs")
        self._looks = LocalLooks(self._spool)
        self._session = ""
        self._ended: list[AttemptId] = []
        self._something_ended = asyncio.Event()
        self._verdicts = Verdicts()

    async def hello(self, epoch: Epoch) -> HostFacts:
        loop = asyncio.get_running_loop()
        if not self._session:
            keep_descriptors()
            self._session = host_facts.session_maker()
            self._answers = Answers()
            self._exits = Exits()
            loop.add_reader(self._answers.fileno(), self._answers.read)
            loop.add_reader(self._exits.fileno(), self._exits.take)
        return await self._on_disk(self._prepare, epoch)

    async def start(self, launches: Sequence[Launch]) -> list[Status | RunnerError]:
        spawned = await self._on_disk(self._launch_all, launches)
        expected = [
            self._follow(begun) if isinstance(begun, Begun) else begun for begun in spawned
        ]
        return [
            await self._outcome(launch, one)
            for launch, one in zip(launches, expected, strict=True)
        ]

    async def status(self, attempts: Sequence[AttemptId]) -> list[Status]:
        return await self._on_disk(self._each, partial(verbs.status, self._spool), attempts)

    async def statuses(self) -> list[Status]:
        return await self._on_disk(verbs.statuses, self._spool)

    async def void(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[Status]:
        void = partial(verbs.void, self._spool, epoch=epoch)
        return await self._on_disk(self._each, void, attempts)

    async def watch(self, statuses: Sequence[Status]) -> None:
        for status in statuses:
            attempt = AttemptId(status.attempt)
            pid, is_it = keeper(self._spool, status)
            if not pid or not self._exits.watch(pid, is_it, partial(self._on_end, attempt)):
                self._on_end(attempt)

    async def ended(self) -> list[Status]:
        await self._something_ended.wait()
        self._something_ended.clear()
        ended, self._ended = self._ended, []
        found = {attempt: self._exit_of(attempt) for attempt in ended}
        unclear = [attempt for attempt, status in found.items() if status is None]
        clear = [status for status in found.values() if status is not None]
        if not unclear:
            return clear
        try:
            return clear + await self.status(unclear)
        except Unreachable:
            self._note_ended(*unclear)
            if not clear:
                raise
            return clear

    def _exit_of(self, attempt: AttemptId) -> Status | None:
        return self._verdicts.exit_of(self._spool.folder(attempt), attempt)

    def _note_ended(self, *attempts: AttemptId) -> None:
        self._ended.extend(attempts)
        self._something_ended.set()

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Status:
        stopping = partial(stop, sh=self._sh, signal_name=signal, grace_ms=grace_ms)
        now, pid = await self._on_disk(stopping, self._spool, attempt, epoch)
        if pid is not None:
            self._exits.watch(pid, ours, _reaped)
        return now

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        return await self._on_disk(self._renew, attempts, epoch)

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        piece = await self._on_disk(self._read_piece, attempt, stream, offset, limit)
        return Chunk(
            data=piece.data, offset=piece.offset, size=piece.size, dropped=piece.dropped
        )

    async def find(
        self, attempt: AttemptId, stream: str, offset: int, length: int, wanted: Wanted
    ) -> Found:
        at_once = partial(self._on_disk, self._find, attempt, stream)
        return await log_reading.find_in_steps(at_once, offset, length, FIND_AT_ONCE, wanted)

    async def trim(self, attempt: AttemptId, cap_bytes: int) -> int:
        return await self._on_disk(self._trim, attempt, cap_bytes)

    async def tidy(self, attempts: Sequence[AttemptId]) -> None:
        for begin in range(0, len(attempts), TIDY_AT_ONCE):
            some = attempts[begin : begin + TIDY_AT_ONCE]
            await self._on_disk(self._each, partial(verbs.tidy, self._spool), some)

    async def gc(self, attempt: AttemptId, epoch: Epoch) -> None:
        await self._on_disk(verbs.gc, self._spool, attempt, epoch)

    async def lost(self) -> str:
        await asyncio.Event().wait()
        return ""

    async def look(self) -> Sight:
        return await self._looks.look()

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        return await self._looks.usage(attempts)

    async def pause(self, attempt: AttemptId, epoch: Epoch, *, clocks_too: bool) -> Status:
        pause = partial(pausing.pause, clocks_too=clocks_too, sh=self._sh)
        return await self._on_disk(pause, self._spool, attempt, epoch)

    async def resume(self, attempt: AttemptId, epoch: Epoch) -> Status:
        resuming = partial(pausing.resume, sh=self._sh)
        return await self._on_disk(resuming, self._spool, attempt, epoch)

    async def feed(
        self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool, piece: int = 0
    ) -> int:
        feed = partial(feeding.feed, end=end, piece=piece)
        return await self._on_disk(feed, self._spool, attempt, epoch, data)

    async def give(self, sha: str, source: Path) -> None:
        await self._in_thread(self._bulk, blobs.take, self._spool, sha, source)

    async def close(self) -> None:
        if self._session:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._answers.fileno())
            loop.remove_reader(self._exits.fileno())
            self._answers.close()
            self._exits.close()
            self._session = ""
        self._looks.close()
        self._disk.shutdown()
        self._bulk.shutdown()

    async def _on_disk(self, work: Callable[..., T], *args: object) -> T:
        """The result of `work`, done in the one thread that may wait for a disk."""
        return await self._in_thread(self._disk, work, *args)

    async def _in_thread(
        self, thread: ThreadPoolExecutor, work: Callable[..., T], *args: object
    ) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(thread, work, *args)
        except OSError as error:
            raise Unreachable(
                f"the spool {self._spool.root} does not answer: {error}"
            ) from error

    def _prepare(self, epoch: Epoch) -> HostFacts:
        self._spool.prepare()
        self._spool.fence(epoch)
        self._spool.meet()
        blobs.expire(self._spool)
        return HostFacts(
            ident=identity.ident(),
            capacity=Resources(
                cpu_milli=machine.cores() * 1000,
                memory_mb=machine.memory_mb(),
                storage_mb=machine.disk_free_mb(self._spool.root),
            ),
            epoch=Epoch(self._spool.newest_epoch()),
            capabilities=host_facts.capabilities(),
            warnings=host_facts.warnings(),
            limits=bounds.level(),
        )

    def _launch_all(self, launches: Sequence[Launch]) -> list[Begun | RunnerError]:
        return [self._launch(launch) for launch in launches]

    def _launch(self, launch: Launch) -> Begun | RunnerError:
        """Claim and spawn; the error, if that cannot be."""
        try:
            return starting.begin(
                self._spool,
                launch.attempt,
                launch.epoch,
                launch.spec,
                lease=launch.lease,
                sh=self._sh,
                session=self._session,
                answer=self._answers.writer,
            )
        except RunnerError as error:
            return error

    def _follow(self, begun: Begun) -> _Expected:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers.expect(begun.attempt, answer)
        on_end = partial(self._on_end, AttemptId(begun.attempt))
        if not self._exits.watch(begun.owner, ours, on_end):
            on_end()
        return _Expected(begun, answer)

    async def _outcome(
        self, launch: Launch, expected: _Expected | RunnerError
    ) -> Status | RunnerError:
        if isinstance(expected, TakenError):
            return (await self.status([launch.attempt]))[0]
        if isinstance(expected, RunnerError):
            return expected
        answer = await expected.answer
        if status := starting.started(expected.begun, answer):
            return status
        return await self._on_disk(self._not_started, expected.begun, answer)

    def _not_started(self, begun: Begun, answer: str) -> Status | RunnerError:
        try:
            return starting.not_started(self._spool, begun, answer)
        except RunnerError as error:
            return error

    def _on_end(self, attempt: AttemptId) -> None:
        if self._answers.hang_up(attempt):
            self._note_ended(attempt)

    def _renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        self._spool.check_epoch(epoch)
        return [attempt for attempt in attempts if verbs.renew(self._spool, attempt)]

    def _read_piece(self, attempt: str, stream: str, offset: int, limit: int) -> logs.Piece:
        return logs.read_piece(verbs.log_folder(self._spool, attempt), stream, offset, limit)

    def _find(
        self, attempt: str, stream: str, offset: int, length: int, wanted: Wanted
    ) -> Found:
        folder = verbs.log_folder(self._spool, attempt)
        return log_search.search(folder, stream, offset, length, wanted)

    def _trim(self, attempt: AttemptId, cap_bytes: int) -> int:
        folder = verbs.log_folder(self._spool, attempt)
        return sum(logs.trim(folder, stream, cap_bytes) for stream in logs.STREAMS)

    @staticmethod
    def _each(verb: Callable[[str], T], attempts: Sequence[AttemptId]) -> list[T]:
        return [verb(attempt) for attempt in attempts]


def _reaped() -> None:
    """What ends jobs has done its work; nobody waits for it."""
