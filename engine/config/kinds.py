"""Kinds of values: how each is read from a file, and how it would be written in one."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import InvalidSpec
from engine.model.address import parse as parse_address
from engine.model.ids import NAME
from engine.model.intake.scalars import duration_ms, items, line, number, yes_no
from engine.model.intake.scalars import whole as whole_number
from engine.model.intake.wrong import Wrong, shown, wrong_type, wrong_word
from engine.model.rules import Rate
from engine.model.sizes import parse_size

LONGEST_TEXT: Final = 1_000
LONGEST_PATH: Final = 4_000
LEAST_LOAD: Final = 0.1
MOST_LOAD: Final = 1_000
_LABEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.=/\-]{0,99}")
_RATE = re.compile(r"(\d{1,7})\s*/\s*([smhd])(?:\s+burst\s+(\d{1,7}))?", re.ASCII)
_PER_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_UNITS_MS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_SIZES_MB: Final = {"T": 2**20, "G": 2**10}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value."""

    read: Callable[[Any], Any]
    """The value as the program has it. Raises: Wrong."""
    write: Callable[[Any], str]
    """The value as it would be written in the file."""


def quoted(text: str) -> str:
    """`text` as a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def whole(least: int, most: int) -> Kind:
    """A whole number in a range."""

    def read(value: Any) -> int:
        try:
            return whole_number(value, least, most)
        except Wrong as wrong:
            if type(value) is int:
                wrong.near = str(min(max(value, least), most))
            raise

    return Kind(read, str)


def optional(kind: Kind) -> Kind:
    """As `kind`, or the word `none`, which is None."""

    def read(value: Any) -> Any:
        if isinstance(value, str) and value.lower() == "none":
            return None
        return kind.read(value)

    return Kind(read, lambda value: '"none"' if value is None else kind.write(value))


def word(what: str, known: Mapping[str, Any]) -> Kind:
    """A word from a closed set, and what it stands for."""

    def read(value: Any) -> Any:
        if type(value) is not str:
            raise wrong_type(value, f"a {what}")
        if value.lower() not in known:
            raise wrong_word(what, value, known)
        return known[value.lower()]

    def write(value: Any) -> str:
        return quoted(next(name for name, one in known.items() if one == value))

    return Kind(read, write)


def duration(least_ms: int) -> Kind:
    """A length of time, in milliseconds."""

    def read(value: Any) -> int:
        ms = duration_ms(value, 0)
        if ms < least_ms:
            raise Wrong(f"{shown(value)} is too short: at least {duration_text(least_ms)}")
        return ms

    return Kind(read, lambda ms: quoted(duration_text(ms)))


def duration_text(ms: int) -> str:
    """The shortest way to write whole milliseconds: `10m`."""
    unit = next(
        name for name, size in _UNITS_MS.items() if ms % size == 0 and (ms or size == 1)
    )
    return f"{ms // _UNITS_MS[unit]}{unit}"


def _read_megabytes(value: Any) -> int:
    if type(value) is not str:
        return whole_number(value, 0, 2**40)
    size = parse_size(value, bare=2**20)
    if size is None:
        raise Wrong(f"{shown(value)} is no size; write 512M or 2G (a bare number is megabytes)")
    return whole_number(-(-size // 2**20), 0, 2**40)


def _megabytes_text(mb: int) -> str:
    for letter, size in _SIZES_MB.items():
        if mb and mb % size == 0:
            return quoted(f"{mb // size}{letter}")
    return quoted(f"{mb}M")


def _read_bytes(value: Any) -> int:
    if type(value) is not str:
        return whole_number(value, 0, 2**60)
    size = parse_size(value)
    if size is None:
        raise Wrong(f"{shown(value)} is no size; write 512M or 2G (a bare number is bytes)")
    return whole_number(size, 0, 2**60)


def _bytes_text(size: int) -> str:
    whole = size and size % 2**20 == 0
    return _megabytes_text(size // 2**20) if whole else str(size)


def _read_load(value: Any) -> float:
    if type(value) not in (int, float):
        raise wrong_type(value, "a number such as 1.5")
    if not LEAST_LOAD <= value <= MOST_LOAD:
        near = min(max(LEAST_LOAD, value), MOST_LOAD)
        why = f"{shown(value)} is not between {LEAST_LOAD} and {MOST_LOAD}"
        raise Wrong(why, near=f"{near:g}")
    return float(value)


def _read_rate(value: Any) -> Rate:
    if type(value) is not str:
        raise wrong_type(value, 'a rate such as "10/s"')
    found = _RATE.fullmatch(value.strip())
    if not found or int(found[1]) < 1 or found[3] == "0":
        raise Wrong(f"{shown(value)} is no rate; write 10/s, 100/m, 1000/h or 10/s burst 50")
    tokens = int(found[1])
    return Rate(tokens=tokens, per_ms=_PER_MS[found[2]], burst=int(found[3] or tokens))


def _rate_text(rate: Rate) -> str:
    unit = next(name for name, size in _PER_MS.items() if size == rate.per_ms)
    burst = "" if rate.burst == rate.tokens else f" burst {rate.burst}"
    return quoted(f"{rate.tokens}/{unit}{burst}")


def _read_percents(value: Any) -> tuple[int, int, int]:
    found = [whole_number(one, 1, 100) for one in items(value, "percentages", 3)]
    if len(found) != 3 or not found[0] < found[1] < found[2]:
        raise Wrong(f"{shown(value)} must be three percentages, each above the one before")
    return (found[0], found[1], found[2])


def _read_phases(value: Any) -> tuple[int, ...]:
    phases = {whole_number(one, 1, 4) for one in items(value, "agent phases", 4)}
    return tuple(sorted(phases))


def _list_text(values: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, values))}]"


def _read_label(value: Any) -> str:
    if type(value) is not str:
        raise wrong_type(value, "text")
    if not _LABEL.fullmatch(value):
        raise Wrong(f"{shown(value)} cannot be a label; labels look like gpu or zone=b")
    return value


def _read_labels(value: Any) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for place, one in enumerate(items(value, "labels", 100)):
        try:
            found[_read_label(one)] = None
        except Wrong as wrong:
            raise wrong.under(f"[{place}]") from None
    return tuple(found)


def _texts(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(quoted, values))}]"


def read_name(value: Any) -> str:
    """What a queue, tenant, namespace, worker or resource may be called."""
    if type(value) is not str or not NAME.fullmatch(value):
        raise Wrong(
            f"{shown(value)} cannot be a name: use 1 to 100 of a-z, A-Z, 0-9, '_', '-' and "
            "'.', the first a letter, digit or '_'"
        )
    return value


def _read_gpus(value: Any) -> int | tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(read_name(one) for one in items(value, "devices", 64))
    return whole_number(value, 0, 64)


def _gpus_text(gpus: int | tuple[str, ...]) -> str:
    return str(gpus) if isinstance(gpus, int) else _texts(gpus)


def _read_address(value: Any) -> str:
    if type(value) is not str:
        raise wrong_type(value, "an address such as user@host:22")
    try:
        return str(parse_address(value))
    except InvalidSpec as wrong:
        raise Wrong(wrong.message, near=wrong.nearest) from None


def _read_path(value: Any) -> str:
    path = line(value, LONGEST_PATH)
    if not path.startswith("/"):
        raise Wrong(f"{shown(value)} must be an absolute path", near=f"/{path}")
    return path


def _read_python(value: Any) -> str:
    return value if value in ("auto", "no") else _read_path(value)


def _read_own_path(value: Any) -> str:
    path = line(value, LONGEST_PATH)
    if not path.startswith(("/", "~/")):
        raise Wrong(f"{shown(value)} must begin with / or ~/", near=f"~/{path}")
    return path


def _read_cores(value: Any) -> int:
    return round(number(value, 0, 100_000) * 1000)


YES_NO: Final = Kind(yes_no, lambda value: "true" if value else "false")
TEXT: Final = Kind(lambda value: line(value, LONGEST_TEXT), quoted)
CORES: Final = Kind(_read_cores, lambda milli: f"{milli / 1000:g}")
"""Cores; thousandths of one in the program."""
LOAD: Final = Kind(_read_load, lambda load: f"{load:g}")
"""Load of a host, per core."""
SIZE: Final = Kind(_read_megabytes, _megabytes_text)
"""Storage; megabytes in the program."""
BYTES: Final = Kind(_read_bytes, _bytes_text)
"""Storage to the byte."""
RATE: Final = Kind(_read_rate, _rate_text)
"""So many in a second, minute, hour or day; without `burst` as many come at once."""
PERCENTS: Final = Kind(_read_percents, _list_text)
PHASES: Final = Kind(_read_phases, _list_text)
LABELS: Final = Kind(_read_labels, _texts)
GPUS: Final = Kind(_read_gpus, _gpus_text)
"""A number of devices, or the kind of each."""
A_NAME: Final = Kind(read_name, quoted)
ADDRESS: Final = Kind(_read_address, quoted)
"""Where a host is: `user@host:port`, `[v6]:port`, `ssh://user@host:port`."""
PATH: Final = Kind(_read_path, quoted)
"""A folder on some host."""
PYTHON: Final = Kind(_read_python, quoted)
"""Who is to answer on a host: `auto`, `no`, or the path of an interpreter there."""
OWN_PATH: Final = Kind(_read_own_path, quoted)
"""A file on this machine; `~/` is the home of the daemon's account. Also a folder on another
host, where it is that account's."""
