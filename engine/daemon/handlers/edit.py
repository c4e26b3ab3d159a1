"""`edit`: give jobs that have not started another spec."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

from engine.control.messages import Edit, Targets
from engine.control.views import Acted
from engine.daemon.acts.edited import is_new, wanted
from engine.daemon.acts.targets import act_on, pages
from engine.daemon.desk import Caller, Desk
from engine.daemon.intake.judged import judged
from engine.errors import InvalidSpec, Refused, StaleLease
from engine.ledger.attempts.contexts import pages_within
from engine.model.ids import JobId
from engine.model.job import Job, Shape
from engine.model.spec import JobSpec
from engine.policy.arrays.composite import edit_whole, is_composite
from engine.policy.entry.admission import must_be_allowed, must_be_satisfiable
from engine.policy.jobs.change import Change
from engine.policy.jobs.editing import edit, must_wait
from engine.policy.shapes import shape_of


async def answer(desk: Desk, caller: Caller, ask: Edit) -> Acted:
    """Change jobs, each for itself.

    Raises:
        InvalidSpec: the changes say nothing, or nothing that any of the jobs could be.
    """
    caller.must_act()
    if not ask.changes:
        raise InvalidSpec("say what to change", field="changes")
    shapes, arrays = await _look(desk, ask.targets, ask.changes)

    def decide(job: Job) -> Change | None:
        must_wait(job)
        now_at = desk.clock.now()
        spec = wanted(job, ask.changes, now_at)
        shape = shape_of(spec)
        if shape not in shapes:
            if is_new(job, shape):
                _must_fit(desk, spec)
            raise StaleLease(f"#{job.id} has changed meanwhile; try again")
        return edit(job, spec, shapes[shape], now_at, caller.user)

    def decide_whole(job: Job) -> Change | None:
        if job.id not in arrays:  # none of its members waits, so it stays as it is
            return None
        return edit_whole(job, wanted(job, ask.changes, desk.clock.now()), caller.user)

    return await act_on(desk, caller, ask.targets, judged(desk, decide), whole=decide_whole)


async def _look(
    desk: Desk, targets: Targets, changes: Mapping[str, Any]
) -> tuple[Mapping[Shape, int], Collection[JobId]]:
    """Keys of the shapes that the jobs will have, and the arrays of which some wait.

    Shapes that no worker can hold are left out.

    Raises:
        InvalidSpec: whichever of them it is, it could not be changed like this.
    """
    keys: dict[Shape, int] = {}
    arrays: set[JobId] = set()
    wrong: InvalidSpec | None = None
    makes_sense = False
    async for jobs in _jobs(desk, targets):
        for job in jobs:
            try:
                spec = wanted(job, changes, desk.clock.now())
            except InvalidSpec as error:
                wrong = wrong or error
                continue
            makes_sense = True
            try:
                must_wait(job)
                shape = shape_of(spec)
                if shape not in keys:
                    if is_new(job, shape):
                        _must_fit(desk, spec)
                    keys[shape] = await desk.store.intern_shape(shape)
                if job.spec.array is not None:
                    arrays.add(job.spec.array)
            except Refused:  # it is told of when its turn comes
                continue
    if wrong is not None and not makes_sense:
        raise wrong
    return keys, arrays


def _must_fit(desk: Desk, spec: JobSpec) -> None:
    here = desk.working_set
    must_be_allowed(spec, here.rules, "changes")
    must_be_satisfiable(shape_of(spec), here.workers.values(), "changes", here.rules)


async def _jobs(desk: Desk, targets: Targets) -> AsyncIterator[Sequence[Job]]:
    """The jobs that are meant, and all that composite ones stand for which are named."""
    async for jobs, _ in pages(desk, targets):
        yield jobs
        for whole in jobs if targets.where is None else ():
            if is_composite(whole):
                async for page in pages_within(desk.store, whole):
                    yield page
