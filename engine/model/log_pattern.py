"""What is searched for in logs: a text, or a regular expression between two strokes."""

import re
from dataclasses import dataclass
from typing import Final

from engine.errors import InvalidSpec
from engine.model.filter.regex import MAX_REGEX, regex_occurs, regex_spans
from engine.model.filter.regex_syntax import BadRegex, Chars, Row, Times, Tree, parse_regex

MOST_MARKED: Final = 500
"""Characters of a line in which matches of a regular expression are marked."""

_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?"
    r"|[PX^_][^\x1b]*(?:\x1b\\)?|[@-Z\\-_])"
)
_CLASS: Final = re.compile(r"\\.")


def readable(line: bytes) -> str:
    """A line as it is read: what a progress bar wrote last, without escape sequences."""
    text = line.decode("utf-8", "replace")
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    return text.removesuffix("\r").rpartition("\r")[2]


@dataclass(frozen=True, slots=True)
class LogPattern:
    """A search. Without a capital letter in it, capital and small letters are the same."""

    text: str
    """Of a regular expression what is between the strokes; if `folds`, in small letters."""
    is_regex: bool
    folds: bool
    literal: bytes
    """In every line in which it occurs, in small letters if `folds`; empty: not known."""

    def occurs(self, line: bytes) -> bool:
        """Whether it is in a line, as that is read."""
        text = readable(line)
        text = _small(text) if self.folds else text
        return regex_occurs(self.text, text) if self.is_regex else self.text in text

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it is in a text that is read, from the left; a regex only near the start."""
        text = _small(text) if self.folds else text
        if self.is_regex:
            return regex_spans(self.text, text[:MOST_MARKED])
        return [found.span() for found in re.finditer(re.escape(self.text), text)]


def parse_pattern(text: str) -> LogPattern:
    """The search that `text` means: `/…/` is a regular expression, all else is itself.

    Raises:
        InvalidSpec: it is empty, has a line break, or is no regular expression of the
            subset that can be searched for in linear time.
    """
    if not text or "\n" in text:
        raise _bad("nothing to search for" if not text else "a search is one line")
    if not text.isprintable() and any("\ud800" <= char <= "\udfff" for char in text):
        raise _bad("a search is text; this has bytes that are no UTF-8")
    is_regex = len(text) > 2 and text.startswith("/") and text.endswith("/")
    text = text[1:-1] if is_regex else text
    if len(text) > MAX_REGEX:
        raise _bad(f"a search has at most {MAX_REGEX} characters, this one {len(text)}")
    folds = not any(char.isupper() for char in _CLASS.sub("", text))
    literal = _literal_of(text) if is_regex else text
    text = text if is_regex or not folds else _small(text)
    longest = _longest_ascii(literal) if folds else literal.replace("\ufffd", "\n")
    sure = max(longest.split("\n"), key=len)
    return LogPattern(text, is_regex, folds, sure.lower().encode() if folds else sure.encode())


def _literal_of(pattern: str) -> str:
    try:
        regex_occurs(pattern, "")
        return max("".join(_letters(parse_regex(pattern))).split("\n"), key=len)
    except BadRegex as problem:
        raise _bad(f"bad regular expression {pattern[:60]!r}: {problem}") from None


def _letters(tree: Tree) -> list[str]:
    """What stands in every match, in order; a line break where anything may be between."""
    match tree:
        case Row(parts):
            return [letter for part in parts for letter in _letters(part)]
        case Chars(((low, high),), "", False) if low == high:
            return [low]
        case Times(part, least, _) if least > 0:
            return ["\n", *_letters(part), "\n"]
    return ["\n"]


def _longest_ascii(text: str) -> str:
    """Letters beyond ASCII have several forms in small letters: bytes cannot tell them."""
    return max(re.split(r"[^\x00-\x7f]|\n", text), key=len)


def _small(text: str) -> str:
    """In small letters, each of them one character still."""
    if text.isascii():
        return text.lower()
    return "".join(_small_char(char) for char in text)


def _small_char(char: str) -> str:
    """Itself, where its small letter is another number of characters, or ASCII's."""
    low = char.lower()
    return low if len(low) == 1 and low.isascii() is char.isascii() else char


def _bad(message: str) -> InvalidSpec:
    return InvalidSpec(f"search: {message}", field="pattern")
