"""The logs of several jobs in one pane, line by line as they come."""

from collections.abc import Sequence

from crabtui.data.wording import plural
from crabtui.views.logs.log_pane import LogPane
from engine.control.views import LogChunk


class MergedPane(LogPane):
    """Each line has the job's number before it, in a colour of its own."""

    def __init__(self, jobs: Sequence[int], *, ascii_only: bool, id: str) -> None:  # noqa: A002
        super().__init__(jobs[0], ascii_only=ascii_only, id=id)
        self.jobs = tuple(jobs)
        self._attempts: dict[int, str] = {}
        self._troubles: dict[int, str] = {}
        self._live: set[int] = set(jobs)
        self.expect([f"#{job}" for job in self.jobs])

    def take_of(self, job: int, chunk: LogChunk, *, at: int = 0) -> None:
        """Show what came of one job; another attempt goes on below the one before."""
        if self.is_frozen:
            return
        name = f"#{job}"
        if chunk.attempt != self._attempts.get(job):
            if job in self._attempts:
                self.restart_of(name, at=at)
            self._attempts[job] = chunk.attempt
        self._troubles.pop(job, None)
        self._live.add(job)
        self.append_of(name, chunk.data, offset=chunk.offset, at=at)
        self._retitle()

    def read_from(self, job: int, attempt: str) -> int:
        """Where to read on in an attempt's log; 0: nothing of it was taken."""
        return self.end_of(f"#{job}") if self._attempts.get(job) == attempt else 0

    def end(self, job: int, *, at: int) -> None:
        """The log of one job has ended."""
        self._live.discard(job)
        self.finish_of(f"#{job}", at=at)
        self._retitle()

    def trouble_of(self, job: int, text: str) -> None:
        """Say in the title why nothing comes of one job."""
        self._troubles[job] = text
        self._retitle()

    def other_stream(self) -> None:
        """Show the stderr of all of them, or back; what was shown goes."""
        self.stream = "err" if self.stream == "out" else "out"
        self._attempts.clear()
        self.reset()
        self.expect([f"#{job}" for job in self.jobs])
        self._retitle()
        self.reopen()

    def show_attempt(self, number: int | None) -> None:
        """Of several jobs it is always the newest."""

    def _retitle(self) -> None:
        stream = "stdout" if self.stream == "out" else "stderr"
        ended = len(self.jobs) - len(self._live)
        more = f"  {ended} ended" if ended else ""
        told = next(iter(self._troubles.items()), None)
        why = f"  #{told[0]}: {told[1]}" if told else ""
        self.title = f"{plural(len(self.jobs), 'log')}  {stream}{more}{why}  (O: other)"
