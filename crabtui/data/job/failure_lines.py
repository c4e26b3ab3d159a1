"""The end of what a job printed, and who failed like it, as lines."""

from collections.abc import Iterator, Sequence
from typing import Final

from crabtui.data.fitting import cells
from crabtui.data.glyphs import Cell
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import count

LINES: Final = 20


def tail(data: bytes, most: int = LINES, *, is_cut: bool = True) -> list[str]:
    """The last lines of a log as it is read on a terminal, sanitised; blank ends left out.

    Of a line that was drawn again and again the last drawing counts. With `is_cut` the
    first line may have lost its beginning, and is left out.
    """
    lines = data.decode(errors="replace").split("\n")
    lines = lines[1:] if is_cut and len(lines) > most else lines
    drawn = [sanitize(line.rstrip("\r").rpartition("\r")[2]) for line in lines]
    while drawn and not drawn[-1].strip():
        drawn.pop()
    return drawn[-most:]


def lines(
    stderr: bytes, fp: str, alike: Sequence[int], total: int, width: int
) -> Iterator[list[Cell]]:
    """In `width` cells, with the room at their right end cut."""
    if fp:
        yield from _alike(fp, alike, total, width)
    told = tail(stderr)
    if told:
        yield [(" stderr ends with", "muted")]
        for line in told:
            yield [(f"   {line}", "text")]
    else:
        yield [(" it printed nothing to stderr", "muted")]
    yield []


def _alike(fp: str, alike: Sequence[int], total: int, width: int) -> Iterator[list[Cell]]:
    if not alike:
        yield [(" the first of its kind  ", "muted"), (f"fp:{sanitize(fp)}", "link")]
        return
    line: list[Cell] = [(" same fingerprint as ", "muted")]
    room = width - 24
    shown = 0
    for job in alike:
        name = f"#{job} "
        if cells(name) > room and shown:
            break
        line.append((name, "link"))
        room -= cells(name)
        shown += 1
    rest = total - shown
    line.append((f"and {count(rest)} more  " if rest > 0 else " ", "muted"))
    line.append((f"fp:{sanitize(fp)}", "link"))
    yield line
