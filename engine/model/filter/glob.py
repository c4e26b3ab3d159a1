"""Matching `*` and `?` in time that no pattern can blow up."""


def glob_matches(pattern: str, text: str) -> bool:
    """True if the whole `text` fits: `*` is any run of characters, `?` any one."""
    p = t = mark = 0
    star = -1
    while t < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, mark = p, t
            p += 1
        elif p < len(pattern) and pattern[p] in ("?", text[t]):
            p += 1
            t += 1
        elif star >= 0:
            mark += 1
            p, t = star + 1, mark
        else:
            return False
    return all(char == "*" for char in pattern[p:])


def fold(text: str) -> str:
    """`text` with A to Z in small letters and nothing else changed, as SQLite does it."""
    return text.translate(_SMALL)


_SMALL = {ord(char): char.lower() for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
