"""The filter's language: text to a syntax tree, the tree to a predicate and back to text."""

from engine.model.filter.counts import counts_terms
from engine.model.filter.fields import FIELDS, Field, Sort
from engine.model.filter.match import matches
from engine.model.filter.parser import parse
from engine.model.filter.syntax import EMPTY, And, Node, Not, Op, Or, Query, Term, Text

__all__ = [
    "EMPTY",
    "FIELDS",
    "And",
    "Field",
    "Node",
    "Not",
    "Op",
    "Or",
    "Query",
    "Sort",
    "Term",
    "Text",
    "counts_terms",
    "matches",
    "parse",
]
