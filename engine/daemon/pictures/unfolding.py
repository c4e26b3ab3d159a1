"""Unfolding: a folded list of jobs, with the members of some arrays put in their places.

Members have ids in a row, so their places are arithmetic: only the composite jobs have to
be found in the list, and nothing is counted twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.errors import InvalidSpec
from engine.model.array import Array
from engine.model.ids import JobId
from engine.model.job import Job
from engine.store.moments import Reads
from engine.store.protocol import Page, Window


@dataclass(frozen=True, slots=True)
class Inset:
    """The members of one array, in the list that has them."""

    array: Array
    begin: int
    """Place of the first one."""

    @property
    def end(self) -> int:
        return self.begin + self.array.count


async def unfolded_window(store: Reads, window: Window, arrays: Sequence[JobId]) -> Page:
    """The window into the folded list with these arrays' members after their composite jobs.

    Members are in order of id, whatever the sort, and all of them, whatever the filter. An
    array that does not exist, or is not in the list, is none that can be unfolded.

    Raises:
        InvalidSpec: no such sort, or more than one place to start from.
    """
    insets = await _insets(store, window, arrays)
    begin, end = await _extent(store, window, insets)
    jobs: list[Job] = []
    place = begin
    first = await _folded(store, window, 0, 0)
    while place < end and len(jobs) < end - begin:
        some = await _run(store, window, insets, place, end)
        jobs += some
        place += len(some)
        if not some:
            break
    extra = sum(inset.array.count for inset in insets)
    return replace(first, jobs=jobs, offset=begin, total=first.total + extra)


async def _insets(store: Reads, window: Window, arrays: Sequence[JobId]) -> list[Inset]:
    """Where the members go, first come first."""
    found: list[tuple[int, Array]] = []
    for id_ in dict.fromkeys(arrays):
        array = await store.array(id_)
        place = None if array is None else await _folded_place(store, window, id_)
        if array is not None and place is not None:
            found.append((place, array))
    insets: list[Inset] = []
    shift = 0
    for place, array in sorted(found, key=lambda one: one[0]):
        insets.append(Inset(array, place + shift + 1))
        shift += array.count
    return insets


async def _folded_place(store: Reads, window: Window, job: JobId) -> int | None:
    """The place of a job in the folded list; None if it is not in it."""
    page = await store.window(_at(window, around=job, count=1))
    is_in = bool(page.jobs) and page.jobs[0].id == job
    return page.offset if is_in else None


async def _folded(store: Reads, window: Window, at: int, count: int) -> Page:
    return await store.window(_at(window, at=at, count=count))


def _at(
    window: Window, *, count: int, at: int | None = None, around: JobId | None = None
) -> Window:
    return replace(window, at=at, around=around, after=None, before=None, count=count)


async def _extent(store: Reads, window: Window, insets: Sequence[Inset]) -> tuple[int, int]:
    """The places that the window covers."""
    given = [window.after, window.before, window.around, window.at]
    if sum(one is not None for one in given) > 1:
        raise InvalidSpec("a window starts at one place: at, after, before or around")
    count = max(window.count, 0)
    if window.after is not None:
        place, is_in = await _place(store, window, insets, window.after)
        return place + is_in, place + is_in + count
    if window.before is not None:
        place, _ = await _place(store, window, insets, window.before)
        return max(place - count, 0), place
    if window.around is not None:
        place, _ = await _place(store, window, insets, window.around)
        begin = max(place - count // 2, 0)
        return begin, begin + count
    begin = max(window.at or 0, 0)
    return begin, begin + count


async def _place(
    store: Reads, window: Window, insets: Sequence[Inset], job: JobId
) -> tuple[int, bool]:
    """The place of a job in the whole list, or where it would be; and whether it is there."""
    for inset in insets:
        if inset.array.first <= job <= inset.array.last:
            return inset.begin + job - inset.array.first, True
    page = await store.window(_at(window, around=job, count=1))
    is_in = bool(page.jobs) and page.jobs[0].id == job
    return _unfolded(page.offset, insets), is_in


def _unfolded(folded: int, insets: Sequence[Inset]) -> int:
    """The place in the whole list of what has this place in the folded one."""
    place = folded
    for inset in insets:
        if inset.begin <= place:
            place += inset.array.count
    return place


async def _run(
    store: Reads, window: Window, insets: Sequence[Inset], place: int, end: int
) -> Sequence[Job]:
    """The jobs from a place on, up to where members begin or end."""
    before = 0
    for inset in insets:
        if place < inset.begin:
            end = min(end, inset.begin)
            break
        if place < inset.end:
            count = min(end, inset.end) - place
            return await store.members(inset.array.id, place - inset.begin, count)
        before += inset.array.count
    page = await _folded(store, window, place - before, end - place)
    return page.jobs
