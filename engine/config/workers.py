"""Workers as the configuration has them: what of the probed facts it overrides."""

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from engine.config.schema import Path
from engine.config.settings import LOCAL
from engine.config.values import Values
from engine.model.resources import Resources


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRules:
    """What an operator says of one worker; None: what was found there."""

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
    limits: bool = True
    """Whether jobs are held to the memory they asked for, as well as their host can."""
    custom: tuple[tuple[str, int], ...] = ()

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
    """Every worker is this machine and counts its devices from 0: only one may have some."""
    having = [name for name, rules in workers.items() if rules.gpu]
    if len(having) > 1:
        first, second = having[:2]
        why = f"{first} lends this machine's devices already: both would hand out device 0"
        raise values.wrong(("workers", second, "gpus"), why, near="0")


def _worker(values: Values, at: Path) -> WorkerRules:
    gpus = values[(*at, "gpus")]
    gpu_type = values[(*at, "gpu_type")]
    named = gpus if isinstance(gpus, tuple) else ()
    if named and gpu_type is not None:
        raise values.wrong((*at, "gpu_type"), "`gpus` names the kind of each device already")
    names = values.names(*at, "resources")
    return WorkerRules(
        slots=values[(*at, "slots")],
        cpu_milli=values[(*at, "cpus")],
        memory_mb=values[(*at, "memory")],
        storage_mb=values[(*at, "storage")],
        gpu=len(gpus) if isinstance(gpus, tuple) else gpus,
        gpu_type=named[0] if len(set(named)) == 1 else gpu_type,
        gpu_types=named,
        labels=values[(*at, "labels")],
        production=values[(*at, "production")],
        limits=values[(*at, "limits")],
        custom=tuple((name, values[(*at, "resources", name)]) for name in names),
    )
