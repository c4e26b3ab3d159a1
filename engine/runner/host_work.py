"""What the verbs of the host protocol work on: a spool, and attempts that are watched."""

from functools import partial

from engine.runner import host_facts, starting, verbs
from engine.runner.answers import Answers
from engine.runner.devices import Devices
from engine.runner.exits import ours
from engine.runner.faults import RunnerError, TakenError
from engine.runner.host_aside import Aside
from engine.runner.host_asked import Asked, Say
from engine.runner.host_ends import Ends
from engine.runner.host_words import of_status
from engine.runner.records import Status
from engine.runner.sight import Looker
from engine.runner.spool import Spool
from engine.runner.starting import Begun
from engine.runner.supervisors import keeper
from engine.runner.usage import Gauge
from engine.runner.verdicts import Verdicts

LIVE = ("starting", "running", "orphan")


class Work:
    """One spool on this host, on behalf of one controller."""

    def __init__(
        self, spool: Spool, say: Say, allowed: frozenset[str] | None, sh: str = "/bin/sh"
    ) -> None:
        """Touch nothing yet.

        Args:
            spool: Prepared by `hello`.
            say: Takes what the controller is told unasked.
            allowed: The verbs that are carried out; None: all.
            sh: The shell that runs the runner's own scripts.
        """
        self.spool = spool
        self._allowed = allowed
        self.sh = sh
        self.answers = Answers()
        self.ends = Ends()
        self.aside = Aside()
        self.verdicts = Verdicts()
        self._say = say
        self._session = ""
        self._watched: set[str] = set()
        self._starts: dict[str, _Start] = {}
        devices = Devices()
        self.looker = Looker(spool.root, devices)
        self.gauge = Gauge(spool, devices)

    @property
    def session(self) -> str:
        """How jobs get sessions of their own here. Raises: UnusableError: not at all."""
        self._session = self._session or host_facts.session_maker()
        return self._session

    def status(self, attempt: str) -> Status:
        """What is known about an attempt."""
        return self.judged(verbs.status(self.spool, attempt))

    def judged(self, status: Status) -> Status:
        """`status`, with why it ended if there is evidence of it."""
        return self.verdicts.judged(self.spool.folder(status.attempt), status)

    def may(self, verb: str) -> bool:
        """Whether it is carried out here."""
        return self._allowed is None or verb in self._allowed

    def start(self, asked: Asked, attempt: str, epoch: int, lease: bool, spec: bytes) -> None:
        """Claim and spawn; the answer comes when the job is on record."""
        if waiting := self._starts.get(attempt):
            waiting.asked.append(asked)
            return
        try:
            begun = starting.begin(
                self.spool,
                attempt,
                epoch,
                spec,
                lease=lease,
                sh=self.sh,
                session=self.session,
                answer=self.answers.writer,
            )
        except TakenError:
            asked.is_now(self._watched_from_now(attempt))
            return
        self._follow(begun, asked)

    def _watched_from_now(self, attempt: str) -> Status:
        now = self.status(attempt)
        if now.state in LIVE:
            self.watch(now)
        return now

    def _follow(self, begun: Begun, asked: Asked) -> None:
        start = _Start(self, begun, asked)
        self._starts[begun.attempt] = start
        self._watched.add(begun.attempt)
        self.answers.expect(begun.attempt, start)
        on_end = partial(self._on_end, begun.attempt)
        if not self.ends.watch(begun.owner, ours, on_end):
            on_end()

    def has_answered(self, start: "_Start", text: str) -> None:
        """A supervisor has said its line: whoever asked for the start is told."""
        del self._starts[start.begun.attempt]
        try:
            status = starting.started(start.begun, text) or starting.not_started(
                self.spool, start.begun, text
            )
        except (RunnerError, OSError) as error:
            for asked in start.asked:
                asked.failed(error)
            return
        for asked in start.asked:
            asked.is_now(status)

    def watch(self, status: Status) -> None:
        """From now on its end is told; at once, if it has ended."""
        attempt = status.attempt
        if attempt in self._watched:
            return
        self._watched.add(attempt)
        pid, is_it = keeper(self.spool, status)
        on_end = partial(self._on_end, attempt)
        if status.state not in LIVE or not pid or not self.ends.watch(pid, is_it, on_end):
            on_end()

    def _on_end(self, attempt: str) -> None:
        self._watched.discard(attempt)
        if self.answers.hang_up(attempt):
            status = self.verdicts.exit_of(self.spool.folder(attempt), attempt)
            about = attempt.encode("ascii") if status is None else of_status(status)
            self._say(b"+ ended ", about, b"\n")

    def let_go(self, pid: int | None) -> None:
        """A child of ours that nobody waits for."""
        if pid is not None:
            self.ends.watch(pid, ours, _nothing)


class _Start:
    """Who waits for the line of one supervisor; an `answers.Answer`."""

    def __init__(self, work: Work, begun: Begun, asked: Asked) -> None:
        self.begun = begun
        self.asked = [asked]
        self._work = work
        self._text: str | None = None

    def done(self) -> bool:
        return self._text is not None

    def cancelled(self) -> bool:
        return False

    def result(self) -> str:
        return self._text or ""

    def set_result(self, text: str, /) -> None:
        self._text = text
        self._work.has_answered(self, text)


def _nothing() -> None:
    """It has done its work."""
