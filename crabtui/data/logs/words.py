"""Places and sizes in logs, as people read them."""

from typing import Final

from crabtui.data.wording import count

_UNITS: Final = (("TB", 2**40), ("GB", 2**30), ("MB", 2**20), ("kB", 2**10))


def size_text(size_bytes: int) -> str:
    """`812 bytes`, `1.4 kB`, `64.0 MB`, `2.1 GB`: of 1024 each."""
    for name, unit in _UNITS:
        if size_bytes >= unit:
            return f"{size_bytes / unit:.1f} {name}"
    return "1 byte" if size_bytes == 1 else f"{size_bytes} bytes"


def about(number: int) -> str:
    """`812`, `~4.8 k`, `~4.8 M`: a number that is not known exactly."""
    if number < 1_000:
        return f"~{number}"
    if number < 1_000_000:
        return f"~{number / 1_000:.1f} k"
    return f"~{number / 1_000_000:.1f} M"


def line_text(number: int | None, estimate: int) -> str:
    """`line 4,812`, or `line ~4.8 k` while its number is not known."""
    return f"line {about(estimate) if number is None else count(number)}"


def share_text(part: int, whole: int) -> str:
    """`12 %`: how far `part` is into `whole`; nothing is all of nothing."""
    return f"{100 * part // whole if whole > 0 else 100} %"
