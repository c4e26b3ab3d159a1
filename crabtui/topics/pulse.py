"""How it goes, what wants attention, and the newest events."""

from dataclasses import dataclass
from typing import Final

from crabtui.topics.topic import Calls, Topic
from engine.control.messages import GetTrends, ListEvents, ListMatters
from engine.control.views import AttentionView, EventsPage, TrendsView

TAIL: Final = 40
"""Events that the tail has at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendsAim:
    """How far back, and in how many spans at most."""

    range_ms: int = 3_600_000
    buckets: int = 60


async def _trends(feed: Calls, aim: TrendsAim) -> TrendsView:
    return await feed.call(GetTrends(range_ms=aim.range_ms, buckets=aim.buckets))


async def _matters(feed: Calls, _: bool) -> AttentionView:
    return await feed.call(ListMatters())


async def _tail(feed: Calls, _: bool) -> EventsPage:
    return await feed.call(ListEvents(last=True, limit=TAIL))


TRENDS: Final = Topic[TrendsAim, TrendsView](
    name="trends", fetch=_trends, gap_s=1.0, tells_errors=True
)
MATTERS: Final = Topic[bool, AttentionView](
    name="attention", fetch=_matters, gap_s=2.0, is_kept=True, tells_errors=True
)
EVENT_TAIL: Final = Topic[bool, EventsPage](
    name="event tail", fetch=_tail, gap_s=0.5, tells_errors=True
)
