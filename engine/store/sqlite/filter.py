"""A filter as an SQL condition on the table of jobs; values travel as parameters only.

The condition uses bare column names, so it fits `jobs` under any alias and `job_versions`
joined with it. It needs the functions of `register` on the connection.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from engine.model.filter import FIELDS, And, Node, Not, Op, Or, Query, Sort, Term, Text
from engine.model.filter.glob import fold, glob_matches
from engine.model.filter.match import label_start
from engine.model.filter.percentiles import NONE, Percentiles
from engine.model.filter.regex import regex_found
from engine.model.filter.times import lower_bound, upper_bound
from engine.model.filter.values import (
    Duration,
    Glob,
    Number,
    Percentile,
    Regex,
    Span,
    Value,
    Word,
)
from engine.model.priority import ALIASES

Sql: TypeAlias = tuple[str, dict[str, object]]

_SHOWN_NAME: Final = "(CASE WHEN name = '' THEN command ELSE name END)"
COLUMNS: Final[Mapping[str, str]] = {
    "id": "id",
    "state": "state",
    "queue": "queue",
    "name": _SHOWN_NAME,
    "worker": "worker",
    "prio": "priority",
    "attempt": "attempts",
    "age": "(:now_at - created_at)",
    "wait": "((CASE WHEN started_at >= queued_at THEN started_at "
    "ELSE coalesce(ended_at, :now_at) END) - queued_at)",
    "run": "((CASE state WHEN 'running' THEN :now_at ELSE ended_at END) - started_at)",
    "reason": "note",
    "exit": "exit_code",
    "fp": "fp",
    "owner": "owner",
    "key": "key",
    "kind": "kind",
    "tenant": "tenant",
    "namespace": "namespace",
    "held": "(held_by IS NOT NULL)",
    "paused": "(paused_at IS NOT NULL)",
    "unreachable": "(unreachable_at IS NOT NULL)",
    "unmet": "unmet",
    "shape": "shape",
    "array": "array",
    "flow": "flow",
    "task": "task",
    "args": "command",
}
_SIGNS: Final[Mapping[Op, str]] = {
    Op.HAS: "=",
    Op.IS: "=",
    Op.IS_NOT: "=",
    Op.OVER: ">",
    Op.FROM: ">=",
    Op.UNDER: "<",
    Op.UPTO: "<=",
}
_STORED: Final[Mapping[str, Callable[[str], object]]] = {
    "prio": lambda word: int(ALIASES[word]),
    "held": lambda word: int(word == "yes"),
    "paused": lambda word: int(word == "yes"),
    "unreachable": lambda word: int(word == "yes"),
}
_SOME_TAG: Final = "(tags <> '[]' AND EXISTS (SELECT 1 FROM json_each(tags) WHERE %))"
_SOME_LABEL: Final = (
    "EXISTS (SELECT 1 FROM specs AS s WHERE s.job = id AND EXISTS (SELECT 1 FROM"
    " json_each(CAST(s.spec AS TEXT), '$.constraints.required_labels') WHERE %))"
)
_OF_QUEUE: Final = "(SELECT value FROM json_each(%) WHERE key = queue)"
_OF_SPEC: Final = "(SELECT % FROM specs AS s WHERE s.job = id)"
_FREE_TEXT: Final = _OF_SPEC.replace(
    "%",
    "CASE json_type(CAST(s.spec AS TEXT), {path}) WHEN 'true' THEN 'true' "
    "WHEN 'false' THEN 'false' WHEN 'text' THEN json_extract(CAST(s.spec AS TEXT), {path}) END",
)
_FREE_NUMBER: Final = _OF_SPEC.replace(
    "%",
    "CASE WHEN json_type(CAST(s.spec AS TEXT), {path}) IN ('integer', 'real') "
    "THEN json_extract(CAST(s.spec AS TEXT), {path}) END",
)


def register(connection: sqlite3.Connection) -> None:
    """Give `connection` the functions that compiled filters call."""
    connection.create_function("crab_regex", 2, _regex, deterministic=True)
    connection.create_function("crab_glob", 2, _glob, deterministic=True)


def compile_query(query: Query, now_at: int, percentiles: Percentiles = NONE) -> Sql:
    """The condition and its parameters; `now_at` is what ages are measured from.

    True for exactly the jobs that `engine.model.filter.matches` passes with the same
    `percentiles`.
    """
    if query.root is None:
        return "1", {}
    compiler = Compiler(now_at, percentiles)
    text = compiler.node(query.root)
    return text, compiler.used(text)


def _regex(pattern: str, text: str | None) -> bool | None:
    return None if text is None else regex_found(pattern, text)


def _glob(pattern: str, text: str | None) -> bool | None:
    return None if text is None else glob_matches(pattern, text)


class Compiler:
    """Conditions on one table, and what travels with them; `term` and `text` know which."""

    def __init__(self, now_at: int, percentiles: Percentiles) -> None:
        self.parameters: dict[str, object] = {"now_at": now_at}
        self.now_at = now_at
        self.percentiles = percentiles

    def used(self, text: str) -> dict[str, object]:
        """The parameters without `now_at`, if the condition does not speak of it."""
        if ":now_at" not in text:
            del self.parameters["now_at"]
        return self.parameters

    def put(self, value: object) -> str:
        """The placeholder under which `value` travels."""
        name = f"f{len(self.parameters)}"
        self.parameters[name] = value
        return f":{name}"

    def node(self, node: Node) -> str:
        match node:
            case And(parts):
                return "(" + " AND ".join(self.node(part) for part in parts) + ")"
            case Or(parts):
                return "(" + " OR ".join(self.node(part) for part in parts) + ")"
            case Not(part):
                return f"(NOT coalesce({self.node(part)}, 0))"
            case Text(value):
                return self.text(value)
        return self.term(node)

    def text(self, value: Value) -> str:
        tags = _SOME_TAG.replace("%", self.in_text("value", value))
        parts = [self.in_text("name", value), self.in_text("command", value), tags]
        if isinstance(value, Word):
            digits = value.text.removeprefix("#")
            if digits.isascii() and digits.isdigit():
                parts.append(f"substr(id, 1, {self.put(len(digits))}) = {self.put(digits)}")
        return "(" + " OR ".join(parts) + ")"

    def in_text(self, column: str, value: Value) -> str:
        match value:
            case Regex(pattern):
                return f"crab_regex({self.put(pattern)}, {column})"
            case Glob(pattern):
                return f"crab_glob({self.put(fold(pattern))}, lower({column}))"
            case Word(word):
                return f"instr(lower({column}), {self.put(fold(word))}) > 0"
        return "0"

    def term(self, term: Term) -> str:
        sort = FIELDS[term.field].sort
        if sort is Sort.MOMENT:
            return self.moment(term)
        if term.field == "label":
            return self.label(term)
        if term.path:
            return self.free(term)
        if term.field == "tag":
            return self.tag(term)
        column = COLUMNS[term.field]
        if sort in (Sort.NUMBER, Sort.DURATION):
            return self.either(term, column, self.numbers(column, term))
        if sort is Sort.CHOICE:
            return self.either(term, column, self.choices(term, column))
        return self.either(term, column, self.words(sort, term, column))

    def either(self, term: Term, column: str, hit: str) -> str:
        """`hit`, or for a negative comparison its opposite where there is a value."""
        if not term.op.negative:
            return hit
        return f"({column} IS NOT NULL AND NOT {hit})"

    def moment(self, term: Term) -> str:
        value = term.values[0]
        if term.field == "since":
            return f"state_at >= {self.put(lower_bound(value, self.now_at))}"
        return f"state_at < {self.put(upper_bound(value, self.now_at))}"

    def choices(self, term: Term, column: str) -> str:
        stored = _STORED.get(term.field, str)
        words = [value.text for value in term.values if isinstance(value, Word)]
        return f"{column} IN ({', '.join(self.put(stored(word)) for word in words)})"

    def words(self, sort: Sort, term: Term, column: str) -> str:
        exact = [
            v.text for v in term.values if isinstance(v, Word) and _is_exact(sort, term.op)
        ]
        parts = [self.word(sort, term.op, column, v) for v in term.values]
        if exact:
            parts = [part for part in parts if part]
            parts.append(f"{column} IN ({', '.join(self.put(word) for word in exact)})")
        return "(" + " OR ".join(parts) + ")"

    def word(self, sort: Sort, op: Op, column: str, value: Value) -> str:
        """One comparison; empty for a word that is compared as it stands."""
        if isinstance(value, Word) and _is_exact(sort, op):
            return ""
        if sort is Sort.NAME and isinstance(value, Glob):
            return f"crab_glob({self.put(value.text)}, {column})"
        return self.in_text(column, value)

    def tag(self, term: Term) -> str:
        hit = self.words(Sort.NAME, term, "value")
        found = _SOME_TAG.replace("%", hit)
        return f"(NOT {found})" if term.op.negative else found

    def label(self, term: Term) -> str:
        column, begins = "value", ""
        if term.path:
            start = label_start(term)
            column = f"substr(value, {self.put(len(start) + 1)})"
            begins = f"substr(value, 1, {self.put(len(start))}) = {self.put(start)} AND "
        hit = self.words(Sort.NAME, term, column)
        found = _SOME_LABEL.replace("%", begins + hit)
        return f"(NOT {found})" if term.op.negative else found

    def numbers(self, column: str, term: Term) -> str:
        parts = [self.length(column, term, value) for value in term.values]
        return "(" + " OR ".join(parts) + ")"

    def length(self, column: str, term: Term, value: Value) -> str:
        if not isinstance(value, Percentile):
            return self.number(column, term.op, value)
        known = self.percentiles.get((term.field, value.number), {})
        here = _OF_QUEUE.replace("%", self.put(json.dumps(dict(known), ensure_ascii=False)))
        return f"{column} {_SIGNS[term.op]} {here}"

    def number(self, column: str, op: Op, value: Value) -> str:
        if isinstance(value, Span):
            low, high = _amount(value.low), _amount(value.high)
            ends = [f"{column} >= {self.put(low)}"] if low is not None else []
            ends += [f"{column} <= {self.put(high)}"] if high is not None else []
            return "(" + " AND ".join(ends) + ")"
        return f"{column} {_SIGNS[op]} {self.put(_amount(value))}"

    def free(self, term: Term) -> str:
        path = self.put(_json_path(term))
        text = _FREE_TEXT.replace("{path}", path)
        number = _FREE_NUMBER.replace("{path}", path)
        parts = [self.free_one(term.op, text, number, value) for value in term.values]
        hit = "coalesce(" + " OR ".join(parts) + ", 0)"
        return self.either(term, f"coalesce({text}, {number})", hit)

    def free_one(self, op: Op, text: str, number: str, value: Value) -> str:
        if isinstance(value, Number):
            same = self.number(number, op, value)
            return same if op.ordered else f"({same} OR {text} = {self.put(str(value))})"
        if isinstance(value, Span):
            return self.number(number, op, value)
        return self.word(Sort.TEXT, op, text, value) or f"{text} = {self.put(str_of(value))}"


def _is_exact(sort: Sort, op: Op) -> bool:
    return sort is Sort.NAME or op is not Op.HAS


def str_of(value: Value) -> str:
    """The text that a word stands for."""
    return value.text if isinstance(value, Word) else str(value)


def _amount(value: Value | None) -> int | float | None:
    match value:
        case Number(number):
            return number
        case Duration(us):
            return us
    return None


def _json_path(term: Term) -> str:
    root = "$.command" if term.field == "args" else "$.metadata"
    return root + "".join(f'."{part}"' for part in term.path)
