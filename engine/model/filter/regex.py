"""Regular expressions from strangers: a subset, checked before use."""

import re
from functools import lru_cache
from typing import Final

from engine.model.filter.scanner import bad

MAX_REGEX: Final = 200
MAX_SEARCHED: Final = 2_000


def check_regex(pattern: str, at: int) -> None:
    """Refuse what is no regular expression of the subset.

    Raises:
        InvalidSpec: it is too long, wrong, or has a quantifier inside a quantifier.
    """
    if len(pattern) > MAX_REGEX:
        raise bad(f"this regular expression is longer than {MAX_REGEX} characters", at)
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as problem:
        raise bad(f"bad regular expression {pattern[:60]!r}: {problem}", at) from None


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def regex_found(pattern: str, text: str) -> bool:
    """True if a checked `pattern` occurs in the first 2 000 characters of `text`."""
    return _compiled(pattern).search(text, 0, MAX_SEARCHED) is not None
