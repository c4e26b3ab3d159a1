"""Attempts that belong to detached runners, on whatever host a shell can reach."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from engine.backends.bounds import words
from engine.backends.protocol import Chunk, HostCache, HostFacts, HostState, Order, Report
from engine.backends.shell import HostShell, Launch
from engine.clock import Clock
from engine.errors import (
    EngineError,
    InvalidSpec,
    LinkRefused,
    SpoolGone,
    StaleEpoch,
    StartFailed,
    Unreachable,
    UnusableState,
)
from engine.model.ids import AttemptId, Epoch
from engine.model.sight import Sight, Usage
from engine.model.workspaces import CLONE_BASE, Workspace
from engine.runner import faults
from engine.runner.log_search import Found, Wanted
from engine.runner.records import Status
from engine.runner.spec import Cache, Spec, render
from engine.runner.spec import Workspace as Checkout

T = TypeVar("T")

_LIVE = (HostState.STARTING, HostState.RUNNING, HostState.ORPHAN)
_UNDECIDED = (HostState.ABSENT, HostState.CLAIMED)
_LOOK_AGAIN_S = 1.0
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class DetachedBackend:
    """A worker whose attempts outlive us: each has a supervisor of its own on its host."""

    def __init__(self, shell: HostShell, clock: Clock, *, elsewhere: bool = False) -> None:
        """Touch nothing yet.

        Args:
            shell: Of its host.
            clock: Ours.
            elsewhere: Of a newer epoch its host may speak for itself alone: LinkRefused, and
                not StaleEpoch, which would stop us; the link counts as lost.
        """
        self._shell = shell
        self._clock = clock
        self._elsewhere = elsewhere
        self._is_outdated = asyncio.Event()
        self._epoch = self._asked = Epoch(0)
        self._limits = ""
        self._giving: dict[str, asyncio.Lock] = {}

    async def hello(self, epoch: Epoch) -> HostFacts:
        self._is_outdated.clear()
        self._asked = epoch
        try:
            facts = await self._shell.hello(epoch)
        except faults.UnusableError as error:
            raise UnusableState(str(error)) from error
        except faults.RunnerError as error:
            raise self._translated(error) from error
        self._epoch = epoch
        self._limits = facts.limits
        return facts

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        launches = [_launch(order, self._limits) for order in orders]
        ready = [launch for launch in launches if isinstance(launch, Launch)]
        begun = iter(await self._answer(self._shell.start(ready)))
        return [
            self._result(next(begun)) if isinstance(launch, Launch) else launch
            for launch in launches
        ]

    async def ends(self) -> AsyncIterator[Report]:
        while True:
            ended = await self._ended()
            for status in ended:
                if status.ended:
                    yield _report(status)
            await self._watch(ended)

    async def adopt(self, attempts: Sequence[AttemptId]) -> list[Report]:
        found = await self._answer(self._shell.status(attempts))
        undecided = [
            AttemptId(status.attempt) for status in found if status.state in _UNDECIDED
        ]
        decided = await self._answer(self._shell.void(undecided, self._epoch))
        known = {status.attempt: status for status in (*found, *decided)}
        await self._watch(known.values())
        return [_report(known[attempt]) for attempt in attempts]

    async def _watch(self, statuses: Iterable[Status]) -> None:
        live = [status for status in statuses if status.state in _LIVE]
        await self._answer(self._shell.watch(live))

    async def foreign(self) -> list[Report]:
        return [_report(status) for status in await self._answer(self._shell.statuses())]

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Report:
        stopping = self._shell.stop(attempt, epoch, grace_ms, signal)
        return _report(await self._answer(stopping))

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        return await self._answer(self._shell.renew(attempts, epoch))

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        return await self._answer(self._shell.tail(attempt, stream, offset, limit))

    async def find(
        self, attempt: AttemptId, stream: str, offset: int, length: int, wanted: Wanted
    ) -> Found:
        return await self._answer(self._shell.find(attempt, stream, offset, length, wanted))

    async def trim_logs(self, attempt: AttemptId, cap_bytes: int) -> int:
        return await self._answer(self._shell.trim(attempt, cap_bytes))

    async def tidy(self, attempts: Sequence[AttemptId]) -> None:
        await self._answer(self._shell.tidy(attempts))

    async def forget(self, attempt: AttemptId, epoch: Epoch) -> None:
        await self._answer(self._shell.gc(attempt, epoch))

    async def lost(self) -> str:
        async with asyncio.TaskGroup() as tasks:
            breaking = tasks.create_task(self._shell.lost())
            outdated = tasks.create_task(self._is_outdated.wait())
            await asyncio.wait({breaking, outdated}, return_when=asyncio.FIRST_COMPLETED)
            why = breaking.result() if breaking.done() else "a newer daemon has been there"
            breaking.cancel()
            outdated.cancel()
        return why

    async def look(self) -> Sight:
        return await self._answer(self._shell.look())

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        return await self._answer(self._shell.usage(attempts))

    async def hold_still(self, attempt: AttemptId, epoch: Epoch, *, clocks_too: bool) -> Report:
        pausing = self._shell.pause(attempt, epoch, clocks_too=clocks_too)
        return _report(await self._answer(pausing))

    async def go_on(self, attempt: AttemptId, epoch: Epoch) -> Report:
        return _report(await self._answer(self._shell.resume(attempt, epoch)))

    async def feed(
        self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool, piece: int = 0
    ) -> int:
        feeding = self._shell.feed(attempt, epoch, data, end=end, piece=piece)
        return await self._answer(feeding)

    async def give(self, sha: str, source: Path) -> None:
        async with self._giving.setdefault(sha, asyncio.Lock()):
            await self._answer(self._shell.give(sha, source))
        self._giving.pop(sha, None)

    async def close(self) -> None:
        await self._shell.close()

    async def _ended(self) -> list[Status]:
        while True:
            try:
                return await self._answer(self._shell.ended())
            except (Unreachable, LinkRefused):
                await self._clock.sleep(_LOOK_AGAIN_S)

    async def _answer(self, answer: Awaitable[T]) -> T:
        """Of the shell, with the runner's errors told in the engine's words."""
        try:
            return await answer
        except faults.RunnerError as error:
            raise self._translated(error) from error

    def _result(self, begun: Status | faults.RunnerError) -> Report | Exception:
        if isinstance(begun, faults.RunnerError):
            return self._translated(begun)
        return _report(begun)

    def _translated(self, error: faults.RunnerError) -> EngineError:
        if self._elsewhere and isinstance(error, faults.StaleError):
            self._is_outdated.set()
            return _outdated(error.newest, self._asked)
        return _translated(error)


def _outdated(newest: int, ours: int) -> LinkRefused:
    found = (
        f"another daemon of epoch {newest} is there, which is ours too: this state was copied"
        if newest == ours
        else f"a daemon of epoch {newest} has been there, and ours is older: this state was "
        "restored from an old copy"
    )
    return LinkRefused(
        f"{found}, or another daemon uses that spool. Give this worker a `spool` of its own",
        details={"newest": newest},
    )


def _translated(error: faults.RunnerError) -> EngineError:
    match error:
        case faults.StaleError():
            return StaleEpoch(str(error), details={"newest": error.newest})
        case faults.UnusableError():
            return SpoolGone(str(error))
        case faults.BadRequestError():
            return InvalidSpec(str(error))
        case _:
            return StartFailed(str(error))


def _launch(order: Order, limits: str) -> Launch | Report:
    """What to send to the host; the report, if no process could ever be made of it."""
    gate = order.gate
    spec = Spec(
        argv=_argv(order.argv, order.shell),
        gate=() if gate is None else _argv(gate.argv, gate.shell),
        gate_within=words(limits, f"{order.attempt}-gate", order.memory_mb, order.cpu_milli),
        cwd=order.cwd,
        env=order.env,
        stdin=order.stdin,
        open_stdin=order.open_stdin,
        tmux=order.tmux,
        soft_ms=order.soft_ms,
        hard_ms=order.hard_ms,
        grace_ms=order.grace_ms,
        lease_ms=order.lease_ms,
        log_stop_bytes=order.log_stop_bytes,
        max_tokens=order.max_tokens,
        memory_mb=order.memory_mb or None,
        within=words(limits, order.attempt, order.memory_mb, order.cpu_milli),
        workspace=_workspace(order.workspace),
        context=order.context,
        wants_result=order.wants_result,
        frozen=order.frozen,
        outputs=order.outputs,
        outputs_max_bytes=order.outputs_max_bytes,
        caches=[_cache(one) for one in order.caches],
        caches_max_kb=order.caches_max_bytes // 1024,
    )
    try:
        script = render(spec)
    except faults.BadRequestError as error:
        return Report(
            attempt=order.attempt,
            state=HostState.EXITED,
            why="nospawn",
            message=str(error),
        )
    return Launch(
        attempt=order.attempt,
        epoch=order.epoch,
        spec=script,
        lease=order.lease_ms is not None,
    )


def _argv(argv: tuple[str, ...], shell: str | None) -> tuple[str, ...]:
    return argv if shell is None else ("/bin/sh", "-c", shell)


def _cache(asked: HostCache) -> Cache:
    return Cache(name=asked.name, path=asked.path, key=asked.key, files=asked.files)


def _workspace(asked: Workspace | None) -> Checkout | None:
    if asked is None:
        return None
    return Checkout(
        repo=asked.repo,
        revision=asked.revision,
        base=asked.base or CLONE_BASE,
        keep=asked.keep.value,
    )


def _report(status: Status) -> Report:
    revision = status.message if _COMMIT.fullmatch(status.message) else ""
    return Report(
        attempt=AttemptId(status.attempt),
        state=HostState(status.state),
        pid=status.pid,
        pid_start=status.pid_start,
        ident=status.ident,
        code=status.code,
        signal=status.signal,
        why=status.why,
        message="" if revision else status.message,
        revision=revision,
        softened=status.softened,
        paused=status.paused,
        began_ms=status.began_ms,
        ended_ms=status.ended_ms,
    )
