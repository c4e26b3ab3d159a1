"""One round: lanes contend, and what is granted is taken from the draft at once."""

import heapq
from itertools import count

from engine.model.events import EventType
from engine.model.reasons import GateKind
from engine.model.snapshot import Lane, Reservation, Snapshot
from engine.policy.jobs.timeouts import ends_by_at
from engine.policy.readiness import is_held_back
from engine.policy.scheduling.bins import Bins
from engine.policy.scheduling.books import Books
from engine.policy.scheduling.cursor import Cursor
from engine.policy.scheduling.decisions import Notice, Start
from engine.policy.scheduling.fairness import Shares
from engine.policy.scheduling.heads import Heads
from engine.policy.scheduling.notices import room_notice, starving_notice
from engine.policy.scheduling.packing import Demand
from engine.policy.scheduling.pipeline import Pipeline
from engine.policy.scheduling.placement import chosen_devices
from engine.policy.scheduling.reservation import STAYS, Keeper
from engine.policy.scheduling.starvation import Patience


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
        self._demands: dict[int, Demand] = {}
        self._full: set[int] = set()
        self._blocked: list[tuple[int, int, Cursor]] = []
        self._number = count()
        self.heads = Heads(self.draft)
        self.cursors = self.heads.cursors
        self.pipeline = Pipeline(self.draft, self._shares, self._try_start)
        self._patience = Patience(self._runnable(), snapshot.rules.starvation_grants)
        self._kept_first = self._keep_on()
        self._aside = self._join()

    # who contends

    def _runnable(self) -> list[Cursor]:
        """Lanes whose head could run on an open worker, were there room."""
        for cursor in self.cursors:
            cursor.is_runnable = cursor.candidate is not None and self._can_run(cursor)
        return [cursor for cursor in self.cursors if cursor.is_runnable]

    def _can_run(self, cursor: Cursor) -> bool:
        lane = cursor.lane
        return (
            bool(self.demand(lane).able & self.bins.open)
            and not is_held_back(lane.key, self.draft)
            and self.heads.first_closed(cursor) is None
        )

    def demand(self, lane: Lane) -> Demand:
        """What a job of this lane asks of the fleet."""
        found = self._demands.get(lane.key.shape)
        if found is None:
            found = self._demands[lane.key.shape] = self.bins.fleet.demand(lane.shape)
        return found

    def _keep_on(self) -> list[Cursor]:
        """Keep what still holds of the reservations; lanes that have one, first made first."""
        if not self.draft.carried.reservations:
            return []
        lanes = {cursor.lane.key: cursor for cursor in self.cursors}
        found = []
        for reservation in self.draft.carried.reservations:
            cursor = lanes.get(reservation.lane)
            if cursor is not None and self._still_holds(reservation, cursor):
                self.keeper.keep(reservation, self.demand(cursor.lane))
                found.append(cursor)
            else:
                self.notices.append(room_notice(EventType.JOB_UNRESERVED, reservation))
        return found

    def _still_holds(self, reservation: Reservation, cursor: Cursor) -> bool:
        lane, job = cursor.lane, cursor.candidate
        if job is None or job.id != reservation.job or is_held_back(lane.key, self.draft):
            return False
        closed = self.heads.first_closed(cursor)
        fine = closed is None or closed in STAYS
        return fine and self.keeper.may_stay(reservation, self.demand(lane))

    def _join(self) -> list[Cursor]:
        """Let every lane contend; those that are held back wait until nothing else can go."""
        waiting = [cursor for cursor in self.cursors if not cursor.is_done]
        if not self.draft.modes:
            self.pipeline.join(waiting)
            return []
        held = [is_held_back(cursor.lane.key, self.draft) for cursor in waiting]
        self.pipeline.join(
            one for one, is_held in zip(waiting, held, strict=True) if not is_held
        )
        return [one for one, is_held in zip(waiting, held, strict=True) if is_held]

    # who is served

    def serve(self) -> Start | None:
        """The next grant; None once nothing that is ready fits.

        Raises:
            WindowDry: the next one is not in its window yet.
        """
        self._reserve_early()
        start = self._serve_kept() or self._serve_due() or self.pipeline.serve()
        if start is None and self._aside:
            self.pipeline.join(self._aside)
            self._aside = []
            start = self.pipeline.serve()
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
        self.pipeline.charge(path)
        return start

    def _told_starving(self, cursor: Cursor) -> None:
        job = cursor.candidate
        if job is None or cursor.is_starving:
            return
        cursor.is_starving = True
        passed, tenant = self.grants - cursor.since, cursor.lane.key.tenant
        self.notices.append(starving_notice(job.id, tenant, passed, self._patience.bound))

    def _try_start(self, cursor: Cursor) -> Start | None:
        lane = cursor.lane
        if self.heads.first_closed(cursor) is not None:
            return None
        self.heads.pass_locked(cursor)
        index = self._place(cursor)
        job = cursor.candidate
        if job is None or index is None:
            return None
        name = self.bins.fleet.workers[index].name
        gpus = chosen_devices(lane.shape, self.books.rooms[name])
        waited = cursor.waited(self.grants)
        why, shape = self._why(cursor, name), lane.shape
        start = Start(job, lane.key, name, why, gpus, waited, shape)
        self._take(start, cursor, index)
        return start

    def _place(self, cursor: Cursor) -> int | None:
        """The worker for the candidate; remembers what does not fit."""
        lane, job, demand = cursor.lane, cursor.candidate, self.demand(cursor.lane)
        if job is None:
            if not cursor.is_done and self.bins.has_room(demand):
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
        self.heads.pass_locked(cursor)
        self.heads.place(cursor)
        if cursor.path is not was and not cursor.is_done:
            self.pipeline.join([cursor])
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
            self.notices.append(room_notice(EventType.JOB_RESERVED, made))

    def keep_for(self, cursor: Cursor, worker: str) -> None:
        """Keep room on this worker for a head for which others make room there."""
        job, lane = cursor.candidate, cursor.lane
        if job is None:
            return
        self.keeper.drop(lane.key)
        demand, draft = self.demand(lane), self.draft
        made = self.keeper.make(job, lane.key, demand, draft, alone=False, worker=worker)
        if made is not None:
            self.keeper.put_first(lane.key)
            self.notices.append(room_notice(EventType.JOB_RESERVED, made))

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
