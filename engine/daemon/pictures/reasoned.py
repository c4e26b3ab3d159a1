"""`reason:` of a filter, where the reason is not written down: what waiting jobs wait for.

What ended, or runs, says its reason itself. Why a queued job waits is known of its lane, and
changes with every round; so the question is put in terms of lanes before it is asked.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from engine.daemon.desk import Desk
from engine.model.filter import And, Node, Not, Op, Or, Query, Sort, Term, Text, parse
from engine.model.filter.glob import fold
from engine.model.filter.match import compare_word
from engine.model.filter.values import Number, Value, Word
from engine.model.reasons import Gate, GateKind
from engine.model.snapshot import LaneKey
from engine.policy.why.explain import headline

_OF_KIND: Final[Mapping[GateKind, str]] = {
    GateKind.HOLD: "state:waiting held:yes",
    GateKind.DEPENDENCIES: "state:waiting held:no unmet>0",
    GateKind.SCHEDULE: "state:pending held:no unmet:0",
    GateKind.BACKOFF: "state:retrying held:no",
}
"""Where jobs of a kind are in no lane."""

MOST: Final = 400
"""Groups of lanes that are told apart; of more, whole queues are asked for."""


def read_filter(desk: Desk, where: str, as_of: int | None = None) -> Query:
    """The query that `where` means; of a past moment only what was written down is known.

    Raises:
        InvalidSpec: it is no filter.
    """
    query = parse(where)
    if query.root is None or as_of is not None or "reason" not in where:
        return query
    return Query(_put(desk, query.root))


def _put(desk: Desk, node: Node) -> Node:
    match node:
        case And(parts):
            return And(tuple(_put(desk, part) for part in parts))
        case Or(parts):
            return Or(tuple(_put(desk, part) for part in parts))
        case Not(part):
            return Not(_put(desk, part))
        case Text():
            return node
    return _widened(desk, node) if node.field == "reason" else node


def _widened(desk: Desk, term: Term) -> Node:
    """The term, or what waits for something that it names; the opposite for `!=`."""
    waiting = [*_kinds(term), *_lanes(desk, term)]
    if not waiting:
        return term
    if term.op.negative:
        return And((term, *(Not(each) for each in waiting)))
    return Or((term, *waiting))


def _kinds(term: Term) -> Iterator[Node]:
    for kind, where in _OF_KIND.items():
        root = parse(f"{where} !kind:composite").root
        if root is not None and any(_names(term.op, kind, value) for value in term.values):
            yield root


def _lanes(desk: Desk, term: Term) -> Iterator[Node]:
    groups: defaultdict[tuple[str, str, str], set[int]] = defaultdict(set)
    for key in desk.working_set.lanes.windows:
        gate = desk.working_set.why_waits(key)
        if gate is not None and any(_told(term.op, gate, value) for value in term.values):
            groups[_group(key)].add(key.shape)
    if len(groups) > MOST:
        groups = defaultdict(set, {(queue, "", ""): set() for queue, _, _ in groups})
    for (queue, priority, tenant), shapes in groups.items():
        parts = [Term("state", Op.HAS, (Word("queued"),)), Term("held", Op.HAS, (Word("no"),))]
        parts.append(Term("queue", Op.HAS, (Word(queue),)))
        if shapes:
            parts.append(Term("prio", Op.HAS, (Word(priority),)))
            parts.append(Term("tenant", Op.HAS, (Word(tenant),)))
            parts.append(Term("shape", Op.HAS, tuple(map(Number, sorted(shapes)))))
        yield And(tuple(parts))


def _group(key: LaneKey) -> tuple[str, str, str]:
    return key.queue, key.priority.label, key.tenant


def _told(op: Op, gate: Gate, value: Value) -> bool:
    texts = (headline([gate]), gate.text)
    found = any(compare_word(Sort.TEXT, _plain(op), text, value) for text in texts)
    return found or _names(op, gate.kind, value)


def _names(op: Op, kind: GateKind, value: Value) -> bool:
    """Whether a value is the kind itself, or the beginning of its name."""
    if isinstance(value, Word) and _plain(op) is Op.HAS:
        return bool(value.text) and kind.value.startswith(fold(value.text))
    return compare_word(Sort.NAME, _plain(op), kind.value, value)


def _plain(op: Op) -> Op:
    """The comparison without its negation."""
    return {Op.IS_NOT: Op.IS, Op.UNLIKE: Op.LIKE}.get(op, op)
