"""What attempts left, one line a file, and how far the rest has come."""

from collections.abc import Iterator
from typing import Final

from crabtui.data.fitting import fit, fit_middle
from crabtui.data.glyphs import Cell, Token
from crabtui.data.logs.words import size_text
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import Zone, moment
from engine.control.views import ArtifactsView, ArtifactView, CollectionView

TYPE: Final = 8
SIZE: Final = 9
AT: Final = 8
ATTEMPT: Final = 10
ROOMY: Final = 70
"""From this width on the attempt is told."""
_STATES: Final[dict[str, tuple[str, Token]]] = {
    "owed": ("to be collected", "warn"),
    "kept": ("collected", "ok"),
    "lost": ("lost", "bad"),
}


def head(width: int) -> str:
    """The titles of the columns."""
    attempt = f" {'ATTEMPT':<{ATTEMPT}}" if width >= ROOMY else ""
    return (
        f"  {'FILE':<{_name(width)}} {'TYPE':<{TYPE}} {'SIZE':>{SIZE}} {'CAME':<{AT}}{attempt}"
    )


def line(one: ArtifactView, width: int, now_at: int, zone: Zone, *, here: bool) -> list[Cell]:
    """A file that an attempt left."""
    cells: list[Cell] = [
        ("▌" if here else " ", "accent"),
        (f" {fit_middle(sanitize(one.name or one.path), _name(width))}", "text"),
        (f" {fit(sanitize(one.type), TYPE)}", "muted"),
        (f" {size_text(one.size):>{SIZE}}", "text"),
        (f" {moment(one.at, now_at, zone):<{AT}}", "muted"),
    ]
    if width >= ROOMY:
        cells.append((f" {fit(sanitize(one.attempt), ATTEMPT)}", "muted"))
    return cells


def below(found: ArtifactsView, width: int) -> Iterator[list[Cell]]:
    """Whose they are, and what has not come: it is on its host still, or lost."""
    if found.reused is not None:
        said = " nothing ran: its result, and these, are of "
        yield [(said, "muted"), (f"#{found.reused}", "link")]
    for each in found.collections:
        yield _collection(each, width)


def _collection(each: CollectionView, width: int) -> list[Cell]:
    word, token = _STATES.get(each.state, (each.state, "muted"))
    missing = f"; not there: {', '.join(each.missing)}" if each.missing else ""
    tries = f", {each.tries} tries" if each.state == "owed" and each.tries > 1 else ""
    note = f"; {each.note}" if each.note else ""
    text = f"attempt {each.attempt} on {each.worker}{tries}{missing}{note}"
    room = max(width - len(word) - 4, 1)
    return [(f" {word} ", token), (fit(sanitize(text), room).rstrip(), "muted")]


def _name(width: int) -> int:
    taken = TYPE + SIZE + AT + 6 + (ATTEMPT + 1 if width >= ROOMY else 0)
    return max(min(width - taken, 60), 8)
