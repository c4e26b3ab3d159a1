"""What surrounds a job, as lines: what it needs, itself, what needs it, and its family."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from crabtui.data.fitting import cells, fit
from crabtui.data.flows.words import AFTER
from crabtui.data.glyphs import Cell, state_glyph
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import note_for, plural, progress, time_in_state
from engine.control.views import JobDetail, JobRow, JobsPage
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


def lines(
    detail: JobDetail, this: JobRow, width: int, now_at: int, inner: JobsPage | None = None
) -> Iterator[KinLine]:
    """Each job in `width` cells; `this` is the job of `detail` as a row, `inner` its own."""
    yield from _needs(detail, width, now_at)
    yield _job("", this, width, now_at, is_this=True)
    yield from _needed_by(detail, width, now_at)
    yield from _family(detail, inner, width, now_at)
    if not detail.depends_on and not detail.followers:
        yield KinLine([(" it needs no other job, and none needs it", "muted")])


def _needs(detail: JobDetail, width: int, now_at: int) -> Iterator[KinLine]:
    needed = detail.depends_on
    if not needed:
        return
    done = sum(row.state == State.SUCCEEDED for row in needed)
    yield KinLine([(f" needs {plural(len(needed), 'job')}, {done} succeeded", "muted")])
    for row in needed:
        yield _job("├ ", row, width, now_at, after=detail.after.get(row.id, ""))
    yield KinLine([(" ▼", "line")])


def _needed_by(detail: JobDetail, width: int, now_at: int) -> Iterator[KinLine]:
    rows = detail.followers
    for place, row in enumerate(rows, 1):
        branch = "└► " if place == len(rows) else "├► "
        yield _job(branch, row, width, now_at, after=detail.awaited.get(row.id, ""))
    hidden = detail.dependents - sum(row.state == State.PENDING for row in rows)
    if hidden > 0:
        yield KinLine([(f"    and {plural(hidden, 'more job')}", "muted")])


def _family(
    detail: JobDetail, inner: JobsPage | None, width: int, now_at: int
) -> Iterator[KinLine]:
    job = detail.job
    if detail.members:
        word = "members" if detail.array is not None else "tasks"
        done, _, failed = progress(detail.members).partition(", ")
        said = f"{done} ended, {failed}" if failed else f"{done} ended"
        yield KinLine([(f" its {word}: {said}", "muted")])
    for row in inner.jobs if inner is not None else ():
        yield _job("  ", row, width, now_at)
    if inner is not None and inner.total > len(inner.jobs):
        more = plural(inner.total - len(inner.jobs), "more job")
        yield KinLine([(f"    and {more}", "muted")])
    of_run = f"task {sanitize(job.task)} of" if job.task else "task of"
    for word, other in (
        (of_run, job.flow),
        ("member of array", job.array),
        ("child of", job.parent_id if job.parent_id != job.flow else None),
    ):
        if other is not None:
            yield KinLine([(f" {word} ", "muted"), (f"#{other}", "link")], other)


def _job(
    branch: str,
    row: JobRow,
    width: int,
    now_at: int,
    *,
    is_this: bool = False,
    after: str = "",
) -> KinLine:
    glyph = state_glyph(row)
    head: list[Cell] = [
        (f" {branch}", "line"),
        (glyph.sign, glyph.token),
        (f" #{row.id} ", "text" if is_this else "link"),
    ]
    note = NOTE if width >= ROOMY else 0
    note = max(note, cells(AFTER.get(after, after)) + 2 if after else 0)
    room = max(width - sum(cells(text) for text, _ in head) - TIME - note - 2, 4)
    line: list[Cell] = [
        *head,
        (fit(sanitize(row.name), room), "accent" if is_this else "text"),
        (f"{time_in_state(row, now_at):>{TIME}}", "muted"),
    ]
    said = "this" if is_this else sanitize(note_for(row, now_at))
    if how := AFTER.get(after, after):
        line.append((f"  {how}", "block"))
    elif note and said:
        line.append((f"  {fit(said, note - 2).rstrip()}", "muted"))
    return KinLine(line, None if is_this else row.id)
