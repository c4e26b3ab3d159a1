"""Trust: how each worker has done of late, and whether it gets anything more to do.

Kept in memory: a new daemon knows which breakers were open and lets them rest anew. Whatever
turns is obeyed at once, and waits here for a loop that writes it down.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.clock import Clock
from engine.ledger.memory.working_set import WorkingSet
from engine.model.attempt import Attempt
from engine.model.ids import AttemptId
from engine.model.job import Job
from engine.model.link import Tripped
from engine.model.outcome import Verdict
from engine.model.worker import BreakerState, Worker
from engine.policy.workers import breaker as policy
from engine.policy.workers.breaker import CLOSED, Bounds, Breaker
from engine.policy.workers.quarantine import End, end_of, why_quarantine
from engine.policy.workers.signs import Sign, sign_of
from engine.wake import Wake

MOST_ENDS: Final = 1024
"""Ends that are remembered, of all workers together."""

LONGEST_REST_S: Final = 16.0
"""For which a worker that could not start something gets nothing; at first it is a second."""

STROKE_S: Final = 1.0
"""What a worker loses within so long, as when its host is started anew, it lost at once."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A worker's breaker went to another state, or the worker is proven guilty."""

    worker: str
    was: BreakerState
    now: BreakerState
    failures: int = 0
    why: str = ""
    quarantine: str = ""
    """Why it is to be kept from all work; empty: only its breaker turned."""


class Trust:
    """Breakers and records of all workers."""

    def __init__(
        self, working_set: WorkingSet, clock: Clock, on_room: Callable[[], None]
    ) -> None:
        """Take up the breakers that the last daemon left open.

        Args:
            working_set: Loaded; its snapshots show what is decided here.
            clock: Its monotonic time paces the breakers.
            on_room: Told when a worker may take more than before.
        """
        self._set = working_set
        self._clock = clock
        self._on_room = on_room
        self._breakers: dict[str, Breaker] = {}
        self._ends: deque[End] = deque(maxlen=MOST_ENDS)
        self._in_a_row: dict[str, int] = {}
        """Failures of each worker since something went well there."""
        self._lost_s: dict[str, float] = {}
        """When a loss was last counted against each worker."""
        self._rested_s: dict[str, float] = {}
        """Until when a worker rests that could not start something."""
        self._guilty: set[str] = set()
        """Workers of which it was told already."""
        self.turns: deque[Turn] = deque()
        """What nobody has written down yet, the oldest first."""
        self.wake = Wake()
        for worker in working_set.workers.values():
            self._take_up(worker)

    def _take_up(self, worker: Worker) -> None:
        if worker.breaker is BreakerState.CLOSED:
            return
        known = Breaker(why="as the last daemon saw it")
        if worker.breaker is BreakerState.OPEN:
            known = policy.opened(known, self._clock.monotonic(), self._bounds)
        else:
            known = policy.half_open(known)
        self._breakers[worker.name] = known
        self._show(worker.name, known)

    def of(self, worker: str) -> Breaker:
        """The breaker of a worker."""
        return self._breakers.get(worker, CLOSED)

    def granted(self, worker: str, attempt: AttemptId) -> None:
        """An attempt was granted there."""
        self._turn(worker, policy.granted(self.of(worker), attempt))

    def dropped(self, worker: str, attempt: AttemptId) -> None:
        """An attempt will not run there after all."""
        self._turn(worker, policy.dropped(self.of(worker), attempt))

    def lives(self, worker: str, attempt: AttemptId) -> None:
        """Its host has proven that an attempt runs, some time after its start."""
        if attempt in self.of(worker).probing:
            self._succeeded(worker, attempt)

    def not_reached(self, worker: str, why: str) -> None:
        """Nothing is known of attempts that were to be started there: one stroke."""
        self._failed(worker, why, None)

    def could_not_start(self, worker: str, why: str) -> None:
        """It lacks something that it should have, as its host has just said.

        What waits goes elsewhere meanwhile. It rests the longer the more often it failed in
        a row, and its breaker counts that too, once the end is on disk.
        """
        if worker in self._rested_s:
            return
        rest_s = min(2.0 ** self.of(worker).failures, LONGEST_REST_S)
        self._rested_s[worker] = self._clock.monotonic() + rest_s
        told = f"a rest of {rest_s:.0f}s, because it could not start something: {why}"
        self._set.resting[worker] = told
        self.wake.knock()

    def _rise(self, worker: str) -> None:
        """Its rest is over."""
        if self._rested_s.pop(worker, None) is not None:
            self._set.resting.pop(worker, None)
            self._on_room()

    def ended(self, attempt: Attempt, job: Job) -> None:
        """The end of an attempt is on disk."""
        match sign_of(attempt):
            case Sign.FAULT if self._is_same_stroke(attempt):
                self.dropped(attempt.worker, attempt.id)
            case Sign.FAULT:
                why = attempt.trouble.message if attempt.trouble else "an attempt was lost"
                self._failed(attempt.worker, why, attempt.id)
            case Sign.WORKED:
                self._succeeded(attempt.worker, attempt.id)
            case _:
                self.dropped(attempt.worker, attempt.id)
        self._remember(attempt, job)

    def _is_same_stroke(self, attempt: Attempt) -> bool:
        """Whether it was lost together with others, of which one was counted."""
        if attempt.verdict is not Verdict.LOST or attempt.id in self.of(attempt.worker).probing:
            return False
        now_s, last_s = self._clock.monotonic(), self._lost_s.get(attempt.worker)
        if last_s is not None and now_s - last_s < STROKE_S:
            return True
        self._lost_s[attempt.worker] = now_s
        return False

    def reset(self, worker: str) -> bool:
        """An operator trusts it again; whether its breaker was not closed."""
        was = self.of(worker)
        self._breakers.pop(worker, None)
        self.turns = deque(turn for turn in self.turns if turn.worker != worker)
        self._set.overlays[worker] = (BreakerState.CLOSED, None)
        self._set.tripped.pop(worker, None)
        self._rise(worker)
        self._on_room()
        return was.state is not BreakerState.CLOSED

    def forgive(self, worker: str) -> None:
        """An operator released it: what it failed before is no evidence any more."""
        self._in_a_row.pop(worker, None)
        self._guilty.discard(worker)
        kept = [end for end in self._ends if end.worker != worker]
        self._ends = deque(kept, maxlen=MOST_ENDS)

    def forget(self, worker: str) -> None:
        """It is no worker of ours any more."""
        self.forgive(worker)
        self._breakers.pop(worker, None)
        self._rise(worker)
        self._set.overlays.pop(worker, None)
        self._set.tripped.pop(worker, None)

    def let_rest(self) -> float | None:
        """Let those be tried that have rested; seconds until the next; None: none does."""
        now_s = self._clock.monotonic()
        for worker, known in list(self._breakers.items()):
            if worker in self._set.workers:
                self._turn(worker, policy.after_rest(known, now_s))
            else:
                self.forget(worker)
        for worker, until_s in list(self._rested_s.items()):
            if until_s <= now_s:
                self._rise(worker)
        until = [
            known.until_s
            for known in self._breakers.values()
            if known.state is BreakerState.OPEN
        ]
        return min((at_s - now_s for at_s in (*until, *self._rested_s.values())), default=None)

    def is_written(self, turn: Turn) -> None:
        """A turn is on disk."""
        if self.turns and self.turns[0] is turn:
            self.turns.popleft()

    @property
    def _bounds(self) -> Bounds:
        rules = self._set.rules
        return Bounds(failures=rules.breaker_failures, open_s=rules.breaker_open_ms / 1000)

    def _failed(self, worker: str, why: str, attempt: AttemptId | None) -> None:
        now_s, known = self._clock.monotonic(), self.of(worker)
        self._turn(worker, policy.failed(known, why, now_s, attempt, self._bounds))

    def _succeeded(self, worker: str, attempt: AttemptId) -> None:
        known = self.of(worker)
        if known is CLOSED:
            return
        now_s = self._clock.monotonic()
        self._turn(worker, policy.succeeded(known, now_s, attempt, self._bounds))

    def _turn(self, worker: str, now: Breaker) -> None:
        was = self.of(worker)
        if now is was:
            return
        self._breakers[worker] = now
        self._show(worker, now)
        if policy.permits(now, self._bounds) != policy.permits(was, self._bounds):
            self._on_room()
        if now.state is not was.state:
            told = now if now.failures else was
            turn = Turn(worker, was.state, now.state, told.failures, told.why)
            self.turns.append(turn)
            self.wake.knock()

    def _show(self, worker: str, known: Breaker) -> None:
        """Have snapshots show the worker as it is tried now."""
        self._set.overlays[worker] = (known.state, policy.permits(known, self._bounds))
        self._set.tripped.pop(worker, None)
        if known.state is not BreakerState.CLOSED:
            until_at = None
            if known.state is BreakerState.OPEN:
                left_s = known.until_s - self._clock.monotonic()
                until_at = self._clock.now() + round(left_s * 1_000_000)
            self._set.tripped[worker] = Tripped(
                failures=known.failures, why=known.why, until_at=until_at
            )

    def _remember(self, attempt: Attempt, job: Job) -> None:
        end = end_of(attempt, job)
        if end is None:
            return
        self._ends.append(end)
        count = 0 if end.is_good else self._in_a_row.get(end.worker, 0) + 1
        self._in_a_row[end.worker] = count
        if self._is_in_doubt(end.worker, count):
            self._judge(end.worker)

    def _is_in_doubt(self, worker: str, in_a_row: int) -> bool:
        """Whether it is worth looking; at long runs of failures only now and then."""
        after = self._set.rules.quarantine_after
        if not after or in_a_row < after or in_a_row % max(1, after // 2):
            return False
        return worker not in self._guilty and any(name != worker for name in self._in_a_row)

    def _judge(self, worker: str) -> None:
        why = why_quarantine(worker, self._ends, self._set.rules.quarantine_after)
        if why is None:
            return
        self._guilty.add(worker)
        state = self.of(worker).state
        self.turns.append(Turn(worker, state, state, quarantine=why))
        self.wake.knock()
