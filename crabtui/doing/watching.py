"""Being told when jobs have ended: notes, the bell, and the terminal's title."""

import os
from collections import Counter
from typing import TYPE_CHECKING, Final

from crabtui.data import terminal_words
from crabtui.data.wording import plural
from engine.control.messages import ListJobs, Pulse
from engine.control.views import JobRow
from engine.errors import EngineError
from engine.model.states import FINAL

if TYPE_CHECKING:
    from crabtui.desk import Desk

MOST: Final = 1_000
"""Jobs that can be watched at once."""
PAGE: Final = 200
WELL: Final = "succeeded"


class Watching:
    """Being told when jobs have ended."""

    def __init__(self, app: "Desk") -> None:
        self._app = app
        self._waits: set[int] = set()
        self._ended: Counter[str] = Counter()

    @property
    def progress(self) -> tuple[int, int]:
        """How many of the watched jobs have ended, and how many there are."""
        done = self._ended.total()
        return done, done + len(self._waits)

    def do_watch(self) -> None:
        """Watch the jobs here; if all of them are watched, do not."""
        now = self._app.situation()
        if now.where is not None:
            return self._app.run_act(self._watch_all(now.where))
        jobs = {job.id for job in now.jobs if job.state not in FINAL}
        if not jobs:
            return self._app.say("nothing here is still to end", True)
        return self._turn(jobs)

    async def _watch_all(self, where: str) -> None:
        try:
            rows = await self._rows(f"({where}) state:live" if where else "state:live")
        except EngineError as error:
            return self._app.say(error.message, True)
        return self._turn({row.id for row in rows})

    def _turn(self, jobs: set[int]) -> None:
        if jobs <= self._waits:
            self._waits -= jobs
            self._app.say(f"{plural(len(jobs), 'job')} not watched any more")
        elif len(self._waits | jobs) > MOST:
            return self._app.say(f"at most {MOST:,} jobs can be watched at once", True)
        else:
            if not self._waits:
                self._ended.clear()
            self._waits |= jobs
            key = self._app.key_map.key_of("watch")
            self._app.say(f"you are told when {_named(jobs)} ended; {key} again: not")
        return self._show_title()

    def heard(self, pulse: Pulse) -> None:
        """Look whether watched jobs have ended, if any may have."""
        if self._waits and (pulse.many or not self._waits.isdisjoint(pulse.jobs)):
            self._app.run_worker(
                self._look(), group="watch", exclusive=True, exit_on_error=False
            )

    async def _look(self) -> None:
        ids = sorted(self._waits)
        parts = [ids[at : at + PAGE] for at in range(0, len(ids), PAGE)]
        try:
            rows = [r for part in parts for r in await self._rows(f"id:{_list(part)}")]
        except EngineError:
            return
        for row in rows:
            if row.state in FINAL and row.id in self._waits:
                self._waits.discard(row.id)
                self._ended[row.state] += 1
                self._tell(row)
        if not self._waits and rows:
            self._all_ended()
        self._show_title()

    async def _rows(self, where: str) -> list[JobRow]:
        rows: list[JobRow] = []
        while len(rows) <= MOST:
            page = await self._app.feed.call(
                ListJobs(where=where, sort="id", at=len(rows), count=PAGE)
            )
            rows += page.jobs
            if not page.jobs or len(rows) >= page.total:
                break
        return rows

    def _tell(self, row: JobRow) -> None:
        bad = row.state != WELL
        text = f"#{row.id} {row.name} {row.state}"
        self._app.notes.tell(
            "watched jobs that went wrong" if bad else "watched", text, bad=bad
        )

    def _all_ended(self) -> None:
        """Everything watched is over: now whoever is away wants to know."""
        counts = ", ".join(f"{number} {state}" for state, number in self._ended.items())
        text = f"{plural(self._ended.total(), 'watched job')} ended: {counts}"
        self._app.notes.ring("watched")
        self._app.notes.to_terminal(
            terminal_words.note(f"crabtui: {text}", in_tmux=bool(os.environ.get("TMUX")))
        )
        self._app.say(text)

    def _show_title(self) -> None:
        done, all_ = self.progress
        self._app.notes.entitle(f"crab {done}/{all_}" if all_ else "")


def _list(ids: list[int]) -> str:
    return ",".join(map(str, ids))


def _named(jobs: set[int]) -> str:
    if len(jobs) == 1:
        return f"#{next(iter(jobs))} has"
    return f"these {len(jobs)} jobs have"
