"""How the list of events is looked at: its filter, and what narrows it for a moment."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.errors import InvalidSpec
from engine.model.event_filter import parse_events
from engine.model.filter import And

PROBLEMS: Final = "level>=warn"
"""What `!` leaves in the list."""

ERRORS: Final = "level:err"
"""What `n` and `N` go to."""


@dataclass(frozen=True, slots=True)
class EventLook:
    """Frozen; every change gives another one."""

    where: str = ""
    problems: bool = False

    @property
    def query(self) -> str:
        """The filter that the daemon is asked with."""
        return joined(self.where, PROBLEMS if self.problems else "")

    @property
    def errors(self) -> str:
        """Of what this shows, the errors."""
        return joined(self.where, ERRORS)

    @property
    def chips(self) -> tuple[str, ...]:
        """What narrows the list, part by part, as it can be taken away."""
        return (*self.terms, *((f"! {PROBLEMS}",) if self.problems else ()))

    @property
    def terms(self) -> tuple[str, ...]:
        """The filter's own parts."""
        root = parse_events(self.where).root
        if root is None:
            return ()
        return tuple(map(str, root.parts)) if isinstance(root, And) else (str(root),)

    def without(self, chip: int) -> "EventLook":
        """Without the part at this place among `chips`."""
        terms = self.terms
        if chip < len(terms):
            return replace(self, where=" ".join(terms[:chip] + terms[chip + 1 :]))
        return replace(self, problems=False)


def joined(*filters: str) -> str:
    """One filter of those that are not empty; each holds."""
    said = [each for each in filters if each]
    return said[0] if len(said) == 1 else " ".join(f"({each})" for each in said)


def recalled(kept: Mapping[str, Any]) -> EventLook:
    """The look that was kept; what is no filter any more is passed over."""
    where, problems = kept.get("where"), kept.get("problems") is True
    try:
        parse_events(where if isinstance(where, str) else "")
    except InvalidSpec:
        return EventLook(problems=problems)
    return EventLook(where=where if isinstance(where, str) else "", problems=problems)
