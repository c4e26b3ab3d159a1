"""What is the matter: from what is known of workers, queues and jobs to words and ranks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from engine.model.attention import Matter, Rank
from engine.model.cron import Cron
from engine.model.link import Link, LinkState, Tripped
from engine.model.rules import Mode
from engine.model.setback import Setback
from engine.model.worker import BreakerState, Health, Queue, Worker
from engine.policy.trends.repeats import Repeat

STANDING_US: Final = 600_000_000
"""What is paused or held for longer, while jobs wait, may have been forgotten."""

ROUND_MS: Final = 100.0
COMMIT_MS: Final = 1_000.0
WAL_BYTES: Final = 512 * 2**20
ROUNDS: Final = 20
"""Fewer rounds or commits say nothing of how long they take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """How the engine does."""

    trouble: str = ""
    """What keeps it from working normally; empty if nothing does."""
    rounds: int = 0
    round_ms_p95: float = 0.0
    commits: int = 0
    commit_ms_p95: float = 0.0
    wal_bytes: int = 0
    waiting: int = 0
    """Jobs that wait, all together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A worker, and how it can be reached."""

    worker: Worker
    """With its breaker as it is now."""
    link: Link | None = None
    tripped: Tripped | None = None
    jobs: int = 0
    """That were last seen running there."""
    silent: int = 0
    """Of them, those whose host is out of reach."""
    silent_at: int | None = None
    """Since when the first of them is."""
    seen_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A queue, and what stands in it."""

    queue: Queue
    waiting: int
    oldest_at: int | None = None
    mode: Mode = Mode.NORMAL
    max_depth: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """Jobs of one queue that are alike."""

    queue: str
    number: int
    is_exact: bool
    """Else there are more."""
    first: int
    since_at: int | None
    text: str = ""
    """Why the first of them waits, or who held it."""


def of_engine(engine: Engine) -> Iterator[Matter]:
    """The engine itself."""
    if engine.trouble:
        yield _engine("trouble", engine.trouble, engine.waiting, "bad")
    slow = []
    if engine.rounds >= ROUNDS and engine.round_ms_p95 > ROUND_MS:
        slow.append(f"round p95 {engine.round_ms_p95:.0f} ms (budget {ROUND_MS:.0f})")
    if engine.commits >= ROUNDS and engine.commit_ms_p95 > COMMIT_MS:
        slow.append(f"commit p95 {engine.commit_ms_p95:.0f} ms (budget {COMMIT_MS:.0f})")
    if engine.wal_bytes > WAL_BYTES:
        slow.append(f"WAL {engine.wal_bytes / 2**20:.0f} MB")
    if slow:
        yield _engine("slow", ", ".join(slow), 0, "warn")


def _engine(what: str, text: str, affected: int, level: str) -> Matter:
    return Matter(
        key=f"engine:{what}",
        rank=Rank.ENGINE,
        kind="engine",
        subject="engine",
        text=text,
        affected=affected,
        jump="admin",
        level=level,
    )


def of_setback(setback: Setback) -> Matter:
    """Work about one item that broke inside the daemon; the rest went on."""
    return Matter(
        key=f"broke:{setback.subject}",
        rank=Rank.ENGINE,
        kind="engine",
        subject=setback.subject,
        text=f"{_short(setback.text)}; the daemon's log has it all",
        since_at=setback.since_at,
        jump="admin",
        level="bad",
    )


def of_worker(reach: Reach) -> Matter | None:
    """The worst that is the matter with a worker; None if nothing is."""
    worker, link, jump = reach.worker, reach.link, f"workers/{quote(reach.worker.name)}"
    found = _out_of_reach(reach) or _kept_from_work(worker, reach.tripped)
    if found is None:
        return None
    rank, text, level = found
    since_at = reach.silent_at or reach.seen_at
    if rank is Rank.STRAINED:
        since_at = None
    elif link is not None and since_at is None:
        since_at = link.since_at
    return Matter(
        key=f"worker:{worker.name}",
        rank=rank,
        kind="worker",
        subject=worker.name,
        text=text,
        affected=max(reach.silent, reach.jobs if rank is Rank.REACH else 0),
        since_at=since_at,
        jump=jump,
        level=level,
    )


def _out_of_reach(reach: Reach) -> tuple[Rank, str, str] | None:
    link = reach.link
    jobs = f"; {jobs_text(reach.jobs)} may be lost" if reach.jobs else ""
    if link is not None and link.state is LinkState.REFUSED:
        return Rank.REACH, f"refused: {_short(link.error)}{jobs}", "bad"
    if reach.worker.health is Health.DOWN and (link is None or link.tried):
        why = f": {_short(link.error)}" if link is not None and link.error else ""
        return Rank.REACH, f"down{why}{jobs}", "bad"
    if reach.silent:
        return Rank.REACH, f"{jobs_text(reach.silent)} out of reach", "bad"
    return None


def _kept_from_work(worker: Worker, tripped: Tripped | None) -> tuple[Rank, str, str] | None:
    if worker.quarantined:
        return Rank.STRAINED, f"quarantined: {_short(worker.quarantined)}", "warn"
    if worker.breaker is BreakerState.CLOSED:
        return None
    why = f" after {tripped.failures} failures: {_short(tripped.why)}" if tripped else ""
    return Rank.STRAINED, f"breaker {worker.breaker.value}{why}", "warn"


def of_queue(line: Line, now_at: int) -> Matter | None:
    """A queue that was paused long ago while jobs wait in it, or that is too deep."""
    queue = line.queue
    if queue.paused_at is not None and queue.paused_by is not None:
        if line.waiting and now_at - queue.paused_at >= STANDING_US:
            why = f" ({_short(queue.paused_why)})" if queue.paused_why else ""
            text = f"paused by {queue.paused_by}{why}; {jobs_text(line.waiting)} waiting"
            return _queue(line, Rank.STANDING, text, queue.paused_at, "bad")
        return None
    if line.mode < Mode.HIGH:
        return None
    of = "" if line.max_depth is None else f" of {line.max_depth:,}"
    text = f"{line.mode.label} backlog: {line.waiting:,}{of} jobs wait"
    level = "warn" if line.mode is Mode.HIGH else "bad"
    return _queue(line, Rank.STRAINED, text, line.oldest_at, level)


def _queue(line: Line, rank: Rank, text: str, since_at: int | None, level: str) -> Matter:
    name = line.queue.name
    return Matter(
        key=f"queue:{name}",
        rank=rank,
        kind="queue",
        subject=name or "all queues",
        text=text,
        affected=line.waiting,
        since_at=since_at,
        jump=f"queues/{quote(name)}" if name else "queues",
        level=level,
    )


def of_asking(many: Many) -> Matter:
    """Jobs that were lost, and of which somebody has to say what is to become."""
    text = f"{_number(many)} lost with restart=ask: run again or leave?"
    jump = f"jobs/{many.first}" if many.number == 1 else f"jobs?state=failed&queue={many.queue}"
    return _jobs("ask", Rank.ASKED, many, text, jump, "bad")


def of_unsatisfiable(many: Many) -> Matter:
    """Jobs that no worker could ever hold."""
    text = f"{_number(many)} can never start: {_short(many.text)}"
    jump = f"stuck?queue={quote(many.queue)}"
    return _jobs("unsatisfiable", Rank.UNSATISFIABLE, many, text, jump, "bad")


def of_held(many: Many, now_at: int) -> Matter | None:
    """Jobs that are on hold for long; None while they are not."""
    if many.since_at is None or now_at - many.since_at < STANDING_US:
        return None
    text = f"{_number(many)} on hold" + (f" by {many.text}" if many.text else "")
    jump = f"jobs?held=yes&queue={quote(many.queue)}"
    return _jobs("held", Rank.STANDING, many, text, jump, "warn")


def _jobs(kind: str, rank: Rank, many: Many, text: str, jump: str, level: str) -> Matter:
    return Matter(
        key=f"{kind}:{many.queue}",
        rank=rank,
        kind=kind,
        subject=many.queue,
        text=text,
        affected=many.number,
        since_at=many.since_at,
        jump=jump,
        level=level,
    )


def of_repeat(repeat: Repeat, name: str) -> Matter:
    """Failures that are alike, one after the other. `name`: of the last job that failed so."""
    jobs = "" if repeat.jobs == repeat.failures else f" of {jobs_text(repeat.jobs)}"
    text = f"{repeat.failures} failures{jobs} in 15 min, all alike: {_short(repeat.said)}"
    return Matter(
        key=f"failures:{repeat.fp}",
        rank=Rank.REPEATED,
        kind="failures",
        subject=name or f"#{repeat.last}",
        text=text,
        affected=repeat.jobs,
        since_at=repeat.since_at,
        jump=f"jobs?fp={repeat.fp}",
        level="warn",
    )


def of_cron(cron: Cron) -> Matter | None:
    """What recurs and was missed, or could not be submitted; None if neither."""
    said = []
    if cron.missed_runs:
        runs = "1 run" if cron.missed_runs == 1 else f"{cron.missed_runs:,} runs"
        said.append(f"missed {runs}")
    if cron.trouble:
        said.append(f"the last run could not be submitted: {_short(cron.trouble)}")
    if not said:
        return None
    return Matter(
        key=f"cron:{cron.name}",
        rank=Rank.MISSED,
        kind="cron",
        subject=cron.name,
        text="; ".join(said),
        affected=cron.missed_runs,
        since_at=cron.missed_at,
        jump="admin",
        level="warn",
    )


def jobs_text(number: int) -> str:
    """`1 job`, `1,204 jobs`."""
    return f"{number:,} job" if number == 1 else f"{number:,} jobs"


def _number(many: Many) -> str:
    return jobs_text(many.number) if many.is_exact else f"{many.number:,}+ jobs"


def _short(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 160 else f"{line[:159]}…"
