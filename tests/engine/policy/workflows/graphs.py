"""Random graphs, and what a naive reader makes of them."""

from hypothesis import strategies as st

from engine.model.definition import TaskDefinition
from engine.model.workflow import After

Edges = dict[str, tuple[tuple[str, After], ...]]


@st.composite
def any_graphs(draw: st.DrawFn, most: int = 9) -> Edges:
    """Graphs with cycles or without, as written in any order."""
    names = [f"t{n}" for n in range(draw(st.integers(1, most)))]
    found: Edges = {}
    for name in draw(st.permutations(names)):
        on = draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
        found[name] = tuple((one, draw(st.sampled_from(list(After)[:3]))) for one in on)
    return found


@st.composite
def acyclic_graphs(draw: st.DrawFn, most: int = 10) -> Edges:
    """Graphs that can be run, as written in any order."""
    names = [f"t{n}" for n in range(draw(st.integers(1, most)))]
    before: Edges = {}
    for place, name in enumerate(names):
        on = draw(st.lists(st.sampled_from(names[:place]), unique=True)) if place else []
        before[name] = tuple((one, After.SUCCESS) for one in on)
    return {name: before[name] for name in draw(st.permutations(names))}


def tasks(edges: Edges) -> list[TaskDefinition]:
    """A task for each."""
    return [TaskDefinition(name=name, job={}, after=own) for name, own in edges.items()]


def has_cycle(edges: Edges) -> bool:
    """Whether tasks wait for each other, by taking away what waits for nothing left."""
    left = dict(edges)
    while left:
        free = [name for name, own in left.items() if not any(on in left for on, _ in own)]
        if not free:
            return True
        for name in free:
            del left[name]
    return False


def longest(edges: Edges, durations: dict[str, int], name: str) -> int:
    """When a task ends at the earliest, by trying every chain that leads to it."""
    before = (longest(edges, durations, on) for on, _ in edges[name])
    return durations[name] + max(before, default=0)
