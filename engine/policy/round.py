"""One round: lanes contend, and what is granted is taken from the draft at once."""

import heapq
from collections.abc import Mapping
from functools import partial
from itertools import count

from engine.model.events import EventType
from engine.model.ids import JobId
from engine.model.priority import Priority
from engine.model.reasons import GateKind
from engine.model.snapshot import Lane, Reservation, Snapshot
from engine.policy.ageing import risen
from engine.policy.bins import Bins
from engine.policy.books import Books
from engine.policy.decisions import Notice, Start
from engine.policy.fairness import FairContest, Shares
from engine.policy.inversion import boosts
from engine.policy.packing import Demand
from engine.policy.placement import chosen_devices
from engine.policy.readiness import (
    first_closed_of_lane,
    goal_is_free,
    is_grantable,
    is_held_back,
    queue_of,
)
from engine.policy.reservation import STAYS, Keeper
from engine.policy.slices import Contest
from engine.policy.starvation import Patience
from engine.policy.timeouts import ends_by_at
from engine.policy.turns import Cursor, Fork, Line, Path, Turn


class WindowDry(Exception):
    """A lane would be served, and its next job is not in the window: the round is over."""


class Round:
    """One round's working copy."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.books = Books(snapshot)
        self.draft = self.books.draft
        self.bins = Bins(self.books.rooms, snapshot.rules)
        self.keeper = Keeper(self.bins)
        self.grants = snapshot.carried.grants
        self.notices: list[Notice] = []
        self._shares = Shares(snapshot.rooms.values(), self.books.tenants, snapshot.rules)
        self._boosts: Mapping[JobId, Priority] = (
            boosts(snapshot.carried.inversions) if snapshot.rules.inheritance else {}
        )
        self._demands: dict[int, Demand] = {}
        self._full: set[int] = set()
        self._blocked: list[tuple[int, int, Cursor]] = []
        self._number = count()
        can_go = partial(is_grantable, now_at=snapshot.now_at)
        self.cursors = [Cursor(lane, can_go) for lane in snapshot.lanes]
        self._credits = _by_stage(snapshot.carried.credits)
        self._first = self._stage(())
        self.runnable = self._look_at_heads()
        self._patience = Patience(self.runnable, snapshot.rules.starvation_grants)
        self._kept_first = self._keep_on()
        self._aside = self._join()

    # who contends

    def _look_at_heads(self) -> list[Cursor]:
        """Take up how long each head has waited; which of them could run on an open worker."""
        runnable = []
        for cursor in self.cursors:
            self._take_up(cursor)
            if cursor.candidate is not None and self._can_run(cursor):
                runnable.append(cursor)
        return runnable

    def _take_up(self, cursor: Cursor) -> None:
        """Find the head that may have the lock of its goal, and what is known of it."""
        lane, passed = cursor.lane, self.draft.carried.passed.get(cursor.lane.key)
        self._pass_locked(cursor)
        job = cursor.candidate
        cursor.since = self.grants
        if passed is not None and job is not None and passed.job == job.id:
            cursor.since, cursor.blocked = passed.since, passed.blocked
            cursor.is_starving = passed.is_starving
        cursor.path = (lane.key.queue, self.level(cursor), lane.key.tenant)

    def _pass_locked(self, cursor: Cursor) -> None:
        shape = cursor.lane.shape
        if shape.goal is not None:
            while (job := cursor.candidate) and not goal_is_free(job.id, shape, self.draft):
                cursor.skip()

    def level(self, cursor: Cursor) -> Priority:
        """The class in which a lane contends: its own, or one that its head has risen to."""
        job, own = cursor.candidate, cursor.lane.key.priority
        if job is None:
            return own
        level = risen(job, self.draft.rules, self.draft.now_at)
        return min(own, level, self._boosts.get(job.id, own))

    def _can_run(self, cursor: Cursor) -> bool:
        lane = cursor.lane
        return (
            bool(self.demand(lane).able & self.bins.open)
            and not is_held_back(lane.key, self.draft)
            and first_closed_of_lane(lane.key, lane.shape, self.draft) is None
        )

    def demand(self, lane: Lane) -> Demand:
        """What a job of this lane asks of the fleet."""
        found = self._demands.get(lane.key.shape)
        if found is None:
            found = self._demands[lane.key.shape] = self.bins.fleet.demand(lane.shape)
        return found

    def _keep_on(self) -> list[Cursor]:
        """Keep what still holds of the reservations; lanes that have one, first made first."""
        lanes = {cursor.lane.key: cursor for cursor in self.cursors}
        found = []
        for reservation in self.draft.carried.reservations:
            cursor = lanes.get(reservation.lane)
            if cursor is not None and self._still_holds(reservation, cursor):
                self.keeper.keep(reservation, self.demand(cursor.lane))
                found.append(cursor)
            else:
                self.notices.append(_notice(EventType.JOB_UNRESERVED, reservation))
        return found

    def _still_holds(self, reservation: Reservation, cursor: Cursor) -> bool:
        lane, job = cursor.lane, cursor.candidate
        if job is None or job.id != reservation.job or is_held_back(lane.key, self.draft):
            return False
        closed = first_closed_of_lane(lane.key, lane.shape, self.draft)
        fine = closed is None or closed in STAYS
        return fine and self.keeper.may_stay(reservation, self.demand(lane))

    def _join(self) -> list[Cursor]:
        """Let every lane contend; those that are held back wait until nothing else can go."""
        aside = []
        for cursor in self.cursors:
            if cursor.is_done:
                continue
            if is_held_back(cursor.lane.key, self.draft):
                aside.append(cursor)
            else:
                self._first.join(cursor)
        return aside

    def _stage(self, path: Path) -> Turn:
        owed = self._credits.get(path, {})
        if len(path) == 0:
            return Fork(path, Contest[str]({}, owed), self._weight, self._stage)  # type: ignore[arg-type]
        if len(path) == 1:
            return Fork(path, Contest[Priority]({}, owed), self._slice, self._stage)  # type: ignore[arg-type]
        if len(path) == 2:
            turns = Contest[str]({}, owed)  # type: ignore[arg-type]
            fair = FairContest(turns, self._shares.of)
            return Fork(path, fair, self._shares.weight, self._stage)
        return Line(path, self._try_start)

    def _weight(self, queue: str) -> int:
        return max(1, queue_of(queue, self.draft).weight)

    def _slice(self, priority: Priority) -> int:
        return max(1, self.draft.rules.shares[priority])

    # who is served

    def serve(self) -> Start | None:
        """The next grant; None once nothing that is ready fits.

        Raises:
            WindowDry: the next one is not in its window yet.
        """
        self._reserve_early()
        start = self._serve_kept() or self._serve_due() or self._first.serve()
        if start is None and self._aside:
            for cursor in self._aside:
                self._first.join(cursor)
            self._aside = []
            start = self._first.serve()
        return start

    def _serve_kept(self) -> Start | None:
        """Heads for whom room was kept have had their turn: they go as soon as they fit."""
        while self._kept_first:
            cursor = self._kept_first.pop(0)
            if (start := self._out_of_turn(cursor)) is not None:
                return start
        return None

    def _serve_due(self) -> Start | None:
        while (cursor := self._patience.due(self.grants)) is not None:
            self._told_starving(cursor)
            if (start := self._out_of_turn(cursor)) is not None:
                return start
            self._reserve(cursor, alone=False)
        return None

    def _out_of_turn(self, cursor: Cursor) -> Start | None:
        path = cursor.path
        if cursor.candidate is None or (start := self._try_start(cursor)) is None:
            return None
        self._first.charge(path)
        return start

    def _told_starving(self, cursor: Cursor) -> None:
        job = cursor.candidate
        if job is None or cursor.is_starving:
            return
        cursor.is_starving = True
        passed = self.grants - cursor.since
        self.notices.append(
            Notice(
                EventType.JOB_STARVING,
                job.id,
                cursor.lane.key.tenant,
                f"could run, and {passed} grants went past it: it is next",
                {"passed": passed, "bound": self._patience.bound},
            )
        )

    def _try_start(self, cursor: Cursor) -> Start | None:
        lane = cursor.lane
        if first_closed_of_lane(lane.key, lane.shape, self.draft) is not None:
            return None
        self._pass_locked(cursor)
        index = self._place(cursor)
        job = cursor.candidate
        if job is None or index is None:
            return None
        name = self.bins.fleet.workers[index].name
        gpus = chosen_devices(lane.shape, self.books.rooms[name])
        start = Start(job, lane.key, name, self._why(cursor, name), gpus)
        self._take(start, cursor, index)
        return start

    def _place(self, cursor: Cursor) -> int | None:
        """The worker for the candidate; remembers what does not fit."""
        lane, job, demand = cursor.lane, cursor.candidate, self.demand(cursor.lane)
        if job is None:
            if lane.has_more and self.bins.has_room(demand):
                raise WindowDry
            return None
        index = None
        if lane.key.shape not in self._full:
            session = self.draft.sessions.get(lane.shape.session or "")
            by_at = ends_by_at(job, self.draft.now_at)
            index = self.bins.find(demand, lane.key, session, by_at)
            if index is None and not self.bins.has_room(demand):
                self._full.add(lane.key.shape)
        if index is None:
            self._blocked_by_fit(cursor)
        return index

    def _take(self, start: Start, cursor: Cursor, index: int) -> None:
        shape = cursor.lane.shape
        self.grants += 1
        self.books.take(start, shape)
        self.keeper.drop(start.lane)
        self.keeper.changed(index)
        room = self.books.rooms[start.worker]
        self.bins.take(index, self.demand(cursor.lane), room, start.gpus)
        self._shares.changed(start.lane.tenant)
        was = cursor.path
        cursor.advance(self.grants)
        self._pass_locked(cursor)
        cursor.path = (was[0], self.level(cursor), was[2])
        if cursor.path != was and not cursor.is_done:
            self._first.join(cursor)
        self._patience.again(cursor)

    def _why(self, cursor: Cursor, worker: str) -> str:
        own, level = cursor.lane.key.priority, cursor.path[1]
        who = level.label if level is own else f"{own.label}, by now {level.label},"
        if cursor.is_starving:
            return f"{who} had waited past its turn in `{cursor.path[0]}`; `{worker}` has room"
        if cursor.lane.key in self.keeper.by_lane:
            return f"{who} had room kept for it in `{cursor.path[0]}`, and fits on `{worker}`"
        how = "is filled first" if self.demand(cursor.lane).is_packed else "has the most room"
        return f"{who} was next in `{cursor.path[0]}`; `{worker}` {how}"

    # for whom room is kept

    def _blocked_by_fit(self, cursor: Cursor) -> None:
        if cursor.blocked_from is None:
            cursor.blocked_from = self.grants
            due = self.grants + self.draft.rules.reserve_after_grants - cursor.blocked
            heapq.heappush(self._blocked, (due, next(self._number), cursor))

    def _reserve_early(self) -> None:
        while self._blocked and self._blocked[0][0] <= self.grants:
            _, _, cursor = heapq.heappop(self._blocked)
            if cursor.blocked_from is not None:
                self._reserve(cursor, alone=True)

    def _reserve(self, cursor: Cursor, *, alone: bool) -> None:
        """Keep room for a head that passes every gate and only does not fit."""
        job, lane = cursor.candidate, cursor.lane
        if job is None or lane.key in self.keeper.by_lane or not self._can_run(cursor):
            return
        made = self.keeper.make(job, lane.key, self.demand(lane), self.draft, alone=alone)
        if made is not None:
            self.notices.append(_notice(EventType.JOB_RESERVED, made))

    def keep_for(self, cursor: Cursor, worker: str) -> None:
        """Keep room on this worker for a head for which others make room there."""
        job, lane = cursor.candidate, cursor.lane
        if job is None:
            return
        self.keeper.drop(lane.key)
        demand, draft = self.demand(lane), self.draft
        made = self.keeper.make(job, lane.key, demand, draft, alone=False, worker=worker)
        if made is not None:
            self.notices.append(_notice(EventType.JOB_RESERVED, made))

    def holds_on(self, cursor: Cursor) -> GateKind | None:
        """What is in the way of the candidate on the workers; None if it could start."""
        job, demand = cursor.candidate, self.demand(cursor.lane)
        if not demand.able:
            return GateKind.UNSATISFIABLE
        if not demand.able & self.bins.open:
            return GateKind.WORKER
        if cursor.lane.key.shape in self._full or not self.bins.has_room(demand):
            return GateKind.FIT
        by_at = ends_by_at(job, self.draft.now_at) if job else None
        found = self.bins.find(demand, cursor.lane.key, None, by_at)
        return GateKind.RESERVED if found is None else None

    def owed(self) -> dict[Path, int]:
        """What every contender is owed after this round."""
        return dict(self._first.owed())


def _notice(kind: EventType, one: Reservation) -> Notice:
    made = kind is EventType.JOB_RESERVED
    return Notice(
        kind,
        one.job,
        one.lane.tenant,
        f"room is kept for it on `{one.worker}`"
        if made
        else f"no room is kept for it on `{one.worker}` any more",
        {"worker": one.worker, "starts_at": one.starts_at},
    )


def _by_stage(credits_: Mapping[Path, int]) -> dict[Path, dict[object, int]]:
    found: dict[Path, dict[object, int]] = {}
    for path, amount in credits_.items():
        found.setdefault(path[:-1], {})[path[-1]] = amount
    return found
