"""The daemon itself: its numbers, its log of events, its settings."""

from engine.control.views.places import WorkerView
from engine.control.views.view import View
from engine.model.events import Event


class DaemonView(View, frozen=True):
    """The daemon itself."""

    pid: int
    epoch: int
    version: str
    state_dir: str
    started_at: int
    granting: bool = True
    trouble: str = ""
    """What keeps it from working normally, in words; empty if nothing does."""


class JobCounts(View, frozen=True):
    """How many jobs there are, by what they do."""

    by_state: dict[str, int]
    by_queue: dict[str, dict[str, int]]
    """Queue, then state."""


class EngineStats(View, frozen=True):
    """How the engine itself is doing, since its start."""

    seq: int
    rounds: int
    round_ms_p50: float
    round_ms_p95: float
    commits: int
    units: int
    commit_ms_p50: float
    commit_ms_p95: float
    live_attempts: int
    resident_jobs: int
    """Jobs in memory: bounded, whatever the backlog."""
    lanes: int
    wal_bytes: int
    clients: int
    rss_bytes: int
    waiting_units: int = 0
    """Changes that wait for the writer now."""
    groups: int = 0
    """Commits that carried them; each may carry hundreds."""
    lock_waits: int = 0
    """Commits that the database refused to take, for a lock or a full disk."""
    checkpoint_at: int | None = None
    """When the log was last copied into the database; None: not yet."""
    descriptors: int = 0
    """Open files and sockets; 0 if that is not known."""
    descriptors_most: int = 0
    shapes: int = 0
    """Different demands of the jobs in memory."""


class Stats(View, frozen=True):
    """Counters, exact and cheap: never a scan."""

    daemon: DaemonView
    jobs: JobCounts
    workers: tuple[WorkerView, ...]
    engine: EngineStats
    now_at: int
    schema: int = 1


class EventsPage(View, frozen=True):
    """A piece of the event log, oldest first."""

    events: tuple[Event, ...]
    head: int
    """Newest sequence number at the moment of reading."""
    reached: int = 0
    """The log was looked through up to this one: go on from it, whatever was found."""
    is_whole: bool = True
    """Nothing that was asked for lies beyond `reached`."""


class LogChunk(View, frozen=True):
    """A piece of a log. `data` is base64 on the wire."""

    data: bytes
    offset: int
    size: int
    dropped: int
    attempt: str
    final: bool
    """The attempt has ended and nothing will be added past `size`."""
    waits: str = ""
    """Of a log that is followed: why nothing comes until the link to its host is back, for
    people; or, if `final`, why the rest never comes. Such a piece has no `data`.
    """


class Hello(View, frozen=True):
    """The daemon introduces itself."""

    daemon: DaemonView
    protocol: int
    user: str
    rights: tuple[str, ...]
    """`read`, and `act` unless the client asked for less."""
    now_at: int
    home: str = ""
    """The home of the daemon's user: where jobs of a client elsewhere run unless told."""
    env: dict[str, str] = {}
    """What of the daemon's own environment those jobs get; never a secret."""


class Checked(View, frozen=True):
    """What the daemon finds wrong with its own house."""

    problems: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    """What hinders nothing and ought to be known."""


class Done(View, frozen=True):
    """Nothing more to say."""


class SettingView(View, frozen=True):
    """One setting."""

    key: str
    """Dotted: `queues.gpu.limit`."""
    value: str
    """As it would be written in the file."""
    source: str
    """`default`, `FILE:LINE`, a variable's name, `--flag`, or `set by NAME`."""
    about: str
    needs_restart: bool = False
    set_at: int | None = None
    """When it was set by hand; None if it was not, or nobody knows."""


class ConfigView(View, frozen=True):
    """All settings in effect."""

    settings: tuple[SettingView, ...]
    files: tuple[str, ...]
    """Those that were read, and those that would be if they existed."""


class Reloaded(View, frozen=True):
    """What a reload changed."""

    changed: tuple[str, ...]
    """`queues.gpu.limit: 8 -> 9`."""
    needs_restart: tuple[str, ...]
