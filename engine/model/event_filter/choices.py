"""Level, type and kind: every comparison with them becomes a plain set of words."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from engine.model.events import EventType
from engine.model.filter.choosing import chosen
from engine.model.filter.glob import glob_matches
from engine.model.filter.regex import check_regex, regex_found
from engine.model.filter.scanner import Piece, bad
from engine.model.filter.syntax import Op, Term
from engine.model.filter.values import Word
from engine.model.levels import LEVELS, SUBJECTS, Level, Subject
from engine.model.words import nearest

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "level": tuple(level.word for level in sorted(Level, reverse=True)),
    "type": tuple(kind.value for kind in EventType),
    "kind": tuple(subject.value for subject in Subject),
}
"""The words of each such field; levels from the worst down."""

_OTHER_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "level": {"error": "err", "errors": "err", "warning": "warn", "warnings": "warn"},
    "kind": {"host": "worker"},
}


def choose(field: str, op: Op, pieces: Sequence[Piece]) -> Term:
    """`field` compared with the words that `pieces` name, in table order.

    Raises:
        InvalidSpec: a piece names no word, or nothing lies on that side of it.
    """
    find, unknown = partial(_one, field), partial(_unknown, field)
    return Term(field, *chosen(CHOICES[field], find, unknown, op, pieces))


def types_of(term: Term) -> frozenset[EventType]:
    """The kinds of events that pass a term made by `choose`."""
    words = {value.text for value in term.values if isinstance(value, Word)}
    named = frozenset(kind for kind in EventType if _word_of(term.field, kind) in words)
    return frozenset(EventType) - named if term.op.negative else named


def _word_of(field: str, kind: EventType) -> str:
    if field == "level":
        return LEVELS[kind].word
    return SUBJECTS[kind].value if field == "kind" else kind.value


def _one(field: str, op: Op, piece: Piece) -> frozenset[str]:
    text = piece.text.lower()
    if op in (Op.LIKE, Op.UNLIKE):
        check_regex(piece.text, piece.at)
        return frozenset(word for word in CHOICES[field] if regex_found(piece.text, word))
    if op.ordered:
        return _side(field, op, piece)
    text = _OTHER_WORDS.get(field, {}).get(text, text)
    if text in CHOICES[field]:
        return frozenset({text})
    return _alike(field, text) if op is not Op.IS else frozenset()


def _alike(field: str, text: str) -> frozenset[str]:
    """Words that a glob, the beginning of a word, or the last part of a type stands for."""
    if not text:
        return frozenset()
    if "*" in text or "?" in text:
        return frozenset(word for word in CHOICES[field] if glob_matches(text, word))
    last = frozenset(word for word in CHOICES[field] if word.partition(".")[2] == text)
    return last or frozenset(word for word in CHOICES[field] if word.startswith(text))


def _side(field: str, op: Op, piece: Piece) -> frozenset[str]:
    if field != "level":
        raise bad(f"{field} has no order; use {field}:", piece.at)
    text = _OTHER_WORDS[field].get(piece.text.lower(), piece.text.lower())
    words = CHOICES[field]
    if text not in words:
        raise _unknown(field, piece)
    place = words.index(text)
    sides = {
        Op.OVER: words[:place],
        Op.FROM: words[: place + 1],
        Op.UNDER: words[place + 1 :],
        Op.UPTO: words[place:],
    }
    if not sides[op]:
        raise bad(f"nothing is {'worse' if op is Op.OVER else 'less'} than {text}", piece.at)
    return frozenset(sides[op])


def _unknown(field: str, piece: Piece) -> Exception:
    words = CHOICES[field]
    known = [*words, *(word.partition(".")[2] for word in words if "." in word)]
    near = nearest(piece.text, known)
    listed = ", ".join(words) if len(words) < 12 else "those that `crabtui events` prints"
    hint = f"did you mean {near!r}?" if near else f"one of: {listed}"
    return bad(f"unknown {field} {piece.text[:60]!r}: {hint}", piece.at, nearest=near)
