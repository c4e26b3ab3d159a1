"""The filter as a predicate on an event, with the same answers as the compiled SQL."""

from collections.abc import Callable
from typing import Final

import msgspec

from engine.model.event_filter.choices import CHOICES, types_of
from engine.model.event_filter.fields import EVENT_FIELDS
from engine.model.events import Event
from engine.model.filter.fields import Sort
from engine.model.filter.match import compare_number, compare_word, in_text
from engine.model.filter.syntax import And, Node, Not, Or, Query, Term, Text
from engine.model.filter.times import lower_bound, upper_bound
from engine.model.filter.values import Value, Word

_FOUND: Final[dict[str, Callable[[Event], str | int | None]]] = {
    "seq": lambda event: event.seq,
    "job": lambda event: event.job,
    "attempt": lambda event: event.attempt,
    "worker": lambda event: event.worker,
    "queue": lambda event: queue_of(event),
    "tenant": lambda event: event.tenant,
    "actor": lambda event: event.actor,
    "cause": lambda event: event.cause,
}


def event_matches(query: Query, event: Event, now_at: int) -> bool:
    """True if `event` passes; `now_at` (UTC microseconds) is what `since:10m` counts from.

    A comparison with something that an event does not have is false, `!=` and `!~` included.
    """
    return query.root is None or _node(query.root, event, now_at)


def queue_of(event: Event) -> str | None:
    """The queue that an event names, or in which its job stands after it."""
    now = event.data.get("now")
    inner = now.get("queue") if isinstance(now, dict) else None
    found = event.data.get("queue", inner)
    return found if isinstance(found, str) else None


def named_job(value: Value) -> int | None:
    """The job that a free word like `#1423` names; None if it names none."""
    digits = value.text.removeprefix("#") if isinstance(value, Word) else ""
    is_one = digits.isascii() and digits.isdigit() and len(digits) <= 18
    return int(digits) if is_one else None


def _node(node: Node, event: Event, now_at: int) -> bool:
    match node:
        case And(parts):
            return all(_node(part, event, now_at) for part in parts)
        case Or(parts):
            return any(_node(part, event, now_at) for part in parts)
        case Not(part):
            return not _node(part, event, now_at)
        case Text(value):
            return _text(value, event)
    return _term(node, event, now_at)


def _text(value: Value, event: Event) -> bool:
    if event.job is not None and event.job == named_job(value):
        return True
    data = msgspec.json.encode(event.data).decode() if event.data else "{}"
    texts = (event.type.value, event.cause, event.worker or "", event.actor, data)
    return any(in_text(text, value) for text in texts)


def _term(term: Term, event: Event, now_at: int) -> bool:
    if term.field in CHOICES:
        return event.type in types_of(term)
    sort = EVENT_FIELDS[term.field].sort
    if sort is Sort.MOMENT:
        if term.field == "since":
            return event.at >= lower_bound(term.values[0], now_at)
        return event.at < upper_bound(term.values[0], now_at)
    found = _FOUND[term.field](event)
    if found is None:
        return False
    return _compare(sort, term, found) is not term.op.negative


def _compare(sort: Sort, term: Term, found: str | int) -> bool:
    if isinstance(found, str):
        return any(compare_word(sort, term.op, found, value) for value in term.values)
    return any(compare_number(term.op, found, value) for value in term.values)
