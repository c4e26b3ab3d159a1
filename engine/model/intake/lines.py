"""Jobs as JSON text, one or one a line: no key twice, no NaN, no bottomless nesting."""

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from engine.model.intake.wrong import Wrong, shown


def decode_json(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        json.JSONDecodeError: it is no JSON; has the line and column.
        Wrong: it is, but with a key twice, a number or text that cannot be kept, or nested
            too deep.
    """
    try:
        found = _decode(text)
        if _HALF.search(text):
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise Wrong("is nested too deep") from None
    except _BadNumber as wrong:
        wrong.offset = _offset(text, wrong.word)
        raise
    except UnicodeEncodeError as problem:
        half = f"\\u{ord(problem.object[problem.start]):04x}"
        raise Wrong(f"has half a character, {half}, without its other half") from None
    return found


def decode_line(text: str, where: str) -> Any:
    """The job on one line of NDJSON.

    Raises:
        InvalidSpec: it is no JSON, or has what `decode_json` finds wrong.
    """
    try:
        return decode_json(text)
    except json.JSONDecodeError as problem:
        wrong = Wrong(f"no JSON at column {problem.colno}: {problem.msg} ({shown(text)})")
    except Wrong as found:
        wrong = found
        if found.offset is not None:
            wrong = Wrong(f"{found.message} (column {found.offset + 1})")
    except ValueError:
        wrong = Wrong("has a number with too many digits")
    raise wrong.error(where)


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Wrong("is given twice").under(twice[:100])
    return found


class _BadNumber(Wrong):
    """A number that JSON has not, or that is too large; it is not known where."""

    def __init__(self, word: str, message: str) -> None:
        super().__init__(f"{word[:100]} {message}")
        self.word = word


def _no_constant(word: str) -> NoReturn:
    raise _BadNumber(word, "is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not abs(number) < float("inf"):
        raise _BadNumber(digits, "is too large a number")
    return number


def _offset(text: str, word: str) -> int | None:
    """Where a number or constant stands first that the decoder has met, outside of text."""
    tokens = _TOKEN.finditer(text)
    return next((token.start() for token in tokens if token[0] == word), None)


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[-+.\w]+')


_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""Where half of a surrogate pair is written; the other half may stand beside it."""

_decode = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
).decode
