"""`explain`: every gate between a job and its start."""

from collections.abc import Sequence

from engine.control.messages import Explain
from engine.control.views import Explanation, HolderView, ShortView
from engine.daemon.desk import Caller, Desk
from engine.daemon.past.moment import Moment, find_job, moment
from engine.daemon.past.reasons import past_gate
from engine.ledger.memory.lanes import is_grantable, lane_of
from engine.model.filter import parse
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.reasons import Gate
from engine.model.redaction import run_text
from engine.policy.arrays.composite import is_composite
from engine.policy.why.expectation import expected_end
from engine.policy.why.explain import MOST_PLACES, explain, short_of
from engine.store.moments import Past

ALIKE = 20
"""Successes of the same name and queue whose lengths tell how long a job takes."""

NAMED = 16
"""Holders that an answer tells of."""


async def answer(desk: Desk, _: Caller, ask: Explain) -> Explanation:
    """Why a job does not start, by the predicates that decide it.

    An array and a run stand for others: told is of the first of those that waits, if one does.

    Raises:
        NotFound: there is no such job.
    """
    when = await moment(desk, ask.as_of)
    asked = await find_job(when, ask.id)
    if when.past is not None:
        return await _then(when.past, when, asked)
    job = await _first_waiting(desk, asked)
    place = await _place(desk, job)
    dependencies = await desk.store.dependencies(job.id)
    snapshot = desk.working_set.snapshot(desk.clock.now())
    gates = explain(
        job, snapshot, dependencies, place, _head(desk, job) if place is not None else None
    )
    short = tuple(
        ShortView(worker=one.worker, text=one.text, lacks=one.lacks)
        for one in short_of(job, snapshot)
    )
    return Explanation(
        job=job.id,
        state=job.now.state.value,
        gates=gates,
        place=place,
        holders=await _holders(desk, gates),
        short=short,
        seq=desk.timeline.head,
        array=None if job is asked else asked.id,
    )


async def _then(past: Past, when: Moment, job: Job) -> Explanation:
    """What was told of it: gates are not kept."""
    gate = await past_gate(past, job)
    state = job.now.state.value
    return Explanation(job=job.id, state=state, gates=(gate,), place=None, seq=when.seq)


async def _first_waiting(desk: Desk, asked: Job) -> Job:
    """The first of those that a composite job stands for that waits for its turn.

    The job itself if it is none, if none of them does, or if nothing in it may start.
    """
    while is_composite(asked) and asked.now.held_by is None:
        if asked.spec.array is not None or await desk.store.flow(asked.id) is None:
            wanted = f"array:{asked.id} state:queued,pending,retrying !id:{asked.id}"
        else:
            wanted = f"flow:{asked.id} state:queued,retrying"
        ids = await desk.store.matching(parse(wanted), desk.clock.now(), 1)
        found = await desk.store.jobs(ids)
        if not found:
            break
        asked = found[0]
    return asked


async def _place(desk: Desk, job: Job) -> int | None:
    if not is_grantable(job):
        return None
    return 1 + await desk.store.before_in_lane(lane_of(job), job.id, MOST_PLACES)


def _head(desk: Desk, job: Job) -> Job | None:
    window = desk.working_set.lanes.windows.get(lane_of(job))
    return window.jobs[0] if window and window.jobs else None


async def _holders(desk: Desk, gates: Sequence[Gate]) -> tuple[HolderView, ...]:
    """Those that closed gates name, each once, in that order."""
    ids = dict.fromkeys(JobId(id_) for gate in gates if not gate.ok for id_ in gate.holders)
    jobs = await desk.store.jobs(list(ids)[:NAMED])
    return tuple([await _holder(desk, job) for job in jobs])


async def _holder(desk: Desk, job: Job) -> HolderView:
    live = desk.working_set.live.by_job.get(job.id)
    began_at = live.attempt.started_at or live.attempt.intent_at if live else None
    end = expected_end(job, began_at)
    if began_at is not None and end.ends_at is None and job.spec.name:
        lengths = await desk.store.run_times_ms(job.spec.name, job.now.queue, ALIKE)
        end = expected_end(job, began_at, lengths)
    return HolderView(
        id=job.id,
        name=job.spec.name or run_text(job.spec)[:200],
        priority=job.now.priority.label,
        worker_id=job.now.worker,
        started_at=began_at,
        ends_at=end.ends_at,
        ends_by=end.ends_by,
    )
