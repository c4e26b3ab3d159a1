"""Text in exactly so many cells, whatever letters it has."""

from rich.cells import cell_len, set_cell_size


def cells(text: str) -> int:
    """How many cells `text` takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit_middle(text: str, width: int, *, more: str = "…") -> str:
    """As `fit`, cut in the middle: names on one row of hosts differ at their ends."""
    if cells(text) <= width or width < 5 or not text.isascii():
        return fit(text, width, more=more)
    end = (width - 1) // 2
    return text[: width - 1 - end] + more + text[-end:]


def fit(text: str, width: int, *, right: bool = False, more: str = "…") -> str:
    """`text` in exactly `width` cells; `more` stands where it was cut."""
    taken = cells(text)
    if taken > width:
        kept = text[: width - 1] if text.isascii() else set_cell_size(text, width - 1)
        return kept + more if width > 0 else ""
    pad = " " * (width - taken)
    return pad + text if right else text + pad
