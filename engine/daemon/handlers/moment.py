"""`moment`: which event an instant or a number means."""

from engine.control.messages import FindMoment
from engine.control.views import MomentView
from engine.daemon.desk import Caller, Desk
from engine.daemon.past.moment import before_all, checked, first_known
from engine.errors import InvalidSpec
from engine.model.filter.values import moment_text
from engine.model.ids import Seq


async def answer(desk: Desk, _: Caller, ask: FindMoment) -> MomentView:
    """The event, and between which others it may be.

    Raises:
        InvalidSpec: it has not happened, it is before what is known, or both were given.
    """
    if ask.at is not None and ask.seq is not None:
        raise InvalidSpec("an instant and a number at once", field="at")
    store, head = desk.store, await desk.store.head()
    first = await first_known(desk)
    seq = await _seq(desk, ask, first, head)
    head = max(head, seq)  # more may have happened meanwhile
    return MomentView(
        seq=seq,
        at=await store.instant_of(seq),
        first_seq=first,
        first_at=await store.instant_of(first),
        head=head,
        head_at=await store.instant_of(head),
    )


async def _seq(desk: Desk, ask: FindMoment, first: Seq, head: Seq) -> Seq:
    if ask.at is None:
        return await checked(desk, head if ask.seq is None else ask.seq)
    found = await desk.store.moment_at(ask.at)
    if found < first:
        asked = moment_text(ask.at) if ask.at > 0 else "that instant"
        raise await before_all(desk, asked, first)
    return found
