"""A queue as it is shown: the same, whether of now or of a past moment."""

from collections.abc import Mapping, Sequence

from engine.control.views import QueueView
from engine.model.rules import Mode
from engine.model.worker import Queue
from engine.policy.entry.quotas import rate_text


def queue_view(
    queue: Queue,
    states: Mapping[str, int],
    *,
    oldest_at: int | None,
    rates: Sequence[int],
    mode: Mode,
    limit_from: str,
    depths: Sequence[int] = (),
) -> QueueView:
    """What is told of one queue.

    `states` is how many jobs of it are in each state; `rates` how many came, started and
    ended in the minute before; `limit_from` is `hand` or `config`, left out if it has none.
    """
    came, starts, ends = rates
    return QueueView(
        name=queue.name,
        limit=queue.limit,
        weight=queue.weight,
        paused_by=queue.paused_by,
        paused_why=queue.paused_why,
        paused_at=queue.paused_at,
        running=states.get("running", 0),
        queued=states.get("queued", 0),
        pending=states.get("pending", 0),
        retrying=states.get("retrying", 0),
        oldest_queued_at=oldest_at,
        came_per_min=came,
        starts_per_min=starts,
        ends_per_min=ends,
        depths=tuple(depths),
        mode=mode.label,
        max_depth=queue.pressure.max_depth if queue.pressure else None,
        limit_from=limit_from if queue.limit is not None else "",
        own=queue.own,
        rate=rate_text(queue.starts) if queue.starts else "",
    )
