"""Gates that count: so many of a queue, tenant, array or group may run, or start."""

from collections.abc import Callable, Iterable

from engine.model.reasons import Gate, GateKind, Remedy
from engine.model.rules import Rate
from engine.model.snapshot import Bucket, Holder
from engine.policy.arrays.composite import stops_why
from engine.policy.jobs.timeouts import duration_text
from engine.policy.rates import TOKEN, level, next_token_at
from engine.policy.readiness import (
    Case,
    array_has_room,
    goal_is_free,
    group_has_room,
    group_limit,
    is_held_back,
    mode_of,
    pressed_limit,
    pressure_allows,
    queue_has_room,
    queue_of,
    rates_allow,
    tenant_of,
)
from engine.policy.why import remedies
from engine.policy.why.expectation import first_to_end, next_end
from engine.policy.why.job_gates import longest


def limit_gate(case: Case) -> Gate:
    """Closed while as many jobs of the queue run as may."""
    queue = queue_of(case.job.now.queue, case.snapshot)
    running = case.snapshot.running_in_queue.get(queue.name, 0)
    if queue.limit is None:
        return _open(GateKind.QUEUE_LIMIT, f"queue `{queue.name}` has no limit")
    text = f"{running} of at most {_most(queue.limit, 'job')} of queue `{queue.name}` run"
    facts: dict[str, object] = {
        "queue": queue.name,
        "running": running,
        "limit": queue.limit,
    }
    if queue_has_room(case.key, case.shape, case.snapshot):
        return _open(GateKind.QUEUE_LIMIT, text, facts)
    holders = _held(case, lambda holder: holder.queue == queue.name)
    remedy = remedies.widen(queue.name, running + 1)
    more = running - queue.limit + 1
    return _full(case, GateKind.QUEUE_LIMIT, text, facts, holders, remedy, more)


def rate_gate(case: Case) -> Gate:
    """Closed until the queue's and the tenant's buckets have a token for one more start."""
    buckets, now_at = case.snapshot.carried.buckets, case.snapshot.now_at
    key = case.key
    rates = (
        ("queue", key.queue, queue_of(key.queue, case.snapshot).starts),
        ("tenant", key.tenant, tenant_of(key.tenant, case.snapshot).starts),
    )
    told = [
        (f"{what} `{name}`", rate, buckets.get(f"{what} {name}"))
        for what, name, rate in rates
        if rate is not None
    ]
    if not told:
        return _open(GateKind.RATE, "nothing limits how fast jobs start")
    if rates_allow(key, case.shape, case.snapshot):
        return _open(GateKind.RATE, f"{told[0][0]} may start {rate_text(told[0][1])}")
    nexts = [
        (next_token_at(rate, bucket, now_at), whose, rate, bucket)
        for whose, rate, bucket in told
    ]
    never = next((one for one in nexts if one[0] is None), None)
    at, whose, rate, bucket = never or max(nexts, key=lambda one: one[0] or 0)
    return remedies.shut(
        GateKind.RATE,
        f"{whose} may start {rate_text(rate)}, {rate.burst} at once after a rest, "
        "and has started as many",
        facts={"whose": whose} | _rate_facts(rate, bucket, now_at),
        next_change_at=at,
    )


def _rate_facts(rate: Rate, bucket: Bucket | None, now_at: int) -> dict[str, object]:
    return {
        "rate": rate_text(rate),
        "tokens": rate.tokens,
        "per_ms": rate.per_ms,
        "burst": rate.burst,
        "left": level(rate, bucket, now_at) // TOKEN,
    }


def rate_text(rate: Rate) -> str:
    """`10/s`, `100/5m`."""
    per = duration_text(rate.per_ms)
    return f"{rate.tokens}/{per.removeprefix('1') if per in ('1s', '1m', '1h') else per}"


def pressure_gate(case: Case) -> Gate:
    """Closed while the backlog is so deep that no more jobs of the queue may run at once."""
    key, snapshot = case.key, case.snapshot
    mode, most = mode_of(key.queue, snapshot), pressed_limit(key.queue, snapshot)
    running = snapshot.running_in_queue.get(key.queue, 0)
    facts: dict[str, object] = {"mode": mode.label, "running": running, "limit": most}
    text = f"backpressure is {mode.label}"
    if most is not None:
        text += f": {running} of at most {_most(most, 'job')} of queue `{key.queue}` run"
    elif is_held_back(key, snapshot):
        text += ": low jobs start when nothing else can"
    if pressure_allows(key, case.shape, snapshot):
        return _open(GateKind.PRESSURE, text, facts)
    holders = _held(case, lambda holder: holder.queue == key.queue)
    more = running - (most or 0) + 1
    return _full(case, GateKind.PRESSURE, text, facts, holders, _ends_of(holders, more), more)


def array_gate(case: Case) -> Gate:
    """Closed while as many members of its array run as may."""
    number = case.shape.array
    array = None if number is None else case.snapshot.arrays.get(number)
    if array is None:
        return _open(GateKind.ARRAY, "it is a member of no array")
    if array.id in case.snapshot.stopping:
        text = f"{stops_why(array)}, and had them: what waits is being canceled"
        return Gate(kind=GateKind.ARRAY, ok=False, text=text, facts={"array": array.id})
    if array.limit is None:
        return _open(GateKind.ARRAY, f"array #{array.id} has no limit")
    running = case.snapshot.running_in_array.get(array.id, 0)
    text = f"{running} of at most {_most(array.limit, 'member')} of array #{array.id} run"
    facts: dict[str, object] = {"array": array.id, "running": running, "limit": array.limit}
    if array_has_room(case.key, case.shape, case.snapshot):
        return _open(GateKind.ARRAY, text, facts)
    holders = _held(case, lambda holder: holder.array == array.id)
    remedy = remedies.widen_array(array.id, running + 1)
    more = running - array.limit + 1
    return _full(case, GateKind.ARRAY, text, facts, holders, remedy, more)


def group_gate(case: Case) -> Gate:
    """Closed while as many jobs of its concurrency group run as may."""
    group, limit = case.shape.group, group_limit(case.shape, case.snapshot)
    if group is None:
        return _open(GateKind.GROUP, "it is in no concurrency group")
    running = case.snapshot.running_in_group.get(group, 0)
    text = f"{running} of at most {_most(limit, 'job')} of group `{group}` run"
    facts: dict[str, object] = {"group": group, "running": running, "limit": limit}
    if group_has_room(case.key, case.shape, case.snapshot):
        return _open(GateKind.GROUP, text, facts)
    holders = _held(case, lambda holder: holder.group == group)
    more = running - limit + 1
    remedy = (
        _ends_of(holders, more)
        if group in case.snapshot.rules.groups
        else remedies.widen_group(case.job, running + 1)
    )
    return _full(case, GateKind.GROUP, text, facts, holders, remedy, more)


def goal_gate(case: Case) -> Gate:
    """Closed while another job has the lock of its goal."""
    goal = case.shape.goal
    if goal is None:
        return _open(GateKind.GOAL, "it needs no lock")
    facts: dict[str, object] = {"goal": goal}
    if goal_is_free(case.job.id, case.shape, case.snapshot):
        return _open(GateKind.GOAL, f"the lock of goal `{goal}` is free for it", facts)
    have_it = case.snapshot.goals[goal]
    running = [one for one in case.snapshot.holders if one.job in have_it]
    return remedies.shut(
        GateKind.GOAL,
        f"#{have_it[0]} has the lock of goal `{goal}`",
        facts=facts | {"holder": have_it[0]},
        holders=tuple(have_it[:8]),
        next_change_at=next_end(running, case.snapshot.now_at, len(have_it)),
        remedy=remedies.wait_for(have_it),
    )


def _held(case: Case, is_it: Callable[[Holder], bool]) -> list[Holder]:
    return [holder for holder in case.snapshot.holders if is_it(holder)]


def _ends_of(holders: Iterable[Holder], count: int) -> Remedy | None:
    """The end of as many of these, of those who are expected to end first."""
    ending = first_to_end(holders)
    return remedies.wait_for([one.job for one in ending[:count]]) if count > 0 else None


def _open(kind: GateKind, text: str, facts: dict[str, object] | None = None) -> Gate:
    return Gate(kind=kind, ok=True, text=text, facts=facts or {})


def _full(
    case: Case,
    kind: GateKind,
    text: str,
    facts: dict[str, object],
    holders: list[Holder],
    remedy: Remedy | None,
    more: int,
) -> Gate:
    """Closed until `more` of the holders have ended."""
    return remedies.shut(
        kind,
        text,
        facts=facts,
        holders=longest(holders),
        next_change_at=next_end(holders, case.snapshot.now_at, more),
        remedy=remedy,
    )


def _most(limit: int | None, noun: str) -> str:
    return f"1 {noun}" if limit == 1 else f"{limit} {noun}s"
