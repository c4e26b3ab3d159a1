"""What failures have in common: a short word that is the same for failures that are alike."""

import re
from hashlib import blake2s
from typing import Final

from engine.model.outcome import Trouble

LENGTH: Final = 8
"""Hexadecimal digits of a fingerprint."""

MOST: Final = 512
"""Characters of a text that are looked at."""

_SAME: Final = (
    (re.compile(r"0x[0-9a-f]+|\b[0-9a-f]{8,}(?:-[0-9a-f]+)*\b"), "#"),
    (re.compile(r"(?:~|\.{1,2})?(?:/[^\s/'\"`:,;()]+)+/?"), "/"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "#"),
    (re.compile(r"\s+"), " "),
)
"""What differs from one failure to the next of the same kind, and what it becomes."""


def normalized(text: str) -> str:
    """The text without what is different each time: numbers, addresses and paths."""
    text = text[:MOST].lower()
    for pattern, same in _SAME:
        text = pattern.sub(same, text)
    return text.strip()


def fingerprint(
    name: str, trouble: Trouble, exit_code: int | None = None, signal: int | None = None
) -> str:
    """Eight hexadecimal digits: alike for failures of one kind of job that went one way.

    Args:
        name: Of the job, or what it runs; numbers in it do not count.
        trouble: What went wrong.
        exit_code: As the process gave it.
        signal: That ended it.
    """
    said = normalized(f"{trouble.message} {trouble.details.get('stderr', '')}")
    parts = (normalized(name), trouble.code, str(exit_code), str(signal), said)
    framed = "".join(f"{len(part)}:{part}" for part in parts)
    return blake2s(framed.encode(), digest_size=LENGTH // 2).hexdigest()
