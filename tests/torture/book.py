"""The book that the jobs themselves write: what really ran, in the order of the writes.

Each line is one append of a few bytes, so the order of lines is the order of events, and
two runs overlap exactly if the second one's start stands between the first one's lines.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

Line = tuple[str, str, str]
"""Job name, attempt, `start` or `end`."""


def read(text: str) -> Mapping[str, list[Line]]:
    """The lines of each job, in order."""
    lines: defaultdict[str, list[Line]] = defaultdict(list)
    for written in text.splitlines():
        name, attempt, what = written.split()
        lines[name].append((name, attempt, what))
    return lines


def faults(lines: Iterable[Line], runs: int) -> list[str]:
    """What is wrong with one job's lines if it should have run `runs` times, one by one."""
    found: list[str] = []
    open_attempt: str | None = None
    seen: list[str] = []
    for name, attempt, what in lines:
        if what == "start":
            if open_attempt is not None:
                found.append(f"{name}: {attempt} started while {open_attempt} was running")
            if attempt in seen:
                found.append(f"{name}: {attempt} ran twice")
            open_attempt = attempt
            seen.append(attempt)
        elif attempt == open_attempt:
            open_attempt = None
    if open_attempt is not None:
        found.append(f"{open_attempt} never ended")
    if len(seen) != runs:
        found.append(f"ran {len(seen)} times instead of {runs}: {seen}")
    return found


def replaced(lines: Iterable[Line]) -> list[str]:
    """What is wrong with one job's lines if silent hosts may have ended any run but the last.

    Such a run has no last line; but it has written its last one before the next run begins.
    """
    found: list[str] = []
    seen: list[str] = []
    ends: list[str] = []
    for name, attempt, what in lines:
        if what == "start":
            if attempt in seen:
                found.append(f"{name}: {attempt} ran twice")
            seen.append(attempt)
        elif not seen or attempt != seen[-1]:
            found.append(f"{name}: {attempt} wrote `{what}` after {seen[-1:]} had begun")
        if what == "end":
            ends.append(attempt)
    if ends != seen[-1:]:
        found.append(f"of {seen} only the last should have come to its end, and {ends} did")
    return found
