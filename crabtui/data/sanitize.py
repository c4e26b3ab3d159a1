"""Text from jobs and people made harmless to show: the one boundary for all of it."""

import re
from typing import Final

_ESCAPES: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?"
    r"|[PX^_][^\x1b]*(?:\x1b\\)?|[@-Z\\-_])"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_SGR: Final = re.compile(r"(\x1b\[[0-9;:]{0,64}m)")

_INVISIBLE: Final = (
    0x061C,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
)
"""Order, width or content would look other than it is; bidi controls among them."""

_VISIBLE: Final[dict[int, int | None]] = {
    **{code: 0x2400 + code for code in range(0x20)},
    ord("\t"): ord("\t"),
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **dict.fromkeys(_INVISIBLE, 0xFFFD),
    **dict.fromkeys(range(0xD800, 0xE000), 0xFFFD),
    0xFE0F: None,  # makes a character an emoji, and terminals disagree on its width
}
_VISIBLE_LOG: Final = {**_VISIBLE, ord("\n"): ord("\n")}


def sanitize(text: str) -> str:
    """One line that no terminal obeys: escape sequences go, other controls become visible.

    Tabs become spaces; a line break becomes its picture.
    """
    if text.isascii() and text.isprintable():
        return text
    return _ESCAPES.sub("", text).translate(_VISIBLE).expandtabs(4)


def sanitize_log(text: str) -> str:
    """As `sanitize`, but colours (`ESC [ … m`), tabs and line breaks stay."""
    if text.isascii() and text.isprintable():
        return text
    parts = _SGR.split(text)
    parts[::2] = [_ESCAPES.sub("", part).translate(_VISIBLE_LOG) for part in parts[::2]]
    return "".join(parts)


def decode(data: bytes) -> str:
    """The text of `data`; what is no UTF-8 becomes the replacement character."""
    return data.decode("utf-8", "replace")
