"""Queues, workers, and why jobs wait."""

from dataclasses import dataclass
from typing import Final

from crabtui.topics.topic import Calls, Topic, by_places
from engine.control.messages import ListQueues, ListReasons, ListWorkers
from engine.control.views import QueuesView, ReasonsView, WorkersView


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonsAim:
    """Whose waiting jobs are counted by reason; None: of all queues."""

    queue: str | None = None


async def _queues(feed: Calls, _: bool) -> QueuesView:
    return await feed.call(ListQueues())


async def _workers(feed: Calls, _: bool) -> WorkersView:
    return await feed.call(ListWorkers())


async def _reasons(feed: Calls, aim: ReasonsAim) -> ReasonsView:
    return await feed.call(ListReasons(queue=aim.queue))


QUEUES: Final = Topic[bool, QueuesView](
    name="queues", fetch=_queues, stirred=by_places, is_kept=True
)
WORKERS: Final = Topic[bool, WorkersView](name="workers", fetch=_workers, gap_s=0.5)
REASONS: Final = Topic[ReasonsAim, ReasonsView](
    name="reasons",
    fetch=_reasons,
    stirred=by_places,
    gap_s=1.0,
    settle_s=0.08,
    tells_errors=True,
)
