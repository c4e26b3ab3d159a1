"""Queues in effect: what was set by hand, and the configuration where nothing was."""

from collections.abc import Mapping

from msgspec.structs import replace

from engine.model.rules import Pressure, QueueRules, Rules
from engine.model.worker import Queue
from engine.policy.entry.arrivals import ALL


def in_effect(stored: Mapping[str, Queue], rules: Rules) -> dict[str, Queue]:
    """All queues as they are in effect, those that only the configuration names included.

    Each keeps the version of its stored one, and 0 if there is none.
    """
    names = stored.keys() | rules.queues.keys()
    known = (stored.get(name) or Queue(name=name) for name in sorted(names))
    return {queue.name: overlaid(queue, rules.queues.get(queue.name)) for queue in known}


def overlaid(queue: Queue, rules: QueueRules | None) -> Queue:
    """A stored queue with what the configuration says of everything not set by hand."""
    if rules is None:
        return queue
    told = {
        name: value
        for name, value in (("limit", rules.limit), ("weight", rules.weight))
        if value is not None and name not in queue.own
    }
    return replace(
        queue,
        **told,
        starts=rules.starts or queue.starts,
        pressure=rules.pressure or queue.pressure,
    )


def pressures(queues: Mapping[str, Queue], rules: Rules) -> dict[str, Pressure | None]:
    """The backpressure of each queue in effect, and of all together under `ALL`."""
    return {ALL: rules.pressure, **{name: queue.pressure for name, queue in queues.items()}}
