"""Words of the command bar that are numbers: durations, limits, weights."""

import re
from typing import Final

from engine.errors import InvalidSpec

_SPAN: Final = re.compile(r"(\d{1,4})([smh]?)")
_SHORT: Final = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|)", re.ASCII)
_MILLIS: Final = {"ms": 1, "s": 1_000, "": 1_000, "m": 60_000}
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600}


def parse_span_s(text: str) -> int:
    """Seconds in `10m`, `90s`, `1h` or `90`; at most a day.

    Raises:
        InvalidSpec: it is no such thing.
    """
    found = _SPAN.fullmatch(text)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 0 < seconds <= 86_400:
        raise InvalidSpec(f"{text[:20]!r} is no duration up to 24h, such as 10m", nearest="10m")
    return seconds


def parse_span_ms(text: str) -> int:
    """Milliseconds in `500ms`, `1s`, `2`; up to an hour.

    Raises:
        InvalidSpec: it is no such thing.
    """
    found = _SHORT.fullmatch(text)
    span_ms = float(found[1]) * _MILLIS[found[2]] if found else -1.0
    if not 0 <= span_ms <= 3_600_000:
        raise InvalidSpec(
            f"{text[:20]!r} is no time up to an hour, such as 1s or 500ms", nearest="1s"
        )
    return int(span_ms)


def parse_limit(text: str) -> int | None:
    """A queue's limit; None for `none`.

    Raises:
        InvalidSpec: neither a whole number from 0 on nor `none`.
    """
    if text.lower() in ("none", "-"):
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise InvalidSpec(f"a limit is a whole number from 0 on, or none, not {text[:20]!r}")
    return int(text)


def parse_weight(text: str) -> int:
    """A queue's weight.

    Raises:
        InvalidSpec: no whole number from 1 to 1000000.
    """
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 8 or not int(text):
        raise InvalidSpec(f"a weight is a whole number from 1 on, not {text[:20]!r}")
    return int(text)
