"""`submit`, and `submit_begin`, `_chunk`, `_commit` for bulk: jobs come in."""

from engine.control.messages import Submit, SubmitBegin, SubmitChunk, SubmitCommit
from engine.control.views import Done, Submitted
from engine.daemon.desk import Caller, Desk
from engine.daemon.intake.calls import POOLS_S, is_call
from engine.errors import InvalidSpec
from engine.ledger.rows.batch import Batch
from engine.ledger.rows.submission import Sender
from engine.model.intake import check_surroundings


async def answer(desk: Desk, caller: Caller, ask: Submit) -> Submitted:
    """Store some jobs, all or none. Raises: Refused, as the job's fault may be."""
    caller.must_act()
    if any(is_call(job) for job in (*ask.jobs, ask.defaults)):
        await desk.tools.await_told(POOLS_S, [ask.defaults, *ask.jobs])
        jobs = {f"jobs[{place}]": job for place, job in enumerate(ask.jobs)}
        await desk.tools.check_stages(jobs, desk.backends)
    return await desk.reception.submit(
        ask.jobs,
        _sender(desk, caller, ask, len(ask.jobs)),
        request_key=ask.request_key,
        on_key=ask.on_key,
    )


async def begin(desk: Desk, caller: Caller, ask: SubmitBegin) -> Done:
    """Open a bulk submission on this connection. Raises: InvalidSpec if one is open."""
    caller.must_act()
    async with caller.bulk:
        with desk.reception.judging(caller.user, ask.count):
            _must_be_free(caller)
        sender = _sender(desk, caller, ask, ask.count)
        caller.batch = await desk.reception.begin(sender, ask.count, ask.request_key)
    return Done()


async def chunk(desk: Desk, caller: Caller, ask: SubmitChunk) -> Done:
    """Some more of its jobs. What is wrong with one of them ends the whole submission."""
    caller.must_act()
    async with caller.bulk:
        batch = _open(caller)
        try:
            with desk.reception.judging(caller.user, batch.count, batch.tally.arrivals):
                await batch.add(ask.lines)
        except BaseException:
            caller.batch = None
            await batch.drop()
            raise
    return Done()


async def commit(desk: Desk, caller: Caller, _: SubmitCommit) -> Submitted:
    """Make the bulk submission real."""
    caller.must_act()
    async with caller.bulk:
        batch = _open(caller)
        caller.batch = None
        return await desk.reception.commit(batch, caller.user)


def _sender(desk: Desk, caller: Caller, ask: Submit | SubmitBegin, count: int) -> Sender:
    """Who submits, and where from. Raises: InvalidSpec if no job could run there."""
    with desk.reception.judging(caller.user, count):
        check_surroundings(ask.cwd, ask.env)
    return Sender(user=caller.user, cwd=ask.cwd, env=ask.env, defaults=ask.defaults)


def _must_be_free(caller: Caller) -> None:
    if caller.batch is not None:
        raise InvalidSpec("a bulk submission is open on this connection already")


def _open(caller: Caller) -> Batch:
    if caller.batch is None:
        raise InvalidSpec("no bulk submission is open on this connection: it was refused")
    return caller.batch
