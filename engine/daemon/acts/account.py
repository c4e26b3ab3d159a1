"""Account: one act of an operator, what it was asked, and what has become of it so far."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.control.views import Result
from engine.daemon.acts.outcomes import Outcomes
from engine.ledger.deciding import Decided, Done, Refusal
from engine.ledger.writes import Receipt
from engine.model.events import EventType
from engine.store.protocol import Draft

_ALWAYS: Final = ("changed", "total")
"""What is written down even if it is nothing: no total is read as one object."""


@dataclass(slots=True, kw_only=True)
class Account:
    """What is told of an act while it goes on, and written down with what it changes.

    It is written once: in the unit that makes the change if there is only one, otherwise
    when the act is over. One without a verb belongs to no act, and is never written.
    """

    verb: str = ""
    by: str = ""
    client: str = ""
    why: str = ""
    worker: str | None = None
    asked: Mapping[str, object] = field(default_factory=dict)
    key: str = ""
    """By which its author follows it."""
    since: int = 0
    """The newest event when it began."""
    begun_at: int = 0
    total: int = 1
    """How many objects it is for."""
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    missing: int = 0
    """How many of those that it comes to now are not there."""
    is_midway: bool = False
    """Something is being changed that is not counted yet, and not written down with it."""
    failure: str = ""
    """What ended it early, in words."""
    is_stopped: bool = False
    has_ended: bool = False
    is_written: bool = False
    seq: int = 0
    """Of its event; 0 until that is written."""
    outcomes: Outcomes = field(default_factory=Outcomes)
    _heard: list[Callable[[], None]] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many objects it has come to."""
        return self.changed + self.unchanged + self.refused

    def take(self, result: Result, *, is_changed: bool) -> None:
        """Something has become of an object."""
        self.outcomes.add(result)
        if not result.ok:
            self.refused += 1
        elif is_changed:
            self.changed += 1
        else:
            self.unchanged += 1

    def tell(self) -> None:
        """Have those look who follow it."""
        for hear in self._heard:
            hear()

    def listen(self, hear: Callable[[], None]) -> Callable[[], None]:
        """Call `hear` whenever something has become of it; returned is how to stop that."""
        self._heard.append(hear)
        return lambda: self._heard.remove(hear)

    def stop(self) -> None:
        """Have it leave the rest alone."""
        self.is_stopped = True

    def end(self) -> None:
        """It is over."""
        self.has_ended = True
        self.tell()

    def closing(self, *, changed: int = 0, unchanged: int = 0, own: int = 1) -> "list[Draft]":
        """Its event, for the only unit of the act; none if it has no verb.

        Args:
            changed: How many objects that unit changes.
            unchanged: How many are as they shall be already.
            own: How many events of the unit come before this one.
        """
        if not self.verb or self.is_written:
            return []
        return [self._draft(changed, unchanged, self.refused, {"own": own})]

    def drafts(self, found: Sequence[Decided | Done], own: int) -> Sequence[Draft]:
        """The same for jobs that were decided about; as `Closing`."""
        refused = sum(isinstance(one, Refusal) for one in found)
        changed = sum(isinstance(one, Decided) for one in found)
        unchanged = len(found) - refused - changed
        if not self.verb or self.is_written:
            return []
        told = refused + self.refused + self.missing
        return [self._draft(changed, unchanged, told, {"own": own})]

    def done(self, receipt: Receipt | None) -> None:
        """The unit with its event is on disk; None: there was none to write."""
        if self.verb and receipt is not None and not self.is_written:
            self.is_written = True
            self.seq = receipt.events[-1].seq

    def last_words(self) -> Draft:
        """Its event, when the act is over."""
        span: dict[str, object] = {"since": self.since}
        return self._draft(self.changed, self.unchanged, self.refused, span)

    def _draft(
        self, changed: int, unchanged: int, refused: int, more: Mapping[str, object]
    ) -> Draft:
        left = max(self.total - changed - unchanged - refused, 0)
        told = {
            "verb": self.verb,
            "client": self.client,
            "asked": dict(self.asked),
            "total": self.total,
            "changed": changed,
            "unchanged": unchanged,
            "refused": refused,
            "left": left,
            "stopped": self.is_stopped and left > 0,
            "error": self.failure,
            **more,
        }
        return Draft(
            type=EventType.OPERATOR_ACTED,
            worker=self.worker,
            actor=self.by,
            cause=self.why,
            data={name: value for name, value in told.items() if value or name in _ALWAYS},
        )
