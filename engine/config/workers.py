"""Workers as the configuration has them: what of the probed facts it overrides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from engine.config.backends import LOCAL as BY_ITSELF
from engine.config.backends import OWN, SSH
from engine.config.reading import read_layer
from engine.config.schema import Path
from engine.config.settings import LOCAL
from engine.config.values import Values
from engine.model.resources import Resources


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRules:
    """What an operator says of one worker; None: what was found there."""

    backend: str = BY_ITSELF
    options: Mapping[str, Any] = field(default_factory=dict)
    """What its backend is told, if that is none of ours; JSON values."""
    address: str = ""
    """`user@host:port`; empty: this machine."""
    identity: str | None = None
    """File of the private key; None: the agent's, and those in the usual places."""
    ssh_config: bool = True
    """Whether the account's own SSH configuration holds."""
    spool: str | None = None
    """Absolute path of its spool there; None: below the account's home."""
    python: str = "auto"
    """An interpreter there; `no`: its sh does everything; `auto`: what is found."""
    slots: int | None = None
    cpu_milli: int | None = None
    memory_mb: int | None = None
    storage_mb: int | None = None
    gpu: int | None = None
    gpu_type: str | None = None
    gpu_types: tuple[str, ...] = ()
    """Kind of each device by its index, where they are named one by one."""
    labels: tuple[str, ...] = ()
    production: bool = False
    most_load: float | None = None
    """Load of its host, per core, above which nothing new starts there; None: any.

    Off unless set: our own attempts make load too, and slots and cores bound those.
    """
    limits: bool = True
    """Whether jobs are held to the memory they asked for, as well as their host can."""
    custom: tuple[tuple[str, int], ...] = ()
    clone_base: str | None = None
    """Folder of clones for workspaces there, from `/` or `~/`; None: the usual one."""

    @property
    def is_here(self) -> bool:
        """Whether it is a part of this machine."""
        return self.backend == BY_ITSELF

    @property
    def is_foreign(self) -> bool:
        """Whether what drives it is a package's, and not ours."""
        return self.backend not in OWN

    def way(self) -> dict[str, object]:
        """What of its table says how it is reached; empty: it is a part of this machine."""
        said = {
            "backend": self.backend,
            "options": dict(self.options) or None,
            "address": self.address or (None if self.is_foreign else ""),
            "identity": self.identity,
            "ssh_config": self.ssh_config,
            "spool": self.spool,
            "python": None if self.python == "auto" else self.python,
        }
        return {} if self.is_here else {key: v for key, v in said.items() if v is not None}

    def is_same_place(self, other: "WorkerRules") -> bool:
        """Whether what one has started, the other finds again."""
        return (self.backend, self.address, self.spool, self.options) == (
            other.backend,
            other.address,
            other.spool,
            other.options,
        )

    def is_reached_as(self, other: "WorkerRules") -> bool:
        """Whether the same link leads to both."""
        return self.way() == other.way()

    def overlay(self, found: Resources) -> Resources:
        """What the worker lends: what was found on it, but for what is said here."""
        return replace(
            found,
            cpu_milli=found.cpu_milli if self.cpu_milli is None else self.cpu_milli,
            memory_mb=found.memory_mb if self.memory_mb is None else self.memory_mb,
            storage_mb=found.storage_mb if self.storage_mb is None else self.storage_mb,
            gpu=found.gpu if self.gpu is None else self.gpu,
            gpu_type=self.gpu_type or found.gpu_type,
            custom=tuple(sorted({**dict(found.custom), **dict(self.custom)}.items())),
        )


UNTOUCHED = WorkerRules()


def workers_of(values: Values) -> dict[str, WorkerRules]:
    """Every worker, this machine first. Raises: InvalidSpec, if values contradict."""
    names = dict.fromkeys([LOCAL, *values.names("workers")])
    found = {name: _worker(values, ("workers", name)) for name in names}
    _share_no_device(values, found)
    return found


def _share_no_device(values: Values, workers: Mapping[str, WorkerRules]) -> None:
    """Workers of one machine count its devices from 0: only one of them may have some."""
    having = [name for name, rules in workers.items() if rules.gpu and rules.is_here]
    if len(having) > 1:
        first, second = having[:2]
        why = f"{first} lends this machine's devices already: both would hand out device 0"
        raise values.wrong(("workers", second, "gpus"), why, near="0")


def read_worker(name: str, table: Mapping[str, Any], source: str) -> WorkerRules:
    """A worker from what would stand under `[workers.NAME]`.

    Args:
        name: Of the worker.
        table: As it came.
        source: Who says so, for errors.

    Raises:
        InvalidSpec: something in it is wrong.
    """
    layer = read_layer({"workers": {name: table}}, lambda _: source)
    return _worker(Values([layer]), ("workers", name))


def _worker(values: Values, at: Path) -> WorkerRules:
    _check_link(values, at)
    gpus = values[(*at, "gpus")]
    gpu_type = values[(*at, "gpu_type")]
    named = gpus if isinstance(gpus, tuple) else ()
    if named and gpu_type is not None:
        raise values.wrong((*at, "gpu_type"), "`gpus` names the kind of each device already")
    names = values.names(*at, "resources")
    return WorkerRules(
        backend=values[(*at, "backend")],
        options=values[(*at, "options")],
        address=values[(*at, "address")] or "",
        identity=values[(*at, "identity")],
        ssh_config=values[(*at, "ssh_config")],
        spool=values[(*at, "spool")],
        python=values[(*at, "python")],
        slots=values[(*at, "slots")],
        cpu_milli=values[(*at, "cpus")],
        memory_mb=values[(*at, "memory")],
        storage_mb=values[(*at, "storage")],
        gpu=len(gpus) if isinstance(gpus, tuple) else gpus,
        gpu_type=named[0] if len(set(named)) == 1 else gpu_type,
        gpu_types=named,
        labels=values[(*at, "labels")],
        production=values[(*at, "production")],
        most_load=values[(*at, "most_load")],
        limits=values[(*at, "limits")],
        clone_base=values[(*at, "clone_base")],
        custom=tuple((name, values[(*at, "resources", name)]) for name in names),
    )


def _check_link(values: Values, at: Path) -> None:
    """What says how it is reached goes together. Raises: InvalidSpec."""
    backend = values[(*at, "backend")]
    is_ssh = backend == SSH
    if backend != BY_ITSELF and at[-1] == LOCAL:
        raise values.wrong((*at, "backend"), f"{LOCAL} is this machine", BY_ITSELF)
    if is_ssh and values[(*at, "address")] is None:
        why = f'needs an address: `address = "user@host"` below [workers.{at[-1]}]'
        raise values.wrong((*at, "backend"), why)
    for key in () if is_ssh else ("address", "identity", "ssh_config", "spool", "python"):
        if values[(*at, key)] not in (None, True, "auto"):
            raise values.wrong((*at, key), f'goes with backend = "{SSH}" only', SSH)
    if backend in OWN and values[(*at, "options")]:
        why = "goes with the backends that packages bring; ours have keys of their own"
        raise values.wrong((*at, "options"), why)
