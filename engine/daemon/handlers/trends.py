"""`trends`: how much was done and how long it took, over the last hours."""

from typing import Final

from engine.control.messages import GetTrends
from engine.control.views import RecentView, TrendsView
from engine.daemon.desk import Caller, Desk
from engine.daemon.past.moment import counters, moment
from engine.errors import InvalidSpec, NotFound
from engine.ledger.memory.counters import Counters
from engine.model.words import nearest
from engine.policy.entry.arrivals import ALL, DEEP
from engine.policy.trends.bucket import Bucket, Timed
from engine.policy.trends.series import LONGEST_US, Series, Window

MOST_BUCKETS: Final = 720
FIVE_MINUTES_US: Final = 300_000_000


async def answer(desk: Desk, __: Caller, ask: GetTrends) -> TrendsView:
    """The last `range_ms` in `buckets` spans at most.

    Raises:
        InvalidSpec: a range, a number or a moment that cannot be.
        NotFound: there is no such queue; names the nearest.
    """
    _check(desk, ask)
    when = await moment(desk, ask.as_of)
    if when.past is None:
        desk.past_hour.time_rounds()
        trends = desk.past_hour.trends
        depth = desk.working_set.backlog.depths[ALL if ask.queue is None else ask.queue]
    else:
        trends, _ = await desk.past_hour.before(desk.store, when.seq)
        depth = _depth(await counters(when), ask.queue)
    series = trends.all if ask.queue is None else trends.queue(ask.queue)
    window = series.window(when.now_at, ask.range_ms * 1_000, ask.buckets)
    window.buckets[-1].depth = depth
    recent = _recent(series, when.now_at, depth)
    return _view(window, recent, ask.queue, trends.since_at, when.now_at)


def _depth(sums: Counters, queue: str | None) -> int:
    counts = sums.by_state() if queue is None else sums.by_queue().get(queue, {})
    return sum(counts.get(state, 0) for state in DEEP)


def _check(desk: Desk, ask: GetTrends) -> None:
    if not 1_000 <= ask.range_ms <= LONGEST_US // 1_000:
        raise InvalidSpec(f"range {ask.range_ms} ms: 1 s to 24 h", field="range_ms")
    if not 1 <= ask.buckets <= MOST_BUCKETS:
        raise InvalidSpec(f"{ask.buckets} buckets: 1 to {MOST_BUCKETS}", field="buckets")
    queues = desk.working_set.queues
    if ask.queue is not None and ask.queue not in queues:
        near = nearest(ask.queue, queues)
        hint = f"; did you mean {near!r}?" if near else ""
        raise NotFound(f"there is no queue {ask.queue!r}{hint}", field="queue", nearest=near)


def _recent(series: Series, now_at: int, depth: int) -> RecentView:
    minute, seconds = series.recent(now_at)
    while_ago, _ = series.recent(now_at, FIVE_MINUTES_US)
    return RecentView(
        came_per_s=round(minute.came / seconds, 3),
        started_per_s=round(minute.started / seconds, 3),
        done_per_s=round(minute.done / seconds, 3),
        failed_per_s=round(minute.failed / seconds, 3),
        retried=minute.retried,
        depth=depth,
        run_ms_p50=_ms(while_ago, Timed.RUN, 0.5),
        run_ms_p95=_ms(while_ago, Timed.RUN, 0.95),
        wait_ms_p95=_ms(while_ago, Timed.WAIT, 0.95),
        round_ms_p95=_ms(while_ago, Timed.ROUND, 0.95),
    )


def _view(
    window: Window, recent: RecentView, queue: str | None, since_at: int | None, now_at: int
) -> TrendsView:
    buckets = window.buckets
    return TrendsView(
        begin_at=window.begin_at,
        width_ms=window.width_us // 1_000,
        since_at=since_at,
        now_at=now_at,
        came=tuple(one.came for one in buckets),
        started=tuple(one.started for one in buckets),
        done=tuple(one.done for one in buckets),
        failed=tuple(one.failed for one in buckets),
        retried=tuple(one.retried for one in buckets),
        depth=tuple(one.depth for one in buckets),
        run_ms_p50=tuple(_ms(one, Timed.RUN, 0.5) for one in buckets),
        run_ms_p95=tuple(_ms(one, Timed.RUN, 0.95) for one in buckets),
        wait_ms_p95=tuple(_ms(one, Timed.WAIT, 0.95) for one in buckets),
        round_ms_p95=tuple(_ms(one, Timed.ROUND, 0.95) for one in buckets),
        recent=recent,
        queue=queue,
    )


def _ms(bucket: Bucket, what: Timed, share: float) -> float | None:
    found = bucket.quantile(what, share)
    return None if found is None else round(found, 2)
