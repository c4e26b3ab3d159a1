"""Undoing a grant that was refused: nobody pays for a start that never was."""

from collections.abc import Mapping
from dataclasses import replace

from engine.model.rules import Rules
from engine.model.snapshot import Bucket, Carried, LaneKey, Passed
from engine.model.worker import Queue
from engine.policy.rates import give_back
from engine.policy.scheduling.decisions import Start


def undone(
    carried: Carried,
    start: Start,
    *,
    queues: Mapping[str, Queue],
    rules: Rules,
    is_waiting: bool,
) -> Carried:
    """What the next round is handed if this grant is refused.

    Args:
        carried: What it would be handed else.
        start: The grant, of a round before.
        queues: As they are in effect.
        rules: Of the site.
        is_waiting: The job stands in its lane again, and in it where it was.
    """
    buckets = _refilled(carried.buckets, start.lane, queues, rules)
    passed = carried.passed
    if is_waiting and start.waited is not None:
        passed = _waiting_again(passed, start.lane, start.waited)
    return replace(carried, buckets=buckets, passed=passed)


def _refilled(
    buckets: Mapping[str, Bucket], lane: LaneKey, queues: Mapping[str, Queue], rules: Rules
) -> Mapping[str, Bucket]:
    queue, tenant = queues.get(lane.queue), rules.tenants.get(lane.tenant)
    rates = (
        (f"queue {lane.queue}", queue.starts if queue else None),
        (f"tenant {lane.tenant}", tenant.starts if tenant else None),
    )
    full = {
        name: give_back(rate, buckets[name])
        for name, rate in rates
        if rate is not None and name in buckets
    }
    return {**buckets, **full}


def _waiting_again(
    passed: Mapping[LaneKey, Passed], lane: LaneKey, waited: Passed
) -> Mapping[LaneKey, Passed]:
    known = passed.get(lane)
    if known is not None and known.job < waited.job:
        return passed  # another that came back is before it
    return {**passed, lane: waited}
