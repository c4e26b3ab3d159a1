"""Why a job does not start: every gate on its way, by the scheduler's own rules."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from engine.model.job import Job, Shape
from engine.model.priority import Priority
from engine.model.reasons import Gate, GateKind, Remedy
from engine.model.snapshot import Snapshot
from engine.model.spec import Kind
from engine.model.states import WAITING
from engine.policy.readiness import Case
from engine.policy.shapes import shape_of
from engine.policy.why import remedies
from engine.policy.why.job_gates import (
    BEFORE_DEPENDENCIES,
    after_dependencies,
    dependencies_gate,
)
from engine.policy.why.job_gates import first_closed as first_closed_of_job
from engine.policy.why.lane_gates import SHARED, daemon_gate, turn_gate
from engine.policy.why.lane_gates import first_closed as first_closed_of_lane
from engine.policy.why.room_gates import Short, shorts

MOST_PLACES = 10_000
"""Places in a lane are counted up to here."""

MOST_CHARACTERS = 24
"""How long a headline may be."""


def explain(
    job: Job,
    snapshot: Snapshot,
    dependencies: Sequence[Job] = (),
    place: int | None = None,
    lane_head: Job | None = None,
) -> tuple[Gate, ...]:
    """Every gate between a job and its start, in the order of GateKind, open or closed.

    A job that runs or has ended has one gate, `state`: nothing else is between it and
    anything. A composite job takes no room and no turn, and has no gates for those; and only
    one whose result is reused has a gate for that.

    Args:
        job: The one asked about; it need not be in the snapshot.
        snapshot: As the scheduler sees it, with the holders.
        dependencies: All jobs that it depends on, as they are now.
        place: Its place in its lane, from 1; None if it is in none.
        lane_head: The first job of its lane, if that is another one.
    """
    case = Case(job, shape_of(job.spec), snapshot)
    before = [look(case) for look in BEFORE_DEPENDENCIES]
    if job.now.state not in WAITING:
        return (before[0],)
    before += [
        dependencies_gate(job, dependencies),
        *after_dependencies(case),
    ]
    if job.spec.kind is Kind.COMPOSITE:
        return tuple(before)
    gates = [
        *before,
        *(look(case) for look in SHARED),
        lane_gate(case, place, lane_head),
    ]
    daemon = daemon_gate(case)
    is_next = daemon.ok and all(gate.ok for gate in gates)
    return (*gates, turn_gate(is_next=is_next), daemon)


def short_of(job: Job, snapshot: Snapshot) -> tuple[Short, ...]:
    """Each worker on which a waiting job could not start now, and why."""
    if job.now.state not in WAITING or job.spec.kind is Kind.COMPOSITE:
        return ()
    return shorts(Case(job, shape_of(job.spec), snapshot))


def why_held(job: Job, shape: Shape, snapshot: Snapshot) -> Gate:
    """The first closed gate of the head of a lane, in words and numbers.

    Args:
        job: The head.
        shape: Its shape.
        snapshot: As the scheduler saw it.
    """
    case = Case(job, shape, snapshot)
    closed = first_closed_of_job(case) or first_closed_of_lane(case)
    if closed is not None:
        return closed
    daemon = daemon_gate(case)
    return turn_gate(is_next=True) if daemon.ok else daemon


def lane_gate(case: Case, place: int | None, head: Job | None) -> Gate:
    """Closed while others of its kind, which came before it, wait too."""
    if place is None or place <= 1 or _passes_others(case):
        text = "it is in no lane yet" if place is None else "it is the first of its kind"
        return Gate(kind=GateKind.LANE, ok=True, text=text)
    ahead = place - 1
    count = f"{ahead:,}".replace(",", " ") if place <= MOST_PLACES else "more than 10 000"
    facts: dict[str, object] = {"place": min(place, MOST_PLACES + 1)}
    text = f"{count} of its kind {'is' if ahead == 1 else 'are'} before it"
    if head is None or head.id == case.job.id:
        return remedies.shut(GateKind.LANE, text, facts=facts, remedy=_past(case))
    blocked = _closed_of_head(Case(head, case.shape, case.snapshot))
    facts |= {"head": head.id, "head_gates": [_told(gate) for gate in blocked]}
    why = f": {blocked[0].text}" if blocked else ""
    return remedies.shut(
        GateKind.LANE,
        f"{text}, first #{head.id}{why}",
        facts=facts,
        holders=(head.id,),
        remedy=_past(case) or (blocked[0].act if blocked else None),
        look=blocked[0].remedy if blocked else "",
    )


def _passes_others(case: Case) -> bool:
    """Whether it has the lock for which those before it wait."""
    goal, shape = case.shape.goal, case.shape
    holders = case.snapshot.goals.get(goal, ()) if goal is not None else ()
    if case.job.id not in holders or shape.parent in holders:
        return False
    return not any(
        job.id in holders
        for lane in case.snapshot.lanes
        if lane.key == case.key
        for job in takewhile(lambda one: one.id < case.job.id, lane.jobs)
    )


def _past(case: Case) -> Remedy | None:
    """To the nearest more urgent class in which nobody of its kind is before it."""
    key, number = case.key, case.job.id
    taken = {lane.key for lane in case.snapshot.lanes if lane.jobs and lane.jobs[0].id < number}
    for level in range(key.priority - 1, -1, -1):
        if key._replace(priority=Priority(level)) not in taken:
            return remedies.raise_to(case.job, Priority(level))
    return None


def _closed_of_head(case: Case) -> list[Gate]:
    found = (first_closed_of_job(case), first_closed_of_lane(case))
    return [gate for gate in found if gate is not None]


def _told(gate: Gate) -> Mapping[str, object]:
    return {"kind": gate.kind.value, "text": gate.text, "facts": gate.facts}


def headline(gates: Sequence[Gate]) -> str:
    """The first closed gate, in at most 24 characters: `queue 8/8`, `held by ana`."""
    closed = next((gate for gate in gates if not gate.ok), None)
    return _short(closed)[:MOST_CHARACTERS] if closed else ""


def _short(gate: Gate) -> str:
    facts = gate.facts
    match gate.kind:
        case GateKind.STATE:
            return str(facts.get("state", ""))
        case GateKind.HOLD:
            return f"held by {facts.get('by')}"
        case GateKind.CANCEL:
            return "canceling"
        case GateKind.DEPENDENCIES:
            return f"deps {facts.get('met')}/{facts.get('count')}"
        case GateKind.SCHEDULE:
            return "past deadline" if "deadline_at" in facts else "not yet"
        case GateKind.QUEUE_LIMIT:
            return f"queue {facts.get('running')}/{facts.get('limit')}"
        case GateKind.GROUP:
            return f"group {facts.get('running')}/{facts.get('limit')}"
        case GateKind.ARRAY:
            return f"array {facts.get('running')}/{facts.get('limit')}"
        case GateKind.RATE:
            return f"rate {facts.get('rate')}"
        case GateKind.PRESSURE:
            return f"backpressure {facts.get('mode')}"
        case GateKind.QUOTA:
            return f"quota {facts.get('most')}"
        case GateKind.GOAL:
            return f"goal held by #{facts.get('holder')}"
        case GateKind.REUSE:
            return f"result of #{facts.get('ahead')}"
        case GateKind.RESERVED:
            return f"kept for #{facts.get('for')}"
        case GateKind.FIT:
            return f"no room: {facts.get('most')}"
        case GateKind.LANE:
            return f"place {facts.get('place')}"
        case _:
            return WORDS[gate.kind]


WORDS: Mapping[GateKind, str] = {
    GateKind.BACKOFF: "backoff",
    GateKind.QUEUE_PAUSED: "paused",
    GateKind.UNSATISFIABLE: "unsatisfiable",
    GateKind.WORKER: "no worker",
    GateKind.TURN: "next",
    GateKind.DAEMON: "not granting",
}
