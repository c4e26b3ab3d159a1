"""The words of the host protocol (PROTOCOL.md): how they are written and read."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from engine.runner.faults import (
    BadRequestError,
    NotStartedError,
    RunnerError,
    StaleError,
    UnusableError,
    in_words,
)
from engine.runner.log_search import Found
from engine.runner.records import Status
from engine.runner.verbs import SIGNALS

_NUMBER = re.compile(rb"-?[0-9]{1,18}")
_SOFT, _PAUSED = 1, 2
_KINDS: tuple[tuple[type[Exception], bytes], ...] = (
    (StaleError, b"stale"),
    (UnusableError, b"unusable"),
    (NotStartedError, b"notstarted"),
    (OSError, b"failed"),
    (RunnerError, b"bad"),
    (ValueError, b"bad"),
    (LookupError, b"bad"),
)


def number(word: bytes) -> int:
    """A whole number. Raises: BadRequestError: it is none."""
    if not _NUMBER.fullmatch(word):
        raise BadRequestError(f"{_shown(word)} is no number")
    return int(word)


def count(word: bytes) -> int:
    """A number that is not negative. Raises: BadRequestError: it is none."""
    if (found := number(word)) < 0:
        raise BadRequestError(f"{_shown(word)} is negative")
    return found


def yes_no(word: bytes) -> bool:
    """Raises: BadRequestError: neither 0 nor 1."""
    if word not in (b"0", b"1"):
        raise BadRequestError(f"{_shown(word)} is neither 0 nor 1")
    return word == b"1"


def name(word: bytes) -> str:
    """What may be an attempt, or a stream; whether it is one, the verb will tell."""
    return word.decode("ascii", "backslashreplace")


def signal_name(word: bytes) -> str:
    """Raises: BadRequestError: no signal that ends jobs."""
    if (found := name(word)) not in SIGNALS:
        raise BadRequestError(f"{_shown(word)} is no signal: one of {', '.join(SIGNALS)}")
    return found


def text(word: bytes) -> bytes:
    """The bytes that a TEXT stands for. Raises: BadRequestError: it is none."""
    if word == b"=":
        return b""
    try:
        return base64.b64decode(word, validate=True)
    except binascii.Error as error:
        raise BadRequestError(f"a text that is no base64: {error}") from None


def of_found(found: Found) -> bytes:
    """`NEXT COUNT`, then each line as `OFFSET BEFORE LENGTH` and its bytes."""
    parts = [b"%d %d\n" % (found.next, found.count)]
    for line in found.lines:
        parts.append(b"%d %d %d\n%s" % (line.offset, line.before, len(line.data), line.data))
    return b"".join(parts)


def encoded(data: bytes) -> bytes:
    """As a TEXT."""
    return base64.b64encode(data) or b"="


def pairs(told: Iterable[tuple[str, object]]) -> Iterator[bytes]:
    """KEY=TEXT of each; None is left out."""
    for key, value in told:
        if value is not None:
            data = value if isinstance(value, bytes) else _utf8(str(value))
            yield key.encode("ascii") + b"=" + encoded(data)


def _utf8(text: str) -> bytes:
    """As bytes; those of names that are no UTF-8 as they were."""
    return text.encode("utf-8", "surrogateescape")


def of_status(status: Status) -> bytes:
    """As a STATUS."""
    words = (
        status.attempt,
        status.state,
        status.pid,
        status.pid_start,
        status.ident,
        status.code,
        status.signal,
        status.why,
        _SOFT * status.softened + _PAUSED * status.paused,
        status.owner,
        status.began_ms,
        status.ended_ms,
    )
    told = " ".join("-" if word is None else str(word) for word in words)
    line = told.encode("ascii", "replace")
    message = _one_line(status.message)
    return line + b" " + message if message else line


def of_fault(fault: Exception) -> bytes:
    """As `error KIND TEXT`."""
    kind = next(kind for fault_type, kind in _KINDS if isinstance(fault, fault_type))
    newest = b" %d" % fault.newest if isinstance(fault, StaleError) else b""
    said = in_words(fault) if isinstance(fault, OSError) else str(fault)
    return b"error " + kind + newest + b" " + _one_line(said)


def _one_line(sentence: str) -> bytes:
    return " ".join(sentence.splitlines()).encode("utf-8", "surrogateescape")


def _shown(word: bytes) -> str:
    return repr(word[:40].decode("ascii", "backslashreplace"))
