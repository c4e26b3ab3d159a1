"""Places in a shell line where a quoted value would not be one word, or would be run."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

_INDEX = re.compile(r"\w\[[^\]\s]*\Z")
_LET = re.compile(r"(?:\A|[\s;&|(])let\s[^;&|\n]*\Z")
_COMPARED = re.compile(r"\s-(?:eq|ne|lt|le|gt|ge|v)\s")


class Trouble(NamedTuple):
    """Why a value must not be put at a place."""

    where: str
    """`within quotes`."""
    is_run: bool
    """The shell takes what stands there for an expression, and runs commands in it."""


def troubles(line: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, Trouble]]:
    """Places of a line, in order, at which a quoted value would not be one word, and why.

    What bash does counts, for many a `/bin/sh` is one.
    """
    scan, at = _Scan(), 0
    for begin, end in spans:
        for sign in line[at:begin]:
            scan.take(sign)
        at = begin
        trouble = _trouble(scan.where(), scan.bare, line[end:])
        if trouble is not None:
            yield begin, end, trouble


def trouble_at(line: str, begin: int, end: int) -> Trouble | None:
    """The same of one place; None: a quoted value is one word there."""
    return next((trouble for *_, trouble in troubles(line, [(begin, end)])), None)


def _trouble(quoted: str, bare: str, after: str) -> Trouble | None:
    if quoted:
        return Trouble(quoted, is_run=False)
    if where := _evaluated(bare, after):
        return Trouble(where, is_run=True)
    if "<<" in bare.replace("<<<", ""):
        return Trouble("behind a here-document", is_run=False)
    return None


class _Scan:
    """Reads a line sign by sign, and knows what it stands within."""

    def __init__(self) -> None:
        self.bare = ""
        """What was read, with `_` for each sign that is quoted."""
        self._within: list[str] = []
        """What is open, the outermost first: quotes, backticks, `$(`, `(`, `${`, a comment."""
        self._since: list[int] = []
        """Where in the text each of these began."""
        self._text = ""
        self._is_escaped = False
        self._is_lost = False
        """It stands behind quotes that are not followed here."""

    def where(self) -> str:
        """What a place here is quoted by, in words; empty: by nothing."""
        if self._is_lost:
            return "behind $'…'"
        for opened, words in _QUOTED.items():
            if opened in self._within:
                return words
        return "behind a backslash" if self._is_escaped else ""

    def take(self, sign: str) -> None:
        """Read on."""
        is_quoted = self._is_escaped or sign in "\\\"'`"
        if not self._is_lost:
            self._step(sign)
        self._text += sign
        self.bare += "_" if is_quoted or not _QUOTED.keys().isdisjoint(self._within) else sign

    def _step(self, sign: str) -> None:
        top = self._within[-1] if self._within else ""
        if self._is_escaped:
            self._is_escaped = False
        elif top in ("'", "#"):
            if sign == {"'": "'", "#": "\n"}[top]:
                self._close()
        elif sign == "\\":
            self._is_escaped = True
        elif (top, sign) in _CLOSES:
            self._close()
        elif sign in '"`':
            self._open(sign)
        elif sign in "({" and self._text.endswith("$"):
            self._open("$" + sign)
        elif top != '"':
            self._step_bare(sign, top)

    def _step_bare(self, sign: str, top: str) -> None:
        """The same of a sign that stands where commands do."""
        if sign == "'":
            self._is_lost = self._text.endswith("$")
            self._open(sign)
        elif sign == "(" or (sign == "#" and self._may_comment(top)):
            self._open(sign)
        elif sign == ")" and top in ("(", "$(") and not self._is_in_case():
            self._close()

    def _may_comment(self, top: str) -> bool:
        return top != "${" and self._text[-1:] in _BEFORE_WORDS

    def _is_in_case(self) -> bool:
        """Whether a closing bracket here may be that of a pattern."""
        since = self._since[-1]
        return self._text.rfind("case ", since) > self._text.rfind("esac", since)

    def _open(self, what: str) -> None:
        self._within.append(what)
        self._since.append(len(self._text))

    def _close(self) -> None:
        self._within.pop()
        self._since.pop()


_CLOSES: Final = frozenset({('"', '"'), ("`", "`"), ("${", "}")})
_BEFORE_WORDS: Final = frozenset({"", *" \t\n;&|()`"})
_QUOTED: Final = {
    "#": "within a comment",
    "`": "within backticks",
    "'": "within quotes",
    '"': "within quotes",
}


def _evaluated(bare: str, after: str) -> str:
    """In what kind of expression a place stands, in words; empty if in none."""
    if bare.count("((") > bare.count("))") or bare.rfind("$[") > bare.rfind("]"):
        return "within arithmetic"
    if bare.rfind("${") > bare.rfind("}"):
        return "within ${…}"
    if _INDEX.search(bare):
        return "within an index"
    if _LET.search(bare):
        return "within arithmetic"
    test = bare.rfind("[[")
    if test > bare.rfind("]]") and _COMPARED.search(f"{bare[test:]}_{after.split(']]')[0]}"):
        return "within [[ ]] with a comparison of numbers"
    return ""
