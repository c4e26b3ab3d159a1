"""`whatif` and `apply`: who would start earlier or later, and doing just that."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Final

from engine.control import messages as ask
from engine.control.messages import Targets
from engine.control.views import Applied, Preview
from engine.daemon import handlers
from engine.daemon.acts.intents import Intent, based_on, moved, read_token
from engine.daemon.acts.previews import preview_of
from engine.daemon.acts.supposed import ON_JOBS, ON_QUEUES, ON_WORKERS, new_worker
from engine.daemon.acts.targets import pages
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec, NotFound, StaleLease
from engine.ledger.attempts.contexts import pages_within
from engine.model.ids import JobId, check_name
from engine.model.job import Job
from engine.model.words import unknown
from engine.policy.arrays.composite import is_composite

MOST: Final = 1_000
"""Jobs that one preview is about at most."""

ACTS: Final = (*ON_JOBS, *ON_QUEUES, *ON_WORKERS, "add_worker")


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
    intent = Intent(
        act=request.act,
        name=request.name,
        to=request.to,
        limit=request.limit,
        changes=request.changes,
    )
    if request.act == "add_worker":
        return await preview_of(desk, caller, intent, (), new_worker(request.worker))
    return await preview_of(desk, caller, based_on(desk, intent, jobs), jobs)


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
    jobs = await _as_previewed(desk, intent)
    preview = await preview_of(desk, caller, intent, jobs)
    await _as_previewed(desk, intent)
    verb = _verb(intent)
    acting = replace(caller, expected=intent.jobs)
    acted = await handlers.ANSWERS[type(verb)](desk, acting, verb)
    return Applied(act=preview.act, results=acted.results, preview=preview)


async def _as_previewed(desk: Desk, intent: Intent) -> Sequence[Job]:
    """The targets, if nothing has moved. Raises: StaleLease."""
    jobs = await desk.store.jobs([JobId(id_) for id_ in intent.jobs])
    changes = moved(intent, based_on(desk, intent, jobs))
    if changes:
        raise StaleLease(
            f"nothing was done, for the state has moved: {', '.join(changes[:8])}",
            details={"moved": changes[:MOST]},
        )
    return jobs


def _check(request: ask.WhatIf) -> None:
    if request.act == "priority" and request.to is None:
        raise InvalidSpec("say `to` which level", field="to")
    if request.act == "edit" and not request.changes:
        raise InvalidSpec("say what to change", field="changes")
    if request.act == "weight" and not 1 <= (request.limit or 0) <= 1_000:
        raise InvalidSpec(f"weight {request.limit}: 1 to 1000", field="limit")
    if request.act == "limit" and not 0 <= (request.limit or 0) <= 1_000_000:
        raise InvalidSpec(f"limit {request.limit}: 0 to 1000000", field="limit")
    if request.act in ON_QUEUES:
        check_name("queue", request.name)


async def _targets(desk: Desk, targets: Targets) -> list[Job]:
    """The jobs that are meant, and all that composite ones stand for."""
    found: dict[int, Job] = {}
    async for jobs, missing in pages(desk, targets):
        if missing and targets.where is None:
            raise NotFound(f"there is no job #{missing[0]}", field="targets")
        for job in jobs:
            found[job.id] = job
            if is_composite(job):
                async for page in pages_within(desk.store, job):
                    found |= {one.id: one for one in page}
                    _must_be_few(found)
        _must_be_few(found)
    return list(found.values())


def _must_be_few(jobs: Collection[int]) -> None:
    if len(jobs) > MOST:
        raise InvalidSpec(f"a preview is about {MOST} jobs at most", field="targets")


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
        case "edit":
            return ask.Edit(targets=targets, changes=intent.changes)
        case "limit":
            is_none = intent.limit is None
            return ask.SetQueue(name=intent.name, limit=intent.limit, no_limit=is_none)
        case "weight":
            return ask.SetQueue(name=intent.name, weight=intent.limit)
        case "pause" | "resume":
            return ask.SetQueue(name=intent.name, pause=intent.act == "pause")
        case _:
            return ask.SetWorker(name=intent.name, drain=intent.act == "drain")
