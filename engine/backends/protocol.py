"""Backend: how attempts are started, watched, stopped and found again on one kind of worker."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from engine.model.calls import Call
from engine.model.checks import Check
from engine.model.ids import AttemptId, Epoch
from engine.model.job import COMMANDS
from engine.model.keeping import CACHES_MAX_BYTES, OUTPUTS_MAX_BYTES
from engine.model.outcome import Trouble
from engine.model.resources import Resources
from engine.model.sight import Sight, Usage
from engine.model.workspaces import Workspace
from engine.runner.log_search import Found, Wanted

RESULT_BYTES: Final = 256 * 1024
"""The most that a result may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCache:
    """A path below the job's folder that a host keeps from attempt to attempt."""

    name: str
    path: str
    key: str = ""
    """What it is good for; with the digest of `files`, if there are any."""
    files: tuple[str, ...] = ()
    """Globs relative to the job's folder whose contents belong to the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheUse:
    """What became of a cache in one attempt."""

    name: str
    is_hit: bool
    restore_ms: int = 0
    store_ms: int = 0
    """0: nothing was stored."""
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Everything a host needs to know to run one attempt."""

    attempt: AttemptId
    epoch: Epoch
    argv: tuple[str, ...] = ()
    shell: str | None = None
    cwd: str = "/"
    env: tuple[tuple[str, str], ...] = ()
    """The whole environment of the job; nothing else is inherited."""
    stdin: str | None = None
    open_stdin: bool = False
    """Its standard input stays open for `feed`, after `stdin` if that is given."""
    tmux: str = ""
    """Name of a tmux session there in which people can watch it; empty: none."""
    workspace: Workspace | None = None
    """Made before the command, which then runs there and not in `cwd`."""
    soft_ms: int | None = None
    hard_ms: int | None = None
    grace_ms: int = 5_000
    lease_ms: int | None = None
    """The runner ends the job itself if not renewed for this long; None: it never does."""
    log_stop_bytes: int | None = None
    """The host ends the job when out or err passes this size; None: it never does."""
    max_tokens: int | None = None
    """The host ends the job when it has reported more, within seconds; None: it never does."""
    memory_mb: int = 0
    """What the job asked for, and may have where the host can hold it to that; 0: no limit."""
    cpu_milli: int = 1000
    call: Call | None = None
    """What to call in place of a command; only for backends that say they run calls."""
    context: str | None = None
    """JSON for the job to read, in a file that `CRAB_CONTEXT` names; None: there is none."""
    wants_result: bool = False
    """It may write a result to the file that `CRAB_RESULT` names; `tail` reads `result`."""
    gate: Check | None = None
    """Runs after a command that succeeded, in its place; it fails what it does not pass."""
    outputs: tuple[str, ...] = ()
    """Globs relative to the job's folder: what matches at the end is kept as the stream
    `outputs`, a tar."""
    frozen: str = ""
    """SHA-256 of a tar that was given to the host: the job's folder is a fresh copy of it."""
    caches: tuple[HostCache, ...] = ()
    """Restored before the command, stored after its success."""
    outputs_max_bytes: int = OUTPUTS_MAX_BYTES
    """If its outputs are more, there are none."""
    caches_max_bytes: int = CACHES_MAX_BYTES
    """What all build caches of the host may have together."""


class HostState(StrEnum):
    """What an attempt's host knows about it."""

    ABSENT = "absent"  # never heard of
    CLAIMED = "claimed"  # received; neither run nor void is decided
    STARTING = "starting"
    RUNNING = "running"
    ORPHAN = "orphan"  # the job lives, its supervisor does not
    EXITED = "exited"
    VOID = "void"  # will never run
    LOST = "lost"  # it and its supervisor are gone, without an exit record
    REBOOTED = "rebooted"  # lost, because the host was started anew
    OTHERHOST = "otherhost"  # the spool is another host's: shared by mistake
    GONE = "gone"  # cleaned up


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An attempt as its host sees it."""

    attempt: AttemptId
    state: HostState
    pid: int | None = None
    pid_start: str | None = None
    ident: str | None = None
    code: int | None = None
    """Exit code, 0–255; None if it did not exit by itself."""
    signal: int | None = None
    """Signal that ended it."""
    why: str | None = None
    """Why we ended it: `stop`, `timeout`, `soft`, `lease`, `logcap`, `tokens`, `fenced`; `oom`
    if it ran out of memory, `gpuoom` if a device of its own did; `nospawn` if the command could
    not be started, `workspace` or `fetch` if its workspace could not be made, for good or
    this time, `fetch` also if its frozen tree is not there; `gate` if its command succeeded
    and its gate did not, whose code or signal this is; None if it ended by itself.
    """
    trouble: Trouble | None = None
    """What a call that failed, or its pool, says of that; with it `why` may be `raised`."""
    message: str = ""
    """For `nospawn`, `workspace` and `fetch`: what the system said, naming the path."""
    said: str = ""
    """If it failed: the last line of its stderr, where somebody has looked."""
    revision: str = ""
    """The commit in its workspace, in full; empty: it has none, or not yet."""
    softened: bool = False
    """Its soft timeout has passed and it was sent TERM for it."""
    paused: bool = False
    """It stands still until it is told to go on."""
    began_ms: int | None = None
    """How long ago its process began, by its host's clock; None: not known."""
    ended_ms: int | None = None
    """How long ago it ended, by its host's clock; None: it did not, or that is not known."""
    result: bytes | None = None
    """What it left as its result; None: nothing, or more than `RESULT_BYTES`."""
    result_size: int = 0
    """How many bytes it left."""
    collected: bool = False
    """What it left on its host was looked at; never said by a host."""
    caches: tuple[CacheUse, ...] = ()
    """What became of its build caches, where the host tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a log."""

    data: bytes
    offset: int
    """Where `data` begins, counted from the first byte ever written."""
    size: int
    """How many bytes were ever written."""
    dropped: int = 0
    """How many of them, from the first on, are no longer there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """What a host is and has."""

    ident: str
    capacity: Resources
    epoch: Epoch
    """The newest epoch that it has seen."""
    capabilities: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())
    """What could end jobs there, or make it slow; sentences for people."""
    limits: str = ""
    """What holds jobs to their memory there: `scope`, `rlimit`; empty: nothing."""
    system: str = ""
    """`Linux`, `Darwin`."""
    speaks: str = ""
    """Who executes our verbs there: `local`, `python`, `sh`."""
    home: str = ""
    """The account's home folder there, where jobs begin that name no folder of that host."""
    user: str = ""
    path: str = ""
    """Where a login there finds commands."""
    runs: tuple[str, ...] = (COMMANDS,)
    """Which work it supports: commands, or kinds of calls; jobs of others never get here."""


class Backend(Protocol):
    """Attempts on one worker. Every method can be repeated safely.

    They raise Unreachable when the worker does not answer (then nothing is known),
    StartFailed when an attempt certainly did not start, StaleEpoch when a newer daemon
    has been there, and LinkRefused where no retry helps until a person has looked.
    """

    async def hello(self, epoch: Epoch) -> HostFacts:
        """Make contact, and fence off every daemon older than `epoch`."""
        ...

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        """Start attempts; for each, in order, its report once its process is on record.

        A report can be `exited` already, and `exited` with why `nospawn`. An attempt that
        exists is reported, not started again.
        """
        ...

    def ends(self) -> AsyncIterator[Report]:
        """Reports of attempts started or adopted here as they end: exited, void, lost."""
        ...

    async def adopt(self, attempts: Sequence[AttemptId]) -> list[Report]:
        """The state of these attempts now; those that live are watched from here on.

        An attempt that was claimed and never decided, or is absent, is made void first.
        """
        ...

    async def foreign(self) -> list[Report]:
        """Everything the host has that belongs to this controller, known to us or not."""
        ...

    async def stop(
        self, attempt: AttemptId, epoch: Epoch, grace_ms: int, signal: str
    ) -> Report:
        """Begin to end an attempt: `signal` to all of it, KILL after the grace.

        Returns at once; the end comes through `ends`. The first reason given wins.
        """
        ...

    async def renew(self, attempts: Sequence[AttemptId], epoch: Epoch) -> list[AttemptId]:
        """Which of these the host proves to be alive; their host leases are renewed."""
        ...

    async def tail(self, attempt: AttemptId, stream: str, offset: int, limit: int) -> Chunk:
        """Up to `limit` bytes of a stream from `offset` on (negative: from the end).

        Those are the logs `out` and `err`, and, until its end was tidied, `result`: empty if
        the attempt left none.
        """
        ...

    async def find(
        self, attempt: AttemptId, stream: str, offset: int, length: int, wanted: Wanted
    ) -> Found:
        """The lines that begin in a window of a log and may have a text in them.

        Looked for where the log lies, as far as its host can. Not all of the window need be
        looked at: `next` says how far it came, and is past `offset` unless that is the end.
        """
        ...

    async def trim_logs(self, attempt: AttemptId, cap_bytes: int) -> int:
        """Drop the oldest bytes of logs over the cap, in place; how many went."""
        ...

    async def tidy(self, attempts: Sequence[AttemptId]) -> None:
        """Remove everything of ended attempts but their non-empty logs, which `tail` reads.

        Only once their outcome is on our disk; a late start of one must not run. Those that
        live are left alone.
        """
        ...

    async def forget(self, attempt: AttemptId, epoch: Epoch) -> None:
        """Remove an ended attempt, logs too; a late start of it must not run.

        Only once its outcome is on our disk, and its logs are no longer wanted.
        """
        ...

    async def lost(self) -> str:
        """Wait until the link breaks; why it did, in words. Never returns where there is none.

        From then on everything raises Unreachable, until `hello` makes contact anew.
        """
        ...

    async def look(self) -> Sight:
        """How its host is doing now."""
        ...

    async def usage(self, attempts: Sequence[AttemptId]) -> dict[AttemptId, Usage]:
        """What these attempts use now; those that do not live are left out."""
        ...

    async def hold_still(self, attempt: AttemptId, epoch: Epoch, *, clocks_too: bool) -> Report:
        """Pause a running attempt: STOP to all of it.

        `clocks_too`: its timeouts stand still meanwhile.
        """
        ...

    async def go_on(self, attempt: AttemptId, epoch: Epoch) -> Report:
        """Resume a paused attempt: CONT to all of it."""
        ...

    async def feed(
        self, attempt: AttemptId, epoch: Epoch, data: bytes, *, end: bool, piece: int = 0
    ) -> int:
        """Write to the standard input of an attempt whose order had `open_stdin`.

        Args:
            attempt: Which.
            epoch: Ours.
            data: At most 64 KiB.
            end: It is all that will ever come.
            piece: Number of these data alone: repeated with it, they are not taken twice, if
                nothing else was sent meanwhile. 0: they have none.

        Returns:
            How many bytes were taken; fewer than given if the job does not read.
        """
        ...

    async def give(self, sha: str, source: Path) -> None:
        """Have the host keep a file for `Order.frozen`, unless it does.

        What was cut off goes on where it was. The host forgets what no attempt wanted for
        two weeks, so it is given before each start; that costs one question.

        Args:
            sha: SHA-256 of its content, in lower case.
            source: Where it is here; it does not change.

        Raises:
            InvalidSpec: the content is another.
        """
        ...

    async def close(self) -> None:
        """Let go; jobs go on."""
        ...
