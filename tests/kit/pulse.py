"""How it goes, and what wants attention, as a daemon tells it."""

from typing import Any

from msgspec.structs import replace

from engine.control import views
from engine.model.attention import Matter
from tests.kit.answers import NOW_AT, SECOND

MINUTE = 60 * SECOND


def a_trends_view(**changed: Any) -> views.TrendsView:
    """An hour in which it got busier and busier, with a few failures in the middle."""
    width, number = 60, 60
    done = tuple(round(width * (1 + 6.9 * n / 59)) for n in range(number))
    known: dict[str, Any] = {
        "begin_at": NOW_AT - number * MINUTE,
        "width_ms": width * 1000,
        "since_at": NOW_AT - number * MINUTE,
        "now_at": NOW_AT,
        "came": done,
        "started": done,
        "done": done,
        "failed": tuple(132 if 28 <= n < 31 else 3 for n in range(number)),
        "retried": tuple(88 if 28 <= n < 31 else 4 for n in range(number)),
        "depth": tuple(400 + (n * 860) // 59 for n in range(number)),
        "run_ms_p50": tuple(1_900.0 if n != 29 else 9_000.0 for n in range(number)),
        "run_ms_p95": tuple(14_000.0 if n != 29 else 61_000.0 for n in range(number)),
        "wait_ms_p95": tuple(1_000.0 * (n + 1) * 7 for n in range(number)),
        "round_ms_p95": tuple(2.0 + n * 4 for n in range(number)),
        "recent": views.RecentView(
            came_per_s=4.2,
            started_per_s=4.2,
            done_per_s=4.1,
            failed_per_s=0.1,
            retried=12,
            depth=1_204,
            run_ms_p50=1_900.0,
            run_ms_p95=14_000.0,
            wait_ms_p95=372_000.0,
            round_ms_p95=210.0,
        ),
    }
    return views.TrendsView(**{**known, **changed})


def some_matters(now_at: int = NOW_AT) -> tuple[Matter, ...]:
    """One of each rank but the first and last, as the wireframes have them."""
    return (
        Matter(
            key="worker:gpu-07",
            rank=2,
            kind="worker",
            subject="gpu-07",
            text="down: no route to host; 2 jobs may be lost",
            affected=2,
            since_at=now_at - 41 * SECOND,
            jump="workers/gpu-07",
            level="bad",
        ),
        Matter(
            key="queue:etl",
            rank=5,
            kind="queue",
            subject="etl",
            text="paused by ana (schema change); 152 jobs waiting",
            affected=152,
            since_at=now_at - 121 * MINUTE,
            jump="queues/etl",
            level="bad",
        ),
        Matter(
            key="failures:9ac1e002",
            rank=6,
            kind="failures",
            subject="train_v2",
            text="5 failures in 15 min, all alike: exit 137",
            affected=5,
            since_at=now_at - 8 * MINUTE,
            jump="jobs?fp=9ac1e002",
        ),
        Matter(
            key="engine:slow",
            rank=1,
            kind="engine",
            subject="engine",
            text="round p95 210 ms (budget 100)",
            jump="admin",
            acknowledged_by="bo",
            acknowledged_until_at=now_at + 31 * MINUTE,
        ),
    )


def an_attention_view(*matters: Matter, **changed: Any) -> views.AttentionView:
    """What wants attention; without matters nothing does."""
    known: dict[str, Any] = {
        "matters": matters,
        "open": sum(not matter.acknowledged_by for matter in matters),
        "clear_since_at": None if matters else NOW_AT - 50 * MINUTE,
        "vitals": views.Vitals(
            failed_1h=7, workers=12, workers_up=11, slots=64, slots_taken=38
        ),
        "now_at": NOW_AT,
    }
    return views.AttentionView(**{**known, **changed})


def a_quiet_trends_view(**changed: Any) -> views.TrendsView:
    """An hour in which nothing happened."""
    none, zero = (None,) * 60, (0,) * 60
    counts = dict.fromkeys(("came", "started", "done", "failed", "retried", "depth"), zero)
    times = dict.fromkeys(("run_ms_p50", "run_ms_p95", "wait_ms_p95", "round_ms_p95"), none)
    recent = views.RecentView(
        came_per_s=0.0,
        started_per_s=0.0,
        done_per_s=0.0,
        failed_per_s=0.0,
        retried=0,
        depth=0,
        run_ms_p50=None,
        run_ms_p95=None,
        wait_ms_p95=None,
        round_ms_p95=None,
    )
    return a_trends_view(**{**counts, **times, "recent": recent, **changed})


def trends_of(world: Any) -> views.TrendsView:
    """What a `World` says of the last hour: it was busy if there are jobs."""
    return a_trends_view() if world.jobs else a_quiet_trends_view()


def matters_of(world: Any) -> views.AttentionView:
    """What a `World` says wants attention, with its numbers."""
    jobs, workers = world.jobs.values(), world.workers
    up = [one for one in workers if one.health == "healthy"]
    vitals = views.Vitals(
        failed_1h=sum(job.state in ("failed", "timeout") for job in jobs),
        workers=len(workers),
        workers_up=len(up),
        slots=sum(one.slots for one in up),
        slots_taken=sum(one.slots_taken for one in up),
    )
    return an_attention_view(*world.matters, vitals=vitals)


def acknowledge(world: Any, ask: Any) -> views.Acted:
    """Do as asked."""
    by, until_at = ("", None) if ask.undo else ("ana", world.clock.now() + 60 * MINUTE)
    world.matters = [
        replace(one, acknowledged_by=by, acknowledged_until_at=until_at)
        if one.key == ask.key
        else one
        for one in world.matters
    ]
    world.stir()
    return views.Acted(results=(views.Result(id=ask.key, ok=True),), matched=1)
