"""The filter's language, speaking of events: the same grammar with fields of their own."""

from collections.abc import Sequence

from engine.model.event_filter.choices import CHOICES, choose, types_of
from engine.model.event_filter.fields import EVENT_FIELDS, event_field
from engine.model.event_filter.match import event_matches, queue_of
from engine.model.event_filter.plan import (
    asks_types_alone,
    job_passing,
    times_passing,
    types_passing,
)
from engine.model.filter.fields import Field, Sort
from engine.model.filter.parser import Vocabulary, parse
from engine.model.filter.reading import read_term
from engine.model.filter.scanner import Piece
from engine.model.filter.syntax import Op, Query, Term

__all__ = [
    "CHOICES",
    "EVENT_FIELDS",
    "EVENT_WORDS",
    "asks_types_alone",
    "event_matches",
    "job_passing",
    "parse_events",
    "queue_of",
    "times_passing",
    "types_of",
    "types_passing",
]


def _read(
    field: Field, path: tuple[str, ...], op: Op, pieces: Sequence[Piece], utc_offset_s: int
) -> Term:
    if field.sort is Sort.CHOICE:
        return choose(field.name, op, pieces)
    return read_term(field, path, op, pieces, utc_offset_s)


EVENT_WORDS = Vocabulary(field=event_field, read=_read)
"""Filters of events."""


def parse_events(text: str, *, utc_offset_s: int = 0) -> Query:
    """The query of events that `text` means; as `engine.model.filter.parse`.

    Raises:
        InvalidSpec: it is no filter; the column, from 1, is in `details["at"]`.
    """
    return parse(text, utc_offset_s=utc_offset_s, words=EVENT_WORDS)
