"""What fields are compared with: words, globs, numbers, times and spans of them."""

import re
from dataclasses import dataclass
from typing import TypeAlias

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
PLAIN = re.compile(r"[^\s,|()\"*?!/~<>=:-][^\s,|()\"*?~<>=:]*")
NUMERAL = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
RESERVED = frozenset({"and", "or"})


def quoted(text: str) -> str:
    """`text` between quotes, so that it is read as nothing but itself."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclass(frozen=True, slots=True)
class Word:
    """Text that stands for itself."""

    text: str

    def __str__(self) -> str:
        if PLAIN.fullmatch(self.text) and ".." not in self.text:
            return quoted(self.text) if self.text.lower() in RESERVED else self.text
        return quoted(self.text)


@dataclass(frozen=True, slots=True)
class Glob:
    """Text in which `*` is any run of characters and `?` any one."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression of the subset in `regex`."""

    text: str

    def __str__(self) -> str:
        return "/" + self.text.replace("/", "\\/") + "/"


@dataclass(frozen=True, slots=True)
class Number:
    """A whole or broken number."""

    number: int | float
    written: str = ""
    """As it was written, where that may matter: `1.10` is also a text."""

    def __str__(self) -> str:
        return self.written or repr(self.number)


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time in microseconds."""

    us: int

    def __str__(self) -> str:
        parts, rest = [], self.us
        for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", SECOND), ("ms", 1000)):
            count, rest = divmod(rest, size)
            if count:
                parts.append(f"{count}{unit}")
        return "".join(parts) or "0s"


@dataclass(frozen=True, slots=True)
class Percentile:
    """A length of time that depends on the job's queue: what `number` in 100 stay below."""

    number: int

    def __str__(self) -> str:
        return f"p{self.number}"


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, UTC microseconds."""

    at: int

    def __str__(self) -> str:
        return moment_text(self.at)


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """Seconds after midnight UTC of a day that is known only when the filter is applied."""

    second: int

    def __str__(self) -> str:
        hour, rest = divmod(self.second, 3600)
        return f"{hour:02}:{rest // 60:02}:{rest % 60:02}Z"


@dataclass(frozen=True, slots=True)
class Span:
    """From `low` to `high`, both included; None leaves that side open."""

    low: "Scalar | None"
    high: "Scalar | None"

    def __str__(self) -> str:
        low = "" if self.low is None else str(self.low)
        return f"{low}..{'' if self.high is None else self.high}"


Scalar: TypeAlias = Number | Duration | Moment | TimeOfDay
Value: TypeAlias = Word | Glob | Regex | Scalar | Percentile | Span


def moment_text(at: int) -> str:
    """`2026-11-21T13:40:00Z` for UTC microseconds."""
    from datetime import UTC, datetime, timedelta

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
