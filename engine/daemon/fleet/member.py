"""Member: one worker of the fleet, its backend, and the loops that look after it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.backends.making import Driver
from engine.backends.protocol import HostFacts
from engine.clock import Clock
from engine.config import WorkerRules
from engine.loops.link import Linking
from engine.loops.observe import Tidy
from engine.loops.supervisor import keep_running

Loop = Callable[[], Awaitable[None]]


class Origin(StrEnum):
    """Where a worker is defined."""

    CONFIG = "config"
    COMMAND = "command"
    GONE = "gone"  # nowhere any more; it only ends what it runs


@dataclass(slots=True, kw_only=True)
class Member:
    """One worker, for as long as it belongs to the fleet."""

    name: str
    origin: Origin
    rules: WorkerRules
    driver: Driver
    tidy: Tidy
    linking: Linking
    facts: HostFacts | None = None
    """What its host said last."""
    successor: WorkerRules | None = None
    """How it is to be reached once nothing runs any more where it is reached now."""
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    @property
    def is_leaving(self) -> bool:
        """Whether it is only here to end what it runs."""
        return self.origin is Origin.GONE or self.successor is not None

    def start(self, loops: Mapping[str, Loop], tasks: asyncio.TaskGroup, clock: Clock) -> None:
        """Set its loops in motion; one that breaks is started again, however often."""
        for name, loop in {"link": self.linking.run, "tidy": self.tidy.run, **loops}.items():
            called = f"{name} {self.name}"
            kept = keep_running(called, loop, clock, for_ever=True)
            self._tasks.append(tasks.create_task(kept, name=called))

    async def rest(self) -> None:
        """End its loops, and wait until they have."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
