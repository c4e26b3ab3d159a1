"""Texts, statuses and facts as the host protocol writes them."""

import base64
import re
from collections.abc import Callable, Iterable, Mapping

from engine.backends.protocol import HostFacts, HostState
from engine.model.ids import AttemptId, Epoch
from engine.model.resources import Resources
from engine.model.sight import Device, Sight, Usage
from engine.runner.log_search import Found, Line
from engine.runner.records import Status

_NO_UNICODE = "\N{REPLACEMENT CHARACTER}"

_TOUCHY = re.compile(rb"[^A-Za-z0-9_./:=,+@%-]")
_OCTAL = re.compile(rb"\\0([0-7]{3})")

MOST = 2**53

Decode = Callable[[bytes], bytes]


def to_sh(data: bytes) -> bytes:
    """As one word that `printf %b` turns back into `data`."""
    return _TOUCHY.sub(lambda found: b"\\0%03o" % found[0][0], data) or b"\\c"


def from_sh(word: bytes) -> bytes:
    """What `to_sh` was given."""
    if word == b"\\c":
        return b""
    return _OCTAL.sub(lambda found: bytes([int(found[1], 8) & 255]), word)


def to_python(data: bytes) -> bytes:
    """As one word of base64."""
    return base64.b64encode(data) or b"="


def from_python(word: bytes) -> bytes:
    """What `to_python` was given."""
    return b"" if word == b"=" else base64.b64decode(word)


def status_of(line: bytes) -> Status:
    """The status that a line holds. Raises: ValueError: it is none."""
    words = line.split(b" ", 12)
    if len(words) < 12:
        raise ValueError(f"no status: {line[:200]!r}")
    attempt, state, pid, start, ident, code, signal, why, soft, owner, began, ended = (
        word.decode("ascii", "replace") for word in words[:12]
    )
    return Status(
        attempt=attempt,
        state=HostState(state).value,
        pid=_number(pid),
        pid_start=_word(start),
        ident=_word(ident),
        code=_number(code),
        signal=_number(signal),
        why=_word(why),
        softened=soft in ("1", "3"),
        paused=soft in ("2", "3"),
        owner=_number(owner),
        began_ms=_number(began),
        ended_ms=_number(ended),
        message=words[12].decode("utf-8", "replace") if len(words) > 12 else "",
    )


def facts_of(words: Iterable[bytes], decode: Decode, speaks: str) -> HostFacts:
    """What a host is, from its answer to `hello`. Raises: ValueError, KeyError: nonsense."""
    told = dict(_pairs(words, decode))
    return HostFacts(
        ident=told["ident"],
        capacity=Resources(
            cpu_milli=bounded(told["cpu_milli"]),
            memory_mb=bounded(told["memory_mb"]),
            storage_mb=bounded(told["storage_mb"]),
        ),
        epoch=Epoch(bounded(told["epoch"])),
        capabilities=_list(told, "capabilities"),
        warnings=(*_list(told, "warnings"), *_unreadable(told)),
        limits=told.get("limits", ""),
        system=told.get("system", ""),
        speaks=speaks,
        home=_readable(told, "home"),
        user=_readable(told, "user"),
        path=":".join(one for one in told.get("path", "").split(":") if _NO_UNICODE not in one),
    )


def sight_of(words: Iterable[bytes], decode: Decode, now_at: int, round_trip_s: float) -> Sight:
    """How a host is doing, from its answer to `look`.

    Args:
        words: The answer.
        decode: Of its texts.
        now_at: When the answer came.
        round_trip_s: What an answer takes at the least.

    Raises:
        ValueError: it is nonsense.
    """
    pairs = list(_pairs(words, decode))
    told = dict(pairs)
    load, clock_at = _maybe(told.get("load")), _maybe(told.get("now_us"))
    then_at = now_at - round(round_trip_s * 500_000)
    return Sight(
        at=now_at,
        load=None if load is None else load / 100,
        busy_percent=_maybe(told.get("busy")),
        memory_free_mb=_maybe(told.get("memory_free_mb")),
        disk_free_mb=_maybe(told.get("disk_free_mb")),
        devices=tuple(_device(text) for key, text in pairs if key == "gpu"),
        round_trip_ms=round(round_trip_s * 1000, 2),
        drift_ms=None if clock_at is None else round((clock_at - then_at) / 1000),
    )


def usage_of(line: bytes, at: int) -> tuple[AttemptId, Usage]:
    """What an attempt uses, from a part of the answer to `usage`. Raises: ValueError."""
    attempt, cpu_ms, memory_mb, processes, gpu_mb = line.decode("ascii").split(" ")
    used = Usage(
        at=at,
        cpu_ms=bounded(cpu_ms),
        memory_mb=bounded(memory_mb),
        processes=bounded(processes),
        gpu_mb=_number(gpu_mb),
    )
    return AttemptId(attempt), used


def _device(text: str) -> Device:
    index, kind, memory, used, foreign, busy = text.split(";")
    return Device(
        index=bounded(index),
        kind=kind,
        memory_mb=bounded(memory),
        used_mb=bounded(used),
        foreign_mb=bounded(foreign),
        busy_percent=_maybe(busy),
    )


def _pairs(words: Iterable[bytes], decode: Decode) -> Iterable[tuple[str, str]]:
    for word in words:
        key, _, text = word.partition(b"=")
        yield key.decode("ascii", "replace"), decode(text).decode("utf-8", "replace")


def _list(told: Mapping[str, str], key: str) -> tuple[str, ...]:
    return tuple(part for part in told.get(key, "").split(";") if part)


def _readable(told: Mapping[str, str], key: str) -> str:
    """The text; empty if it is no Unicode, and so names nothing that we could name."""
    return "" if _NO_UNICODE in told.get(key, "") else told.get(key, "")


def _unreadable(told: Mapping[str, str]) -> Iterable[str]:
    if _NO_UNICODE in told.get("home", ""):
        yield "HOME there is not UTF-8: jobs do not get it"
    if _NO_UNICODE in told.get("path", ""):
        yield "PATH there has entries that are not UTF-8: jobs get it without them"


def _word(text: str) -> str | None:
    return None if text == "-" else text


def _number(text: str) -> int | None:
    return None if text == "-" else bounded(text)


def _maybe(text: str | None) -> int | None:
    return None if text in (None, "", "-") else bounded(text or "0")


def bounded(text: str) -> int:
    """A number that every program and database can hold."""
    number = int(text)
    if abs(number) > MOST:
        raise ValueError(f"{text[:40]} is no number of ours")
    return number


def found_of(start: int, size: int, dropped: int, data: bytes) -> Found:
    """The answer to `find`. Raises: ValueError, LookupError: it makes no sense."""
    head = data[: data.index(b"\n")]
    next_, count = map(_whole, head.split(b" "))
    lines: list[Line] = []
    at = len(head) + 1
    while at < len(data):
        end = data.index(b"\n", at)
        offset, before, length = map(_whole, data[at:end].split(b" "))
        line = data[end + 1 : end + 1 + length]
        if len(line) != length or length < 0:
            raise ValueError("a line was cut off")
        lines.append(Line(offset, before, line))
        at = end + 1 + length
    return Found(tuple(lines), start, next_, count, size, dropped)


def _whole(word: bytes) -> int:
    return bounded(word.decode("ascii"))
