"""Previews: who would start earlier or later, found out beside everything else we do."""

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from engine.control.views import MovedView, Preview
from engine.daemon.acts.intents import Intent
from engine.daemon.acts.supposed import ON_QUEUES, ON_WORKERS, patched
from engine.daemon.desk import Caller, Desk
from engine.model.job import Job
from engine.model.redaction import run_text
from engine.model.snapshot import Snapshot
from engine.model.worker import Worker
from engine.policy.why.supposing import frozen, with_jobs
from engine.policy.why.whatif import (
    GRANTS,
    Forecast,
    Moved,
    Place,
    assumed_ms,
    difference,
    forecast,
    seen_by_both,
)

MOST_S: Final = 2.0
"""Seconds after which a preview says no more than it has found out."""


async def preview_of(
    desk: Desk,
    caller: Caller,
    intent: Intent,
    jobs: Sequence[Job],
    new_worker: Worker | None = None,
) -> Preview:
    """What an act would change in the next grants. Raises: Refused, if it can do nothing."""
    live = frozen(desk.working_set.snapshot(desk.clock.now()), GRANTS)
    assumed = assumed_ms(live)
    baseline = with_jobs(live, jobs)
    supposed = patched(desk, caller, intent, jobs, baseline, new_worker)
    was, now = await _foreseen(desk, baseline, supposed, assumed)
    found = difference(was, now)
    told = partial(_moved, now_at=live.now_at)
    return Preview(
        act=_said(intent, new_worker),
        token="" if new_worker else intent.token(),
        earlier=tuple(map(told, found.earlier)),
        later=tuple(map(told, found.later)),
        unchanged=found.unchanged,
        grants=min(GRANTS, max(len(was.places), len(now.places))),
        assumed_ms=assumed,
        looked_ms=None if was.is_whole else max(0, was.at - live.now_at) // 1000,
        displaced=tuple(job for job in now.displaced if job not in was.displaced),
        seq=desk.timeline.head,
    )


async def _foreseen(
    desk: Desk, baseline: Snapshot, supposed: Snapshot, assumed: int
) -> tuple[Forecast, Forecast]:
    """What comes without the act and with it, found out beside everything else we do."""
    loop, left = asyncio.get_running_loop(), _Left(desk.clock.monotonic)
    async with desk.previews:
        aside = ThreadPoolExecutor(1, thread_name_prefix="what-if")
        try:
            return await loop.run_in_executor(aside, _both, baseline, supposed, assumed, left)
        finally:
            left.nobody_waits = True
            aside.shutdown(wait=False)  # it ends soon, and holds nobody else up


class _Left:
    """How much of its time a preview has left."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began_s = monotonic()
        self.nobody_waits = False

    def part(self, share: float) -> bool:
        """Whether less than this share of the time has gone by, and somebody waits."""
        spent_s = self._monotonic() - self._began_s
        return not self.nobody_waits and spent_s < MOST_S * share


def _both(
    baseline: Snapshot, supposed: Snapshot, assumed: int, left: _Left
) -> tuple[Forecast, Forecast]:
    was = forecast(baseline, assumed, may_go_on=lambda: left.part(0.5))
    now = forecast(supposed, assumed, may_go_on=lambda: left.part(1))
    return seen_by_both(was, now)


def _said(intent: Intent, new_worker: Worker | None) -> str:
    """The act in words: `priority of #12 high`, `drain worker w1`."""
    if new_worker is not None:
        cpus = f"{new_worker.capacity.cpu_milli / 1000:g} cpus"
        gpus = f", {new_worker.capacity.gpu} gpus" if new_worker.capacity.gpu else ""
        return f"add a worker of {cpus}{gpus}"
    if intent.act in ON_WORKERS:
        return f"{'drain' if intent.act == 'drain' else 'resume'} worker {intent.name}"
    if intent.act in ON_QUEUES:
        tos = {"limit": f" {_none(intent.limit)}", "weight": f" {intent.limit}"}
        return f"{intent.act} queue {intent.name}{tos.get(intent.act, '')}"
    some = ", ".join(f"#{job}" for job in list(intent.jobs)[:3])
    more = f" and {len(intent.jobs) - 3} more" if len(intent.jobs) > 3 else ""
    changes = (f"{field}={_value(now)}" for field, now in intent.changes.items())
    to = intent.to or ", ".join(changes)
    return f"{intent.act} {some}{more}{f' {to}' if to else ''}"


def _value(to: object) -> str:
    return "default" if to is None else to if isinstance(to, str) else json.dumps(to)


def _none(limit: int | None) -> str:
    return "none" if limit is None else str(limit)


def _moved(one: Moved, now_at: int) -> MovedView:
    return MovedView(
        id=one.job.id,
        name=one.job.spec.name or run_text(one.job.spec)[:200],
        queue=one.job.now.queue,
        was_place=one.was.place if one.was else None,
        place=one.now.place if one.now else None,
        was_starts_ms=_starts_ms(one.was, now_at),
        starts_ms=_starts_ms(one.now, now_at),
        worker=one.now.worker if one.now else None,
    )


def _starts_ms(place: Place | None, now_at: int) -> int | None:
    return None if place is None else (place.starts_at - now_at) // 1000
