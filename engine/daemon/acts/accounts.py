"""Accounts: the acts that go on and those that were last, and how each is written down."""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.clock import Clock
from engine.control.messages import Request
from engine.control.views import Acted
from engine.daemon.acts.account import Account
from engine.daemon.acts.asked_for import asked_for
from engine.errors import EngineError, NotFound, Refused
from engine.ledger.ledger import Ledger
from engine.ledger.writes import Write, ignore
from engine.model.ids import Epoch
from engine.store.protocol import Unit
from engine.timeline import Timeline

if TYPE_CHECKING:
    from engine.daemon.desk import Caller, Desk

KEPT = 64
"""Acts that are over and whose receipts can still be read."""

OBJECTS = 2_000_000
"""Objects of all these receipts together."""

Work = Callable[["Desk", "Caller", Any], Awaitable[Any]]


class Accounts:
    """Opens an account for each act, has it written once, and keeps the newest."""

    def __init__(self, ledger: Ledger, timeline: Timeline, clock: Clock, epoch: Epoch) -> None:
        self._ledger = ledger
        self._timeline = timeline
        self._clock = clock
        self._epoch = epoch
        self._open: list[Account] = []
        self._kept: deque[Account] = deque()

    def open(self, caller: "Caller", request: Request[Any]) -> Account:
        """The account of an act that begins now."""
        targets = getattr(request, "targets", None)
        worker = getattr(request, "name", None)
        is_of_worker = "worker" in str(type(request).__struct_config__.tag)
        account = Account(
            verb=str(type(request).__struct_config__.tag),
            by=caller.user,
            client=caller.client,
            why=getattr(request, "why", ""),
            worker=worker if is_of_worker else None,
            asked=asked_for(request),
            key=getattr(targets, "key", ""),
            since=self._timeline.head,
            begun_at=self._clock.now(),
        )
        self._open.append(account)
        return account

    def find(self, key: str) -> Account:
        """The act that its author gave this key. Raises: NotFound: it is too long ago."""
        for account in (*reversed(self._open), *reversed(self._kept)):
            if key and account.key == key:
                return account
        raise NotFound(f"no act {key!r} goes on, nor is it among the newest", field="key")

    def is_open(self, key: str) -> bool:
        """Whether the act with this key goes on."""
        return any(account.key == key for account in self._open)

    def find_by_seq(self, seq: int) -> Account:
        """The act whose event this is. Raises: NotFound: its receipt is not kept."""
        for account in reversed(self._kept):
            if account.seq == seq:
                return account
        raise NotFound(
            f"the receipt of act {seq} is not kept: of the newest {KEPT} acts since the daemon "
            f"was started it is; `crabtui events --after {max(seq - 1, 0)}` has what happened",
            field="seq",
        )

    def kept_seqs(self) -> set[int]:
        """The events of acts whose receipts can still be read."""
        return {one.seq for one in self._kept if one.seq}

    async def close(self, account: Account) -> None:
        """An act is over: write it down, unless that was done with what it changed."""
        if not account.is_written:
            account.is_written = True
            unit = Unit(epoch=self._epoch, events=[account.last_words()])
            receipt = await self._ledger.writer.post(lambda: Write(unit), patient=True)
            account.seq = receipt.events[-1].seq if receipt else 0
        self._keep(account)

    def break_off(self, account: Account, error: BaseException) -> None:
        """An act ended early: what it has done by then is written down, if it did anything."""
        has_tried = isinstance(error, EngineError) and not isinstance(error, Refused)
        if account.changed or account.is_midway or has_tried:
            account.failure = error.message if isinstance(error, EngineError) else "broken off"
            if not account.is_written:
                account.is_written = True
                unit = Unit(epoch=self._epoch, events=[account.last_words()])
                ignore(self._ledger.writer.post(lambda: Write(unit), patient=True))
        self._keep(account)

    def _keep(self, account: Account) -> None:
        self._open.remove(account)
        account.end()
        self._kept.append(account)
        while len(self._kept) > KEPT or (
            len(self._kept) > 1 and sum(one.outcomes.number for one in self._kept) > OBJECTS
        ):
            self._kept.popleft()


def recorded(work: Work) -> Work:
    """A handler of an act, with its account: the daemon's audit trail."""

    async def answer(desk: "Desk", caller: "Caller", request: Any) -> Any:
        caller.must_act()
        account = desk.accounts.open(caller, request)
        try:
            answered = await work(desk, replace(caller, account=account), request)
        except BaseException as error:
            desk.accounts.break_off(account, error)
            raise
        _settle(account, answered)
        await desk.accounts.close(account)
        return answered

    return answer


def _settle(account: Account, answered: object) -> None:
    """Take over what an answer says, of acts that did not tell their account."""
    if account.number or not account.verb:
        return
    if not isinstance(answered, Acted):
        account.changed = 1
        return
    account.total = max(len(answered.results), answered.matched)
    for one in answered.results:
        account.take(one, is_changed=one.was != one.now)
