"""Answers of a daemon, with everything filled in that a test does not care about."""

from typing import Any

from engine.control import views
from engine.model.sight import Usage

NOW_AT = 1_700_000_100_000_000
"""What the fake door says the time is."""

SECOND = 1_000_000


def a_row(number: int, **changed: Any) -> views.JobRow:
    """A queued job, ten seconds old."""
    known = {
        "version": number,
        "state": "queued",
        "name": "make -j4",
        "queue": "default",
        "priority": "normal",
        "created_at": NOW_AT - 10 * SECOND,
        "queued_at": NOW_AT - 10 * SECOND,
        "state_at": NOW_AT - 10 * SECOND,
    }
    return views.JobRow(id=number, **{**known, **changed})


def a_page(*rows: views.JobRow, **changed: Any) -> views.JobsPage:
    """A window that shows all there is."""
    known = {"offset": 0, "total": len(rows), "total_is_exact": True, "seq": 1}
    return views.JobsPage(jobs=rows, **{**known, **changed})


def a_job(number: int, **changed: Any) -> views.JobView:
    """A job that failed with exit code 2."""
    known: dict[str, Any] = {
        "parent_id": None,
        "tenant_id": "default",
        "namespace": "default",
        "owner": "ann",
        "kind": "command",
        "name": "make -j4",
        "description": "",
        "queue": "default",
        "priority": "normal",
        "tags": ("nightly",),
        "payload": {"argv": ["make", "-j4", "all targets"], "cwd": "/src"},
        "resources": {"cpu": 4},
        "constraints": {"timeout_ms": 60_000},
        "state": "failed",
        "created_at": NOW_AT - 20 * SECOND,
        "queued_at": NOW_AT - 20 * SECOND,
        "started_at": NOW_AT - 19 * SECOND,
        "completed_at": NOW_AT - 9 * SECOND,
        "state_at": NOW_AT - 9 * SECOND,
        "wake_at": None,
        "duration_ms": 10_000,
        "backend": "local",
        "worker_id": "local",
        "attempt": 1,
        "max_attempts": 1,
        "failures": 1,
        "losses": 0,
        "exit_code": 2,
        "signal": None,
        "error": {"code": "exit", "message": "exited with 2"},
        "held_by": None,
        "held_why": "",
        "cancel_at": None,
        "cancel_by": None,
        "cancel_why": "",
        "stopping": False,
        "unreachable_at": None,
        "needs_operator": False,
        "key": None,
        "trace_id": "0" * 32,
        "span_id": "",
        "metadata": {},
        "note": "exit 2",
        "version": 9,
    }
    return views.JobView(id=number, **{**known, **changed})


def an_attempt(job: int, number: int = 1, **changed: Any) -> views.AttemptView:
    """An attempt that took ten seconds."""
    known = {
        "id": f"{job}-{number}-3",
        "number": number,
        "worker_id": "local",
        "phase": "ended",
        "epoch": 3,
        "intent_at": NOW_AT - 20 * SECOND,
        "started_at": NOW_AT - 19 * SECOND,
        "completed_at": NOW_AT - 9 * SECOND,
        "duration_ms": 10_000,
        "pid": 99,
        "verdict": "failed",
        "exit_code": 2,
    }
    return views.AttemptView(**{**known, **changed})


def a_usage(job: int, **changed: Any) -> views.UsageView:
    """An attempt that used one core and 300 MB for twenty seconds."""
    samples = tuple(
        Usage(
            at=NOW_AT + (10 * n - 20) * SECOND,
            cpu_ms=10_000 * n,
            memory_mb=100 * (n + 1),
            processes=2,
        )
        for n in range(3)
    )
    known = {
        "attempt": f"{job}-1-3",
        "worker_id": "local",
        "cpu_ms": 20_000,
        "peak_memory_mb": 300,
        "peak_processes": 2,
        "samples": samples,
    }
    return views.UsageView(**{**known, **changed})


def a_chunk(data: bytes, *, offset: int = 0, job: int = 12, **changed: Any) -> views.LogChunk:
    """A piece of the log of a job's first attempt, the last one so far."""
    known: dict[str, Any] = {
        "size": offset + len(data),
        "dropped": 0,
        "attempt": f"{job}-1-3",
        "final": True,
    }
    return views.LogChunk(data=data, offset=offset, **{**known, **changed})


def a_log(whole: bytes, dropped: int = 0) -> Any:
    """An answer to `ReadLog` from the bytes of a log; the first `dropped` are gone."""

    def read(ask: Any) -> views.LogChunk:
        start = len(whole) + ask.offset if ask.offset < 0 else ask.offset
        start = max(start, dropped)
        data = whole[start : start + min(ask.limit, 7)]
        return a_chunk(data, offset=start, size=len(whole), dropped=dropped)

    return read


def finished(number: int, state: str = "succeeded", **changed: Any) -> views.Finished:
    """The end of a job."""
    known: dict[str, Any] = {
        "exit_code": 0 if state == "succeeded" else None,
        "signal": None,
        "error": None,
    }
    return views.Finished(id=number, state=state, **{**known, **changed})


def submitted(first: int, last: int | None = None, *, created: bool = True) -> views.Submitted:
    """Jobs that were stored under these ids."""
    last = first if last is None else last
    ids = range(first, last + 1)
    told = (
        tuple(views.CreatedJob(id=n, created=created) for n in ids) if len(ids) <= 100 else ()
    )
    return views.Submitted(count=len(ids), ids=((first, last),), jobs=told)


def acted(*results: views.Result) -> views.Acted:
    """What an act did."""
    return views.Acted(results=results, matched=len(results))


def a_queue(name: str, **changed: Any) -> views.QueueView:
    """A queue with nothing in it."""
    known: dict[str, Any] = {
        "limit": None,
        "weight": 1,
        "paused_by": None,
        "paused_why": "",
        "paused_at": None,
        "running": 0,
        "queued": 0,
        "pending": 0,
        "retrying": 0,
    }
    return views.QueueView(name=name, **{**known, **changed})


def some_stats(daemon: views.DaemonView) -> views.Stats:
    """Counters of a daemon with one worker and a few jobs."""
    return views.Stats(
        daemon=daemon,
        jobs=views.JobCounts(
            by_state={"running": 2, "queued": 40},
            by_queue={"default": {"running": 2, "queued": 39}, "gpu": {"queued": 1}},
        ),
        workers=(
            views.WorkerView(
                name="local",
                backend="local",
                health="healthy",
                draining=False,
                slots=8,
                slots_taken=2,
                capacity={"cpu_milli": 2000},
                taken={"cpu_milli": 2000},
                seen_at=NOW_AT,
            ),
        ),
        engine=views.EngineStats(
            seq=97,
            rounds=12,
            round_ms_p50=0.3,
            round_ms_p95=1.25,
            commits=30,
            units=90,
            commit_ms_p50=2.0,
            commit_ms_p95=4.0,
            live_attempts=2,
            resident_jobs=42,
            lanes=2,
            wal_bytes=2**20,
            clients=1,
            rss_bytes=50 * 2**20,
            waiting_units=3,
            groups=28,
            lock_waits=1,
            checkpoint_at=NOW_AT - 12_000_000,
            descriptors=31,
            descriptors_most=1024,
            shapes=2,
        ),
        now_at=NOW_AT,
    )
