"""Targets: from ids or a filter to jobs, and from what was done to the answer."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial

from engine.control.messages import Targets
from engine.control.views import Acted, Result
from engine.daemon.acts.account import Account
from engine.daemon.acts.whole_arrays import (
    Act,
    InFlow,
    Then,
    act_on_jobs,
    act_on_whole,
    standing,
)
from engine.daemon.desk import Caller, Desk
from engine.daemon.pictures.reasoned import read_filter
from engine.errors import InvalidSpec, NotAllowed
from engine.ledger.deciding import Decide, Done, Refusal
from engine.ledger.ledger import SOME
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.policy.arrays.composite import is_composite
from engine.policy.jobs.change import Change

AT_ONCE = SOME
"""Jobs that are acted on before others get a turn."""

MOST = 1_000_000
"""Jobs that one act is for at most."""

REPORTED = 1_000
"""Objects that an answer names at most."""


async def act_on(
    desk: Desk,
    caller: Caller,
    targets: Targets,
    decide: Decide,
    then: Then | None = None,
    whole: Decide | None = None,
    before: Then | None = None,
    flow: InFlow | None = None,
) -> Acted:
    """Do one thing to all targets, each for itself; the answer says what became of each.

    What is done to a composite job is done to the members of its array, and told of it
    alone. A filter means the jobs themselves: what it says of a composite job is left out.

    Args:
        desk: The daemon's parts.
        caller: Who wants it.
        targets: Which jobs.
        decide: What becomes of a job.
        then: Given the jobs to which something was done, as they are now.
        whole: What becomes of a composite job itself, before its members; None: nothing.
        before: Given jobs before it is done to them.
        flow: How it is done to the tasks of a flow, if that is different.
    """
    caller.must_act()
    answers = Answers(caller.account)
    matched = 0
    ids = await _ids(desk, targets)
    caller.account.total = len(ids)
    fresh = await _seen_by(desk, targets)
    act = Act(desk, caller, _as_expected(caller, fresh(decide)), then, whole, before, flow)
    async for found, missing in _pages(desk, ids):
        if caller.account.is_stopped:
            break
        arrays = [job for job in found if is_composite(job)]
        if targets.where is None:
            for job in arrays:
                caller.account.is_midway = True
                answers.add(await act_on_whole(act, job))
                caller.account.is_midway = False
            taken = {job.id for job in arrays}
            jobs = [j for j in found if j.id not in taken and j.spec.whole not in taken]
        else:
            jobs = [job for job in found if not is_composite(job)]
            found = jobs or found
            caller.account.total -= len(arrays) if jobs else 0
            answers.extend([] if jobs else [_by_its_id(job) for job in arrays])
        caller.account.missing = len(missing)
        closing = caller.account if len(jobs) + len(missing) == len(ids) else None
        caller.account.is_midway = closing is None
        done = await act_on_jobs(act, jobs, closing)
        caller.account.is_midway = False
        matched += len(found) + len(missing)
        for one in done:
            answers.add(_result(one), is_changed=_is_changed(one))
        answers.extend(
            Result(id=id_, ok=False, error=f"there is no job #{id_}") for id_ in missing
        )
        caller.account.tell()
    return Acted(results=answers.told(), matched=matched)


def _as_expected(caller: Caller, decide: Decide) -> Decide:
    """The same for jobs that are as the caller has seen them; others are left alone."""
    if not caller.expected:
        return decide

    def checked(job: Job) -> Change | None:
        if caller.expected.get(job.id, job.now.version) != job.now.version:
            raise NotAllowed(f"#{job.id} has changed since the preview; it was left alone")
        return decide(job)

    return checked


async def pages(
    desk: Desk, targets: Targets
) -> AsyncIterator[tuple[Sequence[Job], Sequence[JobId]]]:
    """The jobs that are meant, page by page, with the ids that no job has.

    Raises:
        InvalidSpec: neither ids nor a filter, both, or a filter that cannot be read.
    """
    async for page in _pages(desk, await _ids(desk, targets)):
        yield page


async def _pages(
    desk: Desk, ids: Sequence[JobId]
) -> AsyncIterator[tuple[Sequence[Job], Sequence[JobId]]]:
    for begin in range(0, len(ids), AT_ONCE):
        some = ids[begin : begin + AT_ONCE]
        jobs = await desk.store.jobs(some)
        found = {job.id for job in jobs}
        yield jobs, [id_ for id_ in some if id_ not in found]


async def _ids(desk: Desk, targets: Targets) -> list[JobId]:
    if (targets.where is None) == (not targets.ids):
        raise InvalidSpec("name jobs by `ids` or by a filter `where`", field="targets")
    if targets.where is None:
        return list(dict.fromkeys(JobId(id_) for id_ in targets.ids))
    query = read_filter(desk, targets.where)
    if query.is_empty:
        raise InvalidSpec("an empty filter means every job: say `id>0`", field="targets.where")
    return await desk.store.matching(query, desk.clock.now(), MOST)


Stage = Callable[[Decide], Decide]


async def _seen_by(desk: Desk, targets: Targets) -> Stage:
    """The same act for jobs that are as they were at `targets.seq`; others are left alone."""
    seq = targets.seq
    if seq is None or targets.where is None:
        return lambda decide: decide
    bulk = await desk.store.bulk_since(Seq(seq))

    def must_be_seen(job: Job) -> None:
        is_new = job.now.version == 0 and any(a <= job.id <= b for a, b in bulk)
        if is_new or job.now.version > seq:
            raise NotAllowed(f"#{job.id} has changed since it was looked at; it was left alone")

    def checked(decide: Decide, job: Job) -> Change | None:
        must_be_seen(job)
        return decide(job)

    return lambda decide: partial(checked, decide)


def _is_changed(done: Done) -> bool:
    return not isinstance(done, Refusal) and done[0] is not done[1]


def _result(done: Done) -> Result:
    if isinstance(done, Refusal):
        state = done.job.now.state.value
        return Result(id=done.job.id, ok=False, was=state, error=done.error.message)
    was, now = done
    return Result(id=now.id, ok=True, was=standing(was), now=standing(now))


def _by_its_id(array: Job) -> Result:
    error = f"#{array.id} stands for others: name it by its id, or say `array:{array.id}`"
    return Result(id=array.id, ok=False, was=array.now.state.value, error=error)


class Answers:
    """What became of each, in order; of very many those that did not work come first."""

    def __init__(self, account: Account | None = None) -> None:
        self._account = account or Account()
        self._number = 0
        self._first: list[Result] = []
        self._worked: list[Result] = []
        self._failed: list[Result] = []

    def add(self, result: Result, *, is_changed: bool = True) -> None:
        """Take in one; no more of them are kept than can be told."""
        self._account.take(result, is_changed=is_changed)
        self._number += 1
        kept = self._worked if result.ok else self._failed
        for some in (self._first, kept):
            if len(some) < REPORTED:
                some.append(result)

    def extend(self, results: Iterable[Result]) -> None:
        """Take in some."""
        for result in results:
            self.add(result)

    def told(self) -> tuple[Result, ...]:
        """All of them, or `REPORTED`."""
        if self._number <= REPORTED:
            return tuple(self._first)
        return tuple([*self._failed, *self._worked][:REPORTED])
