"""Plans: how a workflow would run if nothing had to queue, and when one that runs will end.

A plan is made from the same graph that submission stores. Its efficiency is the sum of all
durations / (length of the critical path x the most tasks that run at once): 1 if so many
workers are never idle.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.policy.workflows.graph import Graph

GUESS_MS = 1_000
"""What a task counts for of which nobody knows how long it takes."""


@dataclass(frozen=True, slots=True)
class Span:
    """When a task runs, and how much later it may end without harm. In ms, or any one unit."""

    start: int
    end: int
    slack: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A workflow without queues."""

    levels: tuple[tuple[str, ...], ...]
    """Tasks by how many must have ended before them, one after the other; as written."""
    spans: Mapping[str, Span]
    """By task, in order of the graph; times from the start of the run."""
    critical_path: tuple[str, ...]
    """A longest chain, from the first task to the last; of several the first as written."""
    length: int
    """Of that chain: when the last task ends."""
    width: int
    """The most tasks that run at once."""
    efficiency: float

    @property
    def level_of(self) -> dict[str, int]:
        """By task, its level from 0."""
        return {name: at for at, names in enumerate(self.levels) for name in names}


def plan(
    graph: Graph,
    durations: Mapping[str, int],
    *,
    begun: Mapping[str, int] | None = None,
    ended: Mapping[str, int] | None = None,
    now: int = 0,
) -> Plan:
    """How the workflow runs, or goes on, if every task starts as soon as it can.

    Args:
        graph: Its tasks and edges.
        durations: How long a task takes; one that is not there counts as `GUESS_MS`.
        begun: When tasks have started that run or have ended.
        ended: When tasks have ended; one that never ran ended without having begun.
        now: What has not started does not before this; what runs longer than it was to take
            ends now.
    """
    begun, ended = begun or {}, ended or {}
    times: dict[str, tuple[int, int]] = {}
    for name in graph.order:
        free = max((times[on][1] for on, _ in graph.edges[name]), default=0)
        times[name] = _times(name, free, durations.get(name, GUESS_MS), begun, ended, now)
    length = max((end for _, end in times.values()), default=0)
    latest = _latest(graph, times, length)
    spans = {
        name: Span(start, end, max(latest[name] - end, 0))
        for name, (start, end) in times.items()
    }
    width = _width(times)
    work = sum(end - start for start, end in times.values())
    full = length * width
    return Plan(
        levels=levels(graph),
        spans=spans,
        critical_path=_critical(graph, times),
        length=length,
        width=width,
        efficiency=min(work / full, 1.0) if full else 1.0,
    )


def _times(
    name: str,
    free: int,
    duration: int,
    begun: Mapping[str, int],
    ended: Mapping[str, int],
    now: int,
) -> tuple[int, int]:
    if name in ended:
        return min(begun.get(name, ended[name]), ended[name]), ended[name]
    if name in begun:
        return begun[name], max(begun[name] + duration, now)
    start = max(free, now)
    return start, start + duration


def levels(graph: Graph) -> tuple[tuple[str, ...], ...]:
    """Tasks by how many must have ended before them, one after the other; as written."""
    level: dict[str, int] = {}
    for name in graph.order:
        level[name] = 1 + max((level[on] for on, _ in graph.edges[name]), default=-1)
    found: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for name in graph.edges:
        found[level[name]].append(name)
    return tuple(map(tuple, found))


def _latest(
    graph: Graph, times: Mapping[str, tuple[int, int]], length: int
) -> Mapping[str, int]:
    """By task, when it must have ended at the latest for the whole to end in time."""
    latest = dict.fromkeys(graph.edges, length)
    for name in reversed(graph.order):
        start, end = times[name]
        must_start = latest[name] - (end - start)
        for on, _ in graph.edges[name]:
            latest[on] = min(latest[on], must_start)
    return latest


def _critical(graph: Graph, times: Mapping[str, tuple[int, int]]) -> tuple[str, ...]:
    """From the task that ends last back, each time to the one that was waited for longest."""
    if not times:
        return ()
    place = {name: at for at, name in enumerate(graph.edges)}
    name: str | None = max(times, key=lambda one: (times[one][1], -place[one]))
    path: list[str] = []
    while name is not None:
        path.append(name)
        before = [on for on, _ in graph.edges[name]]
        name = max(before, key=lambda one: (times[one][1], -place[one]), default=None)
    return tuple(reversed(path))


def _width(times: Mapping[str, tuple[int, int]]) -> int:
    """The most that run at once; what takes no time counts while it is there."""
    changes: list[tuple[int, int]] = []
    for start, end in times.values():
        changes += [(start, 1), (max(end, start + 1), -1)]
    running = most = 0
    for _, change in sorted(changes):
        running += change
        most = max(most, running)
    return most
