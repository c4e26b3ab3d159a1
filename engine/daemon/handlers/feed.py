"""`feed`: send to the standard input of a running job."""

from functools import partial

from engine.control.messages import Feed
from engine.control.views import Fed
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec, NotAllowed, Unreachable
from engine.ledger.live import Live
from engine.model.ids import JobId
from engine.policy.arrays.composite import is_composite
from engine.policy.jobs.handling import fed, must_run

PIECE_BYTES = 1 << 16
"""What a host takes at once."""

MOST_BYTES = 1 << 20
"""What one request may bring."""


async def answer(desk: Desk, caller: Caller, ask: Feed) -> Fed:
    """Give it the bytes, as many as its host takes; what it was given is an event."""
    caller.must_act()
    if len(ask.data) > MOST_BYTES:
        raise InvalidSpec(f"{len(ask.data)} bytes at once; at most {MOST_BYTES}", field="data")
    live = await _live(desk, JobId(ask.id))
    taken, is_ended = await _give(desk, live, ask.data, end=ask.end)
    note = partial(fed, by=caller.user, number=taken, is_end=is_ended)
    await desk.ledger.act_on_all([live.job], note, actor=caller.user)
    return Fed(id=ask.id, taken=taken, ended=is_ended)


async def _live(desk: Desk, id_: JobId) -> Live:
    job = await desk.ledger.find(id_)
    if is_composite(job):
        raise NotAllowed(f"#{id_} is an array: send to one of its members")
    must_run(job, "sent anything")
    if not job.spec.command.open_stdin:
        raise NotAllowed(f"#{id_} was not submitted with `--stdin`: it reads nothing")
    live = desk.working_set.live.by_job.get(id_)
    if live is None:
        raise NotAllowed(f"#{id_} has just ended")
    return live


async def _give(desk: Desk, live: Live, data: bytes, *, end: bool) -> tuple[int, bool]:
    """How many bytes its host took, piece by piece, and whether the end of it all too.

    Raises:
        NotAllowed: its host takes nothing for it any more, and took none of this.
        Unreachable: its host is silent; of the first piece it may have taken some.
    """
    taken = 0
    while True:
        piece = data[taken : taken + PIECE_BYTES]
        is_last = taken + len(piece) == len(data)
        try:
            took = await desk.attempts.feed(live, piece, end=end and is_last)
        except InvalidSpec as refusal:
            if taken:
                return taken, False
            raise NotAllowed(f"#{live.job.id}: {refusal.message}") from None
        except Unreachable:
            if not taken:
                raise
            return taken, False
        taken += took
        if took < len(piece) or is_last:
            return taken, end and taken == len(data)
