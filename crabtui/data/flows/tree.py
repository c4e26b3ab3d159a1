"""The rows of a run: itself, its tasks, and below those that are unfolded their own.

Only windows of the tasks are known. A row is found by its place without looking at the
others: what it costs grows with what is unfolded, not with how many tasks there are.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from engine.control.views import FlowDetail, TaskView

GRID: Final = 50
"""Windows begin at multiples of this, so that a small move asks for nothing new."""
KEPT: Final = 4_000
"""Tasks that are remembered while they are out of sight."""
COMPOSITE: Final = frozenset({"workflow", "map", "array"})
"""Kinds of tasks that stand for several jobs, and can be unfolded."""

Span = tuple[int, int, int]
"""Of a run or composite task: from its task at this place on, so many."""


@dataclass(frozen=True, slots=True)
class Fold:
    """An unfolded composite task: it is task number `place` of `parent`."""

    id: int
    parent: int
    place: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `task` is None while it is not loaded, and of the run itself."""

    of: int
    """The run or composite task that it is a task of; 0: it is the run."""
    place: int
    depth: int
    task: TaskView | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Rows one below the other that are tasks of the same, one after the other."""

    row: int
    of: int
    place: int
    count: int
    depth: int


@dataclass(frozen=True, slots=True)
class FlowTree:
    """A picture of a run; the feed gives others, keys fold and unfold."""

    run: int = 0
    totals: Mapping[int, int] = field(default_factory=dict)
    """Tasks of the run and of each unfolded composite task, as far as that is known."""
    tasks: Mapping[tuple[int, int], TaskView] = field(default_factory=dict)
    """By what they are of, and their place in it."""
    folds: tuple[Fold, ...] = ()
    """What is unfolded."""
    _stretches: tuple[_Stretch, ...] = ()

    @property
    def total(self) -> int:
        """How many rows there are."""
        last = self._stretches[-1] if self._stretches else None
        return 0 if last is None else last.row + last.count

    def at(self, row: int) -> Row | None:
        """The row at this place; None: there are not so many."""
        if not 0 <= row < self.total:
            return None
        part = self._stretches[bisect_right(self._stretches, row, key=_row) - 1]
        place = part.place + row - part.row
        task = self.tasks.get((part.of, place))
        is_open = task is not None and any(fold.id == task.id for fold in self.folds)
        return Row(part.of, place, part.depth, task, is_open or part.of == 0)

    def row_of(self, job: int) -> int | None:
        """Where this job is; None if it is not loaded or folded away."""
        if job == self.run:
            return 0
        return next(
            (
                self._row_at(of, place)
                for (of, place), task in self.tasks.items()
                if task.id == job
            ),
            None,
        )

    def spans(self, first: int, count: int) -> tuple[Span, ...]:
        """What has to be asked for to show these rows; the run itself comes first."""
        wanted: dict[int, tuple[int, int]] = {}
        for part in self._stretches:
            low, high = max(part.row, first), min(part.row + part.count, first + count)
            if part.of and low < high:
                begin, end = part.place + low - part.row, part.place + high - part.row
                was = wanted.get(part.of, (begin, end))
                wanted[part.of] = (min(was[0], begin), max(was[1], end))
        unknown = {fold.id: (0, 1) for fold in self.folds if fold.id not in self.totals}
        run = {self.run: wanted.get(self.run, (0, 1))}
        return tuple(_on_grid(of, *span) for of, span in {**run, **wanted, **unknown}.items())

    def take(self, details: Iterable[FlowDetail]) -> "FlowTree":
        """The same with what came, which is newer than what was there."""
        found = tuple(details)
        fresh = {
            (each.flow.id, each.offset + at): task
            for each in found
            for at, task in enumerate(each.tasks)
        }
        old = {key: task for key, task in self.tasks.items() if key not in fresh}
        kept = dict(list(old.items())[-KEPT:]) if len(old) > KEPT else old
        totals = {**self.totals, **{each.flow.id: each.total for each in found}}
        tasks = {key: task for key, task in {**kept, **fresh}.items() if _is_there(key, totals)}
        return replace(self, totals=totals, tasks=tasks)._laid_out()

    def unfolded(self, row: int) -> "FlowTree":
        """The same with the composite task of this row unfolded."""
        here = self.at(row)
        if here is None or here.task is None or here.is_open or not has_tasks(here.task):
            return self
        fold = Fold(here.task.id, here.of, here.place)
        return replace(self, folds=(*self.folds, fold))._laid_out()

    def folded(self, row: int) -> "FlowTree":
        """The same with the composite task of this row folded, and all that is in it."""
        here = self.at(row)
        if here is None or here.task is None or not here.is_open:
            return self
        gone = {here.task.id}
        for fold in self.folds:  # what is inside was unfolded later
            if fold.parent in gone:
                gone.add(fold.id)
        return replace(self, folds=tuple(f for f in self.folds if f.id not in gone))._laid_out()

    def parent_row(self, row: int) -> int | None:
        """The row that this one is inside of."""
        here = self.at(row)
        if here is None or not here.of:
            return None
        if here.of == self.run:
            return 0
        return next((self._row_at(f.parent, f.place) for f in self.folds if f.id == here.of), 0)

    def _row_at(self, of: int, place: int) -> int | None:
        for part in self._stretches:
            if part.of == of and part.place <= place < part.place + part.count:
                return part.row + place - part.place
        return None

    def _laid_out(self) -> "FlowTree":
        top = _Stretch(0, 0, 0, 1, 0)
        found = [top, *self._below(self.run, 1, 1)] if self.run in self.totals else [top]
        return replace(self, _stretches=tuple(found))

    def _below(self, of: int, row: int, depth: int) -> Iterator[_Stretch]:
        """The tasks of one, parted where some of them are unfolded."""
        inner = sorted((f for f in self.folds if f.parent == of), key=lambda f: f.place)
        begin, total = 0, self.totals.get(of, 0)
        for fold in inner:
            if fold.place >= total:
                continue
            yield _Stretch(row, of, begin, fold.place + 1 - begin, depth)
            row, begin = row + fold.place + 1 - begin, fold.place + 1
            for part in self._below(fold.id, row, depth + 1):
                yield part
                row = part.row + part.count
        if begin < total:
            yield _Stretch(row, of, begin, total - begin, depth)


def a_tree(run: int) -> FlowTree:
    """Of a run of which nothing is known yet."""
    return FlowTree(run)._laid_out()


def is_composite(task: TaskView) -> bool:
    """Whether it stands for several jobs."""
    return task.kind in COMPOSITE


def has_tasks(task: TaskView) -> bool:
    """Whether it can be unfolded."""
    return task.kind in COMPOSITE


def _row(part: _Stretch) -> int:
    return part.row


def _on_grid(of: int, begin: int, end: int) -> Span:
    at = begin // GRID * GRID
    return of, at, -(-(end - at) // GRID) * GRID


def _is_there(key: tuple[int, int], totals: Mapping[int, int]) -> bool:
    return key[1] < totals.get(key[0], 0)
