"""The runner's verbs on this machine, by plain system calls."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from signal import SIGKILL
from typing import TypeVar

from engine.backends import bounds, host_facts
from engine.backends.exits import Exits, ours
from engine.backends.protocol import Chunk, HostFacts
from engine.backends.shell import Launch
from engine.backends.supervisors import (
    Answers,
    keep_descriptors,
    spawn_ending,
    spawn_supervisor,
)
from engine.config.machine import measure
from engine.errors import Unreachable
from engine.model.ids import AttemptId, Epoch
from engine.model.sight import Sight, Usage
from engine.runner import identity, logs, memory, verbs
from engine.runner.faults import BadRequestError, NotStartedError, RunnerError, TakenError
from engine.runner.records import Status, read_exit
from engine.runner.spool import Spool

T = TypeVar("T")

TIDY_AT_ONCE = 3
"""Attempts that are cleaned up before a start gets its turn at the disk."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """A supervisor that was just started."""

    pid: int
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
        self._session = ""
        self._ended: list[AttemptId] = []
        self._something_ended = asyncio.Event()
        self._kernel_kills = memory.kernel_kills()

    async def hello(self, epoch: Epoch) -> HostFacts:
        loop = asyncio.get_running_loop()
        if not self._session:
            keep_descriptors()
            self._session = host_facts.session_maker()
            self._answers = Answers(loop)
            self._exits = Exits(loop)
        return await self._on_disk(self._prepare, epoch)

    async def start(self, launches: Sequence[Launch]) -> list[Status | RunnerError]:
        spawned = await self._on_disk(self._launch_all, launches)
        started = [
            self._follow(launch, pid) if isinstance(pid, int) else pid
            for launch, pid in zip(launches, spawned, strict=True)
        ]
        return [
            await self._outcome(launch, begun)
            for launch, begun in zip(launches, started, strict=True)
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
            pid, is_it = self._keeper(status)
            if not pid or not self._exits.watch(pid, is_it, partial(self._on_end, attempt)):
                self._on_end(attempt)

    def _keeper(self, status: Status) -> tuple[int | None, Callable[[], bool]]:
        """The process whose end is the attempt's end, and how to know it."""
        if status.state == "orphan" and status.pid:
            return status.pid, partial(identity.is_alive, status.pid, status.pid_start or "")
        folder = str(self._spool.folder(status.attempt))
        return status.owner, partial(identity.is_about, status.owner or 0, folder)

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
        folder = self._spool.folder(attempt)
        try:
            status = read_exit(folder, attempt)
        except OSError:
            return None
        if status is None or status.why is not None or status.code == 0:
            return status
        return replace(status, why="oom") if self._ran_out(folder, status) else status

    def _ran_out(self, folder: Path, status: Status) -> bool:
        """Whether it failed for want of memory. A kill by the kernel counts for one attempt."""
        if status.signal == SIGKILL and memory.kernel_kills() > self._kernel_kills:
            self._kernel_kills += 1
            return True
        return memory.complained(folder)

    def _note_ended(self, *attempts: AttemptId) -> None:
        self._ended.extend(attempts)
        self._something_ended.set()

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Status:
        now, pid = await self._on_disk(self._stop, attempt, epoch, grace_ms, signal)
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
        raise BadRequestError("this machine is not looked at")

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        raise BadRequestError("this machine is not looked at")

    async def pause(self, attempt: AttemptId, epoch: Epoch, *, clocks_too: bool) -> Status:
        raise BadRequestError("attempts here are not paused")

    async def resume(self, attempt: AttemptId, epoch: Epoch) -> Status:
        raise BadRequestError("attempts here are not paused")

    async def feed(self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool) -> int:
        raise BadRequestError("attempts here are not fed")

    async def close(self) -> None:
        if self._session:
            self._answers.close()
            self._exits.close()
            self._session = ""
        self._disk.shutdown()

    async def _on_disk(self, work: Callable[..., T], *args: object) -> T:
        """The result of `work`, done in the one thread that may wait for a disk."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._disk, work, *args)
        except OSError as error:
            raise Unreachable(
                f"the spool {self._spool.root} does not answer: {error}"
            ) from error

    def _prepare(self, epoch: Epoch) -> HostFacts:
        self._spool.prepare()
        self._spool.fence(epoch)
        return HostFacts(
            ident=identity.ident(),
            capacity=measure(self._spool.root),
            epoch=Epoch(self._spool.newest_epoch()),
            capabilities=host_facts.capabilities(),
            warnings=host_facts.warnings(),
            limits=bounds.level(),
        )

    def _launch_all(self, launches: Sequence[Launch]) -> list[int | RunnerError]:
        return [self._launch(launch) for launch in launches]

    def _launch(self, launch: Launch) -> int | RunnerError:
        """Claim and spawn: the supervisor's pid, or why there is none."""
        spool = self._spool
        try:
            folder = verbs.claim(spool, launch.attempt, launch.epoch, launch.spec, launch.lease)
            try:
                return spawn_supervisor(
                    spool,
                    folder,
                    launch.epoch,
                    sh=self._sh,
                    session=self._session,
                    answer=self._answers.writer,
                )
            except NotStartedError:
                verbs.unclaim(folder)
                raise
        except RunnerError as error:
            return error
        except OSError as error:
            return NotStartedError(f"the spool {spool.root} cannot be used: {error}")

    def _follow(self, launch: Launch, pid: int) -> _Begun:
        answer = self._answers.expect(launch.attempt)
        on_end = partial(self._on_end, launch.attempt)
        if not self._exits.watch(pid, ours, on_end):
            on_end()
        return _Begun(pid=pid, answer=answer)

    async def _outcome(
        self, launch: Launch, begun: _Begun | RunnerError
    ) -> Status | RunnerError:
        if isinstance(begun, TakenError):
            return (await self.status([launch.attempt]))[0]
        if isinstance(begun, RunnerError):
            return begun
        answer = await begun.answer
        match answer.split(" "):
            case ["STARTED", job, start]:
                return Status(
                    attempt=launch.attempt,
                    state="running",
                    pid=int(job),
                    pid_start=start,
                    ident=identity.ident(),
                    owner=begun.pid,
                )
        return await self._on_disk(self._unanswered, launch, answer)

    def _unanswered(self, launch: Launch, answer: str) -> Status | RunnerError:
        """What became of a supervisor that did not start its job."""
        now = verbs.status(self._spool, launch.attempt)
        if now.state in ("claimed", "void") and answer.startswith("ERR"):
            verbs.unclaim(self._spool.folder(launch.attempt))
            return NotStartedError(f"its supervisor gave up: {answer[4:]}")
        if now.state == "claimed":
            return verbs.void(self._spool, launch.attempt, launch.epoch)
        return now

    def _on_end(self, attempt: AttemptId) -> None:
        if self._answers.hang_up(attempt):
            self._note_ended(attempt)

    def _stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> tuple[Status, int | None]:
        """Its state, and the pid of what will end it."""
        now = verbs.reason(self._spool, attempt, epoch)
        if now.ended or now.state == "absent":
            return now, None
        folder = self._spool.folder(attempt)
        pid = spawn_ending(
            self._spool, folder, sh=self._sh, signal_name=signal, grace_ms=grace_ms
        )
        return now, pid

    def _renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        self._spool.fence(epoch)
        return [attempt for attempt in attempts if verbs.renew(self._spool, attempt)]

    def _read_piece(self, attempt: str, stream: str, offset: int, limit: int) -> logs.Piece:
        return logs.read_piece(verbs.log_folder(self._spool, attempt), stream, offset, limit)

    def _trim(self, attempt: AttemptId, cap_bytes: int) -> int:
        folder = verbs.log_folder(self._spool, attempt)
        return sum(logs.trim(folder, stream, cap_bytes) for stream in logs.STREAMS)

    @staticmethod
    def _each(verb: Callable[[str], T], attempts: Sequence[AttemptId]) -> list[T]:
        return [verb(attempt) for attempt in attempts]


def _reaped() -> None:
    """What ends jobs has done its work; nobody waits for it."""
