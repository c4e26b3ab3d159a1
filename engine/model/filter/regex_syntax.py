r"""Regular expressions without back references and look-around, as a tree.

Known are literals, `.`, `[a-z]`, `[^…]`, `\d \w \s \D \W \S`, `^`, `$`, groups, `|`,
`*`, `+`, `?` and `{m,n}`: all that can be searched for in time linear in the text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

MAX_COUNT: Final = 100
MAX_DEPTH: Final = 20
_ESCAPES: Final = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_CLASSES: Final[dict[str, Callable[[str], bool]]] = {
    "d": lambda char: "0" <= char <= "9",
    "w": lambda char: char == "_" or char.isalnum(),
    "s": str.isspace,
}


class BadRegex(Exception):
    """The pattern is outside the subset; says why."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set, or out of all others."""

    ranges: tuple[tuple[str, str], ...] = ()
    classes: str = ""
    """Of `dws` and, for their opposites, `DWS`."""
    negated: bool = False

    def has(self, char: str) -> bool:
        """True if `char` is in it."""
        hit = any(low <= char <= high for low, high in self.ranges) or any(
            _CLASSES[c.lower()](char) is c.islower() for c in self.classes
        )
        return hit is not self.negated


@dataclass(frozen=True, slots=True)
class Edge:
    """The beginning of the text, or its end."""

    is_end: bool


@dataclass(frozen=True, slots=True)
class Row:
    """All parts, one after the other."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Any one of the parts."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Times:
    """A part from `least` to `most` times; None: any number."""

    part: "Tree"
    least: int
    most: int | None


Tree: TypeAlias = Chars | Edge | Row | Either | Times
_ANY: Final = Chars(ranges=(("\n", "\n"),), negated=True)


def parse_regex(pattern: str) -> Tree:
    """The tree of `pattern`.

    Raises:
        BadRegex: it is outside the subset.
    """
    reader = _Reader(pattern)
    tree = reader.either(0)
    if reader.place < len(pattern):
        raise BadRegex("a ')' closes nothing")
    return tree


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.place = 0

    def peek(self) -> str:
        return self.pattern[self.place : self.place + 1]

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise BadRegex("it ends too early")
        self.place += 1
        return char

    def took(self, literal: str) -> bool:
        if not self.pattern.startswith(literal, self.place):
            return False
        self.place += len(literal)
        return True

    def either(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise BadRegex(f"groups nested more than {MAX_DEPTH} deep")
        parts = [self.row(depth)]
        while self.took("|"):
            parts.append(self.row(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def row(self, depth: int) -> Tree:
        parts = []
        while self.peek() not in ("", "|", ")"):
            parts.append(self.repeated(self.atom(depth)))
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def atom(self, depth: int) -> Tree:
        char = self.take()
        match char:
            case "(":
                return self.group(depth)
            case "[":
                return self.chars()
            case ".":
                return _ANY
            case "^" | "$":
                return Edge(char == "$")
            case "\\":
                return self.escape()
        if char in "*+?{":
            raise BadRegex(f"{char!r} has nothing to repeat")
        return Chars(((char, char),))

    def group(self, depth: int) -> Tree:
        if self.took("?") and not self.took(":"):
            raise BadRegex("of groups with '(?', only '(?:' is known")
        inner = self.either(depth + 1)
        if not self.took(")"):
            raise BadRegex("a '(' is never closed")
        return inner

    def escape(self) -> Chars:
        char = self.take()
        if char in "dwsDWS":
            return Chars(classes=char)
        if char.isascii() and char.isalnum() and char not in _ESCAPES:
            raise BadRegex(f"'\\{char}' is not known here")
        char = _ESCAPES.get(char, char)
        return Chars(((char, char),))

    def repeated(self, part: Tree) -> Tree:
        ranges = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        sign = self.peek()
        if sign in ranges and sign:
            self.take()
            part = Times(part, *ranges[sign])
        elif sign == "{":
            part = self.counted(part)
        else:
            return part
        self.took("?")  # a lazy search finds the same jobs
        if self.peek() in ("*", "+", "{") and self.peek():
            raise BadRegex("two repeats follow each other; use brackets")
        return part

    def counted(self, part: Tree) -> Times:
        end = self.pattern.find("}", self.place)
        low, comma, high = self.pattern[self.place + 1 : max(end, 0)].partition(",")
        bounds = [low or "0", high or (low if not comma else "0")]
        if end < 0 or not (low or high) or not all(_is_count(bound) for bound in bounds):
            raise BadRegex("a repeat looks like {2}, {2,} or {2,5}")
        self.place = end + 1
        most = None if comma and not high else int(bounds[1])
        if max(int(bounds[0]), most or 0) > MAX_COUNT or (most or MAX_COUNT) < int(bounds[0]):
            raise BadRegex(f"a repeat goes from few to many, at most {MAX_COUNT}")
        return Times(part, int(bounds[0]), most)

    def chars(self) -> Chars:
        negated = self.took("^")
        ranges: list[tuple[str, str]] = []
        classes = ""
        first = True
        while first or not self.took("]"):
            first = False
            low = self.member()
            if low.classes:
                classes += low.classes
                continue
            ranges.append((low.ranges[0][0], self.upper(low.ranges[0][0])))
        return Chars(tuple(ranges), classes, negated)

    def upper(self, low: str) -> str:
        """The end of the range that starts with `low`: itself, unless `-x` follows."""
        if self.peek() != "-" or self.pattern[self.place + 1 : self.place + 2] in ("]", ""):
            return low
        self.take()
        high = self.member()
        if high.classes or high.ranges[0][0] < low:
            raise BadRegex("a range like [z-a] is upside down")
        return high.ranges[0][0]

    def member(self) -> Chars:
        char = self.take()
        return self.escape() if char == "\\" else Chars(((char, char),))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4
