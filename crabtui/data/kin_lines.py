"""What surrounds a job, as lines: what it needs, itself, what needs it, and its family."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from crabtui.data.fitting import cells, fit
from crabtui.data.glyphs import Cell, state_glyph
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import note_for, plural, progress, time_in_state
from engine.control.views import JobDetail, JobRow
from engine.model.states import State

TIME: Final = 7
NOTE: Final = 24
ROOMY: Final = 70
"""From this width on there is a note beside each job."""


@dataclass(frozen=True, slots=True)
class KinLine:
    """One line; `job` is whom it stands for, if that is a job to go to."""

    cells: list[Cell]
    job: int | None = None


def lines(detail: JobDetail, this: JobRow, width: int, now_at: int) -> Iterator[KinLine]:
    """Each job in `width` cells. `this` is the job of `detail` as a row."""
    yield from _needs(detail.depends_on, width, now_at)
    yield _job("", this, width, now_at, is_this=True)
    yield from _needed_by(detail, width, now_at)
    yield from _family(detail)
    if not detail.depends_on and not detail.followers:
        yield KinLine([(" it needs no other job, and none needs it", "muted")])


def _needs(needed: Sequence[JobRow], width: int, now_at: int) -> Iterator[KinLine]:
    if not needed:
        return
    done = sum(row.state == State.SUCCEEDED for row in needed)
    yield KinLine([(f" needs {plural(len(needed), 'job')}, {done} succeeded", "muted")])
    for row in needed:
        yield _job("├ ", row, width, now_at)
    yield KinLine([(" ▼", "line")])


def _needed_by(detail: JobDetail, width: int, now_at: int) -> Iterator[KinLine]:
    rows = detail.followers
    for place, row in enumerate(rows, 1):
        yield _job("└► " if place == len(rows) else "├► ", row, width, now_at)
    hidden = detail.dependents - sum(row.state == State.PENDING for row in rows)
    if hidden > 0:
        yield KinLine([(f"    and {plural(hidden, 'more job')}", "muted")])


def _family(detail: JobDetail) -> Iterator[KinLine]:
    job = detail.job
    if detail.members:
        yield KinLine([(f" its members: {progress(detail.members)} ended", "muted")])
    for word, other in (("member of array", job.array), ("child of", job.parent_id)):
        if other is not None:
            yield KinLine([(f" {word} ", "muted"), (f"#{other}", "link")], other)


def _job(
    branch: str, row: JobRow, width: int, now_at: int, *, is_this: bool = False
) -> KinLine:
    glyph = state_glyph(row)
    head: list[Cell] = [
        (f" {branch}", "line"),
        (glyph.sign, glyph.token),
        (f" #{row.id} ", "text" if is_this else "link"),
    ]
    note = NOTE if width >= ROOMY else 0
    room = max(width - sum(cells(text) for text, _ in head) - TIME - note - 2, 4)
    line: list[Cell] = [
        *head,
        (fit(sanitize(row.name), room), "accent" if is_this else "text"),
        (f"{time_in_state(row, now_at):>{TIME}}", "muted"),
    ]
    said = "this" if is_this else sanitize(note_for(row, now_at))
    if note and said:
        line.append((f"  {fit(said, note - 2).rstrip()}", "muted"))
    return KinLine(line, None if is_this else row.id)
