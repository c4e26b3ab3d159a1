"""What every event that passes a filter has in common, so that a store need not look at all."""

from collections.abc import Iterator
from functools import reduce

from engine.model.event_filter.choices import CHOICES, types_of
from engine.model.events import EventType
from engine.model.filter.syntax import And, Node, Op, Query, Term
from engine.model.filter.times import lower_bound, upper_bound
from engine.model.filter.values import Number
from engine.model.ids import JobId


def types_passing(query: Query) -> frozenset[EventType]:
    """Only events of these kinds can pass."""
    sets = (types_of(term) for term in _terms(query) if term.field in CHOICES)
    return reduce(frozenset.intersection, sets, frozenset(EventType))


def asks_types_alone(query: Query) -> bool:
    """True if nothing but the kind of an event decides whether it passes."""
    return all(isinstance(p, Term) and p.field in CHOICES for p in _conjuncts(query.root))


def job_passing(query: Query) -> JobId | None:
    """The one job whose events alone can pass; None if there is not just one."""
    for term in _terms(query):
        if term.field == "job" and term.op in (Op.HAS, Op.IS) and len(term.values) == 1:
            [value] = term.values
            if isinstance(value, Number):
                return JobId(int(value.number))
    return None


def times_passing(query: Query, now_at: int) -> tuple[int | None, int | None]:
    """Only events from the first instant to before the second one can pass; None: open."""
    low = [lower_bound(t.values[0], now_at) for t in _terms(query) if t.field == "since"]
    high = [upper_bound(t.values[0], now_at) for t in _terms(query) if t.field == "until"]
    return max(low, default=None), min(high, default=None)


def _terms(query: Query) -> Iterator[Term]:
    return (part for part in _conjuncts(query.root) if isinstance(part, Term))


def _conjuncts(root: Node | None) -> tuple[Node, ...]:
    if root is None:
        return ()
    return root.parts if isinstance(root, And) else (root,)
