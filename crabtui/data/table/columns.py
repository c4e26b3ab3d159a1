"""Which columns a job table has at a given width, and what a job shows in each."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from crabtui.data import wording
from crabtui.data.glyphs import Cell, Token
from crabtui.data.sanitize import sanitize
from engine.control.views import JobRow
from engine.model.states import FINAL, State

GUTTER: Final = 4
"""Cells before the first column: cursor, mark, held, state."""

PRIORITIES: Final = {"critical": "crit", "normal": "norm"}


@dataclass(frozen=True, slots=True)
class Scene:
    """What rendering needs beside the row."""

    now_at: int
    zone: wording.Zone = wording.UTC_ZONE
    unfolded: frozenset[int] = frozenset()
    """Arrays whose members are shown below them."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `width` 0 takes the rest."""

    key: str
    width: int
    render: Callable[[JobRow, Scene], Cell]
    right: bool = False
    sort: str | None = None
    """What `sort` of a job window it stands for; None: cannot be sorted by."""

    @property
    def title(self) -> str:
        return self.key.upper()


def _id(row: JobRow, _: Scene) -> Cell:
    text = f"#{row.id}" if row.id < 10_000_000 else str(row.id)
    return (text if len(text) <= 8 else f"…{text[-7:]}"), "text"


def _name(row: JobRow, scene: Scene) -> Cell:
    name = sanitize(row.name)
    if row.members:
        return f"{'▾' if row.id in scene.unfolded else '▸'} {name}", "text"
    return (f"  {name}" if row.array in scene.unfolded else name), "text"


def _queue(row: JobRow, _: Scene) -> Cell:
    return sanitize(row.queue), "text"


def _owner(row: JobRow, _: Scene) -> Cell:
    return _or_dash(row.owner)


def _tenant(row: JobRow, _: Scene) -> Cell:
    return sanitize(row.tenant_id), "muted" if row.tenant_id == "default" else "text"


def _priority(row: JobRow, _: Scene) -> Cell:
    word = sanitize(PRIORITIES.get(row.priority, row.priority))
    return word, "muted" if row.priority == "normal" else "text"


def _worker(row: JobRow, _: Scene) -> Cell:
    return _or_dash(row.worker_id or "")


def _attempt(row: JobRow, _: Scene) -> Cell:
    both = f"{row.attempt}/{row.max_attempts}"
    fits = len(both) <= 3 and row.attempt <= row.max_attempts
    return (both if fits else str(row.attempt)), _count_token(row)


def _wait(row: JobRow, scene: Scene) -> Cell:
    return wording.waited(row, scene.now_at), "text"


def _time(row: JobRow, scene: Scene) -> Cell:
    text = wording.time_in_state(row, scene.now_at)
    return text, "muted" if text == "-" else "text"


def _ended(row: JobRow, scene: Scene) -> Cell:
    if row.completed_at is None:
        return "-", "muted"
    return wording.moment(row.completed_at, scene.now_at, scene.zone), "text"


def _state(row: JobRow, _: Scene) -> Cell:
    return sanitize(row.state), "text"


def _age(row: JobRow, scene: Scene) -> Cell:
    return wording.age(row.created_at, scene.now_at), "muted"


def _namespace(row: JobRow, _: Scene) -> Cell:
    return sanitize(row.namespace), "muted" if row.namespace == "default" else "text"


def _kind(row: JobRow, _: Scene) -> Cell:
    return sanitize(row.kind), "muted"


def _exit(row: JobRow, _: Scene) -> Cell:
    if row.exit_code is None:
        return "-", "muted"
    return str(row.exit_code), "bad" if row.exit_code else "muted"


def _tags(row: JobRow, _: Scene) -> Cell:
    return sanitize(" ".join(row.tags)), "muted"


def _note(row: JobRow, scene: Scene) -> Cell:
    return sanitize(wording.note_for(row, scene.now_at)), _note_token(row)


def _or_dash(text: str) -> Cell:
    return (sanitize(text), "text") if text else ("-", "muted")


def _count_token(row: JobRow) -> Token:
    return "muted" if row.attempt == 0 else "warn" if row.attempt > 1 else "text"


def _note_token(row: JobRow) -> Token:
    if row.state in (State.FAILED, State.TIMEOUT):
        return "bad"
    if row.needs_operator:
        return "bad"
    if row.unreachable_at is not None or row.stopping or row.cancel_at is not None:
        return "warn"
    if row.held_by is not None and row.state not in FINAL:
        return "block"
    return "muted"


NAME: Final = Column("name", 0, _name, sort="name")
NOTE: Final = Column("note", 14, _note)
ORDER: Final = (
    (60, Column("id", 8, _id, right=True, sort="id")),
    (60, NAME),
    (80, Column("queue", 8, _queue, sort="queue")),
    (140, Column("tenant", 9, _tenant)),
    (120, Column("owner", 8, _owner)),
    (60, Column("pri", 4, _priority, sort="priority")),
    (80, Column("worker", 9, _worker, sort="worker")),
    (80, Column("att", 3, _attempt, right=True)),
    (100, Column("wait", 6, _wait, right=True)),
    (60, Column("time", 6, _time, right=True)),
    (140, Column("ended", 8, _ended, right=True, sort="ended")),
    (160, Column("tags", 14, _tags)),
    (60, NOTE),
)
"""Every column with the width of table from which on it is shown, from left to right."""

EXTRA: Final = (
    Column("state", 9, _state, sort="state"),
    Column("exit", 4, _exit, right=True),
    Column("age", 6, _age, right=True, sort="created"),
    Column("space", 9, _namespace),
    Column("kind", 9, _kind),
)
"""Columns that are shown only to who asks for them."""


def layout(width: int, room: int | None = None) -> tuple[Column, ...]:
    """The columns of a table `width` cells wide, NAME with what the others leave.

    `room` is what can be drawn on, if that is less than `width`.
    """
    chosen = [column for least, column in ORDER if least <= max(width, 60)]
    if width >= 160:
        chosen = [replace(col, width=24) if col is NOTE else col for col in chosen]
    taken = GUTTER + sum(column.width + 1 for column in chosen)
    rest = max((width if room is None else room) - taken - 1, 4)
    return tuple(replace(col, width=rest) if col is NAME else col for col in chosen)


def cells(row: JobRow, columns: tuple[Column, ...], scene: Scene) -> tuple[Cell, ...]:
    """What `row` shows in each column: sanitised, neither cut nor padded."""
    return tuple(column.render(row, scene) for column in columns)


def is_ageing(row: JobRow) -> bool:
    """Whether its cells change by the passing of time alone."""
    return row.state not in FINAL
