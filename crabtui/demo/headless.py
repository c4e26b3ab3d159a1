"""The demo without a console: a progress bar while it runs, a table when it is over."""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from crabtui.cli.printing.output import on_terminal, say, say_lines
from crabtui.cli.printing.tables import table
from crabtui.demo.run import LIVE, Demo, everything_live
from crabtui.demo.task import Task
from engine.control.blocking import BlockingClient
from engine.control.messages import Cancel, ListJobs, Release, Targets, Watch
from engine.control.views import JobRow

LONGEST_S: Final = 180.0
"""What still runs after this is canceled, and the demo has failed."""

BAR_CELLS: Final = 30
STEP: Final = 0.1
"""Share of progress that is worth another line where lines cannot be painted over."""


def run_headless(demo: Demo) -> int:
    """Watch until every job has ended. Returns: 0 if each ended as it should, else 1."""
    began_s = time.monotonic()
    _follow(demo, began_s)
    rows = _rows(demo.client)
    surprises = [row for row in rows if row.state != demo.tasks[row.id].ends]
    say()
    say_lines(_summary(rows, demo.tasks))
    say()
    for row in surprises:
        say(f"unexpected: {row.name} ended as {row.state}: {row.note}")
    say(f"{len(rows)} jobs in {time.monotonic() - began_s:.0f} s, {_verdict(surprises)}")
    return 1 if surprises else 0


def _verdict(surprises: list[JobRow]) -> str:
    if not surprises:
        return "each ended as it should (some are meant to fail)"
    return f"{len(surprises)} ended otherwise than they should"


def _follow(demo: Demo, began_s: float) -> None:
    bar = Bar(len(demo.tasks))
    held = tuple(number for number, task in demo.tasks.items() if task.more.get("hold"))
    for pulse in demo.client.stream(Watch(gap_ms=200)):
        live = sum(pulse.by_state.get(state, 0) for state in LIVE)
        bar.show(len(demo.tasks) - live, pulse.by_state)
        if not live:
            break
        if held and live <= len(held):
            demo.client.call(Release(targets=Targets(ids=held)))
            held = ()
        if time.monotonic() - began_s > LONGEST_S:
            demo.client.call(Cancel(targets=everything_live(), kill=True))
            began_s = time.monotonic()
    bar.finish()


class Bar:
    """A bar that repaints its line on a terminal, and prints few lines elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._told = -STEP
        self._paints = on_terminal()
        utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        self._full, self._empty = ("▇", "░") if utf8 else ("#", ".")

    def show(self, ended: int, by_state: Mapping[str, int]) -> None:
        """Say how far it is."""
        share = ended / self._total
        if not self._paints and share < self._told + STEP:
            return
        self._told = share
        filled = round(share * BAR_CELLS)
        bar = self._full * filled + self._empty * (BAR_CELLS - filled)
        line = f"{bar} {ended:3}/{self._total}  {_counts(by_state)}"
        sys.stdout.write(f"\r\x1b[K{line}" if self._paints else f"{line}\n")
        sys.stdout.flush()

    def finish(self) -> None:
        """Leave the bar as it is and go on below it."""
        if self._paints:
            say()


def _counts(by_state: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in by_state.items() if number)


def _rows(client: BlockingClient) -> list[JobRow]:
    return list(client.call(ListJobs(sort="id", count=500)).jobs)


def _summary(rows: Iterable[JobRow], tasks: Mapping[int, Task]) -> list[str]:
    """A line for each family of jobs, then the sum."""
    by_family: dict[str, list[JobRow]] = {}
    for row in rows:
        by_family.setdefault(tasks[row.id].family, []).append(row)
    lines = [_line(family, members) for family, members in sorted(by_family.items())]
    lines.append(_line("all", [row for members in by_family.values() for row in members]))
    headings = ("WHAT", "JOBS", "SUCCEEDED", "FAILED", "TIMEOUT", "SKIPPED", "TRIES", "TIME")
    return table(headings, lines, right=frozenset(headings[1:]))


def _line(family: str, rows: list[JobRow]) -> tuple[str, ...]:
    states = Counter(row.state for row in rows)
    ends = ("succeeded", "failed", "timeout", "skipped")
    spent_s = sum(_spent_s(row) for row in rows)
    counts = [str(states[end]) if states[end] else "-" for end in ends]
    tries = str(sum(row.attempt for row in rows))
    return (family, str(len(rows)), *counts, tries, f"{spent_s:.1f} s")


def _spent_s(row: JobRow) -> float:
    if row.started_at is None or row.completed_at is None:
        return 0.0
    return max(row.completed_at - row.started_at, 0) / 1_000_000
