"""The filter's text, read from left to right by the parser."""

import re
from dataclasses import dataclass
from typing import Final

from engine.errors import InvalidSpec

MAX_TEXT: Final = 2_000
_FIELD = re.compile(r"([A-Za-z_][\w-]*)((?:\.[\w-]+)*)(!=|!~|>=|<=|[:=~<>])")
_WORD = re.compile(r"[^\s|()\"]+")
_VALUE = re.compile(r"[^\s|()\",]+")
_OR = re.compile(r"\||or(?=[\s(]|$)", re.IGNORECASE)
_AND = re.compile(r"and(?=[\s(]|$)", re.IGNORECASE)
_REGEX = re.compile(r"/((?:[^/\\]|\\.)*)/(?=[\s|),]|$)")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A value as it was written, and where."""

    text: str
    at: int
    """Column, from 1."""
    style: str = "bare"
    """`bare`, `quoted` or `regex`."""


def bad(message: str, at: int, *, nearest: str | None = None) -> InvalidSpec:
    """The error for the filter's column `at`, counted from 1."""
    return InvalidSpec(
        f"filter, column {at}: {message}", field="filter", nearest=nearest, details={"at": at}
    )


class Scanner:
    """A place in the text, and what can be taken from there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    @property
    def at(self) -> int:
        """The present column, from 1."""
        return self.place + 1

    @property
    def ended(self) -> bool:
        return self.place >= len(self.text)

    def skip_space(self) -> None:
        while not self.ended and self.text[self.place].isspace():
            self.place += 1

    def take(self, literal: str) -> bool:
        """True, and one step on, if `literal` is next."""
        if not self.text.startswith(literal, self.place):
            return False
        self.place += len(literal)
        return True

    def take_or(self) -> bool:
        return self._match(_OR) is not None

    def take_and(self) -> bool:
        return self._match(_AND) is not None

    def sees_or(self) -> bool:
        return _OR.match(self.text, self.place) is not None

    def take_field(self) -> tuple[str, tuple[str, ...], str] | None:
        """Name, path and operator, if a field is next."""
        found = self._match(_FIELD)
        return (found[1].lower(), tuple(found[2].split(".")[1:]), found[3]) if found else None

    def take_text(self) -> Piece:
        """A free word, phrase or `/regex/`."""
        return self._regex() or self._quoted() or self._bare(_WORD)

    def take_value(self) -> Piece:
        return self._quoted() or self._bare(_VALUE)

    def take_pattern(self) -> Piece:
        """A regular expression: `/…/`, in quotes, or bare.

        A bare one ends at a space, or at a `|` or `)` outside its own brackets.
        """
        return self._regex() or self._quoted() or self._open_pattern()

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.place)
        if found:
            self.place = found.end()
        return found

    def _regex(self) -> Piece | None:
        at = self.at
        if not self.text.startswith("/", self.place):
            return None
        found = self._match(_REGEX)
        if not found:
            raise bad('a regular expression is /…/; put "…" around a path', at)
        return Piece(re.sub(r"\\/", "/", found[1]), at, "regex")

    def _quoted(self) -> Piece | None:
        at = self.at
        if not self.text.startswith('"', self.place):
            return None
        found = self._match(_QUOTED)
        if not found:
            raise bad("this quote is never closed", at)
        return Piece(re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL), at, "quoted")

    def _bare(self, pattern: re.Pattern[str]) -> Piece:
        at = self.at
        found = self._match(pattern)
        if not found:
            raise bad("a value is missing here", at)
        return Piece(found[0], at)

    def _open_pattern(self) -> Piece:
        start, depth = self.place, 0
        while not self.ended:
            char = self.text[self.place]
            depth += (char in "([") - (char in ")]")
            if char.isspace() or depth < 0 or (char == "|" and depth == 0):
                break
            self.place += 2 if char == "\\" else 1
        self.place = min(self.place, len(self.text))
        if self.place == start:
            raise bad("a regular expression is missing here", start + 1)
        return Piece(self.text[start : self.place], start + 1, "regex")
