"""The end of a round: why each head waits, what is worth an event, what the next one knows."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce

from engine.model.events import EventType
from engine.model.job import Job, Shape
from engine.model.reasons import GateKind
from engine.model.rules import Ageing
from engine.model.snapshot import Carried, Inversion, Lane, LaneKey, Passed, Snapshot
from engine.policy.rates import next_token_at
from engine.policy.readiness import (
    Case,
    goal_is_free,
    is_grantable,
    queue_of,
    tenant_of,
)
from engine.policy.scheduling.cursor import Cursor
from engine.policy.scheduling.decisions import Displace, Hold, Notice, Plan, Start
from engine.policy.scheduling.inversion import inversions
from engine.policy.scheduling.placement import fits, room_without
from engine.policy.scheduling.preemption import displacements
from engine.policy.scheduling.reservation import beside
from engine.policy.scheduling.round import Round
from engine.policy.why import job_gates

Waiting = tuple[Cursor, Job, GateKind]

URGENT_WAITS = frozenset({GateKind.FIT, GateKind.RESERVED})


def close(round_: Round, starts: tuple[Start, ...]) -> Plan:
    """The plan of a round that has granted these."""
    waiting = list(_waiting(round_))
    displaced = tuple(_displaced(round_, waiting))
    passed = dict(_passed(round_))
    found = _inversions(round_, waiting, passed)
    notices = (*round_.notices, *_aged(round_, passed), *_inverted(round_, found))
    carried = Carried(
        credits=round_.pipeline.owed(),
        buckets=round_.books.buckets,
        grants=round_.grants,
        passed=passed,
        reservations=tuple(round_.keeper.by_lane.values()),
        inversions=found,
    )
    return Plan(
        starts,
        tuple(Hold(job.id, cursor.lane.key, kind) for cursor, job, kind in waiting),
        carried,
        displaced,
        notices,
        _look_again_at(round_, waiting),
    )


def _waiting(round_: Round) -> Iterator[Waiting]:
    """The first job left in each lane, with the first gate that is closed for it."""
    on_workers: dict[int, GateKind | None] = {}
    for cursor in round_.cursors:
        job = cursor.head
        if job is not None:
            yield cursor, job, _kind(round_, cursor, job, on_workers)


def _kind(
    round_: Round, cursor: Cursor, job: Job, on_workers: dict[int, GateKind | None]
) -> GateKind:
    lane, draft = cursor.lane, round_.draft
    if job is not cursor.candidate and not is_grantable(job, draft.now_at):
        own = job_gates.first_closed(Case(job, lane.shape, draft))
        if own is not None:
            return own.kind
    if (closed := round_.heads.first_closed(cursor)) is not None:
        return closed
    if not goal_is_free(job.id, lane.shape, draft):
        return GateKind.GOAL
    found = _on_workers(round_, cursor, on_workers)
    if found is not None:
        return found
    return GateKind.TURN if draft.granting else GateKind.DAEMON


def _on_workers(
    round_: Round, cursor: Cursor, known: dict[int, GateKind | None]
) -> GateKind | None:
    """Like lanes are looked at once; room that is kept is another question for each."""
    shape, kept = cursor.lane.key.shape, round_.bins.kept
    if shape not in known or (kept and known[shape] in (None, GateKind.RESERVED)):
        known[shape] = round_.holds_on(cursor)
    return known[shape]


def _passed(round_: Round) -> Iterator[tuple[LaneKey, Passed]]:
    """How long each head has waited. Grants while a gate was closed on it do not count."""
    granted = round_.grants - round_.draft.carried.grants
    for cursor in round_.cursors:
        told = cursor.waited(round_.grants)
        if told is None:
            continue
        if not cursor.is_runnable:
            told = told._replace(since=min(told.since + granted, round_.grants))
        yield cursor.lane.key, told


def _aged(round_: Round, passed: dict[LaneKey, Passed]) -> Iterator[Notice]:
    """Heads that have risen since they were last looked at."""
    if round_.draft.rules.ageing is Ageing.NONE:
        return
    before = round_.draft.carried.passed
    for key, now in passed.items():
        was = before.get(key)
        known = was.level if was is not None and was.job == now.job else key.priority
        if now.level < known:
            yield Notice(
                EventType.JOB_AGED,
                now.job,
                key.tenant,
                f"has waited so long that it counts as {now.level.label}",
                {"from": known.label, "to": now.level.label},
            )


def _look_again_at(round_: Round, waiting: list[Waiting]) -> int | None:
    """When the first bucket has a token again for a lane that waits for one."""
    found = (
        _next_token_at(round_, cursor.lane)
        for cursor, _, kind in waiting
        if kind is GateKind.RATE
    )
    return min((at for at in found if at is not None), default=None)


def _next_token_at(round_: Round, lane: Lane) -> int | None:
    draft, latest = round_.draft, round_.draft.now_at
    rates = (
        (f"queue {lane.key.queue}", queue_of(lane.key.queue, draft).starts),
        (f"tenant {lane.key.tenant}", tenant_of(lane.key.tenant, draft).starts),
    )
    for name, rate in rates:
        if rate is not None:
            at = next_token_at(rate, round_.books.buckets.get(name), draft.now_at)
            if at is None:
                return None
            latest = max(latest, at)
    return latest


def _displaced(round_: Round, waiting: list[Waiting]) -> Iterator[Displace]:
    """Who makes room for critical heads; their room is kept for the one they left for."""
    if not (round_.draft.rules.preemption and round_.draft.granting):
        return
    gone: set[object] = set()
    shapes = {one.lane.key: one.lane.shape for one in round_.cursors}
    for cursor, job, kind in waiting:
        lane = cursor.lane
        if kind not in URGENT_WAITS or lane.key.priority or job is not cursor.candidate:
            continue
        if _is_on_its_way(round_, cursor):
            continue
        if found := displacements(job, lane, _seen_by(round_, lane.key, gone, shapes)):
            round_.keep_for(cursor, found[0].holder.worker)
            gone.update(one.holder.attempt for one in found)
            yield from found


def _seen_by(
    round_: Round, key: LaneKey, gone: set[object], shapes: Mapping[LaneKey, Shape]
) -> Snapshot:
    """The draft as the head sees it: what others as urgent have been promised is not there."""
    draft = round_.draft
    promised: dict[str, list[Shape]] = {}
    for lane, kept in round_.keeper.by_lane.items():
        if lane != key and lane.priority <= key.priority:
            promised.setdefault(kept.worker, []).append(shapes[lane])
    rooms = dict(draft.rooms)
    for name, kept_shapes in promised.items():
        leaving = [
            one
            for one in draft.holders
            if one.worker == name and (one.is_stopping or one.attempt in gone)
        ]
        rooms[name] = reduce(beside, kept_shapes, room_without(rooms[name], leaving))
    left = [one for one in draft.holders if one.attempt not in gone and one.attempt]
    return replace(draft, rooms=rooms, holders=left)


def _is_on_its_way(round_: Round, cursor: Cursor) -> bool:
    """Whether those who were told to leave are enough: nobody else has to."""
    kept = round_.keeper.by_lane.get(cursor.lane.key)
    if kept is None:
        return False
    stopping = [
        one for one in round_.draft.holders if one.worker == kept.worker and one.is_stopping
    ]
    room = room_without(round_.draft.rooms[kept.worker], stopping)
    return bool(stopping) and fits(cursor.lane.shape, room)


def _inversions(
    round_: Round, waiting: list[Waiting], passed: dict[LaneKey, Passed]
) -> tuple[Inversion, ...]:
    locks = (GateKind.GROUP, GateKind.GOAL)
    if not any(kind in locks for _, _, kind in waiting):
        return ()
    draft = round_.draft
    seen = replace(draft, carried=replace(draft.carried, passed=passed))
    heads = [(job, cursor.lane.key, cursor.lane.shape, kind) for cursor, job, kind in waiting]
    return inversions(heads, seen)


def _inverted(round_: Round, found: tuple[Inversion, ...]) -> Iterator[Notice]:
    """Which waits for the less urgent began and ended."""
    now_at, known = round_.draft.now_at, round_.draft.carried.inversions
    if not (known or found):
        return
    tenants = {
        job.id: cursor.lane.key.tenant for cursor in round_.cursors for job in _heads(cursor)
    }
    was = {(one.waiter, one.holder, one.lock) for one in known}
    now = {(one.waiter, one.holder, one.lock) for one in found}
    for one in found:
        if (one.waiter, one.holder, one.lock) not in was:
            yield _told(EventType.INVERSION_BEGAN, one, tenants.get(one.waiter, ""), {})
    for one in known:
        if (one.waiter, one.holder, one.lock) not in now:
            held: dict[str, object] = {"held_ms": max(0, now_at - one.since_at) // 1000}
            yield _told(EventType.INVERSION_ENDED, one, tenants.get(one.waiter, ""), held)


def _heads(cursor: Cursor) -> Iterator[Job]:
    if cursor.head is not None:
        yield cursor.head


def _told(kind: EventType, one: Inversion, tenant: str, more: dict[str, object]) -> Notice:
    ends = kind is EventType.INVERSION_ENDED
    data: dict[str, object] = {"holder": one.holder, "lock": one.lock, "since_at": one.since_at}
    who = f"{one.holder_priority.label} #{one.holder}"
    began = f"waits for {who}, which has {one.lock}"
    text = f"waits no longer for {who}, which had {one.lock}" if ends else began
    return Notice(kind, one.waiter, tenant, text, data | more)
