"""What could stand at the cursor of a filter prompt: fields, comparisons, values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from engine.model.filter import FIELDS, Field, Op, Sort
from engine.model.filter.choices import GROUPS, WORDS
from engine.model.filter.fields import OTHER_NAMES
from engine.model.filter.values import Word

MOST: Final = 10
_OPEN_TERM: Final = re.compile(
    r"(?:^|(?<=[\s|(!-]))"
    r"(?P<name>[A-Za-z_][\w-]*)(?P<path>(?:\.[\w.-]+)?)(?P<op>!=|!~|>=|<=|[:=~<>])"
    r"(?:(?:\"(?:[^\"\\]|\\.)*\"|[^\s\",|()]*),)*(?P<value>[^\s\",|()]*|\"[^\"]*)$"
)
_OPEN_WORD: Final = re.compile(r"(?:^|(?<=[\s|(!-]))(?P<word>[A-Za-z_]*)$")
_TIMES: Final = ("10m", "1h", "1d", "00:00")
_LENGTHS: Final = ("10s", "1m", "10m", "1h", "1d")
_PERCENTILES: Final = ("p50", "p95")
"""Of the job's own queue."""
_ORDER: Final = {Op.OVER: "more than", Op.UNDER: "less than", Op.FROM: "at least"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Put `text` in place of the characters from `start` up to `end`."""

    text: str
    start: int
    end: int
    hint: str
    """What it means, in a few words."""
    count: int | None = None
    """How many jobs have this value, as far as is known."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The value that is being typed, and of which field."""

    field: str
    begun: str


def field_typed(text: str, cursor: int) -> Typed | None:
    """Which field's value stands at `cursor`; None if it is no value."""
    term = _OPEN_TERM.search(text[:cursor])
    if term is None:
        return None
    name = term["name"].lower()
    field = FIELDS.get(OTHER_NAMES.get(name, name))
    if field is None or term["op"] in ("~", "!~") or term["path"]:
        return None
    return Typed(field.name, term["value"].lstrip('"'))


Values = Mapping[str, Mapping[str, int]]
"""How many jobs have each value, by field, the commonest first."""


def suggest(text: str, cursor: int, values: Values) -> list[Suggestion]:
    """What could stand at `cursor`, the likeliest first.

    At most ten, except on an empty prompt, which offers every field. `values` are
    those of which something is known.
    """
    before = text[:cursor]
    if before.count('"') % 2 and not re.search(r'[:=,]"[^"]*$', before):
        return []
    term = _OPEN_TERM.search(before)
    if term:
        return _values(term, cursor, values)
    word = _OPEN_WORD.search(before)
    return _fields(word["word"].lower(), word.start("word"), cursor) if word else []


def _fields(word: str, start: int, end: int) -> list[Suggestion]:
    exact = FIELDS.get(OTHER_NAMES.get(word, word))
    if exact:
        return _comparisons(exact, word, start, end)
    known = [*FIELDS, *OTHER_NAMES] if word else [*FIELDS]
    found = [name for name in known if name.startswith(word)]
    return [
        Suggestion(name + _first(field), start, end, field.hint)
        for name in found[: MOST if word else len(found)]
        for field in [FIELDS[OTHER_NAMES.get(name, name)]]
    ]


def _first(field: Field) -> str:
    """What most people write after the field's name."""
    if not field.bare:
        return "."
    return ">" if field.sort is Sort.DURATION else ":"


def _comparisons(field: Field, word: str, start: int, end: int) -> list[Suggestion]:
    if not field.bare:
        return [Suggestion(f"{word}.", start, end, field.hint)]
    return [Suggestion(word + op, start, end, hint) for op, hint in _ops(field)]


def _ops(field: Field) -> list[tuple[str, str]]:
    if field.sort is Sort.MOMENT:
        return [(":", field.hint)]
    if field.sort is Sort.DURATION:
        return [(op.value, hint) for op, hint in _ORDER.items()]
    ops = [(":", field.hint), ("!=", "anything else")]
    if field.sort is Sort.NUMBER:
        return ops + [(op.value, hint) for op, hint in _ORDER.items()]
    if field.name == "prio":
        return [*ops, (">=", "that urgent or more"), ("<=", "that urgent or less")]
    return ops if field.sort is Sort.CHOICE else [*ops, ("~", "regular expression")]


def _values(term: re.Match[str], end: int, values: Values) -> list[Suggestion]:
    name = term["name"].lower()
    field = FIELDS.get(OTHER_NAMES.get(name, name))
    if field is None or term["op"] in ("~", "!~") or term["path"]:
        return []
    typed = term["value"].lstrip('"').lower()
    counts = values.get(field.name, {})
    known = dict.fromkeys([*counts, *_own(field)])
    found = [value for value in _ranked(typed, known) if value.lower() != typed]
    return [
        Suggestion(
            _written(field, value), term.start("value"), end, field.hint, counts.get(value)
        )
        for value in found[:MOST]
    ]


def _own(field: Field) -> Iterable[str]:
    if field.sort is Sort.CHOICE:
        return [*WORDS[field.name], *GROUPS.get(field.name, {})]
    if field.sort is Sort.MOMENT:
        return _TIMES
    if field.sort is not Sort.DURATION:
        return ()
    return _LENGTHS if field.name == "age" else (*_LENGTHS, *_PERCENTILES)


def _ranked(typed: str, known: Iterable[str]) -> list[str]:
    """Those that start with what was typed, then those that have it anywhere."""
    words = list(known)
    starting = [word for word in words if word.lower().startswith(typed)]
    return starting + [w for w in words if typed in w.lower() and w not in starting]


def _written(field: Field, value: str) -> str:
    textual = field.sort in (Sort.NAME, Sort.TEXT, Sort.JSON)
    return str(Word(value)) if textual else value
