"""The filter that lists the jobs of one reason: what they have in common, as people type it."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from engine.model.filter.values import Word
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.snapshot import LaneKey
from engine.store.protocol import Standing

LONGEST: Final = 1_200
"""Characters to name lanes with; of more lanes only their priorities are named."""

_OF_KIND: Final = {
    GateKind.HOLD: "state:waiting held:yes",
    GateKind.DEPENDENCIES: "state:waiting held:no unmet>0",
    GateKind.SCHEDULE: "state:pending held:no unmet:0",
    GateKind.BACKOFF: "state:retrying held:no",
}


def waiting_filter(queue: str, kind: GateKind, standings: Iterable[Standing]) -> str:
    """Lists the jobs that stand so, and few others: those that a cancel is about to end."""
    head = f"queue:{Word(queue)}"
    if (rest := _OF_KIND.get(kind)) is not None:
        return f"{head} {rest} !kind:composite"
    lanes: dict[tuple[int, str], set[int]] = defaultdict(set)
    for one in standings:
        lanes[one.priority, one.tenant].add(one.shape)
    return f"{head} state:queued {_lanes(lanes)} held:no !kind:composite"


def lane_filter(lanes: Iterable[LaneKey]) -> str:
    """Lists the jobs that could be granted in these lanes; empty if that is too long."""
    parts = [
        f"queue:{Word(key.queue)} {_lane(key.priority, key.tenant, {key.shape})}"
        for key in sorted(lanes)
    ]
    text = parts[0] if len(parts) == 1 else f"({' | '.join(parts)})"
    return f"state:queued held:no {text}" if len(text) <= LONGEST else ""


def _lanes(lanes: dict[tuple[int, str], set[int]]) -> str:
    parts = [_lane(*key, shapes) for key, shapes in sorted(lanes.items())]
    text = parts[0] if len(parts) == 1 else f"({' | '.join(parts)})"
    if len(text) <= LONGEST:
        return text
    levels = sorted({priority for priority, _ in lanes})
    return "prio:" + ",".join(Priority(level).label for level in levels)


def _lane(priority: int, tenant: str, shapes: set[int]) -> str:
    keys = ",".join(map(str, sorted(shapes)))
    return f"prio:{Priority(priority).label} tenant:{Word(tenant)} shape:{keys}"
