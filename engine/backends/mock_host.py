"""The machine of the mock: what is said to run there, and what each attempt does."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from engine.backends.protocol import HostState, Order, Report
from engine.errors import InvalidSpec
from engine.model.ids import AttemptId, Epoch

NO_EPOCH: Final = Epoch(0)
LIVE: Final = (HostState.STARTING, HostState.RUNNING)


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a mock worker behaves, as its options say it."""

    cpus: int = 4
    memory_mb: int = 8_192
    slots: int | None = None
    start_s: float = 0.0
    """So long each start takes."""
    unreachable: bool = False
    """Nobody answers, until the host is told otherwise."""


def script_of(options: Mapping[str, Any]) -> Script:
    """The script that options say. Raises: InvalidSpec."""
    try:
        return msgspec.convert(dict(options), Script)
    except msgspec.ValidationError as error:
        raise InvalidSpec(f"options of a mock worker: {error}", field="options") from error


@dataclass(slots=True)
class Play:
    """One attempt."""

    order: Order | None
    report: Report
    ends_at_s: float | None = None
    """By the clock's monotonic time; None: it goes on until it is ended."""
    end: Report | None = None
    out: bytes = b""
    has_logs: bool = True


@dataclass(slots=True)
class MockHost:
    """A machine that only pretends; shared by backends that come one after the other."""

    script: Script = field(default_factory=Script)
    epoch: Epoch = NO_EPOCH
    plays: dict[AttemptId, Play] = field(default_factory=dict)
    history: list[tuple[str, AttemptId | None]] = field(default_factory=list)
    """Every verb that it was asked, with the attempt where it is about one."""
    unreachable: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.unreachable = self.script.unreachable

    def tell(self) -> None:
        """Have everybody look again at what there is."""
        self.changed.set()
        self.changed = asyncio.Event()

    def cut(self) -> None:
        """Nobody is answered from now on."""
        self.unreachable = True
        self.tell()

    def mend(self) -> None:
        """Whoever says `hello` is answered again."""
        self.unreachable = False
        self.tell()


def words_of(order: Order) -> tuple[list[str], float]:
    """What the command says it does, and after how many seconds it ends."""
    words = order.shell.split() if order.shell is not None else list(order.argv)
    if len(words) > 2 and words[-2] == "after":
        return words[:-2], float(words[-1])
    return words, 0.0


def played(order: Order, words: Sequence[str]) -> Play:
    """An attempt that does what these words say."""
    attempt = order.attempt
    running = Report(
        attempt=attempt, state=HostState.RUNNING, pid=1, pid_start="1", ident="mock"
    )
    match list(words):
        case ["hang", *_]:
            return Play(order, running)
        case ["lose", *_]:
            return Play(order, running, end=Report(attempt=attempt, state=HostState.LOST))
        case ["nospawn", *_]:
            message = "nospawn: it was told so"
            return Play(order, running, end=ended(attempt, why="nospawn", message=message))
        case ["fail", code, *_]:
            return Play(order, running, end=ended(attempt, code=int(code)))
        case ["fail"]:
            return Play(order, running, end=ended(attempt, code=1))
        case ["say", *said]:
            text = " ".join(said).encode() + b"\n"
            return Play(order, running, end=ended(attempt, code=0), out=text)
        case _:
            return Play(order, running, end=ended(attempt, code=0))


def ended(attempt: AttemptId, **how: Any) -> Report:
    """A report of an end."""
    return Report(attempt=attempt, state=HostState.EXITED, ident="mock", **how)
