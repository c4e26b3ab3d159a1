"""What an act would change, as lines: who would start earlier, and who later."""

from collections.abc import Iterator, Sequence
from typing import Final

from crabtui.data.fitting import fit
from crabtui.data.wording import count, duration
from engine.control.views import MovedView, Preview

LISTED: Final = 5
"""Jobs shown in each direction; the rest are counted."""
NAME: Final = 18


def lines(preview: Preview) -> Iterator[str]:
    """The numbers first; no line is longer than sixty cells."""
    yield _summary(preview)
    yield from _moved("▲", preview.earlier)
    yield from _moved("▼", preview.later)
    if preview.earlier or preview.later:
        assumed = duration(preview.assumed_ms * 1000)
        yield f"taking {assumed} for jobs of which nothing is known"


def _summary(preview: Preview) -> str:
    looked = f"the next {count(preview.grants)} grants"
    if not preview.earlier and not preview.later:
        return f"no start among {looked} would move"
    earlier, later = count(len(preview.earlier)), count(len(preview.later))
    return f"{earlier} earlier, {later} later, {count(preview.unchanged)} as before in {looked}"


def _moved(sign: str, jobs: Sequence[MovedView]) -> Iterator[str]:
    for job in jobs[:LISTED]:
        places = f"{_place(job.was_place)} → {_place(job.place)}"
        starts = _starts(_start(job.was_starts_ms), _start(job.starts_ms))
        number = f"#{job.id}"
        yield f"{sign} {number:<7} {fit(job.name, NAME)} {places:<13} {starts}"
    if len(jobs) > LISTED:
        yield f"{sign} and {count(len(jobs) - LISTED)} more"


def _place(place: int | None) -> str:
    return "-" if place is None else f"{place}."


def _starts(was: str, now: str) -> str:
    """Both, or one where only the place is another."""
    return f"{now} as before" if was == now else f"{was} → {now}"


def _start(ms: int | None) -> str:
    return "?" if ms is None else "now" if ms <= 0 else f"in {duration(ms * 1000)}"
