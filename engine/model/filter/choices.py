"""Fields with a closed set of words: prefixes, globs, groups and orders become plain sets."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from engine.model.filter.choosing import chosen
from engine.model.filter.glob import glob_matches
from engine.model.filter.regex import check_regex, regex_found
from engine.model.filter.scanner import Piece, bad
from engine.model.filter.syntax import Op
from engine.model.filter.values import Word
from engine.model.priority import ALIASES, Priority
from engine.model.spec import Kind
from engine.model.states import FINAL, WAITING, State
from engine.model.words import nearest

_PRIORITIES: Final = tuple(level.label for level in Priority)
_YES_NO: Final = ("yes", "no")
_TRUE_FALSE: Final = {"true": frozenset({"yes"}), "false": frozenset({"no"})}

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "state": tuple(state.value for state in State),
    "prio": _PRIORITIES,
    "kind": tuple(kind.value for kind in Kind),
    "held": _YES_NO,
    "paused": _YES_NO,
    "unreachable": _YES_NO,
}
"""The words of each such field; those of `prio` from the most urgent down."""

_MARKS: Final = frozenset(field for field, words in WORDS.items() if words == _YES_NO)
"""What is asked for with yes or no, and often taken for a state."""

GROUPS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "state": {
        "waiting": frozenset(state.value for state in WAITING),
        "live": frozenset(state.value for state in set(State) - FINAL),
        "ended": frozenset(state.value for state in FINAL),
    },
    "prio": {alias: frozenset({level.label}) for alias, level in ALIASES.items()},
    "held": _TRUE_FALSE,
    "paused": _TRUE_FALSE,
    "unreachable": _TRUE_FALSE,
}
"""Further words, each for a set of the plain ones."""


def choose(field: str, op: Op, pieces: Sequence[Piece]) -> tuple[Op, tuple[Word, ...]]:
    """`:` or `!=`, and the words of `field` that the comparison names, in table order.

    Raises:
        InvalidSpec: a piece names no word, or nothing lies on that side of it.
    """
    return chosen(WORDS[field], partial(_one, field), partial(_unknown, field), op, pieces)


def _one(field: str, op: Op, piece: Piece) -> frozenset[str]:
    text = piece.text.lower()
    if op in (Op.LIKE, Op.UNLIKE):
        check_regex(piece.text, piece.at)
        return frozenset(word for word in WORDS[field] if regex_found(piece.text, word))
    if op.ordered:
        return _side(field, op, piece)
    if ".." in text and field == "prio":
        return _between(piece)
    return _named(field, text) or _alike(field, op, text)


def _named(field: str, text: str) -> frozenset[str]:
    if text in WORDS[field]:
        return frozenset({text})
    return GROUPS.get(field, {}).get(text, frozenset())


def _alike(field: str, op: Op, text: str) -> frozenset[str]:
    if op is Op.IS or not text:
        return frozenset()
    pattern = text if "*" in text or "?" in text else text + "*"
    return frozenset(word for word in WORDS[field] if glob_matches(pattern, word))


def _side(field: str, op: Op, piece: Piece) -> frozenset[str]:
    if field != "prio":
        raise bad(f"{field} has no order; use {field}:", piece.at)
    level = _level(piece, piece.text)
    sides = {
        Op.OVER: _PRIORITIES[:level],
        Op.FROM: _PRIORITIES[: level + 1],
        Op.UNDER: _PRIORITIES[level + 1 :],
        Op.UPTO: _PRIORITIES[level:],
    }
    if not sides[op]:
        way = "more" if op is Op.OVER else "less"
        raise bad(f"nothing is {way} urgent than {_PRIORITIES[level]}", piece.at)
    return frozenset(sides[op])


def _between(piece: Piece) -> frozenset[str]:
    low, _, high = piece.text.partition("..")
    ends = sorted((_level(piece, low or "low"), _level(piece, high or "critical")))
    return frozenset(_PRIORITIES[ends[0] : ends[1] + 1])


def _level(piece: Piece, text: str) -> int:
    found = ALIASES.get(text.lower())
    if found is None:
        raise _unknown("prio", Piece(text, piece.at))
    return int(found)


def _unknown(field: str, piece: Piece) -> Exception:
    known = [*WORDS[field], *GROUPS.get(field, {})]
    word = piece.text.lower()
    if field == "state" and word in _MARKS:
        raise bad(f"{word} is no state but a mark: {word}:yes", piece.at, nearest=f"{word}:yes")
    near = nearest(piece.text, known)
    hint = f"did you mean {near!r}?" if near else f"one of: {', '.join(known)}"
    return bad(f"unknown {field} {piece.text[:60]!r}: {hint}", piece.at, nearest=near)
