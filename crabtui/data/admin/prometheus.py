"""Prometheus: the daemon's counters in its text format, for whatever scrapes a file."""

from collections.abc import Iterable, Iterator

from engine.control.views import Stats
from engine.model.states import FINAL, State

Sample = tuple[dict[str, str], float]


def exposition(found: Stats) -> str:
    """All metrics, format 0.0.4; each with its help and type."""
    return "".join(f"{line}\n" for line in _lines(found))


def _lines(found: Stats) -> Iterator[str]:
    engine, daemon = found.engine, found.daemon
    yield from _metric("jobs", "gauge", "Jobs by queue and state.", _jobs(found))
    ended = [({"state": s}, n) for s, n in _by_state(found) if State(s) in FINAL]
    yield from _metric("jobs_ended", "gauge", "Jobs that have ended and are kept.", ended)
    plain: tuple[tuple[str, str, str, float], ...] = (
        ("up_seconds", "gauge", "Since the daemon started.", _up_s(found)),
        ("granting", "gauge", "1 while the engine starts jobs.", float(daemon.granting)),
        ("events_total", "counter", "Events in the log.", engine.seq),
        ("rounds_total", "counter", "Rounds of the scheduler.", engine.rounds),
        ("commits_total", "counter", "Commits to the database.", engine.commits),
        ("changes_total", "counter", "Changes in these commits.", engine.units),
        ("lock_waits_total", "counter", "Commits that had to wait.", engine.lock_waits),
        ("live_attempts", "gauge", "Attempts that are open.", engine.live_attempts),
        ("resident_jobs", "gauge", "Jobs in memory.", engine.resident_jobs),
        ("lanes", "gauge", "Lanes in memory.", engine.lanes),
        ("waiting_changes", "gauge", "Changes that wait to be written.", engine.waiting_units),
        ("clients", "gauge", "Connections at the door.", engine.clients),
        ("memory_bytes", "gauge", "Resident memory of the daemon.", engine.rss_bytes),
        ("wal_bytes", "gauge", "Write-ahead log of the database.", engine.wal_bytes),
        ("descriptors", "gauge", "Open files and sockets.", engine.descriptors),
    )
    for name, kind, about, value in plain:
        yield from _metric(name, kind, about, [({}, value)])
    for what, p50, p95 in (
        ("round", engine.round_ms_p50, engine.round_ms_p95),
        ("commit", engine.commit_ms_p50, engine.commit_ms_p95),
    ):
        samples = [({"quantile": "0.5"}, p50 / 1000), ({"quantile": "0.95"}, p95 / 1000)]
        yield from _metric(f"{what}_seconds", "gauge", f"How long a {what} takes.", samples)
    yield from _workers(found)


def _jobs(found: Stats) -> Iterator[Sample]:
    for queue, counts in sorted(found.jobs.by_queue.items()):
        for state, number in sorted(counts.items()):
            yield {"queue": queue, "state": state}, number


def _by_state(found: Stats) -> Iterable[tuple[str, int]]:
    return sorted(found.jobs.by_state.items())


def _workers(found: Stats) -> Iterator[str]:
    of = [({"worker": one.name, "backend": one.backend}, one) for one in found.workers]
    yield from _metric(
        "worker_up",
        "gauge",
        "1 while the worker is healthy.",
        [(labels, float(one.health == "healthy")) for labels, one in of],
    )
    yield from _metric(
        "worker_slots", "gauge", "Attempts at once.", [(labels, o.slots) for labels, o in of]
    )
    yield from _metric(
        "worker_slots_taken",
        "gauge",
        "Attempts that have a slot.",
        [(labels, one.slots_taken) for labels, one in of],
    )
    for name, about in (("capacity", "What it has."), ("taken", "What of it is taken.")):
        samples = [
            ({**labels, "resource": resource}, amount)
            for labels, one in of
            for resource, amount in sorted(getattr(one, name).items())
        ]
        yield from _metric(f"worker_{name}", "gauge", about, samples)


def _metric(name: str, kind: str, about: str, samples: Iterable[Sample]) -> Iterator[str]:
    full = f"crabtui_{name}"
    yield f"# HELP {full} {about}"
    yield f"# TYPE {full} {kind}"
    for labels, value in samples:
        named = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{full}{{{named}}} {value:.15g}" if named else f"{full} {value:.15g}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _up_s(found: Stats) -> float:
    return max(0, found.now_at - found.daemon.started_at) / 1_000_000
