"""Log lines as jobs write them: colours parsed, everything else made harmless."""

import re
from dataclasses import dataclass, replace
from typing import Final

from crabtui.data.sanitize import decode, sanitize_log

MOST_BYTES: Final = 4_096
"""Of a line on screen; the rest is cut, and said to be."""

TAB: Final = 8

_SGR: Final = re.compile(r"\x1b\[([0-9;:]*)m")


@dataclass(frozen=True, slots=True)
class Look:
    """How a piece of text is drawn. Colours are 0 to 255, `#rrggbb`, or None."""

    colour: int | str | None = None
    ground: int | str | None = None
    bold: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False


PLAIN: Final = Look()
Run = tuple[str, Look]


def parse_line(data: bytes) -> list[Run]:
    """The runs of one line, without its line break; at most 4 KiB of it."""
    text = _plain(data)
    if "\x1b" not in text:
        return [(text.expandtabs(TAB), PLAIN)] if text else []
    return _expand(_runs(text))


def text_of(data: bytes) -> str:
    """The line as it is read, without colours."""
    text = _SGR.sub("", _plain(data))
    return text.expandtabs(TAB)


def without_colours(text: str) -> str:
    """Text that was made harmless, without the colours that were left in it."""
    return _SGR.sub("", text)


def is_cut(data: bytes) -> bool:
    """Whether a line is longer than what is shown of it."""
    return len(data) > MOST_BYTES


def _plain(data: bytes) -> str:
    """What a terminal would show at last: progress bars overwrite themselves."""
    data = data.rstrip(b"\r")  # a terminal in between makes two of one
    data = data[data.rfind(b"\r") + 1 :]
    return sanitize_log(decode(data[:MOST_BYTES])).replace("\n", "␊")


def _runs(text: str) -> list[Run]:
    parts = _SGR.split(text)
    look, runs = PLAIN, []
    for place, part in enumerate(parts):
        if place % 2:
            look = _turned(look, part)
        elif part:
            runs.append((part, look))
    return runs


def _expand(runs: list[Run]) -> list[Run]:
    column, expanded = 0, []
    for text, look in runs:
        if "\t" in text:
            padded = (" " * column + text).expandtabs(TAB)
            text = padded[column:]
        column += len(text)
        expanded.append((text, look))
    return expanded


def _turned(look: Look, codes: str) -> Look:
    """`look` after one `ESC [ codes m`; what we do not know changes nothing."""
    words = [int(word or 0) for word in re.split("[;:]", codes[:64]) if len(word) < 4]
    place = 0
    while place < len(words):
        code = words[place]
        if code in (38, 48):
            colour, used = _extended(words[place + 1 :])
            if colour is not None and code == 38:
                look = replace(look, colour=colour)
            elif colour is not None:
                look = replace(look, ground=colour)
            place += 1 + used
            continue
        look = _simple(look, code)
        place += 1
    return look


def _extended(words: list[int]) -> tuple[int | str | None, int]:
    """The colour after 38 or 48, and how many words it took."""
    if len(words) >= 2 and words[0] == 5:
        return (words[1] if words[1] < 256 else None), 2
    if len(words) >= 4 and words[0] == 2 and max(words[1:4]) < 256:
        return "#{:02x}{:02x}{:02x}".format(*words[1:4]), 4
    return None, len(words)


_SWITCHES: Final[dict[int, dict[str, bool]]] = {
    1: {"bold": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"reverse": True},
    22: {"bold": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"reverse": False},
}


def _simple(look: Look, code: int) -> Look:
    if code == 0:
        return PLAIN
    if code in _SWITCHES:
        return replace(look, **_SWITCHES[code])
    for first, shift in ((30, 0), (90, 8)):
        if first <= code < first + 8:
            return replace(look, colour=code - first + shift)
        if first + 10 <= code < first + 18:
            return replace(look, ground=code - first - 10 + shift)
    if code == 39:
        return replace(look, colour=None)
    return replace(look, ground=None) if code == 49 else look
