"""`whatif` and `apply`: who would start earlier or later, and doing just that."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import msgspec

from engine.control import messages as ask
from engine.control.messages import Targets
from engine.control.views import Applied, MovedView, Preview
from engine.daemon import handlers
from engine.daemon.desk import Caller, Desk
from engine.daemon.intents import Intent, based_on, moved, read_token
from engine.daemon.targets import pages
from engine.errors import InvalidSpec, NotAllowed, NotFound, StaleLease
from engine.model.ids import JobId, check_name
from engine.model.intake import read_job
from engine.model.job import Job
from engine.model.priority import parse_priority
from engine.model.snapshot import Snapshot
from engine.model.words import unknown
from engine.model.worker import Queue, Worker
from engine.policy import steering
from engine.policy.change import Change
from engine.policy.composite import is_composite
from engine.policy.whatif import (
    GRANTS,
    Moved,
    Place,
    assumed_ms,
    difference,
    drained,
    forecast,
    with_jobs,
    with_queue,
    with_worker,
)

MOST: Final = 1_000
"""Jobs that one preview is about at most."""

ON_JOBS: Final = ("priority", "cancel", "hold", "release")
ON_QUEUES: Final = ("limit", "weight", "pause", "resume")
ON_WORKERS: Final = ("drain", "resume_worker")
ACTS: Final = (*ON_JOBS, *ON_QUEUES, *ON_WORKERS, "add_worker")

NEW_WORKER: Final = "what-if"
"""The name of a worker that is added without one."""


async def answer(desk: Desk, caller: Caller, request: ask.WhatIf) -> Preview:
    """What an act would change in the next grants; nothing does.

    Raises:
        InvalidSpec, NotFound: what was asked cannot be read, or names nothing.
        NotAllowed: it can be done to none of its targets.
    """
    if request.act not in ACTS:
        raise unknown("act", request.act, ACTS, field="act")
    _check(request)
    jobs = await _targets(desk, request.targets) if request.act in ON_JOBS else []
    intent = Intent(act=request.act, name=request.name, to=request.to, limit=request.limit)
    if request.act == "add_worker":
        return _preview(desk, caller, intent, (), _new_worker(request.worker))
    return _preview(desk, caller, based_on(desk, intent, jobs), jobs)


async def apply(desk: Desk, caller: Caller, request: ask.Apply) -> Applied:
    """Do what a preview showed.

    Raises:
        StaleLease: something that it was based on has moved since; says what. Look again.
        InvalidSpec: no such token.
    """
    caller.must_act()
    intent = read_token(request.token)
    if intent.act not in ACTS or intent.act == "add_worker":
        raise InvalidSpec("this is no token of an act that can be applied", field="token")
    jobs = await desk.store.jobs([JobId(id_) for id_ in intent.jobs])
    now = based_on(desk, intent, jobs)
    changes = moved(intent, now)
    if changes:
        raise StaleLease(
            f"nothing was done, for the state has moved: {', '.join(changes[:8])}",
            details={"moved": changes[:MOST]},
        )
    preview = _preview(desk, caller, now, jobs)
    verb = _verb(intent)
    acted = await handlers.ANSWERS[type(verb)](desk, caller, verb)
    return Applied(act=preview.act, results=acted.results, preview=preview)


def _check(request: ask.WhatIf) -> None:
    if request.act == "priority" and request.to is None:
        raise InvalidSpec("say `to` which level", field="to")
    if request.act == "weight" and not 1 <= (request.limit or 0) <= 1_000:
        raise InvalidSpec(f"weight {request.limit}: 1 to 1000", field="limit")
    if request.act == "limit" and not 0 <= (request.limit or 0) <= 1_000_000:
        raise InvalidSpec(f"limit {request.limit}: 0 to 1000000", field="limit")
    if request.act in ON_QUEUES:
        check_name("queue", request.name)


async def _targets(desk: Desk, targets: Targets) -> list[Job]:
    """The jobs that are meant; for a composite job the members of its array that live."""
    found: dict[int, Job] = {}
    async for jobs, missing in pages(desk, targets):
        if missing and targets.where is None:
            raise NotFound(f"there is no job #{missing[0]}", field="targets")
        for job in jobs:
            if is_composite(job):
                members = await desk.store.members(job.id, 0, MOST)
                found |= {one.id: one for one in (job, *members)}
            else:
                found[job.id] = job
        if len(found) > MOST:
            raise InvalidSpec(f"a preview is about {MOST} jobs at most", field="targets")
    return list(found.values())


def _preview(
    desk: Desk,
    caller: Caller,
    intent: Intent,
    jobs: Sequence[Job],
    new_worker: Worker | None = None,
) -> Preview:
    live = desk.working_set.snapshot(desk.clock.now())
    assumed = assumed_ms(live)
    baseline = with_jobs(live, jobs)
    patched = _patched(desk, caller, intent, jobs, baseline, new_worker)
    was, now = forecast(baseline, assumed), forecast(patched, assumed)
    found = difference(was, now)
    told = partial(_moved, now_at=live.now_at)
    return Preview(
        act=_said(intent, new_worker),
        token="" if new_worker else intent.token(),
        earlier=tuple(map(told, found.earlier)),
        later=tuple(map(told, found.later)),
        unchanged=found.unchanged,
        grants=min(GRANTS, max(len(was), len(now))),
        assumed_ms=assumed,
        seq=desk.timeline.head,
    )


def _patched(
    desk: Desk,
    caller: Caller,
    intent: Intent,
    jobs: Sequence[Job],
    snapshot: Snapshot,
    new_worker: Worker | None,
) -> Snapshot:
    if new_worker is not None:
        return with_worker(snapshot, new_worker)
    if intent.act in ON_WORKERS:
        worker = _worker(desk, intent.name)
        return with_worker(snapshot, drained(worker, is_draining=intent.act == "drain"))
    if intent.act in ON_QUEUES:
        return with_queue(snapshot, _queue(desk, caller, intent))
    return with_jobs(snapshot, _changed(jobs, _decision(desk, caller, intent)))


def _worker(desk: Desk, name: str) -> Worker:
    worker = desk.working_set.workers.get(name)
    if worker is None:
        known = ", ".join(sorted(desk.working_set.workers))
        raise NotFound(f"there is no worker `{name}`; there is {known}", field="name")
    return worker


def _queue(desk: Desk, caller: Caller, intent: Intent) -> Queue:
    queue = desk.working_set.queues.get(intent.name) or Queue(name=intent.name)
    match intent.act:
        case "limit":
            return msgspec.structs.replace(queue, limit=intent.limit)
        case "weight":
            return msgspec.structs.replace(queue, weight=intent.limit or 1)
        case "pause":
            return msgspec.structs.replace(queue, paused_by=queue.paused_by or caller.user)
        case _:
            return msgspec.structs.replace(queue, paused_by=None)


Decide = Callable[[Job], Change | None]


def _decision(desk: Desk, caller: Caller, intent: Intent) -> Decide:
    by = caller.user
    match intent.act:
        case "priority":
            level = parse_priority(intent.to or "")
            return partial(steering.reprioritise, priority=level, by=by)
        case "cancel":
            return partial(steering.cancel, now_at=desk.clock.now(), by=by)
        case "hold":
            return partial(steering.hold, by=by)
        case _:
            return partial(steering.release, by=by)


def _changed(jobs: Sequence[Job], decide: Decide) -> list[Job]:
    """The jobs as the act would leave them. Raises: NotAllowed if it can do nothing at all."""
    found: list[Job] = []
    refusal: NotAllowed | None = None
    for job in jobs:
        if is_composite(job):
            continue
        try:
            change = decide(job)
        except NotAllowed as error:
            refusal = refusal or error
        else:
            found.append(job if change is None else job.with_progress(change.now))
    if refusal is not None and not found:
        raise refusal
    return found


def _new_worker(given: Mapping[str, Any]) -> Worker:
    """The worker that is thought of. Raises: InvalidSpec, as for a job's resources."""
    given = dict(given)
    slots, labels = given.pop("slots", None), given.pop("labels", ())
    name = given.pop("name", NEW_WORKER)
    known = ("cpus", "memory", "gpus", "gpu_type")
    for key in given:
        if key not in known:
            raise unknown("key", key, (*known, "slots", "labels", "name"), field="worker")
    capacity = read_job({"argv": ["true"], **given}, owner="").resources
    if slots is None:
        slots = max(1, capacity.cpu_milli // 1000)
    if not isinstance(slots, int) or not 1 <= slots <= 10_000:
        raise InvalidSpec(f"slots {slots!r}: 1 to 10000", field="worker.slots")
    return Worker(
        name=check_name("worker", str(name)),
        labels=tuple(map(str, labels)),
        capacity=capacity,
        slots=slots,
    )


def _verb(intent: Intent) -> Any:
    """The request that does it, as people would make it."""
    targets = Targets(ids=tuple(intent.jobs))
    match intent.act:
        case "priority":
            return ask.SetPriority(targets=targets, to=intent.to)
        case "cancel":
            return ask.Cancel(targets=targets)
        case "hold":
            return ask.Hold(targets=targets)
        case "release":
            return ask.Release(targets=targets)
        case "limit":
            is_none = intent.limit is None
            return ask.SetQueue(name=intent.name, limit=intent.limit, no_limit=is_none)
        case "weight":
            return ask.SetQueue(name=intent.name, weight=intent.limit)
        case "pause" | "resume":
            return ask.SetQueue(name=intent.name, pause=intent.act == "pause")
        case _:
            return ask.SetWorker(name=intent.name, drain=intent.act == "drain")


def _said(intent: Intent, new_worker: Worker | None) -> str:
    """The act in words: `priority of #12 high`, `drain worker w1`."""
    if new_worker is not None:
        cpus = f"{new_worker.capacity.cpu_milli / 1000:g} cpus"
        gpus = f", {new_worker.capacity.gpu} gpus" if new_worker.capacity.gpu else ""
        return f"add a worker of {cpus}{gpus}"
    if intent.act in ON_WORKERS:
        return f"{'drain' if intent.act == 'drain' else 'resume'} worker {intent.name}"
    if intent.act in ON_QUEUES:
        to = {"limit": f" {_none(intent.limit)}", "weight": f" {intent.limit}"}
        return f"{intent.act} queue {intent.name}{to.get(intent.act, '')}"
    some = ", ".join(f"#{job}" for job in list(intent.jobs)[:3])
    more = f" and {len(intent.jobs) - 3} more" if len(intent.jobs) > 3 else ""
    return f"{intent.act} {some}{more}{f' {intent.to}' if intent.to else ''}"


def _none(limit: int | None) -> str:
    return "none" if limit is None else str(limit)


def _moved(one: Moved, now_at: int) -> MovedView:
    return MovedView(
        id=one.job.id,
        name=one.job.spec.name or one.job.spec.command.text[:200],
        queue=one.job.now.queue,
        was_place=one.was.place if one.was else None,
        place=one.now.place if one.now else None,
        was_starts_ms=_starts_ms(one.was, now_at),
        starts_ms=_starts_ms(one.now, now_at),
        worker=one.now.worker if one.now else None,
    )


def _starts_ms(place: Place | None, now_at: int) -> int | None:
    return None if place is None else (place.starts_at - now_at) // 1000
