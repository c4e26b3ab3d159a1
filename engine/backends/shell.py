"""HostShell: executes the verbs of the runner on one host."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.backends.protocol import Chunk, HostFacts
from engine.model.ids import AttemptId, Epoch
from engine.model.sight import Sight, Usage
from engine.runner.faults import RunnerError
from engine.runner.log_search import Found, Wanted
from engine.runner.records import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """An attempt, ready to be received by a host."""

    attempt: AttemptId
    epoch: Epoch
    spec: bytes
    lease: bool = False
    """Whether it is to end unless renewed."""


class HostShell(Protocol):
    """The runner's verbs, in batches where they come in crowds.

    All raise Unreachable when the host gives no whole answer; then nothing is known, and the
    same verb may be repeated. StaleError: a newer epoch has been there.
    """

    async def hello(self, epoch: Epoch) -> HostFacts:
        """Prepare the spool, fence off older epochs, and say what the host is."""
        ...

    async def start(self, launches: Sequence[Launch]) -> list[Status | RunnerError]:
        """Start attempts and watch them; for each, in order, what became of it."""
        ...

    async def status(self, attempts: Sequence[AttemptId]) -> list[Status]: ...

    async def statuses(self) -> list[Status]:
        """Of every attempt that was not cleaned up."""
        ...

    async def void(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[Status]:
        """Make sure that those which have not started never do."""
        ...

    async def watch(self, statuses: Sequence[Status]) -> None:
        """From now on `ended` tells of these; of those that have ended since, at once."""
        ...

    async def ended(self) -> list[Status]:
        """Watched attempts whose supervisor is no more, or an orphan's job; waits for one.

        One that is still alive then has become an orphan, and may be watched again. After
        Unreachable ask again: no end is forgotten.
        """
        ...

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Status: ...

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]: ...

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk: ...

    async def find(
        self, attempt: AttemptId, stream: str, offset: int, length: int, wanted: Wanted
    ) -> Found: ...

    async def trim(self, attempt: AttemptId, cap_bytes: int) -> int: ...

    async def tidy(self, attempts: Sequence[AttemptId]) -> None: ...

    async def gc(self, attempt: AttemptId, epoch: Epoch) -> None: ...

    async def lost(self) -> str:
        """Wait until the link breaks; why. Never returns where there is none."""
        ...

    async def look(self) -> Sight: ...

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]: ...

    async def pause(self, attempt: AttemptId, epoch: Epoch, *, clocks_too: bool) -> Status: ...

    async def resume(self, attempt: AttemptId, epoch: Epoch) -> Status: ...

    async def feed(
        self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool, piece: int = 0
    ) -> int: ...

    async def give(self, sha: str, source: Path) -> None: ...

    async def close(self) -> None: ...
