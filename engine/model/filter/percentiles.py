"""Lengths of time that a filter leaves to each queue: `wait>p95`."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from types import MappingProxyType
from typing import Final, TypeAlias

from engine.model.filter.syntax import And, Node, Not, Or, Query, Term, Text
from engine.model.filter.values import Percentile

Percentiles: TypeAlias = Mapping[tuple[str, int], Mapping[str, int]]
"""Microseconds by queue, for each field and number: `{("wait", 95): {"gpu": 12_000_000}}`."""

NONE: Final[Percentiles] = MappingProxyType({})


def wanted_percentiles(query: Query) -> frozenset[tuple[str, int]]:
    """Fields and numbers of all percentiles that `query` speaks of."""
    if query.root is None:
        return frozenset()
    return frozenset(
        (term.field, value.number)
        for term in _terms(query.root)
        for value in term.values
        if isinstance(value, Percentile)
    )


def percentile(lengths: Sequence[int], number: int) -> int:
    """The smallest of `lengths`, at least one, that `number` in 100 do not exceed."""
    return sorted(lengths)[ceil(len(lengths) * number / 100) - 1]


def _terms(node: Node) -> Iterable[Term]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _terms(part)
        case Not(part):
            yield from _terms(part)
        case Text():
            return
        case Term():
            yield node
