"""Places in a shell line where a quoted value would not be one word, or would be run."""

import re
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


def trouble_at(line: str, begin: int, end: int) -> Trouble | None:
    """What would become of a quoted value at this place of a line; None: it is one word.

    What bash does counts, for many a `/bin/sh` is one.
    """
    quoted, bare = _read(line[:begin])
    if quoted:
        return Trouble(quoted, is_run=False)
    if where := _evaluated(bare, line[end:]):
        return Trouble(where, is_run=True)
    if "<<" in bare.replace("<<<", ""):
        return Trouble("behind a here-document", is_run=False)
    return None


def _read(before: str) -> tuple[str, str]:
    """What quotes a place behind this text, in words; and the text without what is quoted."""
    quoted, is_escaped, bare = "", False, ""
    for sign in before:
        if is_escaped:
            is_escaped = False
        elif sign == "\\" and quoted != "'":
            is_escaped = True
        elif quoted:
            quoted = "" if sign == quoted else quoted
        elif sign == "'" and bare.endswith("$"):
            return "behind $'…'", bare
        elif sign in "'\"`":
            quoted = sign
        else:
            bare += sign
            continue
        bare += "_"
    return ("behind a backslash" if is_escaped else _QUOTED[quoted]), bare


_QUOTED: Final = {"": "", "`": "within backticks", "'": "within quotes", '"': "within quotes"}


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
