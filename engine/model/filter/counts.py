"""Which filters the counters can answer without looking at a job."""

from collections.abc import Mapping
from typing import Final

from engine.model.filter.syntax import And, Node, Op, Query, Term
from engine.model.filter.values import Word

COUNTED: Final = frozenset({"queue", "tenant", "prio", "state"})


def counts_terms(query: Query) -> Mapping[str, frozenset[str]] | None:
    """By field, the set of words that pass; None if the counters cannot answer `query`.

    The fields are `queue`, `tenant`, `prio` (labels) and `state`; a field that is not
    named passes with any word. The empty query gives an empty mapping.
    """
    found: dict[str, frozenset[str]] = {}
    for part in _conjuncts(query.root):
        words = _words(part)
        if words is None or not isinstance(part, Term):
            return None
        found[part.field] = found.get(part.field, words) & words
    return found


def _conjuncts(root: Node | None) -> tuple[Node, ...]:
    if root is None:
        return ()
    return root.parts if isinstance(root, And) else (root,)


def _words(part: Node) -> frozenset[str] | None:
    if not isinstance(part, Term) or part.field not in COUNTED:
        return None
    if part.op not in (Op.HAS, Op.IS):
        return None
    words = frozenset(value.text for value in part.values if isinstance(value, Word))
    return words if len(words) == len(set(part.values)) else None
