"""What is told of a worker: a row among others, and everything about one."""

from typing import Final

from msgspec.structs import replace

from crabtui.cli.printing.moments import stamp
from crabtui.cli.printing.tables import fields
from crabtui.data.fitting import fit
from crabtui.data.wording import age
from crabtui.data.workers.words import breaker, is_reached, next_try
from engine.control.views import LinkView, WorkerView
from engine.model.sight import Sight

HEADINGS: Final = (
    *("WORKER", "BACKEND", "HEALTH", "SLOTS"),
    *("CPU", "MEMORY", "GPU", "LIMITS", "LABELS", "NOTE"),
)
RIGHT: Final = frozenset({"SLOTS", "CPU", "MEMORY", "GPU"})


UNKNOWN: Final = "--"
"""Stands where a number of a host would, that is not reached."""

NOTE: Final = 60
"""Cells of a note in the list; the whole of it is in `show`."""


def row(worker: WorkerView, now: int) -> tuple[str, ...]:
    """One line of the list."""
    return (
        worker.name,
        worker.backend,
        worker.health,
        f"{worker.slots_taken}/{worker.slots}",
        _used(worker, "cpu_milli", 1000, ""),
        _used(worker, "memory_mb", 1024, "G"),
        _used(worker, "gpu", 1, ""),
        worker.limits or "-",
        ",".join(worker.labels),
        _note(worker, now),
    )


def facts(worker: WorkerView, now: int) -> list[str]:
    """Everything, one fact a line."""
    link, sight = worker.link, worker.sight
    known = "" if is_reached(worker) else UNKNOWN
    pairs = [
        ("backend", f"{worker.backend} {worker.address}".strip()),
        ("defined", {"command": "by command", "gone": "nowhere any more"}.get(
            worker.origin, "in the configuration")),
        ("health", worker.health),
        ("link", _link(link, now, worker.name) if link else ""),
        ("round trip", known or (_ms(link.round_trip_ms) if link else "")),
        ("work", _work(worker)),
        ("breaker", _breaker(worker, now)),
        ("slots", f"{worker.slots_taken} of {worker.slots} taken"),
        ("cpu", _used(worker, "cpu_milli", 1000, "")),
        ("memory", _used(worker, "memory_mb", 1024, "G")),
        ("gpu", _gpus(worker)),
        ("load", known or _load(sight)),
        ("busy", known or _busy(sight)),
        ("free", known or _free(sight)),
        ("as of", _before(worker.last_sight, now)),
        ("labels", " ".join(worker.labels)),
        ("production", "yes" if worker.production else ""),
        ("limits", worker.limits),
        ("waits for", _jobs(worker.waits_for)),
        ("at risk", _jobs(worker.at_risk)),
        ("clock", _clock(worker.drift_ms)),
        ("boot", worker.boot),
        ("registered", stamp(worker.registered_at or None)),
        ("seen", f"{age(worker.seen_at, now)} ago" if worker.seen_at else "never"),
        *(("warning", warning) for warning in worker.warnings),
    ]  # fmt: skip
    return fields(pairs)


def _used(worker: WorkerView, name: str, unit: int, suffix: str) -> str:
    total = worker.capacity.get(name, 0)
    if not total:
        return "-"
    if not is_reached(worker):
        return UNKNOWN
    return f"{worker.taken.get(name, 0) / unit:.3g}/{total / unit:.3g}{suffix}"


def _note(worker: WorkerView, now: int) -> str:
    """Whatever is out of the ordinary."""
    notes = ["production"] if worker.production else []
    if worker.link is not None and worker.link.state != "connected":
        notes.append(_link(replace(worker.link, error=""), now, worker.name))
    if worker.quarantined:
        notes.append(f"quarantined: {worker.quarantined}")
    if worker.breaker != "closed":
        notes.append(_breaker(worker, now))
    if worker.draining:
        waits = _jobs(worker.waits_for)
        notes.append(f"draining, waits for {waits}" if waits else "drained")
    if worker.at_risk:
        notes.append(f"at risk {_jobs(worker.at_risk)}")
    if len(worker.warnings) > 1:
        notes.append(f"{len(worker.warnings)} warnings")
    text = ", ".join([*notes, *(worker.warnings if len(worker.warnings) == 1 else ())])
    return fit(text, NOTE).rstrip()


def _link(link: LinkView, now: int, name: str) -> str:
    words = f"{link.state} for {age(link.since_at, now)}"
    if link.state == "refused":
        wants = "wants a `spool` of its own" if link.spool_taken else ""
        words = f"refused: {wants or f'`crabtui workers reconnect {name}`'}"
        return f"{words}: {link.error}" if link.error else words
    tries = next_try(link, now)
    return ": ".join(filter(None, (", ".join(filter(None, (words, tries))), link.error)))


def _work(worker: WorkerView) -> str:
    if worker.quarantined:
        return f"none, quarantined: {worker.quarantined}"
    return "draining" if worker.draining else ""


def _breaker(worker: WorkerView, now: int) -> str:
    return "" if worker.breaker == "closed" else breaker(worker, now)


def _clock(drift_ms: int | None) -> str:
    if not drift_ms:
        return ""
    return f"{abs(drift_ms)} ms {'ahead of' if drift_ms > 0 else 'behind'} ours"


def _gpus(worker: WorkerView) -> str:
    used = _used(worker, "gpu", 1, "")
    devices = worker.sight.devices if worker.sight else ()
    foreign = [f"{one.index}: {one.foreign_mb}M of others" for one in devices if one.foreign_mb]
    return f"{used} ({'; '.join(foreign)})" if foreign else used


def _before(sight: Sight | None, now: int) -> str:
    """What was seen of a host that is not reached now."""
    if sight is None:
        return ""
    load, free = _load(sight), _free(sight)
    parts = (f"load {load}" if load else "", f"free {free}" if free else "")
    return f"{age(sight.at, now)} ago: " + ", ".join(filter(None, parts))


def _busy(sight: Sight | None) -> str:
    return f"{sight.busy_percent}% cpu" if sight and sight.busy_percent else ""


def _load(sight: Sight | None) -> str:
    return f"{sight.load:.2f}" if sight and sight.load is not None else ""


def _free(sight: Sight | None) -> str:
    if sight is None:
        return ""
    told = (("memory", sight.memory_free_mb), ("disk", sight.disk_free_mb))
    return ", ".join(f"{mb / 1024:.3g}G {name}" for name, mb in told if mb is not None)


def _ms(ms: float | None) -> str:
    return "" if ms is None else f"{ms:.1f} ms"


def _jobs(jobs: tuple[int, ...]) -> str:
    return " ".join(f"#{job}" for job in jobs)
