"""Heads of lanes in a round: how long each has waited, as how urgent it counts, its gates."""

from collections.abc import Mapping, Sequence
from functools import partial

from engine.model.ids import JobId
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.rules import Ageing
from engine.model.snapshot import Snapshot
from engine.policy.readiness import (
    Question,
    concerning,
    first_closed,
    goal_is_free,
    is_grantable,
)
from engine.policy.scheduling.ageing import risen
from engine.policy.scheduling.cursor import Cursor
from engine.policy.scheduling.inversion import boosts


class Heads:
    """The lanes of a draft as cursors, and what is asked about the job at each."""

    def __init__(self, draft: Snapshot) -> None:
        self._draft = draft
        self._ages = draft.rules.ageing is not Ageing.NONE
        self._boosts: Mapping[JobId, Priority] = (
            boosts(draft.carried.inversions) if draft.rules.inheritance else {}
        )
        self._questions: dict[tuple[str, str, bool, bool], tuple[Question, ...]] = {}
        can_go = partial(is_grantable, now_at=draft.now_at)
        self.cursors: Sequence[Cursor] = [Cursor(lane, can_go) for lane in draft.lanes]
        for cursor in self.cursors:
            self._take_up(cursor)

    def _take_up(self, cursor: Cursor) -> None:
        """Find the head that may have the lock of its goal, and what is known of it."""
        carried = self._draft.carried
        cursor.questions = self._concerning(cursor)
        self.pass_locked(cursor)
        self.place(cursor)
        passed, job = carried.passed.get(cursor.lane.key), cursor.candidate
        cursor.since = carried.grants
        if passed is not None and job is not None and passed.job == job.id:
            cursor.since, cursor.blocked = passed.since, passed.blocked
            cursor.is_starving = passed.is_starving

    def _concerning(self, cursor: Cursor) -> tuple[Question, ...]:
        """Lanes that are alike in these four are asked the same."""
        key, shape = cursor.lane.key, cursor.lane.shape
        alike = (key.queue, key.tenant, shape.array is None, shape.group is None)
        found = self._questions.get(alike)
        if found is None:
            found = self._questions[alike] = concerning(key, shape, self._draft)
        return found

    def pass_locked(self, cursor: Cursor) -> None:
        """Pass by the jobs that may not have the lock of their goal."""
        shape = cursor.lane.shape
        if shape.goal is not None:
            while (job := cursor.candidate) and not goal_is_free(job.id, shape, self._draft):
                cursor.skip()

    def place(self, cursor: Cursor) -> None:
        """Put the lane where its head contends: in its own class, or one it has risen to."""
        job, key = cursor.candidate, cursor.lane.key
        own = level = key.priority
        if job is not None and self._ages:
            own = risen(job, self._draft.rules, self._draft.now_at)
            level = min(level, own)
        if job is not None and self._boosts:
            level = min(level, self._boosts.get(job.id, level))
        cursor.risen = own
        if cursor.path[1] is not level:
            cursor.path = (key.queue, level, key.tenant)

    def first_closed(self, cursor: Cursor) -> GateKind | None:
        """The first gate that is closed for the lane; room on workers is another question."""
        if not cursor.questions:
            return None
        lane = cursor.lane
        return first_closed(cursor.questions, lane.key, lane.shape, self._draft)
