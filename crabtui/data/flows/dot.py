"""Workflows in the language of Graphviz: `crabtui workflow plan FILE --dot | dot -Tsvg`."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from crabtui.data.sanitize import sanitize
from engine.control.views import EdgeView

_COLOURS: Final = {
    "succeeded": "#9bd19b",
    "running": "#9bbfe8",
    "failed": "#e89b9b",
    "timeout": "#e89b9b",
    "canceled": "#d0d0d0",
    "skipped": "#e4e4e4",
}
_STYLES: Final = {"failure": "dashed", "spare": "dashed", "end": "dotted", "settled": "dotted"}


def dot(
    name: str,
    edges: Mapping[str, Sequence[EdgeView]],
    *,
    critical: Sequence[str] = (),
    states: Mapping[str, str] | None = None,
    notes: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """The lines of a digraph; whatever is in a name, it is one word.

    Args:
        name: Of the workflow.
        edges: Of every task, what it waits for.
        critical: Tasks on the critical path, in their order.
        states: By task, its state.
        notes: By task, what stands below its name.
    """
    marked = frozenset(critical)
    path = set(pairwise(critical))
    yield f"digraph {quoted(name)} {{"
    yield "  rankdir=LR;"
    yield '  node [shape=box, style="rounded,filled", fillcolor="#ffffff"];'
    for task in edges:
        yield f"  {quoted(task)} [{_node(task, marked, states or {}, notes or {})}];"
    for task, own in edges.items():
        for edge in own:
            if edge.task not in edges:
                yield f"  {quoted(edge.task)} [shape=plain, style=solid];"
            on_path = (edge.task, task) in path
            yield f"  {quoted(edge.task)} -> {quoted(task)}{_edge(edge.after, on_path)};"
    yield "}"


def _node(
    task: str, marked: frozenset[str], states: Mapping[str, str], notes: Mapping[str, str]
) -> str:
    note = notes.get(task, "")
    said = [f"label={quoted(task, note) if note else quoted(task)}"]
    if colour := _COLOURS.get(states.get(task, "")):
        said.append(f'fillcolor="{colour}"')
    if task in marked:
        said.append("penwidth=2.5")
    return ", ".join(said)


def _edge(after: str, on_path: bool) -> str:
    said = []
    if after != "success":
        said += [f"label={quoted(after)}", f"style={_STYLES.get(after, 'solid')}"]
    if on_path:
        said.append("penwidth=2.5")
    return f" [{', '.join(said)}]" if said else ""


def quoted(*lines: str) -> str:
    """Lines of text as one word of the language."""
    escaped = (sanitize(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'
