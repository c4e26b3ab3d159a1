"""Taking one thing back, where it is still as we set it: what somebody else set stays."""

from collections.abc import Iterator
from contextlib import suppress

import msgspec

from crabtui.acts.undo import Inverse
from crabtui.feed import Feed
from engine.control.messages import (
    ActOnWorker,
    ListActs,
    ListJobs,
    ListQueues,
    ListWorkers,
    SetQueue,
    SetWorker,
    Targets,
)
from engine.control.views import JobRow, QueueView
from engine.errors import EngineError

CHUNK = 200
"""Ids that one filter may name."""

RECENT = 50
"""Acts among which the one is looked for that came after ours."""


class TakingBack:
    """Sends inverses, after a look at what has become of what they are for."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def invert(self, inverse: Inverse) -> tuple[int, str]:
        """Take one thing back: how many objects were, and why the others were not.

        Raises:
            EngineError: as the daemon says.
        """
        request, others = inverse.request, await self._moved(inverse)
        if others:
            return 0, others
        if inverse.set_to is not None:
            mine, others = await self._still_ours(inverse)
            if not mine:
                return 0, others
            request = msgspec.structs.replace(request, targets=Targets(ids=mine))
        acted = await self._feed.call(request)
        bad = [_reason(r.id, r.error or "not possible") for r in acted.results if not r.ok]
        more = [f"{len(bad) - 3} more were not either"] if len(bad) > 3 else []
        number = sum(result.ok for result in acted.results)
        return number, "; ".join(part for part in (others, *bad[:3], *more) if part)

    async def _moved(self, inverse: Inverse) -> str:
        """Who made something else of a queue or worker meanwhile; empty: it is as we set it."""
        match inverse.sent:
            case SetQueue(name=name) as sent:
                queues = (await self._feed.call(ListQueues())).queues
                queue = next((each for each in queues if each.name == name), None)
                now = f"there is no queue {name}" if queue is None else _queue_now(sent, queue)
            case SetWorker(name=name) | ActOnWorker(name=name) as sent:
                workers = (await self._feed.call(ListWorkers())).workers
                worker = next((each for each in workers if each.name == name), None)
                if worker is None:
                    now = f"there is no worker {name}"
                elif isinstance(sent, SetWorker):
                    drains = "drains now" if worker.draining else "takes work now"
                    now = "" if worker.draining == sent.drain else f"{name} {drains}"
                else:
                    is_ours = bool(worker.quarantined) == (sent.act == "quarantine")
                    now = "" if is_ours else f"{name} is not as it was left"
            case _:
                return ""
        return f"left alone: {now}{await self._by_whom(name)}" if now else ""

    async def _by_whom(self, name: str) -> str:
        """Who changed a queue or worker last, as far as the newest acts tell."""
        with suppress(EngineError):
            page = await self._feed.call(ListActs(limit=RECENT))
            for act in reversed(page.acts):
                if act.changed and act.asked.get("name") == name:
                    through = f" ({act.client})" if act.client else ""
                    return f", by {act.by}{through}"
        return ""

    async def _still_ours(self, inverse: Inverse) -> tuple[tuple[int, ...], str]:
        """The jobs whose priority is still what we set, and what became of the others."""
        rows: list[JobRow] = []
        for begin in range(0, len(inverse.jobs), CHUNK):
            where = "id:" + ",".join(map(str, inverse.jobs[begin : begin + CHUNK]))
            rows += (await self._feed.call(ListJobs(where=where, count=CHUNK, sort="id"))).jobs
        mine = tuple(row.id for row in rows if row.priority == inverse.set_to)
        lost = [row for row in rows if row.priority != inverse.set_to]
        named = ", ".join(f"#{row.id} is {row.priority} now" for row in lost[:3])
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        return mine, f"left alone: {named}{more}" if lost else ""


def _queue_now(sent: SetQueue, queue: QueueView) -> str:
    """What of a queue is not as it was set, in words; empty if all of it is."""
    return ", ".join(_differences(sent, queue))


def _differences(sent: SetQueue, queue: QueueView) -> Iterator[str]:
    is_paused = queue.paused_at is not None
    if sent.pause is not None and is_paused != sent.pause:
        yield f"{queue.name} is {'' if is_paused else 'not '}paused now"
    if (sent.limit is not None or sent.no_limit) and queue.limit != sent.limit:
        limit = "no limit" if queue.limit is None else f"limit {queue.limit}"
        yield f"{queue.name} has {limit} now"
    if sent.weight is not None and queue.weight != sent.weight:
        yield f"{queue.name} has weight {queue.weight} now"
    if sent.reset and queue.own:
        yield f"{queue.name} has a {' and a '.join(queue.own)} by hand now"


def _reason(name: int | str, error: str) -> str:
    """`#12: it has ended`, with its name once."""
    named = f"#{name}" if isinstance(name, int) else name
    return error if error.startswith(named) else f"{named}: {error}"
