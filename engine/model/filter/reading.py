"""The values of a filter's term, read as the kind of field asks."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from engine.model.durations import parse_clock, parse_duration, parse_instant
from engine.model.filter.choices import choose
from engine.model.filter.fields import Field, Sort
from engine.model.filter.regex import check_regex
from engine.model.filter.scanner import Piece, bad
from engine.model.filter.syntax import Op, Term
from engine.model.filter.values import (
    NUMERAL,
    Duration,
    Glob,
    Moment,
    Number,
    Percentile,
    Regex,
    Scalar,
    Span,
    TimeOfDay,
    Value,
    Word,
)

_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_PERCENTILE = re.compile(r"p\d{1,3}", re.ASCII)
_WITH_PERCENTILES: Final = ("wait", "run")
_COMMAND_PARTS: Final = ("cwd", "shell", "stdin", "env")
_MAX_AT: Final = 253_402_300_799_000_000

_Reader = Callable[[str], "Scalar | None"]


def read_text(piece: Piece) -> Value:
    """What a free word looks for."""
    if piece.style == "regex":
        return _regex(piece)
    return _word_or_glob(piece)


def read_term(
    field: Field, path: tuple[str, ...], op: Op, pieces: Sequence[Piece], utc_offset_s: int
) -> Term:
    """The term that these pieces make.

    Raises:
        InvalidSpec: the field takes no such comparison or value.
    """
    if op in (Op.LIKE, Op.UNLIKE):
        return _read_pattern(field, path, op, pieces)
    match field.sort:
        case Sort.CHOICE:
            op, words = choose(field.name, op, pieces)
            return Term(field.name, op, words)
        case Sort.NUMBER:
            return _term(field, op, [_ordered(field, op, p, _whole) for p in pieces])
        case Sort.DURATION:
            return _term(field, op, [_length(field, op, p) for p in pieces])
        case Sort.MOMENT:
            return _term(field, Op.HAS, [_moment(field, op, pieces, utc_offset_s)])
        case Sort.JSON:
            return Term(
                field.name,
                op,
                tuple(_free(field, op, p) for p in pieces),
                _path(field, path, pieces[0]),
            )
    if op.ordered:
        raise bad(f"{field.name} has no order; use {field.name}:", pieces[0].at)
    return _term(field, op, [_text_value(op, p) for p in pieces], path)


def _term(field: Field, op: Op, values: Sequence[Value], path: tuple[str, ...] = ()) -> Term:
    return Term(field.name, op, tuple(dict.fromkeys(values)), path)


def _read_pattern(field: Field, path: tuple[str, ...], op: Op, pieces: Sequence[Piece]) -> Term:
    if field.sort is Sort.CHOICE:
        op, words = choose(field.name, op, pieces)
        return Term(field.name, op, words)
    if field.sort not in (Sort.NAME, Sort.TEXT, Sort.JSON):
        raise bad(f"{field.name} is no text to search; compare it with : or >", pieces[0].at)
    values = tuple(_regex(piece) for piece in pieces)
    return Term(field.name, op, values, _path(field, path, pieces[0]) if path else ())


def _regex(piece: Piece) -> Regex:
    check_regex(piece.text, piece.at)
    return Regex(piece.text)


def _word_or_glob(piece: Piece) -> Value:
    wild = piece.style == "bare" and ("*" in piece.text or "?" in piece.text)
    return Glob(piece.text) if wild else Word(piece.text)


def _text_value(op: Op, piece: Piece) -> Value:
    return Word(piece.text) if op is Op.IS else _word_or_glob(piece)


def _whole(text: str) -> Number | None:
    digits = text.removeprefix("#")
    return Number(int(digits)) if _WHOLE.fullmatch(digits) else None


def _broken(text: str) -> Number | None:
    return (
        Number(float(text) if "." in text else int(text), text)
        if NUMERAL.fullmatch(text)
        else None
    )


def _duration(text: str) -> Duration | None:
    us = parse_duration(text)
    return None if us is None else Duration(us // 1000 * 1000)


def _ordered(field: Field, op: Op, piece: Piece, read: _Reader) -> Value:
    if ".." in piece.text and not op.ordered:
        return _span(field, op, piece, read)
    value = read(piece.text)
    if value is None:
        like = "write 90s, 5m or 1h30m" if read is _duration else "write a number"
        raise bad(
            f"{piece.text[:60]!r} is no value of {field.name} ({field.hint}); {like}", piece.at
        )
    return value


def _span(field: Field, op: Op, piece: Piece, read: _Reader) -> Span:
    low_text, _, high_text = piece.text.partition("..")
    low = read(low_text) if low_text else None
    high = read(high_text) if high_text else None
    wrong = (low_text and low is None) or (high_text and high is None)
    if wrong or (low is None and high is None) or op not in (Op.HAS, Op.IS_NOT):
        raise bad(
            f"{piece.text[:60]!r} is no range; ranges look like {field.name}:1..5", piece.at
        )
    return Span(low, high)


def _length(field: Field, op: Op, piece: Piece) -> Value:
    if _PERCENTILE.fullmatch(piece.text):
        return _percentile(field, op, piece)
    value = _ordered(field, op, piece, _duration)
    if isinstance(value, Span) or op.ordered:
        return value
    name, text = field.name, piece.text
    raise bad(
        f"compare a length of time: {name}>{text}, {name}<{text}, {name}:{text}..2h", piece.at
    )


def _percentile(field: Field, op: Op, piece: Piece) -> Percentile:
    name, text, number = field.name, piece.text, int(piece.text[1:])
    if name not in _WITH_PERCENTILES:
        raise bad(f"{name} has no percentiles; wait and run have: wait>{text}", piece.at)
    if not 1 <= number <= 99:
        raise bad(f"{text} is no percentile: p1 to p99", piece.at, nearest="p99")
    if not op.ordered:
        raise bad(f"compare with a percentile: {name}>{text} or {name}<{text}", piece.at)
    return Percentile(number)


def _moment(field: Field, op: Op, pieces: Sequence[Piece], utc_offset_s: int) -> Scalar:
    piece = pieces[0]
    if len(pieces) > 1 or op not in (Op.HAS, Op.IS):
        raise bad(f"{field.name} takes one time: {field.name}:13:40", pieces[-1].at)
    found = read_moment(piece.text, utc_offset_s)
    if found is not None:
        return found
    raise bad(
        f"{piece.text[:60]!r} is no time; write 13:40, 2026-11-21, 2026-11-21T13:40 or 10m",
        piece.at,
    )


def read_moment(text: str, utc_offset_s: int) -> Moment | TimeOfDay | Duration | None:
    """A time of day, an instant, or how long ago; None if it is nothing of the kind."""
    second = parse_clock(text, utc_offset_s)
    if second is not None:
        return TimeOfDay(second)
    at = parse_instant(text, utc_offset_s)
    if at is not None and 0 <= at <= _MAX_AT:
        return Moment(at // 1_000_000 * 1_000_000)
    return _duration(text)


def _free(field: Field, op: Op, piece: Piece) -> Value:
    if piece.style == "quoted" or field.name == "args":
        value = _text_value(op, piece)
    elif ".." in piece.text and op is Op.HAS:
        value = _free_span(piece)
    else:
        value = _broken(piece.text) or _text_value(op, piece)
    if op.ordered and not isinstance(value, Number):
        raise bad(
            f"{piece.text[:60]!r} is no number, and only numbers have an order here", piece.at
        )
    return value


def _free_span(piece: Piece) -> Value:
    low_text, _, high_text = piece.text.partition("..")
    low, high = _broken(low_text), _broken(high_text)
    right = (low or not low_text) and (high or not high_text) and (low or high)
    return Span(low, high) if right else _word_or_glob(piece)


def _path(field: Field, path: tuple[str, ...], piece: Piece) -> tuple[str, ...]:
    if field.name != "args":
        return path
    if path[0] in _COMMAND_PARTS and len(path) == (2 if path[0] == "env" else 1):
        return path
    raise bad(
        f"args.{'.'.join(path)} is not available; a command has args.cwd, args.shell, "
        "args.stdin and args.env.NAME, args: searches the whole line, and what was "
        f"submitted beside it is meta.{'.'.join(path)}",
        piece.at,
    )
