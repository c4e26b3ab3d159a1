"""Expansion: values, a grid or lines become the parameters of an array's members."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final

from engine.errors import InvalidSpec

MOST: Final = 1_000_000
"""Members of one array."""

RESERVED: Final = frozenset({"index"})
"""What a template may say without any parameter of this name."""

_RANGE = re.compile(r"(-?\d+)-(-?\d+)(?::(-?\d+))?", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Sweep:
    """The parameters of each member, by its place: what is not asked for is never made."""

    axes: Mapping[str, Sequence[str]]
    """The values of each parameter; the last one turns fastest."""

    @property
    def count(self) -> int:
        """How many members there are."""
        return prod(len(values) for values in self.axes.values())

    def at(self, index: int) -> dict[str, str]:
        """The parameters of one member, from 0."""
        params: dict[str, str] = {}
        for name in reversed(list(self.axes)):
            index, place = divmod(index, len(self.axes[name]))
            params[name] = self.axes[name][place]
        return {name: params[name] for name in self.axes}

    def __iter__(self) -> Iterator[dict[str, str]]:
        for values in product(*self.axes.values()):
            yield dict(zip(self.axes, values, strict=True))


def sweep(
    values: Sequence[str], grid: Mapping[str, Sequence[str]], lines: Sequence[str]
) -> Sweep:
    """The members of an array, as a submission says them.

    Args:
        values: Of the parameter `item`: words, or ranges like `1-10` and `0-100:5`.
        grid: The values of each parameter, written likewise; each combination is a member.
        lines: Of the parameter `line`, taken as they are.

    Raises:
        InvalidSpec: none or several of them are given, a value cannot be one, or there are
            more than `MOST` members; `field` names the place.
    """
    given = [name for name, some in _ways(values, grid, lines) if some]
    if len(given) != 1:
        said = " and ".join(given) or "none"
        raise InvalidSpec(
            f"an array has one of values, grid and lines; given: {said}",
            field=given[1] if given else "values",
        )
    axes = _axes(values, grid, lines)
    found = Sweep(axes)
    if not 1 <= found.count <= MOST:
        sizes = " x ".join(str(len(axis)) for axis in axes.values())
        many = f"{sizes} = {found.count}" if len(axes) > 1 else sizes
        raise InvalidSpec(f"{many} members: an array has 1 to {MOST}", field=given[0])
    return found


def _ways(
    values: Sequence[str], grid: Mapping[str, Sequence[str]], lines: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    return (("values", len(values)), ("grid", len(grid)), ("lines", len(lines)))


def _axes(
    values: Sequence[str], grid: Mapping[str, Sequence[str]], lines: Sequence[str]
) -> dict[str, Sequence[str]]:
    if values:
        return {"item": expand(values, "values")}
    if lines:
        return {"line": [_checked(line, f"lines[{n}]") for n, line in enumerate(lines)]}
    seen: dict[str, str] = {}
    for name in grid:
        _check_name(name, seen)
    return {name: expand(axis, f"grid.{name}") for name, axis in grid.items()}


def _check_name(name: str, seen: dict[str, str]) -> None:
    where = f"grid.{name[:100]}"
    if _NAME.fullmatch(name) is None or len(name) > 100:
        near = re.sub(r"[^A-Za-z0-9_]", "_", name[:100]).lstrip("0123456789") or "item"
        raise InvalidSpec(
            f"{where}: a parameter's name has letters, digits and '_', the first no digit",
            field=where,
            nearest=near,
        )
    if name in RESERVED:
        raise InvalidSpec(f"{where}: {name!r} is the member's place already", field=where)
    other = seen.setdefault(name.upper(), name)
    if other != name:
        raise InvalidSpec(
            f"{where}: {other!r} differs from it in letter case alone, and a member would "
            f"see both as CRAB_PARAM_{name.upper()}",
            field=where,
        )


def expand(words: Sequence[str], where: str) -> list[str]:
    """The values that words and ranges stand for, in order.

    A range counts up to its end, which is in it if a step falls there. Begun with a zero
    (`001-010`) all of its numbers are as wide.

    Raises:
        InvalidSpec: a range goes backwards or nowhere, or there are too many values.
    """
    if not words:
        raise InvalidSpec(f"{where}: no values", field=where)
    found: list[str] = []
    for n, word in enumerate(words):
        place = f"{where}[{n}]"
        match = _RANGE.fullmatch(word)
        found.extend(_range(match, place) if match else [_checked(word, place)])
        if len(found) > MOST:
            raise InvalidSpec(f"{place}: more than {MOST} values", field=place)
    return found


def _range(match: re.Match[str], where: str) -> Sequence[str]:
    first, last, step = match[1], match[2], match[3] or "1"
    if max(len(first), len(last), len(step)) > _DIGITS:
        raise InvalidSpec(f"{where}: {match[0][:100]!r} has too large numbers", field=where)
    if int(step) < 1:
        raise InvalidSpec(
            f"{where}: {match[0]!r} has a step of {step}: from 1 on",
            field=where,
            nearest=f"{first}-{last}",
        )
    if int(last) < int(first):
        raise InvalidSpec(
            f"{where}: {match[0]!r} goes backwards: did you mean {_turned(match)!r}?",
            field=where,
            nearest=_turned(match),
        )
    numbers = range(int(first), int(last) + 1, int(step))
    if len(numbers) > MOST:
        raise InvalidSpec(
            f"{where}: {match[0]!r} has {len(numbers)} values: at most {MOST}", field=where
        )
    digits = first.removeprefix("-")
    width = len(first) if len(digits) > 1 and digits[0] == "0" else 0
    return [f"{number:0{width}d}" if width else str(number) for number in numbers]


def _turned(match: re.Match[str]) -> str:
    return f"{match[2]}-{match[1]}" + (f":{match[3]}" if match[3] else "")


def _checked(value: str, where: str) -> str:
    """One line of text that a program can receive."""
    if not value.isprintable():
        for place, sign in enumerate(value, 1):
            if (sign < " " and sign != "\t") or "\x7f" <= sign < "\xa0" or _is_half(sign):
                raise InvalidSpec(
                    f"{where}: has the character {sign!r} at place {place}; a value is one "
                    "line of text",
                    field=where,
                )
    return value


def _is_half(sign: str) -> bool:
    return "\ud800" <= sign <= "\udfff"
