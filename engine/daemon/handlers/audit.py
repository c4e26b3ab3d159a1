"""`audit`, `follow_act`, `stop_act`, `receipt`: what operators did, and what they do."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from engine.control.messages import FollowAct, ListActs, ReadReceipt, StopAct
from engine.control.views import Acted, ActProgress, ActsPage, ActView, ReceiptPage, Result
from engine.daemon.acts.account import Account
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec, NotAllowed
from engine.model.events import Event
from engine.model.ids import Seq
from engine.wake import Wake

MOST = 1_000
END = Seq(2**62)

GAP_S = 0.1
"""How long after one word of an act's progress the next may come."""


async def answer(desk: Desk, _: Caller, ask: ListActs) -> ActsPage:
    """The newest acts that meet the conditions, oldest first."""
    end = END if ask.before is None else Seq(ask.before)
    if ask.as_of is not None:
        end = min(end, Seq(ask.as_of + 1))
    found = await desk.store.acts(
        end,
        max(0, min(ask.limit, MOST)),
        actor=ask.actor,
        verb=ask.act,
        since_at=ask.since_at,
    )
    kept = desk.accounts.kept_seqs()
    acts = tuple(_view(event, has_receipt=event.seq in kept) for event in found)
    return ActsPage(acts=acts, head=desk.timeline.head)


def _view(event: Event, *, has_receipt: bool) -> ActView:
    data: Mapping[str, Any] = event.data
    first, last = _span(event.seq, data)
    told = {name: data[name] for name in _TOLD if name in data}
    return ActView(
        seq=event.seq,
        at=event.at,
        by=event.actor,
        worker=event.worker,
        why=event.cause,
        first=first,
        last=last,
        has_receipt=has_receipt,
        **{"verb": "?", **told},
    )


_TOLD = (
    "verb",
    "client",
    "asked",
    "total",
    "changed",
    "unchanged",
    "refused",
    "left",
    "stopped",
    "error",
)


def _span(seq: int, data: Mapping[str, Any]) -> tuple[int, int]:
    """First and last event among which are those of an act; twice 0 if it changed nothing."""
    if not data.get("changed"):
        return 0, 0
    first = seq - data["own"] if "own" in data else data.get("since", seq - 1) + 1
    return (first, seq - 1) if first < seq else (0, 0)


async def follow(desk: Desk, _: Caller, ask: FollowAct) -> AsyncIterator[ActProgress]:
    """How far it has come, at once and then as it goes on. Raises: NotFound."""
    account = desk.accounts.find(ask.key)
    wake = Wake()
    stop = account.listen(wake.knock)
    try:
        while True:
            yield _progress(account)
            if account.has_ended:
                return
            await desk.clock.sleep(GAP_S)
            if not account.has_ended:
                await wake.wait()
    finally:
        stop()


def _progress(account: Account) -> ActProgress:
    return ActProgress(
        key=account.key,
        verb=account.verb,
        total=account.total,
        changed=account.changed,
        unchanged=account.unchanged,
        refused=account.refused,
        ended=account.has_ended,
        stopped=account.is_stopped,
    )


async def stop(desk: Desk, caller: Caller, ask: StopAct) -> Acted:
    """Let it finish the slice that it is at, and no more.

    Raises:
        NotFound: no act has this key.
        NotAllowed: it is over.
    """
    caller.must_act()
    account = desk.accounts.find(ask.key)
    if account.has_ended:
        raise NotAllowed(f"{account.verb} {ask.key!r} is over", field="key")
    account.stop()
    was = f"{account.number} of {account.total}"
    return Acted(results=(Result(id=ask.key, ok=True, was=was, now="stopping"),), matched=1)


async def receipt(desk: Desk, _: Caller, ask: ReadReceipt) -> ReceiptPage:
    """What became of some of its objects.

    Raises:
        InvalidSpec: neither a key nor a number, or both.
        NotFound: its receipt is not kept.
    """
    if (ask.seq is None) == (not ask.key):
        raise InvalidSpec("name the act by its `key` or by the `seq` of its event", field="key")
    book = desk.accounts
    account = book.find(ask.key) if ask.seq is None else book.find_by_seq(ask.seq)
    offset, limit = max(ask.offset, 0), max(0, min(ask.limit, MOST))
    return ReceiptPage(
        progress=_progress(account),
        results=tuple(account.outcomes.page(offset, limit, refused=ask.refused)),
        offset=offset,
        total=account.refused if ask.refused else account.outcomes.number,
    )
