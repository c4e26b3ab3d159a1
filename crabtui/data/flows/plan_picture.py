"""A workflow as a picture of text: its levels from top to bottom, with what waits for what."""

from collections.abc import Mapping, Sequence
from typing import Final

from crabtui.data.sanitize import sanitize
from engine.control.views import EdgeView

MOST_IN_LEVEL: Final = 50
"""Tasks of one level that are drawn; the others are counted."""

Edges = Mapping[str, Sequence[EdgeView]]


def picture(
    levels: Sequence[Sequence[str]],
    edges: Edges,
    *,
    critical: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
    width: int = 80,
) -> list[str]:
    """The lines of the picture: a line for each task, under the heading of its level.

    Args:
        levels: Tasks by level.
        edges: By task, what it waits for.
        critical: Tasks on the critical path; they have a `*`.
        notes: By task, what stands behind its name.
        width: Cells of a line at most; what does not fit is cut off with `…`.
    """
    marked, told = frozenset(critical), notes or {}
    longest = max((len(name) for names in levels for name in names[:MOST_IN_LEVEL]), default=0)
    column = min(longest, max(width // 3, 8))
    lines = []
    for at, names in enumerate(levels):
        lines.append(_clip(f"level {at}{_counted(len(names))}", width))
        for place, name in enumerate(names[:MOST_IN_LEVEL]):
            is_last = place == len(names) - 1
            mark = "*" if name in marked else " "
            head = f"{'└' if is_last else '├'}─{mark}{_clip(sanitize(name), column):<{column}}"
            tail = "  ".join(filter(None, (told.get(name, ""), _after(edges.get(name, ())))))
            lines.append(_clip(f"{head}  {tail}".rstrip(), width))
        if len(names) > MOST_IN_LEVEL:
            lines.append(f"└─ and {len(names) - MOST_IN_LEVEL:,} more")
    return lines


def _counted(number: int) -> str:
    return "" if number == 1 else f": {number:,} tasks at once"


def _after(edges: Sequence[EdgeView]) -> str:
    return f"← {', '.join(map(edge_text, edges))}" if edges else ""


def edge_text(edge: EdgeView) -> str:
    """`train`, or `train (failure)` if it need not have succeeded."""
    name = sanitize(edge.task)
    return name if edge.after == "success" else f"{name} ({edge.after})"


def _clip(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"
