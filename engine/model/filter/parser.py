"""Text to a query, by recursive descent over CONSOLE's grammar."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from engine.model.filter.fields import FIELDS, NOT_YET, OTHER_NAMES, Field, Sort
from engine.model.filter.reading import read_term, read_text
from engine.model.filter.scanner import MAX_TEXT, Piece, Scanner, bad
from engine.model.filter.syntax import EMPTY, And, Node, Not, Op, Or, Query, Term, Text
from engine.model.words import nearest

MAX_DEPTH: Final = 20
MAX_TERMS: Final = 100
MAX_VALUES: Final = 200


class ReadTerm(Protocol):
    """Reads the values of one term, as its field asks."""

    def __call__(
        self,
        field: Field,
        path: tuple[str, ...],
        op: Op,
        pieces: Sequence[Piece],
        utc_offset_s: int,
    ) -> Term: ...


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a filter may speak of: jobs have one, events another; the grammar is one."""

    field: Callable[[str, tuple[str, ...], int], Field]
    """The field of this name and path, or InvalidSpec at this column."""
    read: ReadTerm


def parse(text: str, *, utc_offset_s: int = 0, words: Vocabulary | None = None) -> Query:
    """The query that `text` means; times without a zone are `utc_offset_s` east of UTC.

    It speaks of jobs unless `words` say of what. Durations (`since:10m`) and times of day
    stay relative until the query is applied.

    Raises:
        InvalidSpec: it is no filter; the column, from 1, is in `details["at"]`.
    """
    if len(text) > MAX_TEXT:
        raise bad(f"longer than {MAX_TEXT} characters", MAX_TEXT + 1)
    if not text.strip():
        return EMPTY
    query = Query(_Parser(text, utc_offset_s, words or JOBS).whole())
    if len(query.text) > MAX_TEXT:
        raise bad(f"longer than {MAX_TEXT} characters when written out", len(text))
    return query


class _Parser:
    def __init__(self, text: str, utc_offset_s: int, words: Vocabulary) -> None:
        self.scanner = Scanner(text)
        self.words = words
        self.utc_offset_s = utc_offset_s
        self.depth = 0
        self.terms = 0

    def whole(self) -> Node:
        root = self.any_of()
        if not self.scanner.ended:
            raise bad("this ')' closes nothing", self.scanner.at)
        return root

    def any_of(self) -> Node:
        parts = [self.all_of()]
        while self.scanner.take_or():
            parts.append(self.all_of())
        return _joined(Or, parts)

    def all_of(self) -> Node:
        parts = []
        while self._more():
            parts.append(self.term())
            self.scanner.skip_space()
            if self.scanner.take_and():
                self.scanner.skip_space()
                if not self._more():
                    raise bad("something must follow 'and'", self.scanner.at)
        if not parts:
            raise bad("a term is missing here", self.scanner.at)
        return _joined(And, parts)

    def _more(self) -> bool:
        scanner = self.scanner
        scanner.skip_space()
        return not (scanner.ended or scanner.sees_or() or scanner.text[scanner.place] == ")")

    def term(self) -> Node:
        scanner = self.scanner
        at = scanner.at
        if scanner.take("!") or scanner.take("-"):
            if scanner.ended or scanner.text[scanner.place].isspace():
                raise bad("nothing follows the negation", at)
            return Not(self._nested(at, self.term))
        if scanner.take("("):
            inner = self._nested(at, self.any_of)
            if not scanner.take(")"):
                raise bad("this '(' is never closed", at)
            return inner
        return self.leaf()

    def _nested(self, at: int, rule: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise bad(f"nested more than {MAX_DEPTH} deep", at)
        inner = rule()
        self.depth -= 1
        return inner

    def leaf(self) -> Node:
        at = self.scanner.at
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise bad(f"more than {MAX_TERMS} terms", at)
        head = self.scanner.take_field()
        if head is None:
            return Text(read_text(self.scanner.take_text()))
        name, path, sign = head
        return self.field_term(self.words.field(name, path, at), path, Op(sign))

    def field_term(self, field: Field, path: tuple[str, ...], op: Op) -> Term:
        pieces = [self._piece(op)]
        while self.scanner.take(","):
            pieces.append(self._piece(op))
            if len(pieces) > MAX_VALUES:
                raise bad(f"more than {MAX_VALUES} values", pieces[-1].at)
        return self.words.read(field, path, op, pieces, self.utc_offset_s)

    def _piece(self, op: Op) -> Piece:
        if op in (Op.LIKE, Op.UNLIKE):
            return self.scanner.take_pattern()
        return self.scanner.take_value()


def _joined(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    """`parts` under one node, without a node of the same kind inside it."""
    flat: list[Node] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _field(name: str, path: tuple[str, ...], at: int) -> Field:
    if name in NOT_YET:
        raise bad(f"{name} is no field of a job: {NOT_YET[name]}", at)
    field = FIELDS.get(OTHER_NAMES.get(name, name))
    if field is None:
        near = nearest(name, [*FIELDS, *OTHER_NAMES])
        hint = f"did you mean {near!r}?" if near else f"fields are {', '.join(FIELDS)}"
        raise bad(f'unknown field {name!r}: {hint} (or put "…" around text)', at, nearest=near)
    if path and not field.path:
        raise bad(f"{name} has no parts; write {name}: alone", at, nearest=name)
    if not path and not field.bare:
        raise bad(f"say which: {field.hint}", at)
    if path and field.sort is not Sort.NAME:
        return Field(name, Sort.JSON, field.hint, path=True)
    return field


JOBS: Final = Vocabulary(field=_field, read=read_term)
"""Filters of jobs."""
