"""Every key of the configuration: where it stands, what it takes, what it means.

A key is here once something reads it. What stands under `[console]` and `[contexts]` is for
clients: the daemon checks it with all else, and goes by none of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, get_args

from engine.config.backends import BACKEND, LOCAL, OPTIONS, SSH
from engine.config.hook_keys import ROWS as _HOOKS
from engine.config.kinds import (
    A_NAME,
    ADDRESS,
    BYTES,
    CORES,
    GPUS,
    LABELS,
    LOAD,
    OWN_PATH,
    PATH,
    PERCENTS,
    PHASES,
    PYTHON,
    RATE,
    SIZE,
    TEXT,
    YES_NO,
    Kind,
    duration,
    optional,
    whole,
    word,
)
from engine.config.tool_keys import ROWS as _TOOLS
from engine.model.keeping import CACHES_MAX_BYTES, OUTPUTS_MAX_BYTES
from engine.model.limits import PRESETS as RETRIES
from engine.model.priority import ALIASES, SHARES
from engine.model.rules import DEFAULT_RULES, PRESETS, Ageing, Placing, Pressure

Path: TypeAlias = tuple[str, ...]
"""Where a key stands; `*` in a schema's path is a name that the operator chose."""

Row: TypeAlias = tuple[str, Kind, Any, str]
"""Name, kind, default and meaning of a key in its table."""

MOST: Final = 1_000_000

BELLS: Final = ("off", "watched", "errors", "all")

Accent = Literal["accent", "link", "run", "warn", "bad", "block", "muted"]
"""Meanings whose colour the name of a context may have."""

__all__ = ["KEYS", "LOCAL", "SSH", "TREE", "Key", "Path", "Tree"]


@dataclass(frozen=True, slots=True)
class Key:
    """One setting."""

    path: Path
    kind: Kind
    default: Any
    about: str
    needs_restart: bool = False

    @property
    def takes_table(self) -> bool:
        """Whether its value is a table, whose keys are not ours."""
        return self.kind is OPTIONS


_LIMIT = optional(whole(0, MOST))
_ANY_RATE = optional(RATE)
_PRESET = word("preset", {"off": "off", **{name: name for name in PRESETS}})
_RETRY = word("retry preset", {"never": "never", **{name: name for name in RETRIES}})
_RULES = DEFAULT_RULES

_DAEMON: Final[Sequence[Row]] = [
    ("lease_ttl", duration(1_000), 30_000, "A lease lasts this long without a sign of life."),
    ("lease_renew", duration(100), 5_000, "How often leases are renewed by such signs."),
    ("lease_sweep", duration(100), 10_000, "How often expired leases are looked for."),
    ("company", duration(0), 4, "How long a start waits to share a commit."),
    ("slots_per_cpu", whole(1, 1_000), 4, "Attempts at once for each CPU of this machine."),
    ("fewest_slots", whole(1, MOST), 8, "Attempts at once, however few its CPUs are."),
]

_ARTIFACTS: Final[Sequence[Row]] = [
    ("max_bytes", BYTES, 5 * 2**30, "Blobs are kept up to this; those in need beyond it."),
    ("keep_days", whole(1, 36_500), 30, "So long artifacts are kept."),
    ("outputs_max_bytes", BYTES, OUTPUTS_MAX_BYTES, "Outputs of one attempt, all together."),
    ("caches_max_bytes", BYTES, CACHES_MAX_BYTES, "Build caches of one host, all together."),
]

_SCHEDULER: Final[Sequence[Row]] = [
    ("ageing", word("ageing", {one.value: one for one in Ageing}), _RULES.ageing,
     "How the class of a job that waits rises."),
    ("ageing_period", duration(1_000), _RULES.ageing_period_ms, "How long a level takes."),
    ("ageing_most", word("priority", ALIASES), _RULES.ageing_most,
     "No job rises above this class by waiting."),
    ("starvation_grants", whole(1, MOST), _RULES.starvation_grants,
     "Grants that may pass by a job that could run."),
    ("reserve_after_grants", whole(1, MOST), _RULES.reserve_after_grants,
     "Grants that may pass by a job that does not fit before room is kept for it."),
    ("preemption", YES_NO, _RULES.preemption, "Critical jobs may displace preemptible ones."),
    ("inheritance", YES_NO, _RULES.inheritance,
     "Who holds a lock is as urgent as the most urgent who waits for it."),
    ("placing", word("placing", {one.value: one for one in Placing}), _RULES.placing,
     "Spread over workers, or pack them."),
    ("exploratory_phases", PHASES, _RULES.exploratory_phases,
     "Agent phases that never run on production workers."),
    ("region", TEXT, _RULES.region, "What `locality: region` means here."),
    ("breaker_failures", whole(1, 1_000), _RULES.breaker_failures,
     "Failures of a worker in a row after which it is left alone for a while."),
    ("breaker_open", duration(100), _RULES.breaker_open_ms, "For how long."),
    ("quarantine_after", whole(0, 1_000), _RULES.quarantine_after,
     "Failures in a row before a worker can be proven guilty; 0: never."),
]  # fmt: skip

_PRESSURE: Final[Sequence[Row]] = [
    ("preset", _PRESET, "off", "Backpressure by name: standard, strict, permissive."),
    ("at_percent", PERCENTS, Pressure().at_percent, "Where its modes begin."),
    ("reduce_parallelism", YES_NO, False, "Also run fewer jobs at once then."),
]

_QUEUE: Final[Sequence[Row]] = [
    ("limit", _LIMIT, None, "How many of its jobs run at once."),
    ("weight", whole(1, 1_000), 1, "Its share of grants against other queues."),
    ("rate", _ANY_RATE, None, "How fast its jobs start."),
    ("burst", optional(whole(1, MOST)), None, "How many may start at once after a rest."),
]

_DEPTH = (_LIMIT, None, "Most jobs that may wait; none: no maximum.")
_AMOUNT: Final[Sequence[Row]] = [("*", whole(0, 2**40), 0, "Units that it has.")]

_QUOTA: Final[Sequence[Row]] = [
    ("queued", _LIMIT, None, "Most jobs that wait."),
    ("running", _LIMIT, None, "Most jobs that run."),
    ("cpu", optional(CORES), None, "Most cores in use."),
    ("gpu", _LIMIT, None, "Most devices in use."),
    ("submissions", _ANY_RATE, None, "How fast jobs come in."),
]

_TENANT: Final[Sequence[Row]] = [
    ("weight", whole(1, 1_000), 1, "Its part against other tenants."),
    ("rate", _ANY_RATE, None, "How fast its jobs start."),
    ("burst", optional(whole(1, MOST)), None, "How many may start at once after a rest."),
]

_WORKER: Final[Sequence[Row]] = [
    ("backend", BACKEND, LOCAL, "How it is reached."),
    ("options", OPTIONS, {}, "Of a backend that a package brings: what that is told."),
    ("address", optional(ADDRESS), None, "Of ssh: user@host:port."),
    ("identity", optional(OWN_PATH), None, "Of ssh: private key; none: agent and usual files."),
    ("ssh_config", YES_NO, True, "Of ssh: whether ~/.ssh/config holds."),
    ("spool", optional(PATH), None, "Of ssh: folder for attempts; none: below the home."),
    ("python", PYTHON, "auto", "Of ssh: an interpreter there; no: sh alone will do."),
    ("slots", optional(whole(0, MOST)), None, "Attempts at once; none: by its CPUs."),
    ("cpus", optional(CORES), None, "Cores that it lends; none: what was found."),
    ("memory", optional(SIZE), None, "Memory that it lends; none: what was found."),
    ("storage", optional(SIZE), None, "Storage that it lends; none: what was found."),
    ("gpus", optional(GPUS), None, "Devices, counted, or the kind of each."),
    ("gpu_type", optional(A_NAME), None, "Kind of all its devices."),
    ("labels", LABELS, (), "What jobs can ask for."),
    ("production", YES_NO, False, "Promotion gates run here and nowhere else."),
    ("most_load", optional(LOAD), None, "Load per core above which nothing new starts."),
    ("clone_base", optional(OWN_PATH), None, "Clones for workspaces; none: the usual folder."),
    ("limits", YES_NO, True, "Jobs are held to the memory they asked for, where it can be."),
]

_CONTEXT: Final[Sequence[Row]] = [
    ("state", optional(OWN_PATH), None, "State directory of its daemon; or `host`."),
    ("host", optional(TEXT), None, "user@machine, whose daemon is asked over ssh."),
    ("protected", YES_NO, False, "A console begins read-only there, until `:arm`."),
    (
        "accent",
        word("accent", {one: one for one in get_args(Accent)}),
        "accent",
        "Of its name on top.",
    ),
]

_CONSOLE: Final[Sequence[Row]] = [
    ("theme", optional(TEXT), None, "Colours; none: as suits the terminal."),
    ("ascii", optional(YES_NO), None, "Draw with ASCII only; none: as the locale says."),
    ("utc", YES_NO, False, "Times in UTC instead of the local zone."),
    ("bell", optional(word("bell", {one: one for one in BELLS})), None,
     "What rings it; none: jobs that are watched."),
    ("mouse", YES_NO, True, "Whether clicks and the wheel do something."),
    ("refresh", optional(duration(100)), None, "Least time between two looks; none: none."),
]  # fmt: skip


def _keys() -> list[Key]:
    shares = [
        (level.label, whole(1, 100), share, f"Grants of class {level.label}, of their sum.")
        for level, share in SHARES.items()
    ]
    return [
        *_table(("daemon",), _DAEMON, needs_restart=True),
        *_table(("artifacts",), _ARTIFACTS, needs_restart=True),
        *_table(("scheduler", "shares"), shares),
        *_table(("scheduler",), _SCHEDULER),
        *_table(("limits",), [("max_queue_depth", *_DEPTH), *_PRESSURE]),
        *_table(("limits", "groups"), [("*", _LIMIT, None, "Jobs of the group at once.")]),
        *_table(("queues", "*"), [*_QUEUE, ("max_depth", *_DEPTH), *_PRESSURE]),
        *_table(("tenants", "*"), [*_TENANT, *_QUOTA]),
        *_table(("tenants", "*", "namespaces", "*"), _QUOTA),
        *_table(("workers", "*"), _WORKER, needs_restart=True),
        *_table(("workers", "*", "resources"), _AMOUNT, needs_restart=True),
        *_table(("tools",), _TOOLS),
        *_table(("hooks", "*"), _HOOKS),
        *_table(("contexts", "*"), _CONTEXT),
        *_table(("console",), _CONSOLE),
        *_table(("retry",), [("default", _RETRY, "never", "Of jobs that name no retries.")]),
    ]


def _table(above: Path, rows: Sequence[Row], *, needs_restart: bool = False) -> list[Key]:
    return [
        Key((*above, name), kind, default, about, needs_restart)
        for name, kind, default, about in rows
    ]


Tree: TypeAlias = Mapping[str, "Tree | Key"]


def _tree(keys: Mapping[Path, Key]) -> Tree:
    root: dict[str, Any] = {}
    for path, key in keys.items():
        branch = root
        for part in path[:-1]:
            branch = branch.setdefault(part, {})
        branch[path[-1]] = key
    return root


KEYS: Final[Mapping[Path, Key]] = {key.path: key for key in _keys()}
"""In the order in which they are shown."""

TREE: Final[Tree] = _tree(KEYS)
