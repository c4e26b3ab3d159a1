"""Everything about one worker, as lines: its link, its jobs at risk, its host, its devices."""

from collections.abc import Iterator
from textwrap import wrap

from crabtui.data.glyphs import Cell, Token
from crabtui.data.job import limits
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import age, duration
from crabtui.data.workers.columns import drift, round_trip
from crabtui.data.workers.words import (
    CONNECTING,
    GLYPHS,
    LOST,
    REFUSED,
    breaker,
    contact,
    is_here,
    is_reached,
    mending,
    next_try,
    silence,
    standing,
)
from engine.control.views import WorkerView
from engine.model.sight import Device

Line = list[Cell]
SHOWN_JOBS = 12


def worker_lines(worker: WorkerView, room: int, now_at: int) -> list[Line]:
    """The lines, each of at most `room` cells where its words allow, the worst first."""
    return [
        *_link(worker, room, now_at),
        *_held_back(worker, room, now_at),
        *_risk(worker, room),
        *_error(worker, room),
        *_host(worker, room, now_at),
        *_devices(worker, room),
        *_wrapped("   ".join(_facts(worker)), room),
        *_wrapped(f"limits {limits.text(worker.limits)}", room),
        *(line for text in worker.warnings for line in _wrapped(sanitize(text), room, "warn")),
    ]


def _wrapped(text: str, room: int, token: Token = "text") -> list[Line]:  # noqa: S107 - a colour
    return [[(f" {part}", token)] for part in wrap(text, room)]


def _link(worker: WorkerView, room: int, now_at: int) -> Iterator[Line]:
    where = f"{worker.backend} {worker.address}".strip()
    now = standing(worker)
    if worker.link is None or (is_here(worker) and is_reached(worker)):
        heard = "" if is_here(worker) else f", heard {silence(worker, now_at)} ago"
        yield from _wrapped(f"{now}, {where}{heard}", room, _tone(now))
        return
    words = [now, sanitize(where)]
    if now == LOST:
        words += [contact(worker, now_at), next_try(worker.link, now_at)]
    elif now == REFUSED:
        words.append(f"since {age(worker.link.since_at, now_at)}; nothing is tried by itself")
    elif now != CONNECTING:
        words.append(f"heard {silence(worker, now_at)} ago")
    yield from _wrapped(", ".join(filter(None, words)), room, _tone(now))
    if (command := mending(worker)) and now in (LOST, REFUSED):
        yield [(f" {sanitize(command)}", "accent"), ("   or R", "muted")]


def _error(worker: WorkerView, room: int) -> list[Line]:
    """Why it is not connected, in full; it may take many lines."""
    if worker.link is None or not worker.link.error:
        return []
    return _wrapped(sanitize(worker.link.error), room, "bad")


def _tone(now: str) -> Token:
    tone = GLYPHS[now].token
    return "text" if tone == "run" else tone


def _held_back(worker: WorkerView, room: int, now_at: int) -> Iterator[Line]:
    """What keeps new jobs from it, though it may well be reached."""
    if worker.quarantined:
        yield from _wrapped(f"quarantined: {sanitize(worker.quarantined)}", room, "block")
        yield [(f" {sanitize(f'crabtui workers release {worker.name}')}", "accent")]
    if worker.breaker != "closed":
        text = f"circuit {sanitize(breaker(worker, now_at))}"
        yield from _wrapped(text, room, "warn")
        yield [(f" {sanitize(f'crabtui workers reset {worker.name}')}", "accent")]
    if worker.draining:
        text = f"draining: no new job starts there; {_left(worker)}"
        yield from _wrapped(text, room, "block")


def _left(worker: WorkerView) -> str:
    ids = _ids(worker.waits_for)
    return f"still there: {ids}" if ids else "nothing runs there any more"


def _risk(worker: WorkerView, room: int) -> list[Line]:
    if not worker.at_risk:
        return []
    text = f"at risk: {_ids(worker.at_risk)}; last seen running there, nothing says they ended"
    return _wrapped(text, room, "warn")


def _ids(jobs: tuple[int, ...]) -> str:
    named = " ".join(f"#{job}" for job in jobs[:SHOWN_JOBS])
    more = len(jobs) - SHOWN_JOBS
    return f"{named} and {more} more" if more > 0 else named


def _host(worker: WorkerView, room: int, now_at: int) -> list[Line]:
    """What its host showed, or how old that is."""
    sight = worker.sight or worker.last_sight
    if sight is None:
        return []
    words = []
    if sight.busy_percent is not None:
        words.append(f"cpu {sight.busy_percent}% busy")
    if sight.load is not None:
        words.append(f"load {sight.load:.1f}")
    if sight.memory_free_mb is not None:
        words.append(f"memory {sight.memory_free_mb / 1024:.3g}G free")
    if sight.disk_free_mb is not None:
        words.append(f"disk {sight.disk_free_mb / 1024:.3g}G free")
    if worker.link is not None and not is_here(worker):
        words.append(f"round trip {round_trip(worker, now_at)[0]}")
        words.append(f"clock {drift(worker, now_at)[0]}")
    if not is_reached(worker) or worker.stale:
        old = f"as of {duration(now_at - sight.at)} ago: "
        return _wrapped(old + "   ".join(words), room, "muted")
    return _wrapped("   ".join(words), room)


def _devices(worker: WorkerView, room: int) -> Iterator[Line]:
    sight = worker.sight or worker.last_sight
    seen = {device.index: device for device in sight.devices} if sight else {}
    for index in sorted({*seen, *range(len(worker.gpu_types))}):
        kind = worker.gpu_types[index] if index < len(worker.gpu_types) else ""
        words = [f"gpu {index} {sanitize(kind)}".rstrip()]
        words += ["taken"] if index in worker.gpus_taken else []
        device = seen.get(index)
        words += _device(device, kind) if device is not None else []
        is_foreign = device is not None and device.foreign_mb > 0
        yield from _wrapped("   ".join(words), room, "warn" if is_foreign else "text")


def _device(device: Device, kind: str) -> list[str]:
    words = [sanitize(device.kind)] if device.kind and device.kind != kind else []
    words.append(f"{device.used_mb / 1024:.3g}/{device.memory_mb / 1024:.3g}G used")
    if device.foreign_mb:
        words.append(f"{device.foreign_mb / 1024:.3g}G of it by somebody else")
    if device.busy_percent is not None:
        words.append(f"{device.busy_percent}% busy")
    return words


def _facts(worker: WorkerView) -> Iterator[str]:
    if storage := worker.capacity.get("storage_mb"):
        yield f"storage {storage / 1024:.3g}G"
    known = {"cpu_milli", "memory_mb", "gpu", "storage_mb"}
    for name, total in worker.capacity.items():
        if name not in known:
            yield f"{sanitize(name)} {worker.taken.get(name, 0)}/{total}"
    if worker.labels:
        yield f"labels {sanitize(', '.join(worker.labels))}"
    if worker.production:
        yield "production"
    if worker.origin != "config":
        yield {"command": "added by command", "gone": "gone from the configuration"}.get(
            worker.origin, sanitize(worker.origin)
        )
    if worker.boot:
        yield f"boot {sanitize(worker.boot[:8])}"
