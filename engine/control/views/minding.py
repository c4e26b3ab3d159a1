"""How it goes, and what wants somebody's attention."""

from engine.control.views.view import View
from engine.model.attention import Matter


class RecentView(View, frozen=True):
    """How it goes now: counted over about the last minute, timed over the last five."""

    came_per_s: float
    started_per_s: float
    done_per_s: float
    failed_per_s: float
    retried: int
    """In the last minute."""
    depth: int
    """Jobs that wait now."""
    run_ms_p50: float | None
    run_ms_p95: float | None
    wait_ms_p95: float | None
    round_ms_p95: float | None


class TrendsView(View, frozen=True):
    """What happened in each span of time, oldest first; the last one is not over yet."""

    begin_at: int
    """When the first span begins."""
    width_ms: int
    since_at: int | None
    """From when on everything was counted: before, a span may lack something."""
    now_at: int
    came: tuple[int, ...]
    started: tuple[int, ...]
    done: tuple[int, ...]
    failed: tuple[int, ...]
    """For good; those that are tried again count as retried."""
    retried: tuple[int, ...]
    depth: tuple[int | None, ...]
    """Jobs that waited at its end; None: it is not known."""
    run_ms_p50: tuple[float | None, ...]
    """Of runs that ended in it, within 5 %; None: none did."""
    run_ms_p95: tuple[float | None, ...]
    wait_ms_p95: tuple[float | None, ...]
    """Of jobs that started in it."""
    round_ms_p95: tuple[float | None, ...]
    """Of rounds of dispatch; of all queues together only."""
    recent: RecentView
    queue: str | None = None


class Vitals(View, frozen=True):
    """The few numbers that are always in sight."""

    failed_1h: int
    """Jobs that failed for good in the last hour."""
    workers: int
    workers_up: int
    """Those that are reached and not kept from all work."""
    slots: int
    """Of those that are up."""
    slots_taken: int


class AttentionView(View, frozen=True):
    """What wants attention, what matters most first; what somebody knows of comes last."""

    matters: tuple[Matter, ...]
    open: int
    """How many of them nobody has acknowledged."""
    clear_since_at: int | None
    """Since when there is none of those; None: there is, or nobody has looked before."""
    vitals: Vitals
    now_at: int
