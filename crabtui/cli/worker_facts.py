"""What is told of a worker: a row among others, and everything about one."""

from typing import Final

from crabtui.cli.moments import stamp
from crabtui.cli.tables import fields
from crabtui.data.wording import age, duration
from engine.control.views import LinkView, WorkerView

HEADINGS: Final = (
    *("WORKER", "BACKEND", "HEALTH", "SLOTS"),
    *("CPU", "MEMORY", "GPU", "LIMITS", "LABELS", "NOTE"),
)
RIGHT: Final = frozenset({"SLOTS", "CPU", "MEMORY", "GPU"})


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
    pairs = [
        ("backend", f"{worker.backend} {worker.address}".strip()),
        ("defined", {"command": "by command", "gone": "nowhere any more"}.get(
            worker.origin, "in the configuration")),
        ("health", worker.health + (" (nothing heard for a minute)" if worker.stale else "")),
        ("link", _link(link, now) if link else ""),
        ("round trip", _ms(link.round_trip_ms) if link else ""),
        ("work", _work(worker)),
        ("breaker", _breaker(worker)),
        ("slots", f"{worker.slots_taken} of {worker.slots} taken"),
        ("cpu", _used(worker, "cpu_milli", 1000, "")),
        ("memory", _used(worker, "memory_mb", 1024, "G")),
        ("gpu", _gpus(worker)),
        ("load", f"{sight.load:.2f}" if sight and sight.load is not None else ""),
        ("busy", f"{sight.busy_percent}% cpu" if sight and sight.busy_percent else ""),
        ("free", _free(worker)),
        ("labels", " ".join(worker.labels)),
        ("production", "yes" if worker.production else ""),
        ("limits", worker.limits),
        ("waits for", _jobs(worker.waits_for)),
        ("at risk", _jobs(worker.at_risk)),
        ("clock", f"{worker.drift_ms} ms ahead of ours" if worker.drift_ms else ""),
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
    return f"{worker.taken.get(name, 0) / unit:.3g}/{total / unit:.3g}{suffix}"


def _note(worker: WorkerView, now: int) -> str:
    """Whatever is out of the ordinary."""
    notes = ["production"] if worker.production else []
    if worker.link is not None and worker.link.state != "connected":
        notes.append(_link(worker.link, now))
    if worker.quarantined:
        notes.append(f"quarantined: {worker.quarantined}")
    if worker.breaker != "closed":
        notes.append(_breaker(worker))
    if worker.draining:
        waits = _jobs(worker.waits_for)
        notes.append(f"draining, waits for {waits}" if waits else "drained")
    if worker.at_risk:
        notes.append(f"at risk {_jobs(worker.at_risk)}")
    return ", ".join(notes)


def _link(link: LinkView, now: int) -> str:
    words = f"{link.state} for {age(link.since_at, now)}"
    if link.state == "refused":
        words = "refused, until `crabtui workers reconnect`"
    elif link.next_try_at is not None:
        words += f", tried again in {duration(max(0, link.next_try_at - now))}"
    return f"{words}: {link.error}" if link.error else words


def _work(worker: WorkerView) -> str:
    if worker.quarantined:
        return f"none, quarantined: {worker.quarantined}"
    return "draining" if worker.draining else ""


def _breaker(worker: WorkerView) -> str:
    if worker.breaker == "closed":
        return ""
    left = "" if worker.permits is None else f", {worker.permits} more let through"
    return f"breaker {worker.breaker}{left}"


def _gpus(worker: WorkerView) -> str:
    used = _used(worker, "gpu", 1, "")
    devices = worker.sight.devices if worker.sight else ()
    foreign = [f"{one.index}: {one.foreign_mb}M of others" for one in devices if one.foreign_mb]
    return f"{used} ({'; '.join(foreign)})" if foreign else used


def _free(worker: WorkerView) -> str:
    sight = worker.sight
    if sight is None:
        return ""
    told = (("memory", sight.memory_free_mb), ("disk", sight.disk_free_mb))
    return ", ".join(f"{mb / 1024:.3g}G {name}" for name, mb in told if mb is not None)


def _ms(ms: float | None) -> str:
    return "" if ms is None else f"{ms:.1f} ms"


def _jobs(jobs: tuple[int, ...]) -> str:
    return " ".join(f"#{job}" for job in jobs)
