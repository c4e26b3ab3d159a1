"""Amounts of storage as people write them, to whole bytes."""

import re
from typing import Final

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,3})?)\s*([kmgt]?)i?b?", re.ASCII | re.IGNORECASE)
_POWER: Final = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def parse_size(text: str, *, bare: int = 1) -> int | None:
    """Bytes in `512M`, `1.5G`, `64 KiB`; K, M, G and T are powers of 1024.

    A number without a letter counts in units of `bare` bytes. None if it is no size.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found:
        return None
    number, letter = float(found[1]), found[2].lower()
    unit = 1024 ** _POWER[letter] if letter or text.strip()[-1] in "bB" else bare
    return round(number * unit)
