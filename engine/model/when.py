"""The moment that somebody names: a time as filters take it, or an event by its number."""

import re
from dataclasses import dataclass
from typing import Final

from engine.errors import InvalidSpec
from engine.model.durations import parse_instant
from engine.model.filter.reading import read_moment
from engine.model.filter.times import lower_bound
from engine.model.filter.values import Duration, TimeOfDay, moment_text

_NUMBER: Final = re.compile(r"#(\d{1,18})", re.ASCII)
_SECOND: Final = 1_000_000
HINT: Final = "write 13:46:58, 2026-11-21T13:46, -15m or #88214"


@dataclass(frozen=True, slots=True)
class When:
    """One of the two is given."""

    at: int | None = None
    """UTC microseconds: what had happened by then counts."""
    seq: int | None = None


def exact_text(at: int) -> str:
    """An instant as `parse_when` reads it back: ISO, UTC, to the microsecond."""
    whole, rest = divmod(at, _SECOND)
    return moment_text(whole * _SECOND).replace("Z", f".{rest:06}Z" if rest else "Z")


def parse_when(text: str, now_at: int, utc_offset_s: int = 0) -> When:
    """The moment that `text` names; a time of day is the latest one past.

    A time of day or instant without fractions of a second means all of that second.

    Args:
        text: `13:46:58`, an ISO instant, `-15m`, `15m`, or `#88214`.
        now_at: UTC microseconds.
        utc_offset_s: Of the zone in which times without one are read, east of Greenwich.

    Raises:
        InvalidSpec: it names none.
    """
    plain = text.strip()
    if found := _NUMBER.fullmatch(plain):
        return When(seq=int(found[1]))
    exact = parse_instant(plain, utc_offset_s)
    if exact is not None and exact % _SECOND:
        return When(at=exact)
    value = read_moment(plain.removeprefix("-"), utc_offset_s)
    if value is None or (plain.startswith("-") and isinstance(value, TimeOfDay)):
        raise InvalidSpec(f"{text[:60]!r} is no moment: {HINT}", field="at")
    at = lower_bound(value, now_at)
    return When(at=at if isinstance(value, Duration) else at + _SECOND - 1)
