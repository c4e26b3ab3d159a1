"""`feed`: send to the standard input of a running job."""

import asyncio
from functools import partial

from engine.control.messages import Feed
from engine.control.views import Fed
from engine.daemon.desk import Caller, Desk
from engine.errors import EngineError, InvalidSpec, LinkRefused, NotAllowed, Unreachable
from engine.ledger.memory.live import Live
from engine.model.ids import JobId
from engine.policy.arrays.composite import is_composite
from engine.policy.jobs.handling import fed, must_run

PIECE_BYTES = 1 << 16
"""What a host takes at once."""

PATIENCE_S = 60.0
"""How long a host that has not answered is asked again."""

ASK_AGAIN_S = 0.25

MOST_BYTES = 1 << 20
"""What one request may bring."""


async def answer(desk: Desk, caller: Caller, ask: Feed) -> Fed:
    """Give it the bytes, as many as its host takes; what it was given is an event.

    Raises:
        NotAllowed: its host takes nothing for it any more, and took none of this.
        Unreachable: its host is silent, and for long; in `details`, how many bytes it has
            `taken` for certain. It may have one piece more.
    """
    caller.must_act()
    if len(ask.data) > MOST_BYTES:
        raise InvalidSpec(f"{len(ask.data)} bytes at once; at most {MOST_BYTES}", field="data")
    live = await _live(desk, JobId(ask.id))
    live.feeding = live.feeding or asyncio.Lock()
    async with live.feeding:
        given, trouble = await _give(desk, live, ask.data, end=ask.end)
    if given.taken or not trouble:
        note = partial(fed, by=caller.user, number=given.taken, is_end=given.ended)
        await desk.ledger.act_on_all([live.job], note, actor=caller.user)
    if trouble is not None:
        trouble.details = {**trouble.details, "taken": given.taken}
        raise trouble
    return given


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


async def _give(
    desk: Desk, live: Live, data: bytes, *, end: bool
) -> tuple[Fed, EngineError | None]:
    """What its host took, piece by piece, and the end of it all; and what kept it from more."""
    taken, trouble = 0, None
    while True:
        piece = data[taken : taken + PIECE_BYTES]
        is_last = taken + len(piece) == len(data)
        try:
            took = await _until_answered(desk, live, piece, end=end and is_last)
        except InvalidSpec as refusal:
            trouble = None if taken else NotAllowed(f"#{live.job.id}: {refusal.message}")
            return Fed(id=live.job.id, taken=taken), trouble
        except (Unreachable, LinkRefused) as silence:
            return Fed(id=live.job.id, taken=taken), silence
        taken += took
        if took < len(piece) or is_last:
            is_ended = end and taken == len(data)
            return Fed(id=live.job.id, taken=taken, ended=is_ended), None


async def _until_answered(desk: Desk, live: Live, data: bytes, *, end: bool) -> int:
    """How many bytes of one piece its host took.

    A question that was not answered may have been heard: it is asked again with its number,
    and nobody sends anything else meanwhile.

    Raises:
        InvalidSpec: its host takes nothing for it any more.
        Unreachable: it was silent for too long; whether it has this piece is not known.
    """
    clock = desk.clock
    until_s = clock.monotonic() + PATIENCE_S
    piece = live.piece = max(live.piece + 1, clock.now())
    while True:
        try:
            return await desk.attempts.feed(live, data, end=end, piece=piece)
        except Unreachable:
            if clock.monotonic() >= until_s:
                raise
        await clock.sleep(ASK_AGAIN_S)
